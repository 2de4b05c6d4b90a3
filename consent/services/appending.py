"""How one act follows another: an event bound to the one before, and where that leaves us."""

from dataclasses import dataclass
from datetime import datetime

from consent import ledger, policy
from consent.ledger import Kind
from consent.models import Agreement, Event, Program, Signature, Version
from portal.accounts.models import User
from portal.audit import actions
from portal.audit import services as audit

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


@dataclass(frozen=True, slots=True)
class New:
    """An event before it has its place."""

    kind: Kind
    version: Version
    scope: policy.Scope
    actor: User | None
    authored_at: datetime
    signature: Signature
    reason: str = ""
    corrects: int | None = None


def append(patient: User, program: Program, new: New, at: datetime) -> Agreement:
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
        facts={"program": program.pk, "epoch": agreement.epoch, "hash": event.hash},
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


def wait_in_line(patient: User) -> None:
    """Let one act of a person follow another, also before there is an agreement to lock."""
    User.objects.select_for_update(no_key=True).get(pk=patient.pk)
