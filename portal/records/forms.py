"""What people may hand in on the pages of this room."""

from collections.abc import Mapping
from datetime import date

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portal.records.models import Upload
from portal.records.people import NOBODY
from portal.records.services import ALONE, QUESTION_OF_REGIONS, UNSURE, Answer, offered_tests

BUILDS = [
    ("GRCh38", _("GRCh38 (also hg38): most files since 2018")),
    ("GRCh37", _("GRCh37 (also hg19, b37): many older files")),
    ("NCBI36", _("NCBI36 (also hg18): very old files")),
]
REGIONS = [
    ("studied", _("Places that the test looked at")),
    ("uncalled", _("Places that the test could not read")),
    (UNSURE, _("I do not know. Only keep the file.")),
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
    test = forms.ChoiceField(
        label=_("Which test is this file of?"),
        help_text=_("A lab often gives two files for one test: what it found and where it looked."),
        error_messages={"required": _("Choose the test, or none.")},
        widget=forms.RadioSelect,
    )
    regions = forms.ChoiceField(
        label=_("What does the file list?"),
        help_text=_("The file does not say it. If you are not sure, ask the lab. We do not guess."),
        error_messages={"required": _("Choose what the file lists.")},
        choices=REGIONS,
        widget=forms.RadioSelect,
    )

    def __init__(self, upload: Upload, data: Mapping[str, object] | None = None) -> None:
        """Keep only the fields that the file asks for."""
        super().__init__(data)
        asked = _ASKED.get(upload.question or QUESTION_OF_REGIONS, ("build",))
        for name in set(self.fields) - set(asked):
            del self.fields[name]
        for name in set(asked) & _OFFERED.keys():
            self.fields[name].choices = _OFFERED[name](upload)  # type: ignore[attr-defined]  # a ChoiceField
        if "test" in asked and len(self.fields["test"].choices) == 1:  # type: ignore[attr-defined]  # a ChoiceField
            del self.fields["test"]

    def answer(self) -> Answer:
        """Return what was chosen."""
        return Answer(
            sample=self.cleaned_data.get("sample", ""),
            build=self.cleaned_data.get("build", ""),
            person=self.cleaned_data.get("person", ""),
            regions=self.cleaned_data.get("regions", ""),
            test=self.cleaned_data.get("test", ""),
        )


def _tests(upload: Upload) -> list[tuple[str, str]]:
    """Return the files of variants that are there, and last that it goes with none of them."""
    alone = gettext("None of these. Keep it as a test of its own.")
    return [*((str(one.pk), _dated(one)) for one in offered_tests(upload)), (ALONE, alone)]


def _dated(upload: Upload) -> str:
    added = date_format(timezone.localtime(upload.added_at))
    return gettext("%(name)s, added %(date)s") % {"name": upload.origin.name, "date": added}


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


_OFFERED = {"sample": _samples, "person": _people, "test": _tests}
_ASKED = {
    "several-samples": ("sample",),
    "whose": ("person",),
    QUESTION_OF_REGIONS: ("test", "regions"),
}


class UploadForm(forms.Form):
    file = forms.FileField(
        label=_("The file"),
        help_text=_("Up to 64 MB. What is in the file decides, not its name."),
        allow_empty_file=True,
    )
