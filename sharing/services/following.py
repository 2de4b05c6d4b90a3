"""What sharing does when an agreement moves on: tell, cancel, take back, keep up to date."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from consent import gate
from consent import services as consent
from consent.models import Agreement, Program
from portal.accounts.models import User
from portal.audit import actions
from portal.audit import services as audit
from portal.records.models import Resource
from sharing import bundle
from sharing.bundle import Sent
from sharing.models import Delivery, Endpoint, Enrolment, Package
from sharing.services import consents, preparing, storing
from sharing.services.enrolling import NoEndpoint, enrol, lock, target_of

KIND = Package.Kind
STATE = Delivery.State

MOST_AT_ONCE = 50
LOOK_EVERY = timedelta(seconds=60)

type Things = set[tuple[str, str]]


@transaction.atomic
def stop(*, patient: User, program: Program, recall: bool, by: User, at: datetime) -> Agreement:
    """Stop sharing: nothing queued leaves, what left is called back when `recall` says so.

    Raises consent.services.NoAgreement.
    """
    enrol(patient=patient, program=program, at=at)
    agreement = consent.stop(patient=patient, program=program, recall=recall, at=at, by=by)
    follow(patient=patient, program=program, at=at)
    return agreement


@transaction.atomic
def follow(*, patient: User, program: Program, at: datetime) -> None:
    """Do what the newest act of consent asks of sharing, once for each of its epochs."""
    enrolment = enrol(patient=patient, program=program, at=at)
    agreement = consents.agreement_of(patient, program)
    if enrolment.followed_epoch == agreement.epoch:
        return
    live = agreement.is_live(at)
    _cancel_unsent(enrolment, agreement, live=live, at=at)
    if live:
        preparing.announce(enrolment, agreement.epoch, at=at)
        if gone := _no_longer_allowed(enrolment, agreement):
            _queue_recall(enrolment, agreement, gone, at=at)
    elif _ever_told(enrolment):
        things = _all_things(enrolment) if _asks_back(agreement) else set()
        _queue_recall(enrolment, agreement, things, at=at)
    enrolment.followed_epoch = agreement.epoch
    enrolment.save(update_fields=["followed_epoch"])


def follow_all(*, at: datetime) -> int:
    """Follow every agreement that moved on since the last look; return how many did."""
    same = Enrolment.objects.filter(
        patient=OuterRef("patient"),
        program=OuterRef("program"),
        followed_epoch=OuterRef("epoch"),
    )
    sends = Endpoint.objects.filter(program=OuterRef("program"), active=True)
    moved = Agreement.objects.filter(~Exists(same), Exists(sends)).select_related(
        "patient", "program"
    )
    done = (_followed(agreement, at=at) for agreement in list(moved.order_by("pk")))
    return sum(islice(filter(None, done), MOST_AT_ONCE))


def _followed(agreement: Agreement, *, at: datetime) -> bool:
    """Follow one agreement; the others do not wait for a program that has to answer first."""
    try:
        follow(patient=agreement.patient, program=agreement.program, at=at)
    except (NoEndpoint, preparing.NotYetTold):
        return False  # its row still says that it was not followed: the next look tries again
    return True


def recall_in_flight(delivery: Delivery, agreement: Agreement, *, at: datetime) -> None:
    """Take back what was on its way at the stop, unless a later recall takes it back already.

    The caller holds the enrolment.
    """
    enrolment = delivery.enrolment
    things = _things_of([delivery.package])
    if not _asks_back(agreement):
        things -= _delivered_before(delivery)
    later = Package.objects.filter(
        enrolment=enrolment, kind=KIND.RECALL, delivery__place__gt=delivery.place
    ).exclude(delivery__state=STATE.PARKED)
    if things - _things_of(later):
        _queue_recall(enrolment, agreement, things, at=at)


def keep_up(*, at: datetime) -> int:
    """Send what is new where a person asked for that; return how many sendings were queued."""
    agreed = Agreement.objects.filter(
        patient=OuterRef("patient"),
        program=OuterRef("program"),
        state=Agreement.State.ACTIVE,
        scope__keep_updated=True,
    )
    pushed = Delivery.objects.filter(
        enrolment=OuterRef("pk"), package__kind=KIND.PUSH, state=STATE.DELIVERED
    )
    waiting = Delivery.objects.open().filter(enrolment=OuterRef("pk"))
    fresh = Resource.objects.filter(patient=OuterRef("patient")).filter(
        Q(stored_at__gt=OuterRef("looked_at")) | Q(removed_at__gt=OuterRef("looked_at"))
    )
    rows = Enrolment.objects.filter(looked_at__lte=at - LOOK_EVERY)
    rows = rows.filter(Exists(agreed), Exists(pushed), ~Exists(waiting), Exists(fresh))
    found = list(rows.select_related("patient", "program").order_by("looked_at")[:MOST_AT_ONCE])
    return sum(_update(enrolment, at=at) for enrolment in found)


@transaction.atomic
def _update(enrolment: Enrolment, *, at: datetime) -> bool:
    patient, program = enrolment.patient, enrolment.program
    mine = lock(patient=patient, program=program)
    mine.looked_at = at
    mine.save(update_fields=["looked_at"])
    try:
        preview = preparing.prepare(patient=patient, program=program, update=True, at=at)
    except (gate.NoLiveAgreement, NoEndpoint, preparing.NotYetTold):
        return False  # the reason is a row already: an ended agreement, a closed server
    pushed = _pushed(preview, at=at)
    # After the push: a program may refuse to remove what its newest report still points to.
    if gone := _withdrawn(mine, preview):
        _queue_recall(mine, consents.agreement_of(patient, program), gone, at=at)
    return pushed or bool(gone)


def _pushed(preview: preparing.Preview, *, at: datetime) -> bool:
    try:
        preparing.freeze(preview, by=None, at=at)
    except (preparing.NothingNew, preparing.StillOnItsWay):
        return False
    return True


def _withdrawn(enrolment: Enrolment, preview: preparing.Preview) -> Things:
    """Return what is at the program and that its source took back, or that may go no longer."""
    removed = Resource.objects.of(enrolment.patient).exclude(removed_at=None)
    gone = set(removed.values_list("pk", flat=True))
    gone |= {kept.resource_id for kept in preview.release.kept_back}
    at_program = _at_program(enrolment, lambda item: item["resource"] in gone)
    return at_program - {(sent.kind, sent.sent_id) for sent in preview.prepared.sent}


def forget() -> int:
    """Remove the stored bytes of people who left, once everything was taken back."""
    left = Agreement.objects.filter(
        patient=OuterRef("enrolment__patient"),
        program=OuterRef("enrolment__program"),
        state=Agreement.State.LEFT,
    )
    followed = Q(enrolment__followed_epoch__gt=F("epoch")) | Q(kind=KIND.RECALL)
    waiting = Delivery.objects.open().filter(enrolment=OuterRef("enrolment"))
    rows = Package.objects.exclude(storage_key="").filter(Exists(left), ~Exists(waiting), followed)
    done = 0
    for package in rows[:MOST_AT_ONCE]:
        default_storage.delete(package.storage_key)
        done += Package.objects.filter(pk=package.pk).update(storage_key="")
    return done


def _asks_back(agreement: Agreement) -> bool:
    return agreement.state in {Agreement.State.RECALLED, Agreement.State.LEFT}


def _cancel_unsent(enrolment: Enrolment, agreement: Agreement, *, live: bool, at: datetime) -> None:
    unsent = Delivery.objects.filter(enrolment=enrolment, state=STATE.QUEUED, attempt=0)
    unsent = unsent.exclude(package__kind=KIND.RECALL)
    if live:
        unsent = unsent.exclude(package__epoch=agreement.epoch)
    # What may have left must be settled before it can be taken back: no waiting for its turn.
    Delivery.objects.filter(enrolment=enrolment, state=STATE.QUEUED, attempt__gt=0).update(
        next_attempt_at=at
    )
    count = unsent.update(
        state=STATE.CANCELLED, settled_at=at, code="agreement-ended", hinted_at=None
    )
    if count:
        audit.record(
            actions.SHARING_CANCELLED,
            by=None,
            patient_id=enrolment.patient_id,
            about=f"sharing.enrolment:{enrolment.pk}",
            facts={"deliveries": count, "epoch": agreement.epoch},
            at=at,
        )


def _claimed(enrolment: Enrolment) -> QuerySet[Package]:
    return Package.objects.filter(enrolment=enrolment, delivery__attempt__gt=0)


def _ever_told(enrolment: Enrolment) -> bool:
    return any(True for _ in _claimed(enrolment))


def _all_things(enrolment: Enrolment) -> Things:
    return _things_of(package for package in _claimed(enrolment) if package.kind == KIND.PUSH)


def _no_longer_allowed(enrolment: Enrolment, agreement: Agreement) -> Things:
    """Return what is at the program and is of a kind that was turned off since."""
    allowed = {category.value for category in agreement.agreed().scope.categories}
    return _at_program(enrolment, lambda item: not consents.may_stay(item, allowed))


def _at_program(enrolment: Enrolment, is_asked: Callable[[Mapping[str, Any]], bool]) -> Things:
    """Return what was sent and not taken back since, and of which this is so."""
    things: Things = set()
    for package in _claimed(enrolment).order_by("delivery__place"):
        for item in package.manifest.get("items", ()):
            if is_asked(item):
                things.add((item["type"], item["sent_id"]))
        if package.kind == KIND.RECALL:
            things -= _things_of([package])
    return things


def _things_of(packages: Iterable[Package]) -> Things:
    things: Things = set()
    for package in packages:
        things |= {(item["type"], item["sent_id"]) for item in package.manifest.get("items", ())}
        things |= {(kind, sent_id) for kind, sent_id in package.manifest.get("things", ())}
    return things


def _delivered_before(delivery: Delivery) -> Things:
    return _things_of(
        Package.objects.filter(
            enrolment=delivery.enrolment,
            kind=KIND.PUSH,
            delivery__state=STATE.DELIVERED,
            delivery__place__lt=delivery.place,
        )
    )


def _queue_recall(
    enrolment: Enrolment, agreement: Agreement, things: Things, *, at: datetime
) -> None:
    live = agreement.is_live(at)
    # A server that is closed for now is asked as soon as it is open again; a stop waits for none.
    target = target_of(enrolment, Endpoint.objects.get(program=enrolment.program))
    sent = [Sent(kind, sent_id) for kind, sent_id in sorted(things)]
    prepared = bundle.recall(
        target,
        consents.body(agreement, at=at),
        sent,
        sequence=storing.next_place(enrolment),
        whole=not live,
    )
    manifest = {
        "partial": live,
        "things": [[thing.kind, thing.sent_id] for thing in sent],
        "count": len(sent),
        "asks_back": bool(sent),
    }
    parcel = storing.Parcel(KIND.RECALL, agreement.epoch, prepared, manifest=manifest)
    delivery = storing.queue(enrolment, parcel, at=at)
    audit.record(
        actions.SHARING_RECALL_QUEUED,
        by=None,
        patient_id=enrolment.patient_id,
        about=f"sharing.delivery:{delivery.pk}",
        facts={"program": enrolment.program_id, "resources": len(sent)},
        at=at,
    )
