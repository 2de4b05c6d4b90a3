"""Agreeing, and changing what was agreed to."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from consent import policy
from consent.ledger import Kind
from consent.models import Agreement, Draft, Program, Signature, Version
from consent.services.appending import New, append, wait_in_line
from consent.services.refusals import (
    AlreadyAgreed,
    NoAgreement,
    NotSigned,
    NotUnderstood,
    OldText,
    ProgramClosed,
)
from consent.services.scopes import check_scope, widens
from portal.accounts.models import User


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person read, understood, chose and signed."""

    version: Version
    language: str
    scope: policy.Scope
    name: str
    fresh_sign_in: bool
    understood: bool
    authored_at: datetime | None = None


@transaction.atomic
def agree(
    *, patient: User, program: Program, answer: Answer, at: datetime, by: User | None = None
) -> Agreement:
    """Record that a person agrees, under the text they read and within what it offers.

    Raises ProgramClosed, OldText, NothingChosen, TooWide, EndsInThePast, NotUnderstood, NotSigned
    and AlreadyAgreed.
    """
    _check_answer(program, answer, at)
    wait_in_line(patient)
    before = Agreement.objects.filter(patient=patient, program=program).first()
    if before and before.is_live(at) and before.version_id == answer.version.pk:
        raise AlreadyAgreed
    new = New(
        kind=Kind.AGREE,
        version=answer.version,
        scope=answer.scope,
        actor=by or patient,
        authored_at=answer.authored_at or at,
        signature=_signature(answer),
    )
    agreement = append(patient, program, new, at)
    Draft.objects.filter(patient=patient, program=program).delete()
    return agreement


def _check_answer(program: Program, answer: Answer, at: datetime) -> None:
    if program.state != Program.State.OPEN:
        raise ProgramClosed
    if not Version.objects.current(program).filter(pk=answer.version.pk).exists():
        raise OldText
    check_scope(answer.version, answer.scope, at)
    if not answer.understood:
        raise NotUnderstood
    if not answer.fresh_sign_in or not answer.name.strip():
        raise NotSigned


def _signature(answer: Answer) -> Signature:
    return Signature(
        name=answer.name.strip(),
        meaning="I have read this, I understand it, and I agree.",
        language=answer.language,
        text_sha256=answer.version.text(answer.language).sha256,
        method="typed name and fresh sign-in",
    )


@transaction.atomic
def change(  # noqa: PLR0913  # one act, its parties, and the moment
    *,
    patient: User,
    program: Program,
    scope: policy.Scope,
    at: datetime,
    fresh_sign_in: bool = False,
    by: User | None = None,
) -> Agreement:
    """Change what is shared from now on. Saying yes to more needs a fresh sign-in.

    Raises NoAgreement, NothingChosen, TooWide, EndsInThePast and NotSigned.
    """
    wait_in_line(patient)
    agreement = Agreement.objects.live(patient, program, at=at).first()
    if agreement is None:
        raise NoAgreement
    check_scope(agreement.version, scope, at)
    if widens(agreement.agreed().scope, scope) and not fresh_sign_in:
        raise NotSigned
    method = "fresh sign-in" if fresh_sign_in else "session"
    new = New(
        kind=Kind.CHANGE,
        version=agreement.version,
        scope=scope,
        actor=by or patient,
        authored_at=at,
        signature=Signature(method=method, meaning="I change what I share."),
    )
    return append(patient, program, new, at)
