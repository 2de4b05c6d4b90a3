"""The medicines of a card: what the lab names, and what the knowledge of pairs adds."""

from collections.abc import Iterator
from dataclasses import dataclass

from portal.genomics.findings import Concept, Finding, Kind
from portal.genomics.phrases.classes import metabolism_class
from portal.genomics.phrases.library import library
from portal.genomics.phrases.medicines import effects
from portal.results.clusters import Cluster
from portal.results.tissue_types import tissue_types


@dataclass(frozen=True)
class Row:
    """One medicine: what it is for, what the gene may do to it, what to ask."""

    name: str
    use: str
    effect: str
    effect_class: str
    ask: str
    lab_effect: str


def rows_of(cluster: Cluster, language: str) -> tuple[Row, ...]:
    """Return the medicines that the lab names for a cluster, each once."""
    rows: dict[str, Row] = {}
    for finding in () if cluster.is_about_another else cluster.findings:
        if finding.kind in {Kind.THERAPEUTIC_IMPLICATION, Kind.RECOMMENDATION}:
            for concept in finding.medicines:
                row = _row(cluster, finding, concept, language)
                rows.setdefault(row.name, row)
    return tuple(rows.values())


def _row(cluster: Cluster, finding: Finding, concept: Concept, language: str) -> Row:
    sent = concept.text or next((one.display for one in concept.codings), "")
    drug = library().find("drug", sent.strip())
    names = drug.words(language) if drug else None
    effect = "" if cluster.is_tumour else _effect(cluster, finding, sent.strip().lower())
    phrase = library().find("effect", class_=effect) if effect else None
    words = phrase.words(language) if phrase else None
    return Row(
        name=names.name if names else sent,
        use=names.short if names else "",
        effect=words.short if words else "",
        effect_class=effect,
        ask=words.ask if words else "",
        lab_effect="; ".join(finding.effects),
    )


def _effect(cluster: Cluster, finding: Finding, drug: str) -> str:
    """Return the effect class when all that is known of this medicine says the same."""
    known = {
        known_effect
        for gene, class_ in _classes(cluster, finding)
        if (known_effect := effects(gene, class_).get(drug, ""))
    }
    return known.pop() if len(known) == 1 else ""


def _classes(cluster: Cluster, finding: Finding) -> Iterator[tuple[str, str]]:
    below = [one for one in cluster.shelf.links.below(finding) if one.genes]
    for one in below:
        yield from tissue_types(one)
    genes = {gene.symbol for one in (finding, *below) for gene in one.genes} or set(cluster.genes)
    # A word about two genes at once is not a word about either.
    if len(genes) == 1:
        gene = genes.pop()
        for effect in finding.effects:
            yield gene, metabolism_class(gene, effect)
