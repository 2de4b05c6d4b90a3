"""What a person can send from the results pages."""

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.results.models import Gate


class NoticeForm(forms.Form):
    part = forms.MultipleChoiceField(choices=Gate.Part.choices)
    answer = forms.ChoiceField(choices=Gate.Answer.choices)


class GeneForm(forms.Form):
    """A gene to look for. It is posted: a gene never stands in an address."""

    gene = forms.CharField(label=_("Name of a gene, such as BRCA1"), max_length=40, strip=True)
