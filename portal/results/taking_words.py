"""What the state of a medicine means, in words."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal.genomics.medication import Taking

TAKING_WORDS: dict[Taking, str | Promise] = {
    Taking.NOW: _("you take it now"),
    Taking.PAUSED: _("on hold"),
    Taking.PLANNED: _("planned"),
    Taking.UNKNOWN: _("the record does not say if you take it"),
    Taking.PAST: _("over"),
    Taking.NOT: _("not taken"),
    Taking.ERROR: _("entered in error"),
}
