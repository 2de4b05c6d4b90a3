"""Small files for tests of variant calls."""

import io
from pathlib import Path

from portal.genomics.vcf.builds import Build
from portal.genomics.vcf.calls import Call, of
from portal.genomics.vcf.faults import Fault
from portal.genomics.vcf.records import Reader, Record

DATA = Path(__file__).resolve().parents[2] / "data"
VCF = DATA / "vcf"
HEAD = (
    "##fileformat=VCFv{version}",
    "##contig=<ID=chr13,length=114364328,assembly=GRCh38>",
    "##contig=<ID=chrX,length=156040895,assembly=GRCh38>",
    "##contig=<ID=chrM,length=16569,assembly=GRCh38>",
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">',
    '##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Reads">',
    '##FORMAT=<ID=PS,Number=1,Type=Integer,Description="Phase set">',
)
COLUMNS = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT"


def a_line(  # noqa: PLR0913  # the columns of a line
    genotype: str = "0/1",
    *,
    chrom: str = "chr13",
    pos: int | str = 32316461,
    name: str = ".",
    ref: str = "G",
    alt: str = "A",
    filters: str = "PASS",
    info: str = ".",
    form: str = "GT",
) -> str:
    """Return one line of a file."""
    return "\t".join((chrom, str(pos), name, ref, alt, "99", filters, info, form, genotype))


def a_file(*lines: str, version: str = "4.3", samples: tuple[str, ...] = ("S1",)) -> bytes:
    """Return a file with these lines below its head."""
    head = [line.replace("{version}", version) for line in HEAD]
    return "\n".join((*head, "\t".join((COLUMNS, *samples)), *lines, "")).encode()


def read(
    raw: bytes, *, sample: str | None = None, build: Build | None = None
) -> tuple[list[Record], list[Fault]]:
    """Return the records and the faults of a file."""
    reader = Reader(io.BytesIO(raw))
    reader.choose(sample=sample, build=build)
    found = list(reader.records())
    records = [one for one in found if isinstance(one, Record)]
    return records, [one for one in found if isinstance(one, Fault)]


def the_calls(raw: bytes) -> list[Call]:
    """Return all calls of a file that has no faults."""
    records, faults = read(raw)
    assert not faults
    return [call for record in records for call in of(record)]


def the_call(raw: bytes) -> Call:
    """Return the one call of a file."""
    (call,) = the_calls(raw)
    return call
