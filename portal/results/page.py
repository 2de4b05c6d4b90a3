"""The results page of a person: what was tested, what was found, in the order of the guide."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.urls import reverse
from django.utils.translation import get_language, gettext

from portal.accounts.models import User
from portal.connections.models import Connection, Import
from portal.genomics.findings import Kind, Report
from portal.records.models import Upload
from portal.results.cards import Card, card_of, metabolism
from portal.results.clusters import Cluster, Section, clusters, once
from portal.results.coverage import Looked, looked
from portal.results.dates import day_words
from portal.results.models import Gate, answers_of
from portal.results.news import News, newest
from portal.results.pictures.ideogram import NARROW, WIDE, Spot, ideogram
from portal.results.pictures.svg import Picture
from portal.results.places import Place, place_of
from portal.results.record import Shelf, load
from portal.results.relatives import family_of
from portal.results.tumour_time import tumour_timeline

CARDS_IN_A_PART = 12
CARDS_AT_FIRST = 6  # of each part, so that the page stays below 20 KB
_COUNTED = frozenset(Section) - {Section.OTHER, Section.NOTHING}
_DRAWN = frozenset(Section) - {Section.OTHER, Section.NOTHING}


@dataclass(frozen=True)
class Test:
    """One report: who tested, what, when, and whether it is final."""

    lab: str
    title: str
    date: str
    status: str
    source: str
    upload: Upload | None = None  # the file that it was read out of, with what was counted there

    @property
    def filed(self) -> str:
        """The date that a lab gave a file which it sent; when the test was it does not say."""
        document = self.upload.document if self.upload else None
        said = document.body().get("date") if document else None
        return day_words(said) if isinstance(said, str) else ""


@dataclass(frozen=True)
class Part:
    """One part of the page. A closed one shows its notice, whatever is inside."""

    section: Section
    clusters: tuple[Cluster, ...]
    answer: str = Gate.Answer.NOW

    @property
    def is_open(self) -> bool:
        """Whether the person wants to see it now."""
        return self.answer == Gate.Answer.NOW

    @property
    def title(self) -> str:
        """What the part is called."""
        return section_title(self.section)

    @property
    def intro(self) -> str:
        """One sentence on what belongs here."""
        return section_intro(self.section)

    @property
    def has_notice(self) -> bool:
        """Whether a notice stands before it."""
        return self.section.value in Gate.Part.values

    @property
    def gate_title(self) -> str:
        """What the notice before the part says is inside, or may be."""
        return str(Gate.Part(self.section.value).label)

    @property
    def gate_intro(self) -> str:
        """One sentence on what the notice is about."""
        return gate_intro(Gate.Part(self.section.value))

    @property
    def cards(self) -> list[Card]:
        """The first cards of the part."""
        return [card_of(one, language()) for one in self.clusters[:CARDS_AT_FIRST]]

    @property
    def more(self) -> int:
        """How many cards are left for the part's own page."""
        return max(0, len(self.clusters) - CARDS_AT_FIRST)


@dataclass(frozen=True)
class Page:
    """Everything that the results page shows."""

    tests: tuple[Test, ...]
    parts: tuple[Part, ...]
    looked: tuple[Looked, ...]
    told: tuple[str, ...]
    arriving: str
    history: tuple[News, ...] = ()
    family: Picture | None = None
    sources: tuple[str, ...] = ()  # whose results came without a report

    @property
    def is_empty(self) -> bool:
        """Whether no source has said anything yet."""
        return not self.tests and not any(part.clusters for part in self.parts)

    @property
    def open_parts(self) -> tuple[Part, ...]:
        """The parts that may be shown and hold something."""
        return tuple(part for part in self.parts if part.is_open and part.clusters)

    @property
    def closed_parts(self) -> tuple[Part, ...]:
        """The parts whose notice is shown: those with something inside and those without."""
        return tuple(part for part in self.parts if part.answer in {"", Gate.Answer.LATER})

    @property
    def hidden_parts(self) -> tuple[Part, ...]:
        """The parts that the person does not want to see at all."""
        return tuple(part for part in self.parts if part.answer == Gate.Answer.NEVER)

    @property
    def opened_gates(self) -> tuple[Part, ...]:
        """The parts with a notice that the person opened."""
        return tuple(p for p in self.parts if p.has_notice and p.is_open)

    @property
    def count(self) -> int:
        """How many things the open parts tell."""
        return sum(len(p.clusters) for p in self.open_parts if p.section in _COUNTED)

    @property
    def shapes(self) -> tuple[Part, ...]:
        """The open parts that are drawn, for the legend."""
        return tuple(part for part in self.open_parts if part.section in _DRAWN)

    @property
    def tumour_time(self) -> Picture | None:
        """The tests of a tumor over time, where that part is open."""
        shown = [one for part in self.open_parts for one in part.clusters]
        return tumour_timeline(shown, language())

    @property
    def has_news(self) -> bool:
        """Whether a lab changed something that the person has not looked at since."""
        return any(one.is_new for one in self.history)

    @cached_property
    def spots(self) -> tuple[Spot, ...]:
        """The marks of the open parts on the chromosomes."""
        return _spots(self.shapes)

    @property
    def wide_map(self) -> Picture | None:
        """The chromosomes with the open parts' marks, for a wide page."""
        return ideogram("map-wide", self.spots, WIDE) if self.spots else None

    @property
    def narrow_map(self) -> Picture | None:
        """The same for a phone."""
        return ideogram("map-narrow", self.spots, NARROW) if self.spots else None


def page_of(patient: User) -> Page:
    """Return the results page of a person, with closed parts kept closed."""
    shelves = load(patient)
    return Page(
        tests=tuple(_test(shelf, report) for shelf in shelves for report in shelf.reports),
        parts=tuple(parts_of(patient, shelves)),
        looked=tuple(one for one in map(looked, shelves) if one.is_known),
        told=tuple(_told(shelves)),
        arriving=arriving(patient),
        history=newest(patient),
        family=family_of(shelves),
        sources=tuple(dict.fromkeys(one.origin.name for one in shelves if _has_no_report(one))),
    )


def parts_of(patient: User, shelves: Sequence[Shelf]) -> Iterator[Part]:
    """Yield every part in order; a part with a notice and no answer yet is closed."""
    answers = answers_of(patient)
    found = once([cluster for shelf in shelves for cluster in clusters(shelf)])
    closed = closed_sections(answers)
    for section in Section:
        inside = [one for one in found if one.section is section and not one.waits_for & closed]
        answer = answers.get(section, "") if section.value in Gate.Part.values else Gate.Answer.NOW
        yield Part(section, tuple(sorted(inside, key=_later)), answer)


def _later(cluster: Cluster) -> tuple[bool, bool]:
    """Put what labs tell before what a person's own file does, and what differs before the rest."""
    is_usual = cluster.section is Section.MEDICINES and metabolism(cluster) == "usual"
    return cluster.is_no_clinical_test, is_usual


def closed_sections(answers: Mapping[str, str]) -> frozenset[Section]:
    """Return the parts that a person does not want to see now, or was not asked about yet."""
    asked = map(Section, Gate.Part.values)
    return frozenset(one for one in asked if answers.get(one) != Gate.Answer.NOW)


def open_cluster(patient: User, slug: str) -> Cluster | None:
    """Return one cluster of a person's open parts by its name in addresses."""
    parts = parts_of(patient, load(patient))
    inside = (one for part in parts if part.is_open for one in part.clusters)
    return next((one for one in inside if one.slug == slug), None)


def language() -> str:
    """Return the language of the page."""
    return (get_language() or "en")[:2]


def _has_no_report(shelf: Shelf) -> bool:
    # What a clinic notes of relatives is no result.
    return not shelf.reports and any(one.kind is not Kind.FAMILY_HISTORY for one in shelf.findings)


def _test(shelf: Shelf, report: Report) -> Test:
    return Test(
        lab=shelf.lab_of_report(report),
        title=shelf.title_of_report(report),
        date=day_words(report.effective_at or report.issued_at),
        status=report.status,
        source=shelf.origin.name,
        upload=getattr(shelf.origin, "upload", None),
    )


def arriving(patient: User) -> str:
    """Return "now", "partly", "stopped" or "" by the newest import of each connection."""
    kept = Import.objects.of(patient).exclude(connection__state=Connection.State.DISCONNECTED)
    newest = kept.order_by("connection", "-created_at")
    states = {one.state for one in newest.distinct("connection")}
    if states & set(Import.OPEN_STATES):
        return "now"
    return next((state for state in ("stopped", "partly") if state in states), "")


def _told(shelves: Sequence[Shelf]) -> Iterator[str]:
    """Yield a sentence for each kind of thing that arrived and is not shown as a result."""
    codes = {notice.code for shelf in shelves for notice in shelf.notices}
    sentences = {
        "withdrawn": gettext("A lab took back something that it had sent. We do not show it."),
        "cancelled": gettext("A test was cancelled or stopped. It has no result."),
        "missing-result": gettext("A report names a result that did not arrive."),
        "modifier": gettext("A lab marked something in a way that we cannot read. We keep it."),
        "duplicate-key": gettext(
            "A lab sent something that says two things in one place. We keep it, and do not show "
            "it as a result."
        ),
        "several-people": gettext("What a lab sent speaks of more than one person."),
    }
    yield from (words for code, words in sentences.items() if code in codes)


def section_title(section: Section) -> str:
    """Return what a part is called."""
    return {
        Section.SOON: gettext("To talk about soon"),
        Section.TUMOUR: gettext("About the tumor"),
        Section.MEDICINES: gettext("About your medicines"),
        Section.PASS_ON: gettext("You can pass on"),
        Section.UNCLEAR: gettext("Not clear yet"),
        Section.OTHER: gettext("In the lab's own words"),
        Section.NOTHING: gettext("Nothing found here"),
    }[section]


def section_intro(section: Section) -> str:
    """Return one sentence on what belongs into a part."""
    return {
        Section.SOON: gettext("Make a visit with your doctor to talk about these."),
        Section.TUMOUR: gettext("Seen in the tumor, not in the DNA that you were born with."),
        Section.MEDICINES: gettext(
            "Do not stop or change a medicine on your own. Show this to your doctor."
        ),
        Section.PASS_ON: gettext("You are not expected to be ill from these."),
        Section.UNCLEAR: gettext("Do not make health choices from these."),
        Section.OTHER: gettext("We have no plain text for these yet."),
        Section.NOTHING: gettext("We looked and did not find. Other genes were not looked at."),
    }[section]


def gate_intro(part: Gate.Part) -> str:
    """Return one sentence on what may be inside a part with a notice."""
    return {
        Gate.Part.SOON: gettext("Changes that raise the chance of an illness, such as cancer."),
        Gate.Part.TUMOUR: gettext("What a lab saw in the cells of a tumor."),
        Gate.Part.PASS_ON: gettext("Changes that matter when you want to have children."),
    }[part]


def _spots(parts: Sequence[Part]) -> tuple[Spot, ...]:
    """Return one mark for a gene and group, however many results it has; it leads to the first."""
    found: dict[tuple[str, str], tuple[Cluster, Place]] = {}
    for part in parts:
        for cluster in part.clusters:
            for symbol, place in _places(cluster):
                found.setdefault((cluster.section.value, symbol), (cluster, place))
    return tuple(
        Spot(group, symbol, *place, reverse("results:finding", args=[cluster.slug]))
        for (group, symbol), (cluster, place) in found.items()
    )


def _places(cluster: Cluster) -> Iterator[tuple[str, Place]]:
    for finding in cluster.findings:
        for gene in finding.genes:
            place = place_of(gene.symbol, finding)
            if place:
                yield gene.symbol, place
