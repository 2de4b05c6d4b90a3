"""What the staff type and choose."""

from django import forms
from django.utils.translation import gettext_lazy as _

from consent.models import Program
from portal.accounts.models import User
from sharing import words
from sharing.models import Review
from sharing.services.reviewing import Filters


class FilterForm(forms.Form):
    """Filters of the queue; they stand in the address."""

    state = forms.ChoiceField(
        label=_("State"), choices=list(words.QUEUE_STATES.items()), required=False
    )
    program = forms.ChoiceField(label=_("Program"), required=False)
    flag = forms.ChoiceField(
        label=_("Flag"), choices=[("", _("Any")), *words.FLAGS.items()], required=False
    )
    q = forms.CharField(label=_("Code of the person"), max_length=40, required=False)

    def __init__(self, data: object, *, user: User) -> None:
        """Offer the programs of this member of staff."""
        super().__init__(data)  # type: ignore[arg-type]  # a QueryDict
        mine = Program.objects.filter(members__user=user).order_by("name")
        programs = [(program.slug, program.name) for program in mine]
        self.fields["program"].choices = [("", _("All")), *programs]  # type: ignore[attr-defined]

    @property
    def filters(self) -> Filters:
        """What was chosen; anything unknown narrows nothing."""
        said = self.cleaned_data if self.is_valid() else {}
        return Filters(
            state=said.get("state") or "open",
            program=said.get("program", ""),
            flag=said.get("flag", ""),
            search=said.get("q", ""),
        )


class DecisionForm(forms.Form):
    """One answer about a package."""

    decision = forms.ChoiceField(choices=Review.Decision.choices)
    reason = forms.CharField(
        label=_("Reason, for the person to read"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
