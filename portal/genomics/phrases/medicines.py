"""Which medicines a gene matters for, by how well it does its part; never a dose."""

from functools import cache
from pathlib import Path

_FILE = Path(__file__).parent / "data" / "pairs.tsv"


@cache
def _pairs() -> dict[tuple[str, str], dict[str, str]]:
    pairs: dict[tuple[str, str], dict[str, str]] = {}
    for line in _FILE.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            gene, class_, effect, drugs = line.split("\t")
            effects = pairs.setdefault((gene, class_), {})
            effects.update(dict.fromkeys(drugs.split("; "), effect))
    return pairs


def effects(gene: str, class_: str) -> dict[str, str]:
    """Return each known medicine and the effect class that the gene has on it.

    The effect is the class of a phrase of kind "effect". For HLA genes the class is the allele,
    such as "*57:01". Empty where nothing is known.
    """
    return dict(_pairs().get((gene.upper(), class_), {}))


def every_pair() -> frozenset[tuple[str, str]]:
    """Return every gene with its class that says something about medicines."""
    return frozenset(_pairs())
