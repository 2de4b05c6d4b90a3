"""What the name of a test tells of its results: which gene, change or allele it asks for.

Only the lab's own letters are taken; nothing is looked up but whether a word is a gene's symbol.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from portal.genomics import hgvs
from portal.genomics.draft import Draft
from portal.genomics.findings import Concept, Gene, Kind
from portal.genomics.genes import HGNC

_GENE = re.compile(r"\b([A-Z][A-Z0-9]{1,9}(?:-[A-Z0-9]{1,5})?)\s+gene\b")
_KNOWN_GENE = re.compile(
    r"\b([A-Z][A-Z0-9-]{1,9})\s+(?:genotype|diplotype|haplotype|phenotype|allele|activity|metaboli"
    r"|mutation|variant|status|sequencing|[cgp]\.|[A-Z]\d{1,4}[A-Z]\b)",
    re.IGNORECASE,
)
_CHANGE = re.compile(r"\bgene\s+([cgmnp]\.[\w>*=?()\-]+)(?=\s|$)")
_PROTEIN = re.compile(
    r"\b([A-Z][A-Z0-9]{1,9})\s+(?:gene\s+)?([A-Z]\d{1,4}[A-Z])(?![^\s\])]|\s?[+/&])"
)
# Of one change a name may hold that of the DNA and that of the protein, each once.
_EVERY_CHANGE = tuple(
    re.compile(rf"(?<![\w*]){one}")
    for one in (r"[cgmn]\.[*-]?\d[\w>+-]*", r"p\.\(?[A-Za-z]+\d+\w*", r"[A-Z]\d{1,4}[A-Z](?![\w*])")
)
_HLA = r"HLA-(?:[A-C]|D[A-Z]{1,2}\d?)\*\d{2,3}(?::\d{2,3}){0,3}[A-Z]?"
_HLA_ALLELE = re.compile(rf"{_HLA}|HLA-(?:[A-C]|D[PQR])\d{{1,4}}\b")  # also by serum: HLA-B27
_SEVERAL = re.compile(r"HLA-\S+\s?(?:[/+&,]|\bor\b|\band\b)")
_HLA_ALLELES = re.compile(rf"{_HLA}(?:\s?[,;/+~]\s?{_HLA})*")
_ALLELE = re.compile(r"(?:[\w-]+\s?)?\*\d+\w*(?:\.\d+)?")
_DIPLOTYPE = re.compile(r"[\w-]*\s?\*\d+\w*(?:\.\d+)?\s?/\s?[\w-]*\s?\*\d+\w*(?:\.\d+)?")
_GENOTYPE = re.compile(r"[\w*:.()+-]{1,20}\s?[/|]\s?[\w*:.()+-]{1,20}|[ACGT]{2}")
_ASKS_GENOTYPE = re.compile(r"\b(?:genotype|diplotype)\b", re.IGNORECASE)
_ANTIBODY = re.compile(r"\banti-?\s?HLA|\bantibod|\bAb\b|\bDSA\b|cross-?match", re.IGNORECASE)
_BIOMARKER = re.compile(
    r"\bTMB\b|\btumou?r mutation(?:al)? (?:burden|load)|\bMSI\b|\bmicrosatellite"
    r"|\bmismatch repair|\b[dp]MMR\b|\bHRD\b|\bhomologous recombination"
    r"|\bloss of heterozygosity|\bPD-?L1\b|\bHER2\b|\bgenomic instability",
    re.IGNORECASE,
)
_OF_ALLELE = re.compile(
    r"(?:^|[#^+~/|\s])([A-Z][A-Z0-9]{1,9}(?:-[A-Z]{1,3}\d?)?)\s?(?=\*\d)|(HLA-[A-C])(?=\d)"
)


_REMEMBERED = 4096
_LONGEST = 500  # letters of the name of a test
_NO_WORD = 4  # letters of a symbol that stands first; shorter ones may be words: MAX, DES


def names_of(code: Concept | None) -> tuple[str, ...]:
    """Return every name that a code has."""
    return (code.text, *(coding.display for coding in code.codings)) if code else ()


def names_a_gene(name: str) -> bool:
    """Tell a name that holds the symbol of a gene or the name of a biomarker."""
    words_in = re.split(r"[^\w-]+", name)
    symbols = (one for one in words_in if len(one) >= _NO_WORD and one in HGNC)
    return bool(_genes_in(name)) or any(symbols) or bool(_BIOMARKER.search(name))


def asks_for_antibodies(code: Concept | None) -> bool:
    """Tell a test for antibodies: who has one against an allele does not have the allele."""
    return any(_ANTIBODY.search(name) for name in names_of(code))


def kind_of_answer(code: Concept | None, said: str) -> Kind | None:
    """Return what a test is about as its name and its answer show together, or None."""
    names = names_of(code)
    if any(_BIOMARKER.search(name) for name in names):
        return Kind.BIOMARKER
    if hgvs.is_change(said) or hgvs.is_karyotype(said) or any(map(_change_in, names)):
        return Kind.VARIANT
    if _DIPLOTYPE.fullmatch(said):
        return Kind.GENOTYPE
    if _HLA_ALLELES.fullmatch(said):
        return Kind.GENOTYPE if len(_HLA_ALLELE.findall(said)) > 1 else Kind.HAPLOTYPE
    if _ALLELE.fullmatch(said) or any(map(_allele_in, names)):
        return Kind.HAPLOTYPE
    asked = any(_ASKS_GENOTYPE.search(name) for name in names)
    return Kind.GENOTYPE if asked and _GENOTYPE.fullmatch(said) else None


def asks_for_a_change(code: object) -> bool:
    """Tell the code of a test for one change, as its name shows."""
    return isinstance(code, Concept) and any(map(_change_in, names_of(code)))


def asks_for_an_allele(code: object) -> bool:
    """Tell the code of a test for one allele of HLA, as its name shows."""
    return isinstance(code, Concept) and any(map(_allele_in, names_of(code)))


@lru_cache(maxsize=_REMEMBERED)  # the same few names come with every result
def _change_in(name: str) -> str:
    """Return the one change that a test asks for: F5 gene p.Arg506Gln [Presence].

    Of a test for several, such as V600E or V600K, the answer does not say which it was.
    """
    if any(len(set(every.findall(name))) > 1 for every in _EVERY_CHANGE):
        return ""
    written = _CHANGE.search(name)
    if written:
        return written.group(1)
    short = _PROTEIN.search(name)
    return short.group(2) if short and short.group(1) in HGNC else ""


def _allele_in(name: str) -> str:
    """Return the one allele of HLA that a test asks for; of two it is not said which was seen."""
    found = [hit.group() for hit in _HLA_ALLELE.finditer(name[:_LONGEST])]
    return found[0] if len(found) == 1 and not _SEVERAL.search(name[:_LONGEST]) else ""


def read_names(draft: Draft) -> None:
    """Read from names what the result does not tell in a field of its own."""
    code = draft.plain.get("code")
    names = names_of(code) if isinstance(code, Concept) else ()
    entries = [coding.display for item in draft.concepts.get("ids", ()) for coding in item.codings]
    if draft.kind is Kind.VARIANT:
        _read_change(names, entries, draft)
    if draft.kind is Kind.HAPLOTYPE and "name" not in draft.plain:
        _read_allele(names, draft)
    if not draft.lists.get("genes"):
        found = _genes(names, entries, draft)
        draft.add("genes", *dict.fromkeys(Gene(symbol=one) for one in found))


def _read_change(names: tuple[str, ...], entries: list[str], draft: Draft) -> None:
    """Read the change of a catalogue entry, NM_000455.4(STK11):c.508C>T, else of the test.

    An entry names the change in DNA; one that is told in a field of its own is not told again.
    """
    written = [text for text in entries if hgvs.is_expression(text)]
    if any(draft.hgvs.values()):
        names, written = (), [] if draft.hgvs.get("c") else written
    asked = [] if written else list(filter(None, map(_change_in, names)))
    for text in written or asked:
        # Without a level it is a change of the protein: V600E.
        draft.express(hgvs.levels(text, "c") if hgvs.is_expression(text) else "p", text)
    if asked:
        _mind_the_answer(draft)


def _read_allele(names: tuple[str, ...], draft: Draft) -> None:
    """Read the allele that a test asks for."""
    if draft.put("name", next(filter(None, map(_allele_in, names)), "")):
        _mind_the_answer(draft)


def _mind_the_answer(draft: Draft) -> None:
    """Remark that what a test asks for is not found by being asked for."""
    if "presence" not in draft.plain:
        draft.scan.flag("presence-not-understood")


@lru_cache(maxsize=_REMEMBERED)
def _genes_in(name: str) -> tuple[str, ...]:
    first = name.partition(" ")[0]
    known = [name, *_KNOWN_GENE.findall(name), first if len(first) >= _NO_WORD else ""]
    return (*_GENE.findall(name), *(one for one in known if one in HGNC))


def _genes(names: tuple[str, ...], entries: list[str], draft: Draft) -> Iterator[str]:
    """Yield the genes that names hold: of the test, of an expression, of an allele."""
    for name in names:
        yield from _genes_in(name)
    expressions = [text for level in draft.hgvs.values() for text in level]
    for text in (*expressions, *entries):
        if gene := hgvs.gene_named(text):
            yield gene
    if draft.kind in {Kind.GENOTYPE, Kind.HAPLOTYPE}:
        for found in _OF_ALLELE.findall(str(draft.plain.get("name", ""))):
            yield "".join(found)
