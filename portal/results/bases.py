"""What our plain words stand on, as a reader of the page would say it."""

from collections.abc import Iterable
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# The library of phrases names what each stands on once, in English.
BASES: Final[dict[str, Promise]] = {
    "ACMG SF v3.1 gene list (PMID 35802134)": _("gene list ACMG SF v3.1 (PMID 35802134)"),
    "ACMG/AMP 2015 standards for the interpretation of sequence variants": _(
        "ACMG/AMP standards of 2015 for what a change means"
    ),
    "CPIC guidelines, cpicpgx.org, as of 2025": _("CPIC guidelines of 2025, cpicpgx.org"),
    "DPWG guidelines": _("DPWG guidelines"),
    "RxNorm ingredient names": _("names of RxNorm"),
    "editors' own words": _("the words of our editors"),
}


def in_words(sources: Iterable[str]) -> str:
    """Return what the sources of phrases name, each once."""
    named = dict.fromkeys(part for source in sources for part in source.split("; "))
    return "; ".join(str(BASES.get(name, name)) for name in named)
