"""What a person can send from the results pages."""

from django import forms

from portal.results.models import Gate


class NoticeForm(forms.Form):
    part = forms.MultipleChoiceField(choices=Gate.Part.choices)
    answer = forms.ChoiceField(choices=Gate.Answer.choices)
