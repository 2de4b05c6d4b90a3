"""What this room says to people: why something was not kept, and what is not there."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

REASONS: Final[dict[str, Promise]] = {
    "too-big": _("It is bigger than we can keep."),
    "too-deep": _("It is built in a way that cannot be read safely."),
    "not-json": _("It is broken and cannot be read."),
    "no-object": _("It is empty, or not a record at all."),
    "forbidden-character": _("It has a character in it that a record may not have."),
    "no-type": _("It does not say what kind of record it is."),
    "bad-id": _("Its number is not one that a record can have."),
    "remark": _("It is a remark by the sender, not a part of your record."),
    "file-refused": _("It is a file that the sender names but did not give us."),
    "page-not-json": _("A whole page was broken and could not be read."),
    "page-too-deep": _("A whole page could not be read safely."),
    "page-too-many-entries": _("A whole page was bigger than we can take."),
    "someone-else": _("It names another person, so we keep it shut away. Nobody can open it here."),
}
OTHER: Final = _("It could not be kept.")


def reason(code: str) -> str:
    """Return why something was not kept, in a sentence."""
    return str(REASONS.get(code, OTHER))
