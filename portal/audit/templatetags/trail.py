"""Words for the rows of the trail."""

from uuid import UUID

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.accounts.models import User
from portal.audit import words
from portal.audit.models import Entry

register = template.Library()

ACTORS: dict[str | None, Promise] = {
    User.Role.PATIENT: gettext_lazy("Someone who acts for you"),
    User.Role.STAFF: gettext_lazy("Staff of a research program"),
    User.Role.ADMIN: gettext_lazy("A consent admin of this site"),
    None: gettext_lazy("Someone whose account is gone"),
}


@register.filter
def in_words(entry: Entry) -> str:
    """Return the sentence of an act."""
    return words.sentence(entry.action)


@register.filter
def actor(entry: Entry, reader_id: UUID) -> str:
    """Return who acted, as the person whose data it is may know it. Needs `with_actor_role`."""
    if entry.actor_id is None:
        return _("Sync for Genes, by itself")
    if entry.actor_id == reader_id:
        return _("You")
    return str(ACTORS[getattr(entry, "actor_role", None)])
