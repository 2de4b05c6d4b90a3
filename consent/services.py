"""What people do with their consent. Each act is an event, a new epoch, and a line in the trail."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from consent import ledger, policy
from consent.ledger import Kind
from consent.models import Agreement, Draft, Event, Preference, Program, Signature, Version
from portal.accounts.models import User
from portal.audit import actions
from portal.audit import services as audit


class ProgramClosed(Exception):
    """The program takes nobody at the moment."""


class OldText(Exception):
    """What was read is not the text that is asked with now."""


class NothingChosen(Exception):
    """No kind of data, or no use, was said yes to."""


class TooWide(Exception):
    """The choice goes beyond what the text offers."""


class EndsInThePast(Exception):
    """The end date is over already."""


class NotUnderstood(Exception):
    """The four questions have not been answered yet."""


class NotSigned(Exception):
    """There is no typed name, or the person has not just signed in again."""


class AlreadyAgreed(Exception):
    """There is a live agreement under this very text; a choice can be changed instead."""


class NoAgreement(Exception):
    """There is no agreement on which this act could be done."""


class CannotWiden(Exception):
    """A correction can only take away; more needs the person's own new answer."""


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


_ACTIONS = {
    Kind.AGREE: actions.CONSENT_AGREED,
    Kind.CHANGE: actions.CONSENT_CHANGED,
    Kind.STOP: actions.CONSENT_STOPPED,
    Kind.RECALL: actions.CONSENT_RECALLED,
    Kind.LEAVE: actions.CONSENT_LEFT,
    Kind.EXPIRE: actions.CONSENT_EXPIRED,
    Kind.PAUSE: actions.CONSENT_PAUSED,
    Kind.CORRECT: actions.CONSENT_CORRECTED,
}

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


@dataclass(frozen=True, slots=True)
class _New:
    """An event before it has its place."""

    kind: Kind
    version: Version
    scope: policy.Scope
    actor: User | None
    authored_at: datetime
    signature: Signature
    reason: str = ""
    corrects: int | None = None


@transaction.atomic
def agree(
    *, patient: User, program: Program, answer: Answer, at: datetime, by: User | None = None
) -> Agreement:
    """Record that a person agrees, under the text they read and within what it offers.

    Raises ProgramClosed, OldText, NothingChosen, TooWide, EndsInThePast, NotUnderstood, NotSigned
    and AlreadyAgreed.
    """
    _check_answer(program, answer, at)
    _wait_in_line(patient)
    before = Agreement.objects.filter(patient=patient, program=program).first()
    if before and before.is_live(at) and before.version_id == answer.version.pk:
        raise AlreadyAgreed
    new = _New(
        kind=Kind.AGREE,
        version=answer.version,
        scope=answer.scope,
        actor=by or patient,
        authored_at=answer.authored_at or at,
        signature=_signature(answer),
    )
    agreement = _append(patient, program, new, at)
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


def check_scope(version: Version, scope: policy.Scope, at: datetime) -> None:
    """Check that a choice says yes to something, within what the text offers.

    Raises NothingChosen, TooWide and EndsInThePast.
    """
    offered = version.offered()
    extras = frozenset(map(policy.Extra, version.extras))
    if not scope.categories - policy.SENSITIVE or not scope.uses:
        raise NothingChosen
    if (
        not scope.categories <= offered.categories
        or not scope.uses <= offered.uses
        or not scope.extras <= extras
        or policy.exposes_more(scope.identity, offered.identity)
    ):
        raise TooWide
    ends_at = ledger.end_of(scope.ends_on)
    if ends_at is not None and ends_at <= at:
        raise EndsInThePast


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
    _wait_in_line(patient)
    agreement = Agreement.objects.live(patient, program, at=at).first()
    if agreement is None:
        raise NoAgreement
    check_scope(agreement.version, scope, at)
    if widens(agreement.agreed().scope, scope) and not fresh_sign_in:
        raise NotSigned
    method = "fresh sign-in" if fresh_sign_in else "session"
    new = _New(
        kind=Kind.CHANGE,
        version=agreement.version,
        scope=scope,
        actor=by or patient,
        authored_at=at,
        signature=Signature(method=method, meaning="I change what I share."),
    )
    return _append(patient, program, new, at)


def widens(before: policy.Scope, after: policy.Scope) -> bool:
    """Say whether the second choice lets anything through that the first did not."""
    return (
        not after.categories <= before.categories
        or not after.uses <= before.uses
        or not after.extras <= before.extras
        or policy.exposes_more(after.identity, before.identity)
        or (after.keep_updated and not before.keep_updated)
        or _ends_later(before, after)
    )


def _ends_later(before: policy.Scope, after: policy.Scope) -> bool:
    if before.ends_on is None:
        return False
    return after.ends_on is None or after.ends_on > before.ends_on


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
    done = 0
    for agreement in due:
        _end(
            Kind.EXPIRE,
            patient=agreement.patient,
            program=agreement.program,
            by=None,
            at=at,
        )
        done += 1
    return done


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
    new = _New(
        kind=kind,
        version=agreement.version,
        scope=agreement.agreed().scope,
        actor=by,
        authored_at=at,
        signature=Signature(method="session") if by else Signature(method="system"),
        reason=reason,
    )
    return _append(patient, program, new, at)


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
    new = _New(
        kind=Kind.CORRECT,
        version=agreement.version,
        scope=scope,
        actor=by,
        authored_at=at,
        signature=Signature(method="session"),
        reason=reason,
        corrects=seq,
    )
    return _append(patient, program, new, at)


def _standing(kind: Kind, patient: User, program: Program) -> Agreement:
    _wait_in_line(patient)
    agreement = Agreement.objects.filter(
        patient=patient, program=program, state__in=_POSSIBLE[kind]
    ).first()
    if agreement is None:
        raise NoAgreement
    return agreement


def _wait_in_line(patient: User) -> None:
    """Let one act of a person follow another, also before there is an agreement to lock."""
    User.objects.select_for_update(no_key=True).get(pk=patient.pk)


def _append(patient: User, program: Program, new: _New, at: datetime) -> Agreement:
    """Add one act to the chain, and let the agreement stand where its acts put it."""
    before = Event.objects.between(patient, program).last()
    event = Event(
        patient=patient,
        program=program,
        seq=before.seq + 1 if before else 1,
        kind=new.kind.value,
        version=new.version,
        scope=ledger.scope_to_json(new.scope),
        signature=new.signature,
        reason=new.reason,
        corrects=new.corrects,
        actor=new.actor,
        authored_at=new.authored_at,
        recorded_at=at,
        prev_hash=before.hash if before else "",
    )
    event.hash = event.link_hash()
    event.save(force_insert=True)
    agreement = _stand_on(event)
    audit.record(
        _ACTIONS[new.kind],
        by=new.actor,
        patient_id=patient.pk,
        about=f"consent.event:{event.pk}",
        facts={"program": program.pk, "epoch": agreement.epoch},
        at=at,
    )
    return agreement


def _stand_on(event: Event) -> Agreement:
    events = Event.objects.between(event.patient, event.program)
    stands = ledger.fold(one.act() for one in events)
    agreement, _created = Agreement.objects.update_or_create(
        patient=event.patient,
        program=event.program,
        defaults={
            "version_id": int(stands.version),
            "state": stands.state.value,
            "scope": ledger.scope_to_json(stands.scope),
            "epoch": stands.epoch,
            "agreed_at": stands.agreed_at,
            "ends_at": stands.ends_at,
        },
    )
    return agreement


@transaction.atomic
def save_draft(
    *, patient: User, version: Version, answers: dict[str, object], at: datetime
) -> Draft:
    """Keep what was answered so far, so that nothing is lost on the way."""
    draft, _created = Draft.objects.update_or_create(
        patient=patient,
        program=version.document.program,
        defaults={"version": version, "answers": answers, "saved_at": at},
    )
    return draft


def decline(*, patient: User, program: Program) -> None:
    """Say no before anything was signed: the answers so far are forgotten."""
    Draft.objects.filter(patient=patient, program=program).delete()


@transaction.atomic
def prefer(*, patient: User, permission: str, modifiers: Iterable[str], at: datetime) -> Preference:
    """Keep what research a person is fine with in general. It warns; it permits nothing."""
    preference, _created = Preference.objects.update_or_create(
        patient=patient,
        defaults={"permission": permission, "modifiers": sorted(modifiers), "saved_at": at},
    )
    audit.record(
        actions.CONSENT_PREFERENCE_SAVED, by=patient, patient_id=patient.pk, facts={}, at=at
    )
    return preference


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check of one agreement found."""

    events: int
    broken_at: int | None  # the first event whose hash or place is wrong
    stands: bool  # the agreement is what its events add up to

    @property
    def holds(self) -> bool:
        """Whether chain and agreement are both as they were written."""
        return self.broken_at is None and self.stands


def check(*, patient: User, program: Program) -> Verdict:
    """Walk the chain of one agreement and compare it with where the agreement stands."""
    events = list(Event.objects.between(patient, program))
    broken_at = None
    before = ""
    for place, event in enumerate(events, start=1):
        if event.seq != place or event.prev_hash != before or event.hash != event.link_hash():
            broken_at = place
            break
        before = event.hash
    return Verdict(len(events), broken_at, _stands(patient, program, events))


def _stands(patient: User, program: Program, events: list[Event]) -> bool:
    agreement = Agreement.objects.filter(patient=patient, program=program).first()
    try:
        folded = ledger.fold_known(event.act() for event in events)
    except (ledger.OutOfOrder, ValueError):
        return False
    return folded == (agreement.agreed() if agreement else None)
