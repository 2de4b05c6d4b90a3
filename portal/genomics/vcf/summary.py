"""What a file amounts to: how many differences, among how many places that were looked at."""

from dataclasses import dataclass

from portal.genomics.findings import Presence
from portal.genomics.vcf.calls import Call


@dataclass
class Summary:
    """Counts over one file. A line is counted once, by the most that it says of the person."""

    lines: int = 0  # below the head
    rejected: int = 0
    different: int = 0  # at least one change is present
    unclear: int = 0  # called in part, or no genotype at all
    same: int = 0  # looked at, and no change seen
    no_call: int = 0
    written: int = 0  # calls, of which a line can have several
    not_listed: int = 0  # differences that are only counted, because there are too many
    remarks: int = 0
    outside: int = 0  # differences where the regions say that the test did not look or could not

    def add(self, found: list[Call]) -> None:
        """Count the calls of one record."""
        self.lines += 1
        self.written += len(found)
        states = [call.presence for call in found]
        if Presence.PRESENT in states:
            self.different += 1
        elif Presence.INDETERMINATE in states or None in states:
            self.unclear += 1
        elif Presence.ABSENT in states:
            self.same += 1
        else:
            self.no_call += 1

    def reject(self) -> None:
        """Count a line that could not be read."""
        self.lines += 1
        self.rejected += 1

    @property
    def tested(self) -> int:
        """Lines at which the test came to an answer."""
        return self.different + self.same

    def sentence(self) -> str:
        """Say it in English words, for documents; pages use the counts and their own words."""
        parts = [f"{many(self.different, 'difference')} among {many(self.tested, 'place')} tested"]
        if self.no_call:
            parts.append(f"{self.no_call:,} without an answer")
        if self.unclear:
            parts.append(f"{self.unclear:,} answered in part")
        if self.rejected:
            parts.append(f"{many(self.rejected, 'line')} that could not be read")
        if self.not_listed:
            parts.append("too many to be listed one by one")
        return "; ".join(parts) + "."


def many(count: int, name: str) -> str:
    """Return a number with its noun, in English."""
    return f"{count:,} {name}" if count == 1 else f"{count:,} {name}s"
