"""All that is known of a person's results, loaded once and typed. One query."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Q, TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext

from portal.accounts.models import User
from portal.genomics import findings as facts
from portal.genomics.categories import Category, classify_all
from portal.genomics.groups import Placed, group_all
from portal.genomics.links import Links
from portal.genomics.sameness import is_reference
from portal.records.models import Origin


@dataclass(frozen=True)
class Shelf:
    """What one source says: its findings joined, its reports, and what is not a result."""

    origin: Origin
    links: Links
    reports: tuple[facts.Report, ...]
    notices: tuple[facts.Notice, ...]
    places: dict[str, Placed] = field(default_factory=dict)
    categories: dict[str, frozenset[Category]] = field(default_factory=dict)

    @property
    def findings(self) -> tuple[facts.Finding, ...]:
        """Every finding of the source."""
        return self.links.findings

    @property
    def studies(self) -> list[facts.Finding]:
        """What the tests of the person looked at; those of others, as in a trio, are not theirs."""
        regions = facts.Kind.REGION_STUDIED
        return [one for one in self.findings if one.kind is regions and "focus" not in one.flags]

    def report_of(self, finding: facts.Finding) -> facts.Report | None:
        """Return the first report that gives a finding."""
        return next((one for one in self.reports if one.key in finding.reports), None)

    def lab_of(self, finding: facts.Finding) -> str:
        """Return who says it: the lab by name, else the account that it came from."""
        report = self.report_of(finding)
        performers = (*finding.performers, *(report.performers if report else ()))
        return self._first_name(performers)

    def lab_of_report(self, report: facts.Report) -> str:
        """Return who made a report: by name, else the account that it came from."""
        return self._first_name(report.performers)

    def title_of_report(self, report: facts.Report) -> str:
        """Return what a test is called: as the lab calls it, where it does."""
        code = report.code
        named = [report.title, code.text if code else ""]
        named += [_title(coding) for coding in (code.codings if code else ())]
        return next((name for name in named if is_name(name)), gettext("Genetic test"))

    def _first_name(self, performers: tuple[str, ...]) -> str:
        named = (name for name in performers if not is_reference(name))
        return next(named, self.origin.name)

    def date_of(self, finding: facts.Finding) -> str:
        """Return when it was seen or reported, as the lab gave it."""
        report = self.report_of(finding)
        reported = (report.effective_at or report.issued_at) if report else ""
        return finding.effective_at or finding.issued_at or reported


def _title(coding: facts.Coding) -> str:
    """Return the name of a test by its code; the most usual one in the reader's language."""
    known = coding.code == "51969-4" and coding.display
    return gettext("Genetic analysis report") if known else coding.display


def is_name(said: str) -> bool:
    """Tell words from a code; some reports have a code where a name belongs."""
    return any(part.isalpha() and len(part) > 1 for part in said.split())


def load(patient: User) -> tuple[Shelf, ...]:
    """Return what every source says about a person, the newest source first.

    The records are read straight from the text in the rows, without models or dicts between.
    """
    mine = Q(findings__patient=patient)
    texts = ArrayAgg(Cast("findings__body", TextField()), filter=mine, order_by="findings__pk")
    origins = (
        Origin.objects.of(patient)
        .filter(mine)
        .select_related("upload__document")
        .annotate(texts=texts)
    )
    return tuple(
        shelf(origin, [facts.from_text(text) for text in origin.texts])
        for origin in origins.order_by("-pk")
    )


def shelf(origin: Origin, records: list[facts.Record]) -> Shelf:
    """Join what one source says."""
    links = Links(_only(records, facts.Finding))
    categories = classify_all(links)
    return Shelf(
        origin=origin,
        links=links,
        reports=tuple(_only(records, facts.Report)),
        notices=tuple(_only(records, facts.Notice)),
        places=group_all(links, categories),
        categories=categories,
    )


def _only[R](records: list[facts.Record], kind: type[R]) -> Iterator[R]:
    return (record for record in records if isinstance(record, kind))
