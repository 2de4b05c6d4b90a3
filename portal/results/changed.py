"""What changed: what labs amended, corrected or took back, the old words beside the new ones."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from django.core.paginator import Page as PageOf
from django.core.paginator import Paginator
from django.utils import timezone
from django.utils.translation import gettext

from portal.accounts.models import User
from portal.genomics.categories import Category
from portal.genomics.elements import words
from portal.genomics.findings import Gene
from portal.records.models import Change, ResourceVersion
from portal.results.clusters import Cluster, Section
from portal.results.news import result_changes
from portal.results.opened import Opened, opened
from portal.results.page import language
from portal.results.record import is_name
from portal.results.versions import Copy, Pair, pair_of, plain_elements

CHANGES_ON_A_PAGE = 40
_CLASSED = (Section.SOON, Section.PASS_ON, Section.UNCLEAR, Section.NOTHING)
# So many results gone at once are told together: a lab replaced a whole file.
_MANY = 4
_OVER = (Change.Kind.WITHDRAWN, Change.Kind.REMOVED)


@dataclass(frozen=True)
class Row:
    """One field in the lab's words, before and now."""

    key: str
    before: str
    now: str

    @property
    def field(self) -> str:
        """What the field is called."""
        return field_words(self.key)


@dataclass(frozen=True)
class Item:
    """One change. What may not be shown, or is no longer here, has no words."""

    change: Change
    title: str
    was: str
    rows: tuple[Row, ...]
    slug: str  # of the card that shows it now, or nothing
    is_shown: bool
    is_report: bool = False

    @property
    def is_over(self) -> bool:
        """Whether it is no longer a result: taken back, or no longer at its source."""
        return self.change.kind in _OVER

    @property
    def is_gone(self) -> bool:
        """Whether its source no longer has it, without having called it wrong."""
        return self.change.kind == Change.Kind.REMOVED

    @property
    def is_quiet(self) -> bool:
        """Whether nothing but a status differs."""
        return not self.is_report and all(row.key == "status" for row in self.rows)


@dataclass(frozen=True)
class Batch:
    """What one source changed at one moment: reports first, what says little last."""

    source: str
    at: datetime
    items: tuple[Item, ...]
    quiet: tuple[Item, ...]
    gone: tuple[Item, ...]  # many that the source no longer has, told together
    has_hidden: bool
    is_new: bool


@dataclass(frozen=True)
class ChangedPage:
    """Everything that the page shows."""

    batches: tuple[Batch, ...]
    page_obj: PageOf[Change]
    is_whole: bool
    arriving: str

    @property
    def has_new(self) -> bool:
        """Whether anything here has not been seen."""
        return any(one.is_new for one in self.batches)


def changed_page(patient: User, page: str | None) -> ChangedPage:
    """Return one page of what changed; what is or was in a closed part has no words in it."""
    seen = opened(patient)
    rows = Paginator(result_changes(patient).defer(None), CHANGES_ON_A_PAGE).get_page(page)
    former = _former(rows)
    items = [_item(one, former[one.resource_id], seen) for one in rows]
    moments = groupby(items, key=_day_and_source)
    batches = tuple(_batch(list(together)) for _, together in moments)
    return ChangedPage(batches, rows, seen.is_whole, seen.arriving)


def _day_and_source(item: Item) -> tuple[date, int]:
    return timezone.localdate(item.change.at), item.change.resource.origin_id


def _batch(items: list[Item]) -> Batch:
    first = items[0].change
    shown = [one for one in items if one.is_shown]
    gone = _gone(shown)
    quiet = tuple(one for one in shown if one.is_quiet and one not in gone)
    alone = [one for one in shown if one not in quiet and one not in gone]
    return Batch(
        source=first.resource.origin.name,
        at=first.at,
        items=tuple(sorted(alone, key=lambda one: not one.is_report)),
        quiet=quiet,
        gone=gone,
        has_hidden=len(shown) < len(items),
        is_new=any(one.change.seen_at is None for one in items),
    )


def _gone(shown: list[Item]) -> tuple[Item, ...]:
    """Return the results that the source no longer has, where they are many."""
    gone = tuple(one for one in shown if one.is_gone and not one.is_report)
    return gone if len(gone) >= _MANY else ()


def _former(changes: Iterable[Change]) -> dict[int, list[ResourceVersion]]:
    found: dict[int, list[ResourceVersion]] = defaultdict(list)
    ids = {one.resource_id for one in changes}
    for version in ResourceVersion.objects.filter(resource_id__in=ids).order_by("seq"):
        found[version.resource_id].append(version)
    return found


def _item(change: Change, former: Sequence[ResourceVersion], seen: Opened) -> Item:
    cluster = _now(change, seen)
    pair = pair_of(change, former, _genes(cluster))
    if pair is None or not _may_show(pair, cluster, seen):
        return Item(change, "", "", (), "", is_shown=False)
    card = pair.before.card(language())
    return Item(
        change=change,
        title=_title(pair, cluster),
        was=card.words.short if card and change.kind in _OVER and card.section in _CLASSED else "",
        rows=_rows(pair),
        slug=cluster.slug if cluster else "",
        is_shown=True,
        is_report=change.resource.resource_type == "DiagnosticReport",
    )


def _now(change: Change, seen: Opened) -> Cluster | None:
    """Return the open card that the resource is part of now."""
    name = f"{change.resource.resource_type}/{change.resource.source_id}"
    for cluster in seen.clusters:
        if cluster.shelf.origin.pk == change.resource.origin_id and any(
            name in (one.source.resource, one.key) for one in cluster.findings
        ):
            return cluster
    return None


def _may_show(pair: Pair, cluster: Cluster | None, seen: Opened) -> bool:
    """Tell whether the words of both copies belong to parts that are open.

    A part can be closed for what a result was, for what it is, or for what others say of it;
    a report can speak of every part.
    """
    if seen.is_whole:
        return True
    copies = [pair.before, *([pair.after] if pair.after else [])]
    alone = [copy.cluster for copy in copies if copy.cluster]
    closed = {part.section for part in seen.parts if not part.is_open}
    if not alone or any(one.section in closed for one in alone):
        return False
    return cluster is not None or all(_is_only_about_medicines(one) for one in alone)


def _is_only_about_medicines(cluster: Cluster) -> bool:
    return cluster.section is Section.MEDICINES and cluster.categories == {Category.MEDICINES_PGX}


def _genes(cluster: Cluster | None) -> tuple[Gene, ...]:
    return tuple(gene for one in cluster.findings for gene in one.genes) if cluster else ()


def _title(pair: Pair, now: Cluster | None) -> str:
    """Return what it is about: its gene or illness, its medicine, else what the lab calls it."""
    copy = pair.before
    genes = next((one.genes for one in (copy.cluster, now) if one and one.genes), ())
    if genes:
        return ", ".join(genes)
    finding = copy.finding
    about = [*finding.phenotypes, *finding.medicines] if finding else []
    named = [words(one) for one in about]
    named += [report.title for report in copy.shelf.reports]
    named += [plain_elements(copy.body)["name"], finding.name if finding else ""]
    is_report = pair.change.resource.resource_type == "DiagnosticReport"
    other = gettext("Genetic test") if is_report else gettext("A report or result")
    return next((one for one in named if is_name(one)), other)


def _rows(pair: Pair) -> tuple[Row, ...]:
    if pair.change.kind in _OVER:
        return tuple(_what_it_was(pair.before))
    rows = [
        Row(one.field, code_words(one.field, one.before), code_words(one.field, one.after))
        for one in pair.differences
    ]
    before, now = _short(pair.before), _short(pair.after)
    if before and now and before != now:
        rows.insert(0, Row("plain", before, now))
    return tuple(rows)


def _short(copy: Copy | None) -> str:
    card = copy.card(language()) if copy else None
    return card.words.short if card else ""


def _what_it_was(copy: Copy) -> list[Row]:
    """Return the change, class, effect and conclusion that a copy gave."""
    finding = copy.finding
    if finding is None:
        said = plain_elements(copy.body)["conclusion"]
        return [Row("conclusion", said, "")] if said else []
    hgvs = finding.hgvs
    change = (*hgvs.c, *hgvs.n, *hgvs.g)[:1] if hgvs else ()
    told = [
        ("hgvs", "; ".join(change)),
        ("name", finding.name),
        ("significance", "; ".join(finding.significance)),
        ("effects", "; ".join(finding.effects)),
        ("medicines", "; ".join(words(one) for one in finding.medicines)),
    ]
    return [Row(field, said, "") for field, said in told if said]


def field_words(field: str) -> str:
    """Return the name of a field of a result; an unknown one as it is."""
    return {
        "plain": gettext("In plain words"),
        "status": gettext("Status"),
        "presence": gettext("Found"),
        "significance": gettext("Classification by the lab"),
        "genes": gettext("Gene"),
        "hgvs": gettext("Change in the DNA"),
        "ref": gettext("Reference allele"),
        "alt": gettext("Observed allele"),
        "zygosity": gettext("Zygosity"),
        "source_class": gettext("Germline or somatic"),
        "copy_number": gettext("Copy number"),
        "name": gettext("Name"),
        "phenotypes": gettext("Condition"),
        "medicines": gettext("Medicine"),
        "effects": gettext("Effect"),
        "evidence": gettext("Level of evidence"),
        "inheritance": gettext("Inheritance"),
        "value": gettext("Value"),
        "unit": gettext("Unit"),
        "conclusion": gettext("Conclusion"),
        "notes": gettext("Notes"),
    }.get(field, field)


def code_words(field: str, said: str) -> str:
    """Return what a code of FHIR means; anything else stays as the lab sent it."""
    meant = {
        ("status", "registered"): gettext("The test is known; there is no result yet."),
        ("status", "partial"): gettext("Not final yet"),
        ("status", "preliminary"): gettext("Not final yet"),
        ("status", "final"): gettext("Final"),
        ("status", "amended"): gettext("Changed by the lab"),
        ("status", "corrected"): gettext("Corrected by the lab"),
        ("status", "appended"): gettext("Something was added by the lab"),
        ("presence", "present"): gettext("Found"),
        ("presence", "absent"): gettext("Not found"),
        ("presence", "no-call"): gettext("Could not be read"),
        ("presence", "indeterminate"): gettext("Not clear"),
    }
    return meant.get((field, said), said)
