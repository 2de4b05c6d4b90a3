"""What a template of the staff's workspace asks about a finding."""

from django import template

from portal.genomics.findings import Kind, Presence
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
