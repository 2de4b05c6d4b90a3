"""Repeats of a short motif: how often which motif stands in an allele, as the caller counted.

VCF 4.4 writes `<CNV:TR>` with RN, RUS and RUC; ExpansionHunter and its like `<STR42>` with RU.
"""

import re

from portal.genomics.findings import Repeat
from portal.genomics.vcf.alleles import Kind
from portal.genomics.vcf.calls import Call, field

_COUNTED = re.compile(r"<STR([0-9]{1,6})>")
_MOTIF = re.compile(r"[ACGTRYSWKMBDHVN]{1,200}")
_NUMBER = re.compile(r"[0-9]{1,6}(?:\.[0-9]{1,6})?")
_TANDEM = "<CNV:TR>"


def of(call: Call) -> tuple[Repeat, ...]:
    """Return the repeats of an allele in their order; none where the file does not count them."""
    allele = call.allele
    if allele is None or allele.kind is not Kind.SYMBOL:
        return ()
    if allele.text == _TANDEM:
        return _tandem(call.record.info, call.number)
    counted, motif = _COUNTED.fullmatch(allele.text), field(call.record.info, "RU")
    if not counted or not _MOTIF.fullmatch(motif):
        return ()
    return (Repeat(motif=motif, number=int(counted[1])),)


def _tandem(info: str, number: int) -> tuple[Repeat, ...]:
    motifs, counts = field(info, "RUS").split(","), field(info, "RUC").split(",")
    repeats = [int(one) for one in field(info, "RN").split(",") if one.isascii() and one.isdigit()]
    if len(motifs) != len(counts) or sum(repeats) != len(motifs):
        return ()
    first = sum(repeats[: number - 1])
    own = slice(first, first + repeats[number - 1] if number <= len(repeats) else first)
    said = list(zip(motifs[own], counts[own], strict=True))
    if not all(_MOTIF.fullmatch(motif) and _NUMBER.fullmatch(count) for motif, count in said):
        return ()
    return tuple(Repeat(motif=motif, number=_plain(count)) for motif, count in said)


def _plain(count: str) -> float:
    return int(count) if count.isdigit() else float(count)
