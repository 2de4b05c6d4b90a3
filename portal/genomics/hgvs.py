"""What an HGVS expression, an accession or an allele name says about itself. Nothing is looked up.

Spec: https://hgvs-nomenclature.org/stable/ for the levels c, g, n, p, m and r.
"""

import re

LEVEL = re.compile(r"(?:^|[\s:(])([cgnpmr])\.[\[(]?[\d\-*_?A-Z=(\[]")
ACCESSION = re.compile(
    r"\b((?:NC|NG|NM|NR|NP|XM|XP|NT|NW)_\d+(?:\.\d+)?|LRG_\d+(?:[tp]\d+)?|ENS[TGP]\d+(?:\.\d+)?)"
)
GENE_IN_PARENTHESES = re.compile(r"_\d+(?:\.\d+)?\(([A-Za-z0-9][\w-]*)\):")
SPDI = re.compile(r"^[\w.]+:\d+:[^:]*:[^:]*$")
SUBSTITUTION = re.compile(r":g\.(\d+)([ACGT])>([ACGT])$")
INSERTION = re.compile(r":g\.\d+_\d+ins([ACGT]+)$")
FRACTION_IN_TEXT = re.compile(
    r"allel\w{1,4} f(?:raction|requency)\D{0,3}(\d+(?:\.\d+)?)\s*%", re.IGNORECASE
)
REPEAT = re.compile(r"\[(\d+)\](?!\w)")

# The version of an accession tells the build: NC_000001.11 is chromosome 1 of GRCh38.
_GRCH37 = {
    1: 10, 2: 11, 3: 11, 4: 11, 5: 9, 6: 11, 7: 13, 8: 10, 9: 11, 10: 10, 11: 9, 12: 11, 13: 10,
    14: 8, 15: 9, 16: 9, 17: 10, 18: 9, 19: 9, 20: 10, 21: 8, 22: 10, 23: 10, 24: 9,
}  # fmt: skip
_CHROMOSOME = re.compile(r"NC_0000(\d\d)\.(\d+)")


KARYOTYPE = re.compile(r"^\s*\d\d(?:[~-]\d\d)?,[XYU]|^\s*(?:seq|arr|ish|nuc ish)\b.*\(")
NORMAL_KARYOTYPE = re.compile(
    r"^\s*(?:46,X[XY](?:\[\d+\])?|arr(?:\[[^\]]*\])?\s*\((?:1-22|X,1-22)\)x2(?:,\((?:X|XY|X,Y)\)x[12])?)\s*$"
)


def is_karyotype(text: str) -> bool:
    """Tell whether a text looks like ISCN."""
    return bool(KARYOTYPE.search(text))


def is_normal_karyotype(text: str) -> bool:
    """Tell 46,XX, 46,XY and a normal array."""
    return bool(NORMAL_KARYOTYPE.match(text))


def levels(text: str, default: str) -> str:
    """Return c, g, n, p or other: the level that an expression states, else the given one.

    Mitochondrial m. counts as the default, which is where the lab put it.
    """
    stated = [found for found in LEVEL.findall(text) if found != "m"]
    if SPDI.match(text):
        return "other"
    if not stated:
        return default if LEVEL.search(text) or _short(text) else "other"
    first = stated[0]
    if len(set(stated)) > 1 and default in stated:
        first = default
    return first if first in {"c", "g", "n", "p"} else "other"


def _short(text: str) -> bool:
    """Tell an expression without a level, such as 1234A>G or Val600Glu; no fusion, no VCF line."""
    plain = len(text) <= _SHORT and bool(re.fullmatch(r"[\w.:>*_+\-]*", text))
    return plain and _has_digit(text) and "::" not in text and not _PLACED.match(text)


_SHORT = 100
_PLACED = re.compile(r"(?:chr)?(?:\d{1,2}|[XYM]|MT)[-:_]\d+[-:_]")


def _has_digit(text: str) -> bool:
    return any(sign.isdigit() for sign in text)


def is_expression(text: str) -> bool:
    """Tell whether a text looks like HGVS."""
    return bool(LEVEL.search(text))


_CHANGE = re.compile(
    r"(?:[A-Z][A-Z0-9-]{1,11}[:\s]\s?)?(?:[\w.]+(?:\([\w-]+\))?:)?[cgnpmr]\.[^\s/]+(?:\s\(?p\.\S+)?"
)


def is_change(text: str) -> bool:
    """Tell a text that is HGVS and nothing else; a sentence around it may deny the change."""
    return is_expression(text) and bool(_CHANGE.fullmatch(text))


def places_in(text: str) -> frozenset[tuple[str, str]]:
    """Return the level and the first place of every change that a text names: c and 68.

    Labs write the rest of one change in many ways: c.68_69del and c.68_69delAG.
    """
    return frozenset(_PLACES_IN.findall(text))


_PLACES_IN = re.compile(r"(?<![\w.])([cgmnpr])\.[\[(]*(?:[A-Za-z]{1,3}(?=\d))?([-*]?\d+)")


def protein_beside(text: str) -> str:
    """Return the change of the protein that stands behind one of DNA: c.5946del (p.Ser1982fs)."""
    found = _PROTEIN_BESIDE.search(text)
    if not found:
        return ""
    said = found.group(1)
    return said[:-1] if said.count(")") > said.count("(") else said


_PROTEIN_BESIDE = re.compile(r"[cgn]\.\S+[\s,;]\s?\(?(p\.[^\s,;]+)$")


def is_short_protein(text: str) -> bool:
    """Tell a change of a protein in one-letter form, with its gene or without: BRAF V600E."""
    return bool(_SHORT_PROTEIN.fullmatch(text))


_ACID = "[ACDEFGHIKLMNPQRSTVWY]"
_SHORT_PROTEIN = re.compile(
    rf"(?:[A-Z][A-Z0-9-]{{1,9}}\s)?{_ACID}\d{{1,5}}(?:{_ACID}|\*|fs(?:\*\d+)?)"
)


def accession(text: str) -> str:
    """Return the first reference sequence named in a text."""
    found = ACCESSION.search(text)
    return found.group(1) if found else ""


def gene_named(text: str) -> str:
    """Return the gene in NM_014049.4(ACAD9):c.1249C>T."""
    found = GENE_IN_PARENTHESES.search(text)
    return found.group(1) if found else ""


_HUMAN = frozenset({f"NC_{number:06}" for number in _GRCH37} | {"NC_012920", "NC_001807"})


def is_of_another_species(sequence: str) -> bool:
    """Tell the complete sequence of something else than a person, such as a germ."""
    return sequence.startswith("NC_") and base(sequence) not in _HUMAN


def build_of(sequence: str) -> str:
    """Return GRCh37 or GRCh38 where the accession's version tells, else nothing."""
    found = _CHROMOSOME.search(sequence)
    if not found:
        return ""
    chromosome, version = int(found.group(1)), int(found.group(2))
    if chromosome not in _GRCH37:
        return ""
    builds = {_GRCH37[chromosome]: "GRCh37", _GRCH37[chromosome] + 1: "GRCh38"}
    return builds.get(version, "")


def chromosome_of(sequence: str) -> str:
    """Return 1 to 22, X or Y of an NC_ accession, else nothing."""
    found = _CHROMOSOME.search(sequence)
    if not found or int(found.group(1)) not in _GRCH37:
        return ""
    number = int(found.group(1))
    return {23: "X", 24: "Y"}.get(number, str(number))


def base(sequence: str) -> str:
    """Return an accession without its version."""
    return sequence.split(".", 1)[0]


def alleles(name: str) -> tuple[str, ...]:
    """Return the allele names of a diplotype or GL String, without the gene: *1/*2 gives *1, *2.

    A GL String's ambiguity (several alleles between / inside a + part) gives every candidate.
    """
    return tuple(allele for part in _parts(name) if (allele := allele_name(part)))


def allele_count(name: str) -> int:
    """Return how many alleles a diplotype or GL String lists, understood or not."""
    return sum("*" in part or ":" in part for part in _parts(name))


def _parts(name: str) -> list[str]:
    return re.split(r"[+/|~^\s]+", name.rsplit("#", 1)[-1])


def same_allele(one: str, other: str) -> bool:
    """Tell alleles that agree as far as both are told: *24:02 and *24:02:01, *1 and *1.001."""
    short, long = sorted((one, other), key=len)
    return long.startswith(short) and not long[len(short) : len(short) + 1].isdigit()


def allele_name(text: str) -> str:
    """Return *2 of CYP2C19*2, A*24:02 of HLA-A*24:02; nothing without a star."""
    star = text.find("*")
    if star < 0:
        return ""
    return text[star:].strip("\"' ,;)")
