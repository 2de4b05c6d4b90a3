"""What a person can send from the results pages."""

from collections.abc import Iterable

from django import forms
from django.http import QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from portal.results.models import Gate


class NoticeForm(forms.Form):
    part = forms.MultipleChoiceField(choices=Gate.Part.choices)
    answer = forms.ChoiceField(choices=Gate.Answer.choices)


class GeneForm(forms.Form):
    """A gene to look for. It is posted: a gene never stands in an address."""

    gene = forms.CharField(label=_("Name of a gene, such as BRCA1"), max_length=40, strip=True)


class PaperForm(forms.Form):
    """What a letter or card names, and in which language. Nothing is ticked beforehand."""

    results = forms.MultipleChoiceField(
        label=_("Results to name. Tick none, and it names none."),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    language = forms.ChoiceField(
        label=_("Language"),
        choices=[("en", "English"), ("es", "Español")],
        widget=forms.RadioSelect,
    )

    def __init__(self, data: QueryDict | None, *, choices: Iterable[tuple[str, str]]) -> None:
        super().__init__(data, initial={"language": (get_language() or "en")[:2]})
        field = self.fields["results"]
        if isinstance(field, forms.MultipleChoiceField):
            field.choices = list(choices)
            if not field.choices:
                del self.fields["results"]


class WordsForm(forms.Form):
    """Whose words the cards use."""

    words = forms.ChoiceField(choices=[("plain", ""), ("doctor", "")])
    next = forms.CharField(required=False)


class CalmForm(forms.Form):
    """Whether the results are shown calmly: few colors, no counts, each part closed at first."""

    calm = forms.ChoiceField(choices=[("on", ""), ("off", "")])
    next = forms.CharField(required=False)
