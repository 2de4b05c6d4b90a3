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

    @property
    def counts(self) -> tuple[tuple[Reach, int], ...]:
        """How many genes were read how far."""
        return tuple((reach, sum(row.reach is reach for row in self.rows)) for reach in Reach)

    @property
    def bar(self) -> Picture | None:
        """The genes that labs list, drawn by how far they were read; none when all are alike."""
        listed = [row.reach for row in self.rows if row.is_listed]
        if len(set(listed)) < 2:  # noqa: PLR2004  # a bar of one piece tells nothing
            return None
        read, partly, not_read = (listed.count(reach) for reach in Reach)
        return region_bar(Coverage("looked", read, partly, not_read))

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
