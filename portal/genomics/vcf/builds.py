"""Which version of the human genome a file counts on, and its chromosomes. Never guessed."""

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum

import msgspec

from portal.genomics.vcf.faults import BuildContradiction, BuildUnknown


class Build(StrEnum):
    """The versions that we know by the length of their chromosomes."""

    NCBI36 = "NCBI36"
    GRCH37 = "GRCh37"
    GRCH38 = "GRCh38"
    CHM13 = "T2T-CHM13v2.0"


class UnknownBuildName(ValueError):
    """The name is not that of a version we know."""


# LOINC LL1040-6, Human reference sequence assembly; CHM13 has no answer code there.
LOINC_ANSWER = {
    Build.NCBI36: ("LA14030-3", "NCBI Build 36.1"),
    Build.GRCH37: ("LA14029-5", "GRCh37"),
    Build.GRCH38: ("LA26806-2", "GRCh38"),
}

CHROMOSOMES = (*(str(n) for n in range(1, 23)), "X", "Y")
_LENGTHS = {
    Build.NCBI36: (
        247249719, 242951149, 199501827, 191273063, 180857866, 170899992, 158821424, 146274826,
        140273252, 135374737, 134452384, 132349534, 114142980, 106368585, 100338915, 88827254,
        78774742, 76117153, 63811651, 62435964, 46944323, 49691432, 154913754, 57772954,
    ),
    Build.GRCH37: (
        249250621, 243199373, 198022430, 191154276, 180915260, 171115067, 159138663, 146364022,
        141213431, 135534747, 135006516, 133851895, 115169878, 107349540, 102531392, 90354753,
        81195210, 78077248, 59128983, 63025520, 48129895, 51304566, 155270560, 59373566,
    ),
    Build.GRCH38: (
        248956422, 242193529, 198295559, 190214555, 181538259, 170805979, 159345973, 145138636,
        138394717, 133797422, 135086622, 133275309, 114364328, 107043718, 101991189, 90338345,
        83257441, 80373285, 58617616, 64444167, 46709983, 50818468, 156040895, 57227415,
    ),
    Build.CHM13: (
        248387328, 242696752, 201105948, 193574945, 182045439, 172126628, 160567428, 146259331,
        150617247, 134758134, 135127769, 133324548, 113566686, 101161492, 99753195, 96330374,
        84276897, 80542538, 61707364, 66210255, 45090682, 51324926, 154259566, 62460029,
    ),
}  # fmt: skip
# The pseudoautosomal regions, which X and Y have in common: 1-based, both ends included.
# As the Genome Reference Consortium, UCSC (hg18) and the T2T consortium give them. Those of X on
# GRCh37 and GRCh38 were compared with the ploidy table of bcftools.
_COMMON_TO_X_AND_Y = {
    (Build.NCBI36, "X"): ((1, 2709520), (154584238, 154913754)),
    (Build.NCBI36, "Y"): ((1, 2709520), (57443438, 57772954)),
    (Build.GRCH37, "X"): ((60001, 2699520), (154931044, 155260560)),
    (Build.GRCH37, "Y"): ((10001, 2649520), (59034050, 59363566)),
    (Build.GRCH38, "X"): ((10001, 2781479), (155701383, 156030895)),
    (Build.GRCH38, "Y"): ((10001, 2781479), (56887903, 57217415)),
    (Build.CHM13, "X"): ((1, 2394410), (153925835, 154259566)),
    (Build.CHM13, "Y"): ((1, 2458320), (62122810, 62460029)),
}
# The version of each NC_0000nn accession on GRCh37; GRCh38 has the next one throughout.
_ACCESSION_37 = (
    10,
    11,
    11,
    11,
    9,
    11,
    13,
    10,
    11,
    10,
    9,
    11,
    10,
    8,
    9,
    9,
    10,
    9,
    9,
    10,
    8,
    10,
    10,
    9,
)
MITOCHONDRIAL = "NC_012920.1"
MITOCHONDRIAL_LENGTH = 16569
_LONGEST_MITOCHONDRION = 16571
# LOINC LL2938-0: LA21254-0 is chromosome 1, one number on for each, the last digit a check digit.
_LOINC_CHROMOSOME_1 = 21254

_NAMES = (
    (
        Build.NCBI36,
        re.compile(r"(?<![a-z0-9])(?:ncbi[ ._-]?(?:build[ ._-]?)?36|hg18|b36)(?![0-9])"),
    ),
    (
        Build.GRCH37,
        re.compile(
            r"(?<![a-z0-9])(?:grch37|hg19|b37|hs37|g1k_v37|(?:homo_)?sapiens_assembly19"
            r"|(?:ncbi[ ._-]?)?build[ ._-]?37(?![0-9])|ncbi[ ._-]?37(?![0-9])"
            r"|gca_000001405\.(?:[1-9]|1[0-4])(?![0-9])"
            r"|gcf_000001405\.(?:1[3-9]|2[0-5])(?![0-9]))"
        ),
    ),
    (
        Build.GRCH38,
        re.compile(
            r"(?<![a-z0-9])(?:grch38|hg38|b38|hs38|(?:homo_)?sapiens_assembly38"
            r"|(?:ncbi[ ._-]?)?build[ ._-]?38(?![0-9])|gca_000001405\.(?:1[5-9]|2[0-9])(?![0-9])"
            r"|gcf_000001405\.(?:2[6-9]|[34][0-9])(?![0-9]))"
        ),
    ),
    (
        Build.CHM13,
        re.compile(
            r"(?<![a-z0-9])(?:t2t-chm13v2|chm13v?2|gca_009914755\.4|gcf_009914755\.1"
            r"|hs1(?![0-9a-z]))"
        ),
    ),
)  # fmt: skip


class Place(msgspec.Struct, frozen=True):
    """A sequence that positions count on. Empty means that the file does not let us know."""

    name: str  # as the file calls it
    chromosome: str = ""  # 1 … 22, X, Y, MT
    accession: str = ""  # RefSeq, with its version
    length: int | None = None
    hgvs: str = ""  # what an HGVS name on it begins with
    common: tuple[tuple[int, int], ...] = ()  # what X and Y share, 1-based, both ends included

    def is_common(self, start: int, end: int) -> bool:
        """Tell whether some letter from `start` to `end`, 1-based, lies on X and on Y alike."""
        return any(start <= last and end >= first for first, last in self.common)


def named(text: str) -> Build | None:
    """Return the one version that a word or a path speaks of, or None when none or several."""
    found = builds_in(text)
    return found.pop() if len(found) == 1 else None


def builds_in(text: str) -> set[Build]:
    """Return every version that a text speaks of."""
    lower = text.lower()
    return {build for build, pattern in _NAMES if pattern.search(lower)}


def asked(name: str) -> Build:
    """Return the version that a person named. Raises UnknownBuildName."""
    for build in Build:
        if name.strip().lower() == build.lower():
            return build
    found = named(name)
    if found is None:
        raise UnknownBuildName
    return found


def chromosome(name: str) -> str:
    """Return 1 … 22, X, Y or MT for the usual names of a sequence; empty for all others."""
    if name.startswith("NC_"):
        return _chromosome_of_accession(name)
    short = name[3:] if name[:3].lower() == "chr" else name
    if short in ("M", "MT"):
        return "MT"
    return short if short in CHROMOSOMES else ""


def _chromosome_of_accession(name: str) -> str:
    if name == MITOCHONDRIAL:
        return "MT"
    digits = name[3:9]
    if (
        not name.startswith("NC_0000")
        or not digits.isdigit()
        or not (1 <= int(digits) <= len(CHROMOSOMES))
    ):
        return ""
    return CHROMOSOMES[int(digits) - 1]


def accession(build: Build, label: str) -> str:
    """Return the RefSeq accession of a chromosome, where the version has one that we know."""
    if build not in (Build.GRCH37, Build.GRCH38) or label not in CHROMOSOMES:
        return ""
    index = CHROMOSOMES.index(label)
    version = _ACCESSION_37[index] + (build is Build.GRCH38)
    return f"NC_{index + 1:06d}.{version}"


def loinc_chromosome(label: str) -> tuple[str, str] | None:
    """Return the LOINC answer code and name of a chromosome; the list has none for MT."""
    if label not in CHROMOSOMES:
        return None
    number = _LOINC_CHROMOSOME_1 + CHROMOSOMES.index(label)
    return f"LA{number}-{_check_digit(number)}", f"Chromosome {label}"


def _check_digit(number: int) -> int:
    total = 0
    for place, digit in enumerate(reversed(str(number))):
        doubled = int(digit) * (2 - place % 2)
        total += doubled - 9 if doubled > 9 else doubled  # noqa: PLR2004  # Luhn
    return (2 - total) % 10  # the letters LA count for two


def place(name: str, build: Build, length: int | None) -> Place:
    """Return what is known of a sequence of the file; `length` is the file's own word."""
    label = chromosome(name)
    if label == "MT":
        return _mitochondrion(name, build, length)
    if not label:
        return Place(name=name, length=length)
    known = _LENGTHS[build][CHROMOSOMES.index(label)]
    found = accession(build, label)
    prefix = f"{found}:g." if found else ""
    common = _COMMON_TO_X_AND_Y.get((build, label), ())
    return Place(name, label, accession=found, length=known, hgvs=prefix, common=common)


def _mitochondrion(name: str, build: Build, length: int | None) -> Place:
    # UCSC's hg19 calls another sequence chrM (16,571 letters), so its name alone says nothing.
    certain = (
        length == MITOCHONDRIAL_LENGTH
        or name in ("MT", MITOCHONDRIAL)
        or (build is Build.GRCH38 and length is None)
    )
    return Place(
        name=name,
        chromosome="MT",
        accession=MITOCHONDRIAL if certain else "",
        length=length or (MITOCHONDRIAL_LENGTH if certain else _LONGEST_MITOCHONDRION),
        hgvs=f"{MITOCHONDRIAL}:m." if certain else "",
    )


def by_lengths(lengths: Mapping[str, int]) -> set[Build]:
    """Return the versions on which every chromosome of known length has that length."""
    measured = {
        label: n for name, n in lengths.items() if n and (label := chromosome(name)) in CHROMOSOMES
    }
    if not measured:
        return set()
    return {
        build
        for build, known in _LENGTHS.items()
        if all(known[CHROMOSOMES.index(label)] == n for label, n in measured.items())
    }


def by_accessions(names: Iterable[str]) -> set[Build]:
    """Return the versions whose accessions the sequences are named by."""
    return {
        build
        for name in names
        if (label := chromosome(name)) and name.startswith("NC_")
        for build in (Build.GRCH37, Build.GRCH38)
        if accession(build, label) == name
    }


def decide(evidence: Mapping[str, set[Build]], wanted: Build | None) -> Build:
    """Return the version that all evidence and the asker agree on.

    Raises BuildContradiction or BuildUnknown.
    """
    said = {where: found for where, found in evidence.items() if found}
    agreed = set.intersection(*said.values()) if said else set()
    if said and len(agreed) != 1:
        raise BuildContradiction(_disagreement(said))
    if wanted is None and not agreed:
        raise BuildUnknown(
            "The file does not say which version of the human genome its positions count on. "
            "Say GRCh37 or GRCh38, as the laboratory told you."
        )
    if wanted is not None and agreed and wanted not in agreed:
        raise BuildContradiction(
            f"The file counts on {agreed.pop()}, and {wanted} was asked for. Nothing was read."
        )
    return wanted or agreed.pop()


def _disagreement(said: Mapping[str, set[Build]]) -> str:
    parts = "; ".join(f"{where} says {' or '.join(sorted(found))}" for where, found in said.items())
    return f"The file speaks of more than one version of the human genome: {parts}."
