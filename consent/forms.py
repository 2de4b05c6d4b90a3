"""What people fill in on the way to an agreement, and in the admin's workspace."""

from collections.abc import Iterable, Mapping
from datetime import date

from django import forms
from django.utils.translation import gettext_lazy as _

from consent import policy
from consent.categories import CLINICAL, GENOMIC, HOLDS_FILES
from consent.linter import Question
from consent.models import Version
from consent.words import (
    CATEGORY_NAMES,
    EXTRA_NAMES,
    IDENTITY_NAMES,
    MODIFIER_NAMES,
    PERMISSION_NAMES,
    USE_NAMES,
)

YES_NO = [("yes", _("Yes")), ("no", _("No"))]
CHOOSE = {"required": _("Choose an answer.")}
GROUPS = ("genomic", "clinical", "private")
_ORDER = list(policy.Category)


class ChoicesForm(forms.Form):
    """Everything a person can say yes to. Nothing is ticked beforehand."""

    genomic = forms.MultipleChoiceField(
        label=_("Gene tests"), required=False, widget=forms.CheckboxSelectMultiple
    )
    clinical = forms.MultipleChoiceField(
        label=_("Health record"), required=False, widget=forms.CheckboxSelectMultiple
    )
    private = forms.MultipleChoiceField(
        label=_("Private matters"),
        help_text=_("Data that touches these stays here unless you tick it."),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    identity = forms.ChoiceField(
        label=_("Does your name go too?"), widget=forms.RadioSelect, error_messages=CHOOSE
    )
    keep_updated = forms.ChoiceField(
        label=_("Send new data when it comes in?"),
        help_text=_("If no, only what you have now can go."),
        choices=YES_NO,
        widget=forms.RadioSelect,
        error_messages=CHOOSE,
    )
    ends_on = forms.DateField(
        label=_("Last day"),
        help_text=_("Leave this empty to go on until you stop."),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    def __init__(
        self,
        version: Version,
        counts: Mapping[str, int],
        data: Mapping[str, object] | None = None,
        *,
        initial: Mapping[str, object] | None = None,
    ) -> None:
        """Offer what the version offers; `counts` say how much of each kind can go now."""
        super().__init__(data, initial=dict(initial or {}))
        offered = [category for category in _ORDER if category in version.categories]
        for name, group in (("genomic", GENOMIC), ("clinical", CLINICAL)):
            shown = [(c.value, _described(c, counts, version)) for c in offered if c in group]
            self._offer(name, shown)
        private = [c for c in offered if c in policy.SENSITIVE]
        self._offer("private", [(c.value, str(CATEGORY_NAMES[c])) for c in private])
        self._offer("identity", _identities(version))
        for name, label in (*_uses(version), *_extras(version)):
            self.fields[name] = forms.ChoiceField(
                label=label, choices=YES_NO, widget=forms.RadioSelect, error_messages=CHOOSE
            )

        self._version = version

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        if len(choices) < (2 if name == "identity" else 1):
            del self.fields[name]
        else:
            setattr(self.fields[name], "choices", choices)  # noqa: B010  # a field with choices

    def clean(self) -> dict[str, object]:
        """Ask for one kind of data at least: an agreement to nothing is no agreement."""
        cleaned: dict[str, object] = super().clean() or {}
        if not cleaned.get("genomic") and not cleaned.get("clinical"):
            self.add_error(None, _("Tick at least one kind of data, or say no."))
        return cleaned

    def answers(self) -> dict[str, object]:
        """Return the answers as they are kept in the draft."""
        given: dict[str, object] = {"identity": self._version.identity}
        given |= {name: self.cleaned_data.get(name) for name in self.fields}
        ends_on = given.get("ends_on")
        return given | {"ends_on": ends_on.isoformat() if isinstance(ends_on, date) else None}


def _described(category: policy.Category, counts: Mapping[str, int], version: Version) -> str:
    number = counts.get(category.value, 0)
    have = _("You have %(number)s here now.") % {"number": number}
    return " ".join([f"{CATEGORY_NAMES[category]}. {have}", *_of_files(category, version)])


def _of_files(category: policy.Category, version: Version) -> list[str]:
    """Return the sentence about files: one may show whose it is."""
    if category not in HOLDS_FILES:
        return []
    if version.identity == policy.Identity.IDENTIFIED:
        return [str(_("Files go only if your name goes too."))]
    return [str(_("Files stay here, since they can show who you are."))]


def _identities(version: Version) -> list[tuple[str, str]]:
    levels = [policy.Identity(version.identity)]
    if levels == [policy.Identity.IDENTIFIED]:
        levels = [policy.Identity.PSEUDONYMOUS, policy.Identity.IDENTIFIED]
    return [(level.value, str(IDENTITY_NAMES[level])) for level in levels]


def _uses(version: Version) -> list[tuple[str, str]]:
    asked = set(version.uses) - {policy.Use.PROGRAM_RESEARCH}
    return [(use.value, str(USE_NAMES[use])) for use in policy.Use if use in asked]


def _extras(version: Version) -> list[tuple[str, str]]:
    asked = set(version.extras)
    return [(extra.value, str(EXTRA_NAMES[extra])) for extra in policy.Extra if extra in asked]


def scope_of(answers: Mapping[str, object]) -> policy.Scope:
    """Return the scope that kept answers add up to. What was not answered is a no."""
    categories = [name for group in GROUPS for name in _names(answers, group)]
    ends_on = answers.get("ends_on")
    uses = [use for use in policy.Use if answers.get(use.value) == "yes"]
    return policy.Scope(
        categories=frozenset(map(policy.Category, categories)),
        identity=policy.Identity(str(answers.get("identity") or policy.Identity.DEIDENTIFIED)),
        uses=frozenset([policy.Use.PROGRAM_RESEARCH, *uses]),
        extras=frozenset(extra for extra in policy.Extra if answers.get(extra.value) == "yes"),
        ends_on=date.fromisoformat(ends_on) if isinstance(ends_on, str) and ends_on else None,
        keep_updated=answers.get("keep_updated") == "yes",
    )


def _names(answers: Mapping[str, object], key: str) -> list[str]:
    value = answers.get(key)
    return [str(name) for name in value] if isinstance(value, list) else []


class QuestionsForm(forms.Form):
    """The four questions; after a wrong answer the reason is shown and it is asked again."""

    def __init__(self, questions: list[Question], data: Mapping[str, object] | None = None) -> None:
        """Ask the questions of the text."""
        super().__init__(data)
        self._questions = {question["id"]: question for question in questions}
        for question in questions:
            self.fields[question["id"]] = forms.TypedChoiceField(
                label=question["question"],
                choices=[(str(n), one["text"]) for n, one in enumerate(question["answers"])],
                coerce=int,
                widget=forms.RadioSelect,
                error_messages=CHOOSE,
            )

    @property
    def is_answered(self) -> bool:
        """Whether every question has an answer, right or wrong."""
        return all(self.data.get(name) for name in self._questions)

    def clean(self) -> dict[str, object]:
        """Explain each wrong answer beside its question."""
        cleaned: dict[str, object] = super().clean() or {}
        for name, question in self._questions.items():
            number = cleaned.get(name)
            if isinstance(number, int) and not question["answers"][number]["correct"]:
                self.add_error(name, question["explain"])
        return cleaned


class SignForm(forms.Form):
    """The typed name that makes the agreement the person's own."""

    name = forms.CharField(
        label=_("Your full name"),
        help_text=_("Type it as you would sign a letter."),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": _("Type your name.")},
    )
    agree = forms.BooleanField(
        label=_("I have read this, I understand it, and I agree."),
        error_messages={"required": _("Tick the box if this is so.")},
    )


class LastDayForm(forms.Form):
    """Until when the agreement holds."""

    ends_on = forms.DateField(
        label=_("Last day"),
        help_text=_("Leave this empty to go on until you stop."),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )


class PreferenceForm(forms.Form):
    """What research a person is fine with in general."""

    permission = forms.ChoiceField(
        label=_("What kind of research is fine with you?"),
        choices=list(PERMISSION_NAMES.items()),
        widget=forms.RadioSelect,
    )
    modifiers = forms.MultipleChoiceField(
        label=_("Rules that matter to you"),
        choices=list(MODIFIER_NAMES.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


class DescribeForm(forms.Form):
    """What a new version means for those who agreed before."""

    whats_new_en = forms.CharField(label=_("What is new, in English"), widget=forms.Textarea)
    whats_new_es = forms.CharField(label=_("What is new, in Spanish"), widget=forms.Textarea)
    needs_reconsent = forms.BooleanField(
        label=_("Everybody must answer again; sharing pauses until then"), required=False
    )


class RecordsForm(forms.Form):
    """Which consent records to show."""

    person = forms.CharField(label=_("E-mail or id of the person"), required=False, max_length=254)
    program = forms.ChoiceField(label=_("Program"), required=False)
    state = forms.ChoiceField(label=_("State"), required=False)
    as_of = forms.DateField(
        label=_("As of the end of this day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    def __init__(
        self,
        programs: Iterable[tuple[str, str]],
        states: Iterable[tuple[str, str]],
        data: Mapping[str, object] | None = None,
    ) -> None:
        """Offer the programs and states there are."""
        super().__init__(data)
        for name, choices in (("program", list(programs)), ("state", list(states))):
            offered = [("", _("All")), *choices]
            setattr(self.fields[name], "choices", offered)  # noqa: B010  # a field with choices


class WordsForm(forms.Form):
    """The words of one part of a draft, in both languages side by side."""

    def __init__(
        self,
        words: Mapping[str, Mapping[str, str]],
        data: Mapping[str, object] | None = None,
    ) -> None:
        """Offer a box for each field of each language."""
        super().__init__(data)
        self._names = {language: list(fields) for language, fields in words.items()}
        for name in dict.fromkeys(name for names in self._names.values() for name in names):
            for language, fields in words.items():
                if name in fields:
                    self.fields[f"{language}-{name}"] = _box(language, name, fields[name])

    def words(self) -> dict[str, dict[str, str]]:
        """Return the new words by language and field."""
        return {
            language: {name: str(self.cleaned_data[f"{language}-{name}"]) for name in names}
            for language, names in self._names.items()
        }


def _box(language: str, name: str, text: str) -> forms.CharField:
    rows = 7 if name in _LONG else 2
    return forms.CharField(
        label=f"{_LANGUAGES[language]}: {_field_name(name)}",
        initial=text,
        widget=forms.Textarea(attrs={"lang": language, "rows": rows}),
        required=name != "more",
    )


_LONG = frozenset({"text", "more", "explain"})
_LANGUAGES = {"en": _("English"), "es": _("Spanish")}
_FIELD_NAMES = {
    "heading": _("heading"),
    "text": _("text"),
    "more": _("tell me more"),
    "question": _("question"),
    "explain": _("why"),
}


def _field_name(name: str) -> str:
    if name.startswith("answer-"):
        return _("answer %(number)s") % {"number": int(name.removeprefix("answer-")) + 1}
    return str(_FIELD_NAMES[name])
