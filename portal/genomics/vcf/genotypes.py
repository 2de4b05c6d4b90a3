"""Which alleles a person has at a line, and what that lets us say. Nothing more than GT says."""

from functools import lru_cache

import msgspec

from portal.genomics.findings import Presence
from portal.genomics.vcf.faults import BadRecord

HOMOZYGOUS = "homozygous"
HETEROZYGOUS = "heterozygous"
HEMIZYGOUS = "hemizygous"
HOMOPLASMIC = "homoplasmic"
HETEROPLASMIC = "heteroplasmic"
_DIPLOID = 2


class Genotype(msgspec.Struct, frozen=True, gc=False):
    """The alleles called, by number: 0 is REF, None was not called."""

    text: str
    alleles: tuple[int | None, ...]
    phased: bool


@lru_cache(maxsize=1 << 12)
def read(text: str, alts: int) -> Genotype:
    """Return the genotype of a text that has the form of one.

    Raises BadRecord when it names an allele that the line does not have.
    """
    parts = text.lstrip("/|").replace("|", "/").split("/")
    alleles = tuple(None if part == "." else int(part) for part in parts)
    if any(allele is not None and allele > alts for allele in alleles):
        raise BadRecord("genotype", "The genotype names an allele that this line does not have.")
    phased = "|" in text and "/" not in text.lstrip("/|")
    return Genotype(text, alleles, phased=phased and len(alleles) > 1)


def presence(genotype: Genotype, allele: int) -> Presence:
    """Return whether the person has the allele, as far as the genotype says."""
    if allele in genotype.alleles:
        return Presence.PRESENT
    if all(called is None for called in genotype.alleles):
        return Presence.NO_CALL
    if None in genotype.alleles:
        return Presence.INDETERMINATE
    return Presence.ABSENT


def zygosity(genotype: Genotype, allele: int, chromosome: str) -> str:
    """Return the zygosity of an allele that is present; empty where the genotype does not say."""
    called = genotype.alleles
    if None in called or len(called) > _DIPLOID:
        return ""
    only = all(one == allele for one in called)
    if chromosome == "MT":
        return HOMOPLASMIC if only else HETEROPLASMIC
    if len(called) == 1:
        # One copy is all there is on X or Y; elsewhere a single call says nothing of the other.
        return HEMIZYGOUS if chromosome in ("X", "Y") else ""
    if chromosome == "Y":
        return ""
    return HOMOZYGOUS if only else HETEROZYGOUS
