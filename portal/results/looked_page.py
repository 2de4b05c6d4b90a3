"""The page that says which genes were looked at and which were not, and answers for one gene."""

from dataclasses import dataclass

from portal.accounts.models import User
from portal.results.coverage import Looked, looked
from portal.results.opened import opened
from portal.results.pictures.region_bar import Coverage, region_bar
from portal.results.pictures.svg import Picture
from portal.results.reach import GeneRow, Reach, rows, silent_tests


@dataclass(frozen=True)
class LookedPage:
    """Everything that the page shows."""

    rows: tuple[GeneRow, ...]
    silent: tuple[str, ...]
    said: tuple[Looked, ...]  # in the labs' own words, by source
    is_whole: bool
    arriving: str

    @property
    def is_empty(self) -> bool:
        """Whether no test is here that could say anything."""
        return not (self.rows or self.silent or self.said)

    def count(self, reach: Reach) -> int:
        """Return how many genes were read that far."""
        return sum(row.reach is reach for row in self.rows)

    @property
    def bar(self) -> Picture | None:
        """How many of the genes could be read, whole or in part."""
        if not self.rows:
            return None
        unread = self.count(Reach.NOT_READ)
        return region_bar(Coverage("genes-read", len(self.rows) - unread, unread))

    def find(self, name: str) -> tuple[GeneRow, ...]:
        """Return the gene of that name, else those whose names begin with it."""
        wanted = name.strip().upper()
        exact = tuple(row for row in self.rows if row.gene.upper() == wanted)
        return exact or tuple(row for row in self.rows if row.gene.upper().startswith(wanted))


def looked_page(patient: User) -> LookedPage:
    """Return what a person's tests looked at; closed parts say nothing in it."""
    seen = opened(patient)
    return LookedPage(
        rows=rows(seen.shelves, seen.clusters),
        silent=silent_tests(seen.shelves),
        said=tuple(one for one in map(looked, seen.shelves) if one.is_known),
        is_whole=seen.is_whole,
        arriving=seen.arriving,
    )
