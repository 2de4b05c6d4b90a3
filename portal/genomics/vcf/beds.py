"""Which regions a test looked at, from a BED file. Positions are 0-based, end-exclusive.

Spec: https://samtools.github.io/hts-specs/BEDv1.pdf
"""

from collections.abc import Iterator
from typing import BinaryIO

import msgspec

from portal.genomics.vcf import builds
from portal.genomics.vcf.builds import Build, Place
from portal.genomics.vcf.faults import BadRecord, Fault
from portal.genomics.vcf.lines import Limits, Text

_COLUMNS = 3
_NOT_REGIONS = ("#", "track ", "browser ")


class Region(msgspec.Struct, frozen=True):
    """A stretch that was looked at; `name` is what the file calls it."""

    line: int
    place: Place
    start: int
    end: int
    name: str = ""


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
    return Region(number, place, start, end, name)
