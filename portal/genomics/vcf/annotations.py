"""Gene, transcript and protein names that annotation software wrote into INFO (ANN or CSQ).

They are the software's words about a change, not a laboratory's, and are marked as such. Of many
transcripts only the one that the software put first is taken, unless it marks its pick itself.
Spec: https://pcingola.github.io/SnpEff/adds/VCFannotationformat_v1.0.pdf; Ensembl VEP, CSQ
"""

import re
from functools import lru_cache

import msgspec

from portal.genomics.vcf.alleles import Allele, Kind
from portal.genomics.vcf.header import Header

NOTE = "The gene and protein names were added by software, not by a laboratory."
_LAYOUT = re.compile(r"['\"]?\s*(Allele\s*\|.*?)\s*['\"]?\s*$", re.IGNORECASE | re.DOTALL)
_NAMES = {
    "gene": ("Gene_Name", "SYMBOL"),
    "transcript": ("Feature_ID", "Feature"),
    "c": ("HGVS.c", "HGVSc"),
    "p": ("HGVS.p", "HGVSp"),
    "effect": ("Annotation", "Consequence"),
    "hgnc": ("HGNC_ID",),
    "pick": ("PICK", "MANE_SELECT", "CANONICAL"),
}
_BESIDE_A_GENE = ("upstream_gene_variant", "downstream_gene_variant", "intergenic")


class Annotation(msgspec.Struct, frozen=True):
    """What the software says of one allele; empty where it says nothing."""

    gene: str = ""
    gene_id: str = ""
    c: str = ""
    p: str = ""
    effect: str = ""


class Annotations:
    """Reads the annotations of one file; `of` answers nothing where the head defines none."""

    def __init__(self, header: Header) -> None:
        self._columns: dict[str, dict[str, int]] = {}
        for key in ("ANN", "CSQ"):
            match = _LAYOUT.search(header.info_texts.get(key, ""))
            if match:
                self._columns[key] = _columns(match.group(1))
        self.there = bool(self._columns)
        self._marks = tuple(f"{key}=" for key in self._columns)

    def of(self, info: str, ref: str, allele: Allele | None) -> Annotation | None:
        """Return what INFO says of an allele."""
        if allele is None or allele.kind is not Kind.BASES:
            return None
        for item in info.split(";"):
            if item.startswith(self._marks):
                key, _, text = item.partition("=")
                return _best(text, ref, allele.text, self._columns[key])
        return None


@lru_cache(maxsize=8)
def _names(layout: str) -> tuple[str, ...]:
    return tuple(name.strip(" '\"") for name in layout.split("|"))


def _columns(layout: str) -> dict[str, int]:
    names = _names(layout)
    found = {"allele": 0}
    for field, candidates in _NAMES.items():
        index = next((names.index(name) for name in candidates if name in names), None)
        if index is not None:
            found[field] = index
    return found


def _best(text: str, ref: str, alt: str, columns: dict[str, int]) -> Annotation | None:
    written = {alt, _as_vep_writes(ref, alt)}
    rows = [row for item in text.split(",") if (row := item.split("|"))[0] in written]
    inside = [row for row in rows if not _value(row, columns, "effect").startswith(_BESIDE_A_GENE)]
    if not inside:
        return None
    row = next((row for row in inside if _value(row, columns, "pick")), inside[0])
    transcript = _value(row, columns, "transcript")
    return Annotation(
        gene=_value(row, columns, "gene"),
        gene_id=_hgnc(_value(row, columns, "hgnc")),
        c=_with_reference(_value(row, columns, "c"), transcript),
        p=_value(row, columns, "p").replace("%3D", "="),
        effect=_value(row, columns, "effect"),
    )


def _value(row: list[str], columns: dict[str, int], name: str) -> str:
    index = columns.get(name)
    return row[index].strip() if index is not None and index < len(row) else ""


def _hgnc(text: str) -> str:
    return text if not text or text.startswith("HGNC:") else f"HGNC:{text}"


def _with_reference(name: str, transcript: str) -> str:
    return name if not name or ":" in name or not transcript else f"{transcript}:{name}"


def _as_vep_writes(ref: str, alt: str) -> str:
    """Return an allele without the first letter that it shares with REF, as VEP writes it."""
    if len(ref) == len(alt) or ref[:1] != alt[:1]:
        return alt
    return alt[1:] or "-"
