"""How far a test looked: in English words for documents, and those words read back for pages."""

import re
from collections.abc import Iterator, Sequence

import msgspec

from portal.genomics.vcf.beds import State, Stretches
from portal.genomics.vcf.summary import many

# Of the document that is a BED file.
TITLES = {
    State.STUDIED: "Regions that were looked at (BED)",
    State.CALLED: "Regions that could be read (BED)",
    State.UNCALLED: "Regions that could not be read (BED)",
}
_DONE = {
    State.STUDIED: ("was looked at", "were looked at"),
    State.CALLED: ("could be read", "could be read"),
    State.UNCALLED: ("could not be read", "could not be read"),
}
_STATE_OF = {words: state for state, forms in _DONE.items() for words in forms}
_SENTENCE = re.compile(
    rf"([0-9,]{{1,20}}) regions? with ([0-9,]{{1,20}}) letters? of DNA ({'|'.join(_STATE_OF)})\."
)


class Counted(msgspec.Struct, frozen=True):
    """How many regions, with how many letters of DNA, were looked at or could not be read."""

    state: State
    regions: int
    letters: int


def words(regions: Sequence[tuple[State, Stretches]]) -> str:
    """Return how far a test looked, by the regions that go with it."""
    said = [sentence(state, found.count, found.letters) for state, found in regions]
    if any(state is not State.UNCALLED for state, _ in regions):
        said.append("Nothing is known of what lies outside.")
    return " ".join(said)


def sentence(state: State, regions: int, letters: int) -> str:
    """Return in words what one file of regions amounts to."""
    one, several = _DONE[state]
    done = one if regions == 1 else several
    return f"{many(regions, 'region')} with {many(letters, 'letter')} of DNA {done}."


def counted_in(text: str) -> Iterator[Counted]:
    """Yield the counts that stand in words of ours; none in the words of others."""
    for found in _SENTENCE.finditer(text):
        regions, letters, done = found.groups()
        yield Counted(_STATE_OF[done], _number(regions), _number(letters))


def _number(written: str) -> int:
    return int(written.replace(",", "") or 0)
