"""What a template of the staff's workspace asks about a finding."""

from django import template

from portal.genomics import elements
from portal.genomics.findings import Concept, Gene, Kind, Presence
from portal.genomics.genes import symbol_of
from sharing import words

register = template.Library()


@register.filter
def kind_words(kind: Kind) -> str:
    """Return what a kind of finding is called."""
    return str(words.FINDING_KINDS[kind])


@register.filter
def presence_words(presence: Presence) -> str:
    """Return whether the lab saw it."""
    return str(words.PRESENCES[presence])


@register.filter
def gene_words(gene: Gene) -> str:
    """Return the symbol of a gene; of one that came by its number alone, both where we know it."""
    known = symbol_of(gene.id)
    return gene.symbol or (f"{known} ({gene.id})" if known else gene.id)


@register.filter
def concept_words(concept: Concept) -> str:
    """Return a medicine, an illness or a relative in the lab's words, or else its code."""
    return elements.words(concept)
