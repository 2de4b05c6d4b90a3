"""What the REF and ALT columns mean: bases, a star, a symbol, a breakend."""

import re
from enum import StrEnum
from functools import lru_cache

import msgspec

from portal.genomics.vcf.faults import BadRecord


class Kind(StrEnum):
    """How an alternate allele is written."""

    BASES = "bases"
    STAR = "star"  # lost to a deletion that an earlier line reports
    SYMBOL = "symbol"  # <DEL>, <DUP:TANDEM>, <CN0> …
    BREAKEND = "breakend"
    ANY_OTHER = "any-other"  # <NON_REF>, <*>: whatever else might be there; not a change


class Allele(msgspec.Struct, frozen=True, gc=False):
    """One alternate allele. `change` is a Sequence Ontology code and its name, or empty."""

    text: str
    kind: Kind
    change: str = ""
    change_name: str = ""
    swap: str = ""  # "G>A" where one letter takes the place of one letter
    is_change: bool = True  # False for a star, and for whatever else might be there


class Alleles(msgspec.Struct, frozen=True, gc=False):
    """The alleles of one line; `alts` is empty where ALT is a dot."""

    ref: str
    alts: tuple[Allele, ...]
    changes: tuple[tuple[int, str, str], ...] = ()  # of bases, trimmed: to tell repeats by


_REF = re.compile(r"[ACGTNacgtn]+")
_IUPAC = re.compile(r"[ACGTNRYSWKMBDHVacgtnryswkmbdhv]+")
_BASES = _REF
_SYMBOL = re.compile(r"<([!-;=?-~]+)>")
_STAR_DELETION = ("<*:DEL>",)
_MATE = r"(?:[^\s\[\]<>]+|<[^\s<>]+>):[0-9]+"
_BREAKEND = re.compile(
    rf"[ACGTNacgtn]+[\[\]]{_MATE}[\[\]]|[\[\]]{_MATE}[\[\]][ACGTNacgtn]+|\.[ACGTNacgtn]+|[ACGTNacgtn]+\."
)
_ANY_OTHER = frozenset({"<NON_REF>", "<*>", "<X>", "<M>"})

# Sequence Ontology, http://www.sequenceontology.org
SNV = ("SO:0001483", "SNV")
MNV = ("SO:0002007", "MNV")
INSERTION = ("SO:0000667", "insertion")
DELETION = ("SO:0000159", "deletion")
DELINS = ("SO:1000032", "delins")
_SYMBOLS = (
    ("DEL:ME", ("SO:0002066", "mobile_element_deletion")),
    ("INS:ME", ("SO:0001837", "mobile_element_insertion")),
    ("DUP:TANDEM", ("SO:1000173", "tandem_duplication")),
    ("DEL", DELETION),
    ("DUP", ("SO:1000035", "duplication")),
    ("INS", INSERTION),
    ("INV", ("SO:1000036", "inversion")),
    ("CNV", ("SO:0001019", "copy_number_variation")),
    ("CN", ("SO:0001019", "copy_number_variation")),
)
_CACHED_UP_TO = 24


def is_bases(text: str) -> bool:
    """Tell letters of DNA from all else that can stand for an allele."""
    return _BASES.fullmatch(text) is not None


def read(ref: str, alt: str) -> Alleles:
    """Return the alleles of a line. Raises BadRecord."""
    if len(ref) + len(alt) <= _CACHED_UP_TO:
        return _cached(ref, alt)
    return _read(ref, alt)


def _read(ref: str, alt: str) -> Alleles:
    if not _REF.fullmatch(ref):
        if _IUPAC.fullmatch(ref):
            raise BadRecord(
                "ref", "REF has a letter for several bases; VCF allows A, C, G, T and N."
            )
        raise BadRecord("ref", "REF is not made of the letters A, C, G, T and N.")
    if alt == ".":
        return Alleles(ref, ())
    texts = alt.split(",")
    # Symbols may be alike: what they stand for is said in INFO, for each of its own.
    spelt = [text for text in texts if not text.startswith("<")]
    if len(set(spelt)) != len(spelt):
        raise BadRecord("alt", "ALT names the same allele twice.")
    alts = tuple(_allele(ref, text) for text in texts)
    changes = (allele.text for allele in alts if allele.kind is Kind.BASES)
    return Alleles(ref, alts, tuple(trim(ref.upper(), text.upper()) for text in changes))


_cached = lru_cache(maxsize=1 << 14)(_read)


def _allele(ref: str, text: str) -> Allele:
    if _BASES.fullmatch(text):
        if text.upper() == ref.upper():
            raise BadRecord("alt", "ALT is the same as REF, so there is no change.")
        swap = f"{ref}>{text}".upper() if len(ref) == len(text) == 1 else ""
        return Allele(text, Kind.BASES, *_change(ref.upper(), text.upper()), swap)
    if text == "*" or text in _STAR_DELETION:
        return Allele(text, Kind.STAR, is_change=False)
    if text in _ANY_OTHER:
        return Allele(text, Kind.ANY_OTHER, is_change=False)
    if match := _SYMBOL.fullmatch(text):
        return Allele(text, Kind.SYMBOL, *_symbol(match.group(1)))
    if _BREAKEND.fullmatch(text):
        return Allele(text, Kind.BREAKEND)
    raise BadRecord("alt", "ALT is not bases, a star, a symbol in angle brackets or a breakend.")


def _symbol(name: str) -> tuple[str, str]:
    for start, change in _SYMBOLS:
        rest = name[len(start) :]
        if name.startswith(start) and (
            not rest or rest[0] == ":" or (start == "CN" and rest.isdigit())
        ):
            return change
    return ("", "")


def trim(ref: str, alt: str) -> tuple[int, str, str]:
    """Return how many letters the start moves by, and both alleles without what they share.

    One letter always stays on each side.
    """
    end = 0
    while end < min(len(ref), len(alt)) - 1 and ref[-1 - end] == alt[-1 - end]:
        end += 1
    ref, alt = ref[: len(ref) - end], alt[: len(alt) - end]
    start = 0
    while start < min(len(ref), len(alt)) - 1 and ref[start] == alt[start]:
        start += 1
    return start, ref[start:], alt[start:]


def _change(ref: str, alt: str) -> tuple[str, str]:
    _, short_ref, short_alt = trim(ref, alt)
    if len(short_ref) == len(short_alt):
        return SNV if len(short_ref) == 1 else MNV
    if len(short_ref) == 1 and short_alt[0] == short_ref:
        return INSERTION
    if len(short_alt) == 1 and short_ref[0] == short_alt:
        return DELETION
    if len(short_ref) == 1 and short_alt[-1] == short_ref:
        return INSERTION
    if len(short_alt) == 1 and short_ref[-1] == short_alt:
        return DELETION
    return DELINS
