"""What people may hand in on the pages of this room."""

from collections.abc import Mapping
from datetime import date

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portal.records.models import Upload
from portal.records.people import NOBODY
from portal.records.services import Answer

BUILDS = [
    ("GRCh38", _("GRCh38 (also hg38): most files since 2018")),
    ("GRCh37", _("GRCh37 (also hg19, b37): many older files")),
    ("NCBI36", _("NCBI36 (also hg18): very old files")),
]


class AnswerForm(forms.Form):
    """What a file does not say itself: whichever of these it asks."""

    person = forms.ChoiceField(
        label=_("Who is this file about?"),
        help_text=_("A file about somebody else would mix up two people's health."),
        error_messages={"required": _("Choose who this file is about.")},
        widget=forms.RadioSelect,
    )
    sample = forms.ChoiceField(
        label=_("Which of these is you?"),
        help_text=_("The lab gave each sample a name. If you are not sure, ask the lab."),
        error_messages={"required": _("Choose which of these is you.")},
        widget=forms.RadioSelect,
    )
    build = forms.ChoiceField(
        label=_("Which version of the human genome does the file use?"),
        help_text=_("The lab knows. We do not guess: a wrong version would show wrong results."),
        error_messages={"required": _("Choose a version. If you do not know, ask the lab.")},
        choices=BUILDS,
        widget=forms.RadioSelect,
    )

    def __init__(self, upload: Upload, data: Mapping[str, object] | None = None) -> None:
        """Keep only the field that the file asks for."""
        super().__init__(data)
        asked = {"several-samples": "sample", "whose": "person"}.get(upload.question, "build")
        for name in set(self.fields) - {asked}:
            del self.fields[name]
        offered = {"sample": _samples, "person": _people}.get(asked)
        if offered is not None:
            self.fields[asked].choices = offered(upload)  # type: ignore[attr-defined]  # a ChoiceField

    def answer(self) -> Answer:
        """Return what was chosen."""
        return Answer(
            sample=self.cleaned_data.get("sample", ""),
            build=self.cleaned_data.get("build", ""),
            person=self.cleaned_data.get("person", ""),
        )


def _samples(upload: Upload) -> list[tuple[str, str]]:
    return [(name, name) for name in upload.samples]


def _people(upload: Upload) -> list[tuple[str, str]]:
    """Return everybody whom the file names, as "Me", and last that it is none of them."""
    me = [(label, _about_me(*label.split("\t"))) for label in upload.samples]
    return [*me, (NOBODY, gettext("It is about somebody else"))]


def _about_me(name: str, birth_date: str) -> str:
    if not birth_date:
        return gettext("Me: %(name)s") % {"name": name}
    try:
        born = date_format(date.fromisoformat(birth_date))
    except ValueError:
        born = birth_date  # only a year, or as sent
    if not name:
        return gettext("Me: born %(born)s") % {"born": born}
    return gettext("Me: %(name)s, born %(born)s") % {"name": name, "born": born}


class UploadForm(forms.Form):
    file = forms.FileField(
        label=_("The file"),
        help_text=_("Up to 64 MB. What is in the file decides, not its name."),
        allow_empty_file=True,
    )
