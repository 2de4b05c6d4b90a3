"""The tissue types that matter for medicines, where a result names one without leaving doubt."""

import re
from collections.abc import Iterator

from portal.genomics.denials import denies
from portal.genomics.findings import Finding, Presence
from portal.genomics.flags import ANOTHER_PERSON
from portal.genomics.phrases.medicines import every_pair

_UNSURE = re.compile(r"[/|?]")  # a name that leaves open which allele it is
_IN_DOUBT = frozenset({ANOTHER_PERSON, "presence-not-understood"})
_SEEN = frozenset({None, Presence.PRESENT})


def tissue_types(finding: Finding) -> Iterator[tuple[str, str]]:
    """Yield gene and allele of every type in the table that a result names."""
    if finding.presence not in _SEEN or not _IN_DOUBT.isdisjoint(finding.flags):
        return
    if _UNSURE.search(finding.name) or denies(finding.name):
        return
    for gene, allele in every_pair():
        if allele.startswith("*") and re.search(
            rf"{re.escape(gene)}{re.escape(allele)}(?!\d)", finding.name, re.IGNORECASE
        ):
            yield gene, allele
