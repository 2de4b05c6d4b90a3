"""Per gene over all tests: read, read in part, not read. What nobody says stays unknown."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from portal.genomics.findings import Finding, Gene, Kind, Presence, Region
from portal.genomics.genes import name_of
from portal.results.clusters import Cluster
from portal.results.record import Shelf

_ONE_PLACE = frozenset({Kind.VARIANT, Kind.GENOTYPE, Kind.HAPLOTYPE})
_WORD = re.compile(r"[A-Za-z0-9-]+")


class Reach(StrEnum):
    """How far a test read a gene. A gene that no test names has none of these."""

    READ = "read"
    PARTLY = "partly"
    NOT_READ = "not-read"


@dataclass(frozen=True)
class Look:
    """How far one test read one gene."""

    gene: str
    reach: Reach
    lab: str
    date: str
    is_listed: bool  # whether the lab lists the gene as read, or we only know of single places


@dataclass(frozen=True)
class GeneRow:
    """One gene over all tests, with the cards of the open parts that name it."""

    gene: str
    looks: tuple[Look, ...]
    cards: tuple[str, ...]

    @property
    def reach(self) -> Reach:
        """The farthest that any test read it."""
        return min((one.reach for one in self.looks), key=list(Reach).index)

    @property
    def is_listed(self) -> bool:
        """Whether any lab lists the gene, so that it is one that a test set out to read."""
        return any(one.is_listed for one in self.looks)


def rows(shelves: Iterable[Shelf], open_clusters: tuple[Cluster, ...]) -> tuple[GeneRow, ...]:
    """Return every gene that a test names as read or not, and those of the open parts.

    What a closed part found never makes or changes a row.
    """
    looks: dict[str, list[Look]] = defaultdict(list)
    for shelf in shelves:
        shown = [one for one in open_clusters if one.shelf is shelf]
        for look in _of_shelf(shelf, shown):
            looks[look.gene].append(look)
    cards: dict[str, dict[str, None]] = defaultdict(dict)
    for cluster in open_clusters:
        for gene in cluster.genes:
            cards[gene.upper()].setdefault(cluster.slug)
    made = (
        GeneRow(gene, tuple(dict.fromkeys(found)), tuple(cards.get(gene.upper(), ())))
        for gene, found in looks.items()
    )
    return tuple(sorted(made, key=lambda one: one.gene))


def silent_tests(shelves: Iterable[Shelf]) -> tuple[str, ...]:
    """Return the tests that do not list the genes they read: the lab and what it calls the test."""
    found = []
    for shelf in shelves:
        telling = {key for one in shelf.studies if _genes_of(one) for key in one.reports}
        for report in shelf.reports:
            if report.key not in telling:
                lab = shelf.lab_of_report(report)
                found.append(f"{lab}: {shelf.title_of_report(report)}")
    return tuple(dict.fromkeys(found))


def _of_shelf(shelf: Shelf, shown: list[Cluster]) -> Iterator[Look]:
    listed: dict[tuple[str, str, str], Reach] = {}
    for study in shelf.studies:
        for gene, reach in _study(study).items():
            key = (gene, shelf.lab_of(study), shelf.date_of(study))
            listed[key] = _both(listed.get(key), reach)
    places = _places(shelf, shown)
    for key, reach in listed.items():
        gaps = places.pop(key, Reach.READ)
        seen = Reach.PARTLY if reach is Reach.READ and gaps is Reach.NOT_READ else reach
        yield Look(*key[:1], seen, *key[1:], is_listed=True)
    for key, reach in places.items():
        yield Look(*key[:1], reach, *key[1:], is_listed=False)


def _places(shelf: Shelf, shown: list[Cluster]) -> dict[tuple[str, str, str], Reach]:
    """Return what single places tell: one that could be read is a part of its gene."""
    found: dict[tuple[str, str, str], Reach] = {}
    for finding in (one for cluster in shown for one in cluster.findings):
        if finding.kind in _ONE_PLACE:
            reach = Reach.NOT_READ if finding.presence is Presence.NO_CALL else Reach.PARTLY
            for gene in _symbols(finding.genes):
                key = (gene, shelf.lab_of(finding), shelf.date_of(finding))
                found[key] = max(found.get(key, reach), reach, key=list(Reach).index)
    return found


def _both(one: Reach | None, other: Reach) -> Reach:
    return other if one in {None, other} else Reach.PARTLY


def _study(study: Finding) -> dict[str, Reach]:
    states: dict[str, set[str]] = defaultdict(set)
    for region in study.regions:
        for gene in _symbols(region.genes):
            states[gene].add(region.state)
    for gene in _symbols(study.genes):
        # A gene with stretches beside it was read in those stretches, however many they are.
        states[gene] |= {"stretches"} if any(_is_stretch(one) for one in study.regions) else set()
        states[gene] |= {"studied"}
    uncalled = {word.upper() for one in study.regions for word in _unread_words(one)}
    for gene in states:
        states[gene] |= {"uncalled"} if gene.upper() in uncalled else set()
    return {gene: _reach(said) for gene, said in states.items()}


def _reach(states: set[str]) -> Reach:
    if states == {"uncalled"}:
        return Reach.NOT_READ
    return Reach.PARTLY if states & {"uncalled", "stretches"} else Reach.READ


def _is_stretch(region: Region) -> bool:
    return region.position is not None and not region.genes


def _unread_words(region: Region) -> list[str]:
    return _WORD.findall(region.text) if region.state == "uncalled" else []


def _genes_of(study: Finding) -> tuple[str, ...]:
    return tuple(_symbols((*study.genes, *(one for part in study.regions for one in part.genes))))


def _symbols(genes: Iterable[Gene]) -> Iterator[str]:
    yield from filter(None, map(name_of, genes))
