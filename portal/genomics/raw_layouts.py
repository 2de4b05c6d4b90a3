"""The columns of raw data files: which hold the name of a place, its letters, and whose they are.

Illumina's GenomeStudio writes a FinalReport: a head, the line [Data], the names of the columns, and
one line for each place of each sample. The letters stand there in up to five writings, of which
only two speak of strands that the world knows. deCODEme gave the sign of the strand line by line.
"""

from enum import StrEnum

import msgspec

from portal.genomics.vcf.faults import NotAVcf

DATA = "[data]"
HEADER = "[header]"


class Strand(StrEnum):
    """Which strand of the DNA the letters of a file are read on."""

    PLUS = "plus"  # of the genome
    UNSURE = "unsure"  # the maker does not say, or says it place by place
    FORWARD = "forward"  # of dbSNP, which is not always the one of the genome
    OWN = "own"  # letters of the maker's own, which only its tables translate


class UnknownLayout(NotAVcf):
    """The file is a report whose columns are not those that are read here."""

    code = "raw-layout"


class Layout(msgspec.Struct, frozen=True):
    """Where in a line things stand."""

    name: int
    letters: tuple[int, ...]
    chromosome: int | None = None
    pos: int | None = None
    sample: int | None = None
    strand_column: int | None = None  # a sign in each line
    strand: Strand = Strand.UNSURE
    delimiter: str = ""
    is_array: bool = False  # a report of a DNA array, not a file of a home test

    @property
    def columns(self) -> int:
        """How many columns a line has at least."""
        others = (self.chromosome, self.pos, self.sample, self.strand_column)
        return 1 + max(self.name, *self.letters, *(one for one in others if one is not None))


_DECODEME = ("name", "variation", "chromosome", "position", "strand", "yourcode")
_WRITINGS = {
    "plus": Strand.PLUS,
    "forward": Strand.FORWARD,
    "top": Strand.OWN,
    "design": Strand.OWN,
    "ab": Strand.OWN,
}


def split(text: str, delimiter: str = "") -> list[str]:
    """Return the fields of a line, without blanks and quotes around them."""
    by = delimiter or ("\t" if "\t" in text else ",")
    return [part.strip().strip('"') for part in text.split(by)]


def of_columns(text: str) -> Layout | None:
    """Return the layout that a line of column names tells, or None for one that tells none.

    Raises UnknownLayout for a report of an array that cannot be read.
    """
    delimiter = "\t" if "\t" in text else ","
    names = [name.lower() for name in split(text, delimiter)]
    if tuple(names) == _DECODEME:
        return Layout(0, (5,), 2, 3, strand_column=4, delimiter=",")
    return _of_array(names, delimiter) if "snp name" in names else None


def _of_array(names: list[str], delimiter: str) -> Layout:
    for writing, strand in _WRITINGS.items():
        pair = [f"allele{number} - {writing}" for number in (1, 2)]
        if all(name in names for name in pair):
            return Layout(
                names.index("rsid" if "rsid" in names else "snp name"),
                tuple(names.index(name) for name in pair),
                _at(names, "chr"),
                _at(names, "position"),
                sample=_at(names, "sample id"),
                strand=strand,
                delimiter=delimiter,
                is_array=True,
            )
    raise UnknownLayout("This report of a DNA array has no columns with letters that are read.")


def _at(names: list[str], name: str) -> int | None:
    return names.index(name) if name in names else None


def of_line(parts: list[str]) -> Layout | None:
    """Return the layout of a home test by the number of its columns alone."""
    return _BY_WIDTH.get(len(parts))


_BY_WIDTH = {4: Layout(0, (3,), 1, 2), 5: Layout(0, (3, 4), 1, 2)}
