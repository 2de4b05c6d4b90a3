"""Which findings make one card: a change with what is said about it, a gene with its medicines."""

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property

from portal.genomics.categories import Category
from portal.genomics.findings import Finding, Kind
from portal.genomics.flags import ANOTHER_PERSON
from portal.genomics.genes import name_of
from portal.genomics.groups import Group
from portal.genomics.headers import NOT_CLINICAL
from portal.genomics.sameness import Name, adds_nothing, names, statement
from portal.records.models import Origin
from portal.results.record import Shelf


class Section(StrEnum):
    """The parts of the results page, in its order. Inherited and tumour never mix."""

    SOON = "soon"
    TUMOUR = "tumour"
    MEDICINES = "medicines"
    PASS_ON = "pass-on"  # noqa: S105  # nosec B105  # not a password
    UNCLEAR = "unclear"
    OTHER = "other"
    NOTHING = "nothing"


_SECTIONS = {
    Group.SOON: Section.SOON,
    Group.MEDICINES: Section.MEDICINES,
    Group.PASS_ON: Section.PASS_ON,
    Group.NOT_CLEAR: Section.UNCLEAR,
    Group.OTHER: Section.OTHER,
    Group.NOTHING_FOUND: Section.NOTHING,
}
_ORDER = list(Section)
_ANCHORS = frozenset({Kind.VARIANT, Kind.GENOTYPE, Kind.HAPLOTYPE, Kind.BIOMARKER})
_SAID_OF = frozenset(
    {
        Kind.DIAGNOSTIC_IMPLICATION,
        Kind.THERAPEUTIC_IMPLICATION,
        Kind.MOLECULAR_CONSEQUENCE,
        Kind.PHASE,
    }
)
_JOINED = _ANCHORS | _SAID_OF
_OF_FAMILIES = frozenset({Section.SOON, Section.PASS_ON})
_APART = frozenset({Kind.REGION_STUDIED, Kind.FAMILY_HISTORY})  # the page tells them elsewhere
_LEADING = (Kind.VARIANT, Kind.GENOTYPE, Kind.HAPLOTYPE, Kind.BIOMARKER)


@dataclass(frozen=True)
class Cluster:
    """The findings of one card, the leading one first."""

    shelf: Shelf
    findings: tuple[Finding, ...]
    section: Section
    also: tuple[Shelf, ...] = ()  # other sources that report the very same
    waits_for: frozenset[Section] = frozenset()  # words about parts that may be closed

    @cached_property
    def slug(self) -> str:
        """A name for addresses that says nothing and stays when findings are read again."""
        key = f"{self.shelf.origin.pk}:{min(one.key for one in self.findings)}"
        return hashlib.sha256(key.encode()).hexdigest()[:20]

    @property
    def genes(self) -> tuple[str, ...]:
        """The genes, each once, as the lab named them."""
        named = (name_of(gene) for one in self.findings for gene in one.genes)
        return tuple(dict.fromkeys(name for name in named if name))

    @property
    def categories(self) -> frozenset[Category]:
        """Every category of its findings."""
        return frozenset().union(*(self.shelf.categories[one.key] for one in self.findings))

    @cached_property
    def statements(self) -> frozenset[bytes]:
        """What its findings say, to the letter."""
        return frozenset(map(statement, self.findings))

    @property
    def is_no_clinical_test(self) -> bool:
        """Whether it comes from research or a home test, as far as can be told."""
        return any(NOT_CLINICAL in one.flags for one in self.findings)

    @property
    def is_about_another(self) -> bool:
        """Whether it is about another person, such as a parent or a donor."""
        return any(ANOTHER_PERSON in one.flags for one in self.findings)

    @property
    def is_handed_in(self) -> bool:
        """Whether it is known only from a file that the person gave us."""
        return all(one.origin.kind == Origin.Kind.UPLOAD for one in (self.shelf, *self.also))

    @property
    def is_tumour(self) -> bool:
        """Whether it is about a tumour and not about what was inherited."""
        return self.section is Section.TUMOUR


def clusters(shelf: Shelf) -> list[Cluster]:
    """Return the cards of a source, in the order of the page."""
    made = [_cluster(shelf, tuple(members)) for members in _components(shelf)]
    ordered = sorted(made, key=lambda one: (_ORDER.index(one.section), one.genes))
    return list(_words_waiting(ordered))


def _words_waiting(made: list[Cluster]) -> Iterator[Cluster]:
    """Let words of a lab wait for the parts that the same report speaks of.

    "Overall: positive" says what stands in a closed part, and so does what a relative has.
    """
    given: dict[str, set[Section]] = defaultdict(set)
    for cluster in made:
        for report in _reports(cluster):
            given[report].add(cluster.section)
    for cluster in made:
        if cluster.is_about_another:
            yield replace(cluster, waits_for=_OF_FAMILIES)
        elif cluster.section is Section.OTHER and any(
            one.kind is Kind.OTHER for one in cluster.findings
        ):
            reports = _reports(cluster) or given
            parts = frozenset(part for report in reports for part in given[report])
            yield replace(cluster, waits_for=parts - {Section.OTHER})
        else:
            yield cluster


def _reports(cluster: Cluster) -> frozenset[str]:
    return frozenset(report for one in cluster.findings for report in one.reports)


def once(found: list[Cluster]) -> list[Cluster]:
    """Return the cards that several sources tell alike told once, with all sources.

    The one that says most is kept, and of equal ones that of a connection. Sources that disagree
    stay side by side.
    """
    if len({id(one.shelf) for one in found}) < len(("one", "another")):
        return found
    kept: dict[str, Cluster] = {}
    by_name: dict[Name, list[str]] = defaultdict(list)
    for cluster in sorted(found, key=lambda one: (-len(one.findings), one.is_handed_in)):
        exact = frozenset().union(*(names(one) for one in cluster.findings))
        exact |= {("said", said.hex()) for said in cluster.statements}
        known = (slug for name in exact for slug in by_name[name])
        same = next((slug for slug in known if _repeats(cluster, kept[slug])), None)
        if same is not None:
            kept[same] = replace(kept[same], also=(*kept[same].also, cluster.shelf))
            continue
        kept[cluster.slug] = cluster
        for name in exact:
            by_name[name].append(cluster.slug)
    return [kept[cluster.slug] for cluster in found if cluster.slug in kept]


def _repeats(cluster: Cluster, known: Cluster) -> bool:
    if cluster.shelf is known.shelf or cluster.is_tumour != known.is_tumour:
        return False
    return all(
        statement(finding) in known.statements
        or any(adds_nothing(finding, one) for one in known.findings)
        for finding in cluster.findings
    )


def _cluster(shelf: Shelf, members: tuple[Finding, ...]) -> Cluster:
    ordered = sorted(members, key=_rank)
    return Cluster(shelf, tuple(ordered), _section(shelf, ordered))


def _rank(finding: Finding) -> int:
    return _LEADING.index(finding.kind) if finding.kind in _LEADING else len(_LEADING)


def _section(shelf: Shelf, members: list[Finding]) -> Section:
    places = [shelf.places[one.key] for one in members]
    if any(place.tumour for place in places):
        return Section.TUMOUR
    return min((_SECTIONS[place.group] for place in places), key=_ORDER.index)


def _components(shelf: Shelf) -> Iterator[list[Finding]]:
    """Yield the findings that hang together."""
    roots = _Roots(shelf.findings)
    for finding in shelf.findings:
        for below in _parts(shelf, finding):
            roots.join(finding, below)
    _join_tissue_types(shelf, roots)
    _join_advice(shelf, roots)
    found: dict[str, list[Finding]] = defaultdict(list)
    for finding in shelf.findings:
        if finding.kind not in _APART:
            found[roots.of(finding)].append(finding)
    yield from found.values()


def _parts(shelf: Shelf, finding: Finding) -> Iterator[Finding]:
    """Yield what a finding stands on and shares a card with."""
    if finding.kind in _ANCHORS:
        below = [one for one in shelf.links.below(finding) if one.kind in _ANCHORS]
        yield from (one for one in below if _may_share(shelf, finding, one))
    elif finding.kind in _SAID_OF:
        below = [one for one in shelf.links.below(finding) if one.kind in _JOINED]
        deeper = {low.key for one in below for low in shelf.links.below(one)}
        yield from (one for one in below if one.key not in deeper)


def _may_share(shelf: Shelf, one: Finding, other: Finding) -> bool:
    """Tell whether two findings can be about one gene; some reports derive a gene from another."""
    mine, theirs = _genes(shelf, one), _genes(shelf, other)
    return not mine or not theirs or bool(mine & theirs)


def _genes(shelf: Shelf, finding: Finding) -> set[str]:
    """Return the genes of a finding, or else of what stands on it."""
    own = {gene.symbol for gene in finding.genes}
    above = (one for one in shelf.links.above(finding) if one.kind in _ANCHORS)
    return own or {gene.symbol for one in above for gene in one.genes}


def _join_tissue_types(shelf: Shelf, roots: "_Roots") -> None:
    """One tissue type is told in many findings; it is one card."""
    first: dict[tuple[str, ...], Finding] = {}
    for finding in shelf.findings:
        place = shelf.places[finding.key]
        if place.group is Group.OTHER and Category.HLA in shelf.categories[finding.key]:
            roots.join(first.setdefault(finding.reports, finding), finding)


def _join_advice(shelf: Shelf, roots: "_Roots") -> None:
    """Advice stands with the first thing it is about."""
    for finding in shelf.findings:
        if finding.kind is Kind.RECOMMENDATION:
            below = [one for one in shelf.links.below(finding) if one.kind in _JOINED]
            if below:
                roots.join(below[0], finding)


class _Roots:
    """Which findings belong together, as it becomes known."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        self._root = {one.key: one.key for one in findings}

    def of(self, finding: Finding) -> str:
        key = finding.key
        while self._root[key] != key:
            key = self._root[key]
        return key

    def join(self, one: Finding, other: Finding) -> None:
        self._root[self.of(other)] = self.of(one)
