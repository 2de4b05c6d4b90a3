"""Where a finding is drawn on the chromosomes; a place that nobody gave is left open."""

import re

from portal.genomics.findings import Finding
from portal.genomics.gene_places import GENE_PLACES

type Place = tuple[str, int | None]

# NC_000001 to NC_000022 are the chromosomes of these numbers, on every build.
_CHROMOSOME = re.compile(r"\bNC_0000(\d\d)\.\d+")
_BY_NUMBER = {23: "X", 24: "Y"}


def place_of(symbol: str, finding: Finding) -> Place | None:
    """Return chromosome and base on GRCh38: of the gene where we know it, else as the lab gave it.

    The base is None where the lab counted on another build: the whole chromosome is marked then.
    """
    known = GENE_PLACES.get(symbol.upper())
    if known:
        return known
    name = chromosome_of(finding)
    if not name:
        return None
    position = finding.position
    if position and position.build.startswith("GRCh38"):
        return name, position.start
    return name, None


def chromosome_of(finding: Finding) -> str:
    """Return the chromosome that the lab names, or whose sequence it names, or ""."""
    position = finding.position
    if position and position.chromosome:
        return position.chromosome.removeprefix("chr")
    said = (*(finding.hgvs.g if finding.hgvs else ()), *((position.sequence,) if position else ()))
    named = {found for text in said for found in _CHROMOSOME.findall(text)}
    if len(named) != 1:
        return ""
    number = int(named.pop())
    return _BY_NUMBER.get(number, str(number))
