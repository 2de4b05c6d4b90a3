"""What a person has chosen to see: every source's results without the parts that are closed."""

from dataclasses import dataclass

from portal.accounts.models import User
from portal.results.clusters import Cluster, clusters
from portal.results.models import answers_of
from portal.results.page import Part, arriving, closed_sections, parts_of
from portal.results.record import Shelf, load


@dataclass(frozen=True)
class Opened:
    """The open parts, with the sources that they come from and whether more is on its way."""

    shelves: tuple[Shelf, ...]
    parts: tuple[Part, ...]
    arriving: str

    @property
    def clusters(self) -> tuple[Cluster, ...]:
        """Every card of the open parts, in the order of the page."""
        return tuple(one for part in self.parts if part.is_open for one in part.clusters)

    @property
    def is_whole(self) -> bool:
        """Whether no part is closed; it says nothing about what is inside of one."""
        return all(part.is_open for part in self.parts)


def opened(patient: User) -> Opened:
    """Return what a person may see of her results now."""
    shelves = load(patient)
    return Opened(shelves, tuple(parts_of(patient, shelves)), arriving(patient))


def closed(patient: User) -> frozenset[tuple[int, str]]:
    """Return origin and key of what a person keeps closed: findings, and the reports of them."""
    parts = closed_sections(answers_of(patient))
    return frozenset(
        (shelf.origin.pk, key)
        for shelf in load(patient)
        for cluster in clusters(shelf)
        if cluster.section in parts or cluster.waits_for & parts
        for one in cluster.findings
        for key in (one.key, *one.reports)
    )
