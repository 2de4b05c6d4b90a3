"""The way to an agreement, screen by screen: what comes next and what has been answered."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from consent import elements, gate, policy, services
from consent.forms import QuestionsForm, scope_of
from consent.linter import Body, Screen
from consent.models import Draft, Program, Version
from consent.publishing import body_of
from portal.accounts.models import User

TRIES_BEFORE_A_PERSON = 2


@dataclass(frozen=True, slots=True)
class Way:
    """One person's way through one version: eight screens, the questions, the signature."""

    version: Version
    body: Body
    language: str
    answers: dict[str, object]

    @property
    def choices_step(self) -> int:
        """The screen on which the kinds of data are chosen: the last of the screens."""
        return len(self.body["screens"])

    @property
    def questions_step(self) -> int:
        """The step with the four questions."""
        return self.choices_step + 1

    @property
    def sign_step(self) -> int:
        """The last step."""
        return self.choices_step + 2

    @property
    def reached(self) -> int:
        """The furthest step that may be opened: nobody signs before choosing and answering."""
        seen = self.answers.get("seen")
        if self.answers.get("chosen") is not True:
            limit = self.choices_step
        elif self.answers.get("understood") is not True:
            limit = self.questions_step
        else:
            limit = self.sign_step
        return min(limit, (seen if isinstance(seen, int) else 0) + 1)

    @property
    def tries(self) -> int:
        """How often the questions were answered with something wrong."""
        tries = self.answers.get("tries")
        return tries if isinstance(tries, int) else 0

    @property
    def offers_a_person(self) -> bool:
        """Whether it is time to offer to talk to somebody."""
        return self.tries >= TRIES_BEFORE_A_PERSON and self.answers.get("understood") is not True

    def screen(self, step: int) -> Screen:
        """The text of a step that has one."""
        return self.body["screens"][step - 1]


def way_of(patient: User, program: Program, language: str) -> Way | None:
    """Return where somebody is on the way; None when the program asks nobody now.

    Answers to an earlier wording are not carried over to a new one.
    """
    version = (
        Version.objects.current(program)
        .select_related("document__program")
        .prefetch_related("texts")
        .first()
    )
    if version is None or program.state != Program.State.OPEN:
        return None
    draft = Draft.objects.filter(patient=patient, program=program, version=version).first()
    text = version.text(language)
    return Way(version, body_of(text), text.language, draft.answers if draft else {})


def save(way: Way, patient: User, at: datetime, **answers: object) -> None:
    """Keep answers beside the ones given before."""
    merged = way.answers | answers
    services.save_draft(patient=patient, version=way.version, answers=merged, at=at)


def saw(way: Way, patient: User, step: int, at: datetime) -> None:
    """Note that a screen was read; going back to it does not undo what comes after."""
    save(way, patient, at, seen=max(step, way.reached - 1))


def judge(way: Way, patient: User, form: QuestionsForm, at: datetime) -> bool:
    """Keep the outcome of the questions; say whether all are answered right."""
    right = form.is_valid()
    save(
        way,
        patient,
        at,
        understood=right,
        tries=way.tries if right or not form.is_answered else way.tries + 1,
        seen=way.questions_step if right else way.choices_step,
    )
    return right


def answer_of(way: Way, name: str) -> services.Answer:
    """Return what is signed, once the person has just signed in again."""
    return services.Answer(
        version=way.version,
        language=way.language,
        scope=scope_of(way.answers),
        name=name,
        fresh_sign_in=True,
        understood=way.answers.get("understood") is True,
    )


def counts_of(patient: User, version: Version) -> Counter[str]:
    """Return how many pieces of each kind of data somebody has here that this version can take."""
    named = version.identity == policy.Identity.IDENTIFIED
    return Counter(
        category.value
        for kind, facts in gate.facts_of(patient)
        for category in facts.categories
        if facts.understood and not facts.never_sent and not facts.other_person
        if named or kind not in elements.ONLY_WITH_NAME
    )
