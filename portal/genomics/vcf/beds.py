"""Which regions a test looked at, from a BED file. Positions are 0-based, end-exclusive.

Spec: https://samtools.github.io/hts-specs/BEDv1.pdf
"""

import io
from array import array
from bisect import bisect_right
from collections.abc import Iterator
from enum import StrEnum
from typing import BinaryIO

import msgspec

from portal.genomics.vcf import builds
from portal.genomics.vcf.builds import Build, Place
from portal.genomics.vcf.faults import BadRecord, Fault, Refusal
from portal.genomics.vcf.gene_names import genes_at
from portal.genomics.vcf.lines import Limits, Text

_COLUMNS = 3
_NOT_REGIONS = ("#", "track ", "browser ")
_GENE = "GENE_ID="


class State(StrEnum):
    """What a list of regions tells of a test, in the words of genomic-study-analysis-regions."""

    STUDIED = "studied"
    CALLED = "called"
    UNCALLED = "uncalled"


class Bed(msgspec.Struct, frozen=True):
    """A file of regions, and what its regions are: the file itself does not say."""

    state: State
    content: bytes
    is_of_person: bool = False  # who added it to the test; the laboratory did not


class Region(msgspec.Struct, frozen=True):
    """A stretch of a sequence; `name` is what the file calls it, `genes` are those it speaks of."""

    line: int
    place: Place
    start: int
    end: int
    name: str = ""
    genes: tuple[str, ...] = ()


def regions(
    stream: BinaryIO, build: Build, limits: Limits | None = None
) -> Iterator[Region | Fault]:
    """Yield every region, or the fault of its line. Raises NotAVcf, TooBig or CutShort."""
    number = 0
    for batch in Text(stream, limits).batches():
        for line in batch:
            number += 1
            if line == "" or (line is not None and line.startswith(_NOT_REGIONS)):
                continue
            try:
                yield _region(line, number, build)
            except BadRecord as bad:
                yield Fault(number, bad.code, bad.reason)


def of_test(raw: bytes, build: Build, limits: Limits | None = None) -> Iterator[Region | Fault]:
    """Yield the regions of a file; where it cannot be read, the results are read without it."""
    try:
        yield from regions(io.BytesIO(raw), build, limits)
    except Refusal as refusal:
        yield Fault(refusal.line, refusal.code, refusal.reason)


def _region(line: str | None, number: int, build: Build) -> Region:
    if line is None:
        raise BadRecord("not-utf-8", "This line is not UTF-8 text.")
    fields = line.split("\t") if "\t" in line else line.split()
    if len(fields) < _COLUMNS:
        raise BadRecord("bed", "A region needs a sequence, a start and an end.")
    if not all(field.isascii() and field.isdigit() and len(field) <= 10 for field in fields[1:3]):  # noqa: PLR2004  # as many digits as 32 bits fill
        raise BadRecord("bed", "The start or the end of a region is not a whole number.")
    start, end = int(fields[1]), int(fields[2])
    place = builds.place(fields[0], build, None)
    if start > end:
        raise BadRecord("bed", "A region ends before it starts.")
    if place.length is not None and end > place.length:
        raise BadRecord("bed", "A region reaches beyond the end of its chromosome.")
    name = fields[_COLUMNS] if len(fields) > _COLUMNS and fields[_COLUMNS] != "." else ""
    # Some kits give the gene in a column of its own, beside a name that only counts.
    said = next((field for field in fields[_COLUMNS + 1 :] if field.startswith(_GENE)), name)
    genes = genes_at(said, place.chromosome, start, build)
    return Region(number, place, start, end, name, genes)


class Stretches:
    """Where regions lie, to ask of a place whether it is among them. Two numbers a region."""

    def __init__(self) -> None:
        self._ends: dict[str, tuple[array[int], array[int]]] = {}
        self._unordered: set[str] = set()
        self.count = 0

    def add(self, region: Region) -> None:
        """Take one region more."""
        self.count += 1
        name = _key(region.place)
        starts, ends = self._ends.setdefault(name, (array("q"), array("q")))
        if starts and region.start < starts[-1]:
            self._unordered.add(name)
        elif starts and region.start <= ends[-1]:
            ends[-1] = max(ends[-1], region.end)
            return
        starts.append(region.start)
        ends.append(region.end)

    @property
    def letters(self) -> int:
        """How many letters lie in them, each counted once."""
        for name in tuple(self._unordered):
            self._settle(name)
        return sum(sum(ends) - sum(starts) for starts, ends in self._ends.values())

    def spans(self, place: Place) -> list[tuple[int, int]]:
        """Return where they lie on a sequence, in order, those that touch as one."""
        return list(zip(*self._of(place), strict=True))

    def touch(self, place: Place, start: int, end: int) -> bool:
        """Tell whether some letter from `start` to `end`, 0-based and end-exclusive, is in one."""
        starts, ends = self._of(place)
        before = bisect_right(starts, max(start, end - 1)) - 1
        return before >= 0 and ends[before] > start

    def hold(self, place: Place, start: int, end: int) -> bool:
        """Tell whether all letters from `start` to `end` lie in one."""
        starts, ends = self._of(place)
        before = bisect_right(starts, start) - 1
        return before >= 0 and ends[before] >= end

    def _of(self, place: Place) -> tuple[array[int], array[int]]:
        name = _key(place)
        if name in self._unordered:
            self._settle(name)
        return self._ends.get(name, (array("q"), array("q")))

    def _settle(self, name: str) -> None:
        self._unordered.remove(name)
        self._ends[name] = _merged(*self._ends[name])


class OfGene(msgspec.Struct, frozen=True):
    """What a file lists of one gene."""

    gene: str
    place: Place
    stretches: Stretches

    @property
    def spans(self) -> list[tuple[int, int]]:
        """Where the stretches lie, in order."""
        return self.stretches.spans(self.place)


def _key(place: Place) -> str:
    return place.chromosome or place.name


def _merged(starts: array[int], ends: array[int]) -> tuple[array[int], array[int]]:
    firsts, lasts = array("q"), array("q")
    for start, end in sorted(zip(starts, ends, strict=True)):
        if lasts and start <= lasts[-1]:
            lasts[-1] = max(lasts[-1], end)
        else:
            firsts.append(start)
            lasts.append(end)
    return firsts, lasts
