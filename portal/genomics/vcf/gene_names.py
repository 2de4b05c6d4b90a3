"""The genes that the name of a region speaks of, where it is plain. All other names say none."""

import re
from functools import lru_cache

from portal.genomics.gene_places import GENE_PLACES
from portal.genomics.vcf.builds import Build

_WORD = re.compile(r"[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*")
_PART_OF_GENE = re.compile(
    r"-(?:(?:e|ex|exon|exons|cds|utr|in|int|intron|amplicon|target|region|part)-?)?[0-9]*\Z",
    re.IGNORECASE,
)
# With one of these a name may well speak of a place that is not in the gene.
_DOUBT = frozenset(
    {
        "no", "not", "non", "near", "nearby", "upstream", "downstream", "up", "down", "flank",
        "flanking", "between", "intergenic", "pseudo", "pseudogene", "like", "homolog", "paralog",
        "control", "off", "without", "antisense", "as",
    }
)  # fmt: skip
# A gene lies elsewhere on another build, and the table gives one place of it alone.
_NEAR = 6_000_000
_NEAR_ON_CHM13 = 15_000_000  # it has millions of letters that the others left out
_LONGEST = 500  # letters of a name


def genes_at(name: str, chromosome: str, start: int, build: Build) -> tuple[str, ...]:
    """Return the known genes that a name speaks of, where its region lies near them."""
    if len(name) > _LONGEST:
        return ()
    near = _NEAR_ON_CHM13 if build is Build.CHM13 else _NEAR
    return tuple(gene for gene in _spoken_of(name) if _lies(gene, chromosome, start, near))


def _lies(gene: str, chromosome: str, start: int, near: int) -> bool:
    known, place = GENE_PLACES[gene]
    return known == chromosome and abs(place - start) <= near


@lru_cache(maxsize=1 << 12)
def _spoken_of(name: str) -> tuple[str, ...]:
    words = _WORD.findall(name)
    if any(word.lower() in _DOUBT for word in words):
        return ()
    return tuple(dict.fromkeys(gene for word in words if (gene := _gene(word))))


def _gene(word: str) -> str:
    while word not in GENE_PLACES:
        shorter = _PART_OF_GENE.sub("", word)
        if shorter == word:
            return ""
        word = shorter
    return word
