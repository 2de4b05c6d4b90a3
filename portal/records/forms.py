"""What people may hand in on the pages of this room."""

from collections.abc import Mapping

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.records.models import Upload
from portal.records.services import Answer

BUILDS = [
    ("GRCh38", _("GRCh38 (also hg38): most files since 2018")),
    ("GRCh37", _("GRCh37 (also hg19, b37): many older files")),
    ("NCBI36", _("NCBI36 (also hg18): very old files")),
]


class AnswerForm(forms.Form):
    """What a file does not say itself: one of the two, whichever it asks."""

    sample = forms.ChoiceField(
        label=_("Which of these is you?"),
        help_text=_("The lab gave each sample a name. If you are not sure, ask the lab."),
        widget=forms.RadioSelect,
    )
    build = forms.ChoiceField(
        label=_("Which version of the human genome does the file use?"),
        help_text=_("The lab knows. We do not guess: a wrong version would show wrong results."),
        choices=BUILDS,
        widget=forms.RadioSelect,
    )

    def __init__(self, upload: Upload, data: Mapping[str, object] | None = None) -> None:
        """Keep only the field that the file asks for."""
        super().__init__(data)
        if upload.question == "several-samples":
            names = [(name, name) for name in upload.samples]
            self.fields["sample"] = forms.ChoiceField(
                label=self.base_fields["sample"].label,
                help_text=self.base_fields["sample"].help_text,
                choices=names,
                widget=forms.RadioSelect,
            )
            del self.fields["build"]
        else:
            del self.fields["sample"]

    def answer(self) -> Answer:
        """Return what was chosen."""
        return Answer(
            sample=self.cleaned_data.get("sample", ""), build=self.cleaned_data.get("build", "")
        )


class UploadForm(forms.Form):
    file = forms.FileField(
        label=_("The file"),
        help_text=_("Up to 64 MB. What is in the file decides, not its name."),
        allow_empty_file=True,
    )
