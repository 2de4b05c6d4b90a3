"""What people may say on the pages of this room."""

from django import forms
from django.utils.translation import gettext_lazy as _


class SearchForm(forms.Form):
    q = forms.CharField(label=_("Name or town"), max_length=100, required=False)


class DisconnectForm(forms.Form):
    KEEP, DELETE = "keep", "delete"

    copies = forms.ChoiceField(
        label=_("What should happen to the copies that we hold?"),
        choices=[
            (KEEP, _("Keep them. You can still read them here.")),
            (DELETE, _("Delete them. This cannot be undone.")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one of the two.")},
    )
