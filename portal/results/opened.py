"""What a person has chosen to see: every source's results without the parts that are closed."""

from dataclasses import dataclass

from portal.accounts.models import User
from portal.results.clusters import Cluster
from portal.results.page import Part, arriving, parts_of
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
