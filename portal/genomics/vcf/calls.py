"""From a record to calls: one for each alternate allele, or one for the place if there is none."""

import re
from functools import lru_cache

import msgspec

from portal.genomics.findings import Presence
from portal.genomics.vcf import genotypes
from portal.genomics.vcf.alleles import Allele, Kind
from portal.genomics.vcf.genotypes import Genotype
from portal.genomics.vcf.records import Record

_USUAL_COPIES = 2
_COUNTS = re.compile(r"[0-9]{1,10}(?:,[0-9]{1,10})*")
_NUMBER = re.compile(r"(?:[0-9]{1,9}\.?|[0-9]{0,9}\.[0-9]{1,9})(?:[eE](?:-[0-9]{1,2}|\+?00))?")
_PERCENT = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,9})?)%")
_WHOLE = 100
_RS = re.compile(r"rs[0-9]+")
_INTEGER = re.compile(r"-?[0-9]{1,10}")
_COPIES_NOTE = "The file gives a number of copies here and no genotype."
_STAR_NOTE = "An earlier line of the file reports a deletion that takes this place away."
_COMMON_NOTE = "X and Y share this place; the file tells one copy and nothing of the other."
_NO_GENOTYPE_NOTE = "The file gives no genotype here."
_NO_END_NOTE = "The file does not say where the change ends."
_IMPRECISE_NOTE = "The laboratory marked the ends of the change as imprecise."
_LENGTHS_DISAGREE = "The end and the length that the file gives for the change do not agree."
# SV types whose length is a stretch of the reference; an insertion has none.
_STRETCHES = ("DEL", "DUP", "INV", "CNV", "CN")


class Extent(msgspec.Struct, frozen=True, gc=False):
    """Where a call lies: 1-based, both ends included. `exact` is false when ends are imprecise."""

    start: int
    end: int | None
    exact: bool = True
    outer: tuple[int, int] | None = None
    notes: tuple[str, ...] = ()


class Call(msgspec.Struct, frozen=True, gc=False):
    """What the file says of one allele in one person."""

    record: Record
    number: int  # of the allele in the line; 0 for the place itself
    allele: Allele | None
    presence: Presence | None
    zygosity: str
    extent: Extent
    reads: int | None = None
    fraction: float | None = None
    copy_number: float | None = None
    somatic: bool = False
    notes: tuple[str, ...] = ()


def of(record: Record) -> list[Call]:
    """Return the calls of a record; at least one, always."""
    alts = record.alts
    if len(alts) == 1 and alts[0].is_change:
        return [_change(record, 1, alts[0])]
    found = [
        _change(record, number, allele) for number, allele in enumerate(alts, 1) if allele.is_change
    ]
    return found or [_place(record)]


def _change(record: Record, number: int, allele: Allele) -> Call:
    presence, zygosity = None, ""
    notes = _filter_notes(record.filter, record.values.get("FT", "."))
    if record.genotype is None:
        notes = (*notes, _NO_GENOTYPE_NOTE)
    else:
        presence, zygosity = _state(
            record.genotype.text, len(record.alts), number, record.place.chromosome
        )
    extent = _extent(record, allele)
    reads, fraction = _reads(record, number)
    copies = _copies(record)
    if presence is Presence.NO_CALL and copies is not None:
        presence = _by_copies(allele, copies, record.place.chromosome)
        notes = (*notes, _COPIES_NOTE)
    if zygosity == genotypes.HOMOPLASMIC and fraction is not None and fraction < 1:
        # The call and the reads differ, and where homoplasmy starts is not ours to say.
        zygosity = ""
    if zygosity == genotypes.HEMIZYGOUS and _is_common(record, extent):
        zygosity, notes = "", (*notes, _COMMON_NOTE)
    return Call(
        record=record,
        number=number,
        allele=allele,
        presence=presence,
        zygosity=zygosity,
        extent=extent,
        reads=reads,
        fraction=fraction,
        copy_number=copies,
        somatic="SOMATIC" in record.info and _flag(record.info, "SOMATIC"),
        notes=notes + extent.notes,
    )


def _is_common(record: Record, extent: Extent) -> bool:
    """Tell a place that a man, too, has twice: on his X and on his Y."""
    last = record.pos + len(record.ref) - 1
    return record.place.is_common(min(record.pos, extent.start), max(last, extent.end or last))


def _copies(record: Record) -> float | None:
    if "CN" not in record.values and "TCN" not in record.values:
        return None
    return _decimal(record.values.get("CN") or record.values.get("TCN"))


def _by_copies(allele: Allele, copies: float, chromosome: str) -> Presence:
    """Return what a number of copies says without a genotype: two is usual, but not on X and Y."""
    fewer, more = copies < _USUAL_COPIES, copies > _USUAL_COPIES
    if chromosome.isdigit() and (
        (fewer and allele.text.startswith("<DEL"))
        or (more and allele.text.startswith("<DUP"))
        or ((fewer or more) and allele.text == "<CNV>")
    ):
        return Presence.PRESENT
    return Presence.INDETERMINATE


def _place(record: Record) -> Call:
    """Return the call of a line that names no change: a place that was looked at."""
    notes = _filter_notes(record.filter, record.values.get("FT", "."))
    presence = None
    if record.genotype is None:
        notes = (*notes, _NO_GENOTYPE_NOTE)
    else:
        presence = _of_place(record.genotype)
        if any(allele.kind is Kind.STAR for allele in record.alts):
            presence = Presence.INDETERMINATE
            notes = (*notes, _STAR_NOTE)
    end = _integer(record.info, "END") if "END=" in record.info else None
    last = record.pos + len(record.ref) - 1
    extent = Extent(record.pos, max(end or last, last))
    return Call(record, 0, None, presence, "", extent, notes=notes)


def _of_place(genotype: Genotype) -> Presence:
    if all(called == 0 for called in genotype.alleles):
        return Presence.ABSENT
    if all(called is None for called in genotype.alleles):
        return Presence.NO_CALL
    return Presence.INDETERMINATE


@lru_cache(maxsize=1 << 12)
def _state(text: str, alts: int, number: int, chromosome: str) -> tuple[Presence, str]:
    genotype = genotypes.read(text, alts)
    presence = genotypes.presence(genotype, number)
    if presence is not Presence.PRESENT:
        return presence, ""
    return presence, genotypes.zygosity(genotype, number, chromosome)


@lru_cache(maxsize=1 << 10)
def _filter_notes(line: str, sample: str) -> tuple[str, ...]:
    """Return the filters of the line and of the sample, as the file names them."""
    said = {"FILTER": line, "FILTER of the sample": sample}
    return tuple(f"{name}: {text}" for name, text in said.items() if text != ".")


def _reads(record: Record, number: int) -> tuple[int | None, float | None]:
    """Return how many reads show the allele, and which part of all that is."""
    values = record.values
    depths = values.get("AD")
    if depths is None and "AO" in values:
        depths = f"{values.get('RO')},{values['AO']}"  # as FreeBayes writes them
    stated = values.get("AF") or values.get("VAF") or values.get("FREQ")
    reads, fraction = None, None
    if depths is not None and _COUNTS.fullmatch(depths):
        counts = list(map(int, depths.split(",")))
        if len(counts) == len(record.alts) + 1:
            reads, total = counts[number], sum(counts)
            fraction = round(reads / total, 4) if total else None
    if stated is not None:
        parts = stated.split(",")
        if len(parts) == len(record.alts):
            fraction = _share(parts[number - 1], fraction)
    return reads, fraction


def _share(text: str, otherwise: float | None) -> float | None:
    percent = _PERCENT.fullmatch(text)  # as VarScan writes it
    value = round(float(percent.group(1)) / _WHOLE, 6) if percent else _decimal(text)
    return value if value is not None and value <= 1 else otherwise


def _decimal(text: str | None) -> float | None:
    return float(text) if text and _NUMBER.fullmatch(text) else None


def field(info: str, key: str) -> str:
    """Return the value of a field of INFO; empty where it has none."""
    for item in info.split(";"):
        if item.startswith(key) and item[len(key) :][:1] == "=":
            return item[len(key) + 1 :]
    return ""


def _flag(info: str, key: str) -> bool:
    return any(item in (key, f"{key}=1") for item in info.split(";"))


def _integer(info: str, key: str, at: int = 0) -> int | None:
    parts = field(info, key).split(",")
    text = parts[at] if at < len(parts) else parts[0]
    return int(text) if _INTEGER.fullmatch(text) else None


def _extent(record: Record, allele: Allele) -> Extent:
    if allele.kind is Kind.BASES:
        return Extent(record.pos, record.pos + len(record.ref) - 1)
    if allele.kind is Kind.SYMBOL:
        return _symbolic(record, allele)
    return Extent(record.pos, record.pos)


def _symbolic(record: Record, allele: Allele) -> Extent:
    """Return the extent of a symbolic allele; its line stands at the letter before the change."""
    info = record.info
    end = _integer(info, "END")
    if not allele.text[1:].startswith(_STRETCHES):
        return _with_doubt(info, Extent(record.pos, max(end or record.pos, record.pos)))
    length = _integer(info, "SVLEN", record.alts.index(allele))
    by_length = record.pos + abs(length) if length else None
    notes: tuple[str, ...] = ()
    if end is not None and by_length is not None and abs(end - by_length) > 1:
        notes = (_LENGTHS_DISAGREE,)
    if end is None or end < record.pos:
        end = by_length
    if end is None:
        notes = (*notes, _NO_END_NOTE)
    return _with_doubt(info, Extent(record.pos + 1, end, notes=notes))


def _with_doubt(info: str, extent: Extent) -> Extent:
    if "CIPOS" not in info and "CIEND" not in info and "IMPRECISE" not in info:
        return extent
    low = (_integer(info, "CIPOS", 0) or 0, _integer(info, "CIPOS", 1) or 0)
    high = (_integer(info, "CIEND", 0) or 0, _integer(info, "CIEND", 1) or 0)
    if not _flag(info, "IMPRECISE") and low == high == (0, 0):
        return extent
    end = extent.end if extent.end is not None else extent.start
    outer = (max(extent.start + low[0], 1), end + high[1])
    inner = (extent.start + low[1], end + high[0])
    if inner[0] > inner[1]:
        inner = (extent.start, end)
    bounds = outer if outer != (extent.start, end) else None
    notes = (*extent.notes, _IMPRECISE_NOTE)
    return Extent(inner[0], inner[1], exact=False, outer=bounds, notes=notes)


def hgvs(call: Call) -> str:
    """Return the HGVS of a change of one letter on a sequence with an accession, else nothing.

    Longer changes would have to be moved along the genome first, and the genome is not here.
    """
    if call.allele is None or not call.allele.swap:
        return ""
    record = call.record
    length = record.place.length
    if not 1 <= record.pos <= (length or record.pos):
        return ""  # VCF has a place before the first letter and one after the last
    prefix = record.place.hgvs
    return f"{prefix}{record.pos}{call.allele.swap}" if prefix else ""


def ids(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the names in dbSNP that an ID column holds, and the names that are the file's own."""
    if _RS.fullmatch(text):
        return (text,), ()
    names = text.split(";") if text != "." else []
    return (
        tuple(name for name in names if _RS.fullmatch(name)),
        tuple(name for name in names if not _RS.fullmatch(name)),
    )
