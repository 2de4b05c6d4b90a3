"""Stopping, leaving, pausing, ending by date, and putting an entry right."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from consent import policy
from consent.ledger import Kind
from consent.models import Agreement, Draft, Event, Program, Signature
from consent.services.appending import New, append, wait_in_line
from consent.services.refusals import CannotWiden, NoAgreement
from consent.services.scopes import widens
from portal.accounts.models import User

_STATE = Agreement.State
# In which states each act makes sense.
_POSSIBLE = {
    Kind.STOP: {_STATE.ACTIVE, _STATE.PAUSED},
    Kind.RECALL: {_STATE.ACTIVE, _STATE.PAUSED, _STATE.STOPPED, _STATE.EXPIRED},
    Kind.LEAVE: set(_STATE) - {_STATE.LEFT},
    Kind.EXPIRE: {_STATE.ACTIVE},
    Kind.PAUSE: {_STATE.ACTIVE},
    Kind.CORRECT: {_STATE.ACTIVE, _STATE.PAUSED},
}


def stop(
    *, patient: User, program: Program, recall: bool, at: datetime, by: User | None = None
) -> Agreement:
    """End new sharing; with `recall`, what left is asked back too.

    Raises NoAgreement.
    """
    kind = Kind.RECALL if recall else Kind.STOP
    return _end(kind, patient=patient, program=program, by=by or patient, at=at)


@transaction.atomic
def leave(*, patient: User, program: Program, at: datetime, by: User | None = None) -> Agreement:
    """End all of it: recall, and no saved answers are kept here. The signed history stays.

    Raises NoAgreement.
    """
    Draft.objects.filter(patient=patient, program=program).delete()
    return _end(Kind.LEAVE, patient=patient, program=program, by=by or patient, at=at)


def pause(*, patient: User, program: Program, reason: str, at: datetime) -> Agreement:
    """Hold everything until the person answers anew.

    Raises NoAgreement.
    """
    return _end(Kind.PAUSE, patient=patient, program=program, by=None, at=at, reason=reason)


def expire(*, at: datetime) -> int:
    """Write down every agreement that has ended by its date; return how many."""
    due: Iterable[Agreement] = Agreement.objects.ended(at=at).select_related("patient", "program")
    return sum(end_by_date(agreement, at=at) for agreement in due)


@transaction.atomic
def end_by_date(agreement: Agreement, *, at: datetime) -> bool:
    """Write down that an agreement ended by its date; False when the person was quicker.

    They may have stopped, or agreed anew, since it was looked up.
    """
    patient, program = agreement.patient, agreement.program
    wait_in_line(patient)
    if not Agreement.objects.ended(at=at).filter(pk=agreement.pk).exists():
        return False
    _end(Kind.EXPIRE, patient=patient, program=program, by=None, at=at)
    return True


@transaction.atomic
def _end(  # noqa: PLR0913  # one act, its parties, and the moment
    kind: Kind,
    *,
    patient: User,
    program: Program,
    by: User | None,
    at: datetime,
    reason: str = "",
) -> Agreement:
    agreement = _standing(kind, patient, program)
    new = New(
        kind=kind,
        version=agreement.version,
        scope=agreement.agreed().scope,
        actor=by,
        authored_at=at,
        signature=Signature(method="session") if by else Signature(method="system"),
        reason=reason,
    )
    return append(patient, program, new, at)


@transaction.atomic
def correct(  # noqa: PLR0913  # one act, its parties, and the moment
    *,
    patient: User,
    program: Program,
    seq: int,
    scope: policy.Scope,
    reason: str,
    by: User,
    at: datetime,
) -> Agreement:
    """Put right an entry that says more than the person meant. The earlier entry stays to be read.

    Raises NoAgreement and CannotWiden.
    """
    agreement = _standing(Kind.CORRECT, patient, program)
    if not Event.objects.between(patient, program).filter(seq=seq).exists():
        raise NoAgreement
    if widens(agreement.agreed().scope, scope):
        raise CannotWiden
    new = New(
        kind=Kind.CORRECT,
        version=agreement.version,
        scope=scope,
        actor=by,
        authored_at=at,
        signature=Signature(method="session"),
        reason=reason,
        corrects=seq,
    )
    return append(patient, program, new, at)


def _standing(kind: Kind, patient: User, program: Program) -> Agreement:
    wait_in_line(patient)
    agreement = Agreement.objects.filter(
        patient=patient, program=program, state__in=_POSSIBLE[kind]
    ).first()
    if agreement is None:
        raise NoAgreement
    return agreement
