"""The regions of a test, and the differences that lie where it did not look or could not read."""

from collections.abc import Sequence

import msgspec

from portal.genomics.findings import Presence
from portal.genomics.vcf.beds import State, Stretches
from portal.genomics.vcf.calls import Call
from portal.genomics.vcf.faults import Fault

_WORDS = "The test says that it did not look at this place, or could not read it."


class Outside:
    """Knows where a test looked, by all files of regions that go with it."""

    def __init__(self) -> None:
        self._looked: list[Stretches] = []
        self._unread: list[Stretches] = []
        self._all: list[tuple[State, Stretches]] = []

    def add(self, state: State, found: Stretches) -> None:
        """Take the regions of one file; a file without one says nothing."""
        if found.count:
            self._all.append((state, found))
            (self._unread if state is State.UNCALLED else self._looked).append(found)

    @property
    def files(self) -> Sequence[tuple[State, Stretches]]:
        """What each file lists."""
        return self._all

    def holds_any(self, found: Sequence[Call]) -> bool:
        """Tell whether some difference among the calls of a line lies outside."""
        return bool(self._all) and any(map(self._holds, found))

    def mark(self, found: Sequence[Call]) -> list[Call]:
        """Return the calls of a line, those outside with a note that says so."""
        return [
            msgspec.structs.replace(one, notes=(*one.notes, _WORDS)) if self._holds(one) else one
            for one in found
        ]

    def _holds(self, call: Call) -> bool:
        if call.presence is not Presence.PRESENT:
            return False
        place, start = call.record.place, call.extent.start - 1
        end = call.extent.end or call.extent.start
        is_in = not self._looked or any(one.touch(place, start, end) for one in self._looked)
        return not is_in or any(one.hold(place, start, end) for one in self._unread)


def remark(line: int) -> Fault:
    """Return what is said beside a line with a difference outside; the line itself is read."""
    return Fault(line, "outside-regions", _WORDS, kept=True)
