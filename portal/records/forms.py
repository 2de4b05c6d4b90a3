"""What people may hand in on the pages of this room."""

from django import forms
from django.utils.translation import gettext_lazy as _


class UploadForm(forms.Form):
    file = forms.FileField(
        label=_("The file"),
        help_text=_("Up to 64 MB. What is in the file decides, not its name."),
        allow_empty_file=True,
    )
