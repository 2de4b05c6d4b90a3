"""Claim, send, settle: a package leaves once in effect, and never after a stop."""

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from consent import gate, policy
from portal.audit import actions
from portal.audit import services as audit
from sharing.models import Attempt, Delivery, Endpoint, Enrolment, Package
from sharing.services import settling, storing
from sharing.services.enrolling import target_of
from sharing.services.program import ProgramApi, ProgramRefused, ProgramUnavailable, Receipt
from sharing.services.settling import LeaseLost

type Clock = Callable[[], datetime]

KIND = Package.Kind
STATE = Delivery.State


class FenceMoved(Exception):
    """The program's version of our consent is not the one that these bytes rely on."""


class NothingToClaim(Exception):
    """Somebody else has it, it is not due, or an earlier sending must end first."""


@dataclass(frozen=True)
class Claim:
    """The right to send one delivery, until the lease ends."""

    delivery: Delivery
    owner: uuid.UUID
    number: int
    ends_at: float


def send(*, delivery_id: uuid.UUID, program: ProgramApi, clock: Clock) -> str:
    """Bring one delivery on its way, and return the state it is in then.

    All that is slow comes before the claim; no transaction is open while the program answers.
    Raises NothingToClaim.
    """
    delivery = _due(delivery_id, clock())
    try:
        raw = storing.read(delivery.package)
        known = _ask_first(delivery, program)
        if known is not None:
            return settling.found(delivery, known, at=clock())
        program.get_ready()
        claim = _claim(delivery_id, clock(), time.monotonic())
    except ProgramUnavailable as error:
        return settling.postpone(delivery, error, at=clock())
    except (ProgramRefused, storing.BytesLost) as refusal:
        code = refusal.code if isinstance(refusal, ProgramRefused) else "bytes-lost"
        return settling.park_unsent(delivery, code, at=clock())
    except gate.NoLiveAgreement:
        return settling.withdraw(delivery, at=clock())
    except FenceMoved:
        return settling.look_again(delivery, at=clock())
    return _transact(claim, raw, program, clock)


def _due(delivery_id: uuid.UUID, at: datetime) -> Delivery:
    rows = Delivery.objects.due(at).select_related("package", "enrolment__program")
    found = rows.filter(pk=delivery_id).first()
    if found is None or _is_behind(found):
        raise NothingToClaim
    return found


def _is_behind(delivery: Delivery) -> bool:
    ahead = Delivery.objects.open().filter(
        enrolment_id=delivery.enrolment_id, place__lt=delivery.place
    )
    return ahead.exists()


def _ask_first(delivery: Delivery, program: ProgramApi) -> Receipt | None:
    """Ask whether an earlier try arrived; only then may the same bytes go again.

    A program that cannot be asked gets the same bytes, ids and key: there they change nothing.
    """
    if not delivery.ever_claimed:
        return None
    try:
        return program.find(settling.package_system(), delivery.package.basis)
    except ProgramRefused:
        return None


@transaction.atomic
def _claim(delivery_id: uuid.UUID, at: datetime, started: float) -> Claim:
    """Mark a delivery as on the wire while the agreement is held.

    Raises NothingToClaim, FenceMoved and consent.gate.NoLiveAgreement.
    """
    enrolment = (
        Enrolment.objects.select_for_update(no_key=True, skip_locked=True, of=("self",))
        .select_related("patient", "program")
        .filter(deliveries=delivery_id)
        .first()
    )
    if enrolment is None:
        raise NothingToClaim
    delivery = _due(delivery_id, at)
    if delivery.kind != KIND.RECALL:
        _hold(enrolment, delivery.package, at)
    if not delivery.ever_claimed and _relies_on(delivery.package) not in {"", enrolment.fence}:
        raise FenceMoved
    owner = uuid.uuid4()
    delivery.state = STATE.SENDING
    delivery.lease_owner = owner
    delivery.lease_until = at + timedelta(seconds=settings.SHARING_LEASE_S)
    delivery.claimed_at = at
    delivery.attempt += 1
    delivery.tries += 1
    delivery.save()
    Attempt.objects.create(delivery=delivery, number=delivery.tries, started_at=at, on_wire=True)
    audit.record(
        actions.SHARING_CLAIMED,
        by=None,
        patient_id=enrolment.patient_id,
        about=f"sharing.delivery:{delivery.pk}",
        facts={"attempt": delivery.attempt, "epoch": delivery.package.epoch},
        at=at,
    )
    return Claim(delivery, owner, delivery.tries, started + settings.SHARING_DEADLINE_S)


def _relies_on(package: Package) -> str:
    return str(package.manifest.get("fence", ""))


def _hold(enrolment: Enrolment, package: Package, at: datetime) -> None:
    wanted = gate.Wanted(
        policy.Use.PROGRAM_RESEARCH,
        policy.Identity(package.manifest["identity"]),
        package.epoch,
    )
    gate.hold(patient=enrolment.patient, program=enrolment.program, wanted=wanted, at=at)


def _transact(claim: Claim, raw: bytes, program: ProgramApi, clock: Clock) -> str:
    package = claim.delivery.package
    told = _tell(claim, program)
    try:
        receipt = program.transact(raw, key=package.sha256, ends_at=claim.ends_at)
    except ProgramUnavailable as error:
        return _settle(claim, settling.unavailable(error, at=clock()), told)
    except ProgramRefused as refusal:
        return _settle(claim, _refused(claim.delivery, refusal, program, clock()), told)
    return _settle(claim, settling.received(receipt, at=clock()), told)


def _refused(
    delivery: Delivery, refusal: ProgramRefused, program: ProgramApi, at: datetime
) -> settling.Outcome:
    """A fence that does not hold may be our own earlier success; ask before giving up."""
    if not refusal.is_stale:
        return settling.refused(refusal, at=at)
    try:
        known = program.find(settling.package_system(), delivery.package.basis)
        if known is not None:
            return settling.received(known, at=at)
        stands = program.find(settling.sent_system(), _consent_id(delivery))
    except ProgramUnavailable as error:
        return settling.unavailable(error, at=at)
    except ProgramRefused:
        stands = None
    if stands is None or stands.fence in {"", _relies_on(delivery.package)}:
        return settling.refused(refusal, at=at)
    return settling.outdated(refusal, stands, at=at)


def _consent_id(delivery: Delivery) -> str:
    enrolment = delivery.enrolment
    return target_of(enrolment, Endpoint.objects.get(program=enrolment.program)).consent_id


def _tell(claim: Claim, program: ProgramApi) -> bool:
    """Send the notice of a recall; whether it was taken shows on the page."""
    delivery = claim.delivery
    has_address = delivery.enrolment.program.endpoint.notice_url
    if delivery.kind != KIND.RECALL or not has_address or delivery.told_at:
        return False
    notice = settling.notice(delivery)
    try:
        program.notify(notice, key=f"notice-{delivery.pk}", ends_at=claim.ends_at)
    except (ProgramUnavailable, ProgramRefused):
        return False
    return True


def _settle(claim: Claim, outcome: settling.Outcome, told: bool) -> str:  # noqa: FBT001
    try:
        return settling.settle(
            claim.delivery, owner=claim.owner, number=claim.number, outcome=outcome, told=told
        )
    except LeaseLost:
        return STATE.SENDING
