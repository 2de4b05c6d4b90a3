"""What became of a try: one transaction, and only while the lease is still ours."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from django.conf import settings
from django.db import transaction
from django.db.models import F

from consent.models import Agreement
from portal.audit import actions
from portal.audit import services as audit
from sharing.models import Attempt, Delivery, Disclosure, Endpoint, Enrolment, Package
from sharing.services import following, preparing
from sharing.services.preparing import LOOK_AGAIN
from sharing.services.program import ProgramRefused, ProgramUnavailable, Receipt

KIND = Package.Kind
STATE = Delivery.State

FIRST_WAIT_S = 2
LONGEST_WAIT_S = 3600
STEPS = 12


class LeaseLost(Exception):
    """The lease ended meanwhile: somebody else decides about this delivery now."""


@dataclass(frozen=True)
class Outcome:
    """What one try came to. `arrived` is None when nobody knows."""

    state: str
    code: str
    at: datetime
    arrived: bool | None
    status: int = 0
    fence: str = ""
    wait_s: float | None = None


def received(receipt: Receipt, *, at: datetime) -> Outcome:
    """The program has all of it."""
    return Outcome(
        STATE.DELIVERED, "received", at, arrived=True, status=receipt.status, fence=receipt.fence
    )


def unavailable(error: ProgramUnavailable, *, at: datetime) -> Outcome:
    """The program did not answer, or not yet."""
    arrived = None if error.on_wire else False
    return Outcome(STATE.QUEUED, error.code, at, arrived, error.status, "", error.retry_after_s)


def refused(refusal: ProgramRefused, *, at: datetime) -> Outcome:
    """The program said no, and will say so again."""
    arrived = None if refusal.on_wire else False
    return Outcome(STATE.PARKED, refusal.code, at, arrived, status=refusal.status)


def outdated(refusal: ProgramRefused, stands: Receipt, *, at: datetime) -> Outcome:
    """The program moved our consent on: none of this was taken, and it must be made anew."""
    return Outcome(
        STATE.PARKED, LOOK_AGAIN, at, arrived=False, status=refusal.status, fence=stands.fence
    )


def wait_s(tries: int, share: float) -> float:
    """Return how long to wait after so many tries; `share` from 0 to 1 spreads the crowd."""
    longest: int = min(FIRST_WAIT_S * 2 ** min(max(tries - 1, 0), STEPS), LONGEST_WAIT_S)
    return longest * (0.5 + share / 2)


def package_system() -> str:
    """The naming system under which a program can be asked for a package."""
    return f"{settings.SITE_URL}/fhir/naming/package"


def sent_system() -> str:
    """The naming system under which a program can be asked for a thing of ours."""
    return f"{settings.SITE_URL}/fhir/naming/sent"


def notice(delivery: Delivery) -> bytes:
    """Return the words that go with a recall; they name nobody but the pseudonym."""
    said = {
        "kind": "recall",
        "pseudonym": delivery.enrolment.pseudonym,
        "recall": delivery.package.basis,
        "resources": delivery.package.manifest.get("count", 0),
    }
    return orjson.dumps(said)


@transaction.atomic
def settle(delivery: Delivery, *, owner: UUID, number: int, outcome: Outcome, told: bool) -> str:
    """Write down what became of a try, and what follows. Raises LeaseLost."""
    agreement = _lock(delivery)
    mine = Delivery.objects.filter(
        pk=delivery.pk, state=STATE.SENDING, lease_owner=owner, tries=number
    )
    state = _true_state(delivery, outcome, agreement)
    if not mine.update(**_changes(delivery, outcome, state, told=told)):
        raise LeaseLost
    _close_attempt(delivery, number, outcome)
    _follow_up(delivery, outcome, state, agreement)
    return state


@transaction.atomic
def found(delivery: Delivery, receipt: Receipt, *, at: datetime) -> str:
    """Settle a delivery whose earlier try turned out to have arrived."""
    outcome = received(receipt, at=at)
    return _without_claim(delivery, outcome)


@transaction.atomic
def postpone(delivery: Delivery, error: ProgramUnavailable, *, at: datetime) -> str:
    """Try later; nothing of it was sent this time."""
    arrived = None if delivery.ever_claimed else False
    wait = error.retry_after_s
    outcome = Outcome(STATE.QUEUED, error.code, at, arrived, error.status, "", wait)
    return _without_claim(delivery, outcome)


@transaction.atomic
def park_unsent(delivery: Delivery, code: str, *, at: datetime) -> str:
    """Put aside what cannot be sent as it is."""
    arrived = None if delivery.ever_claimed else False
    return _without_claim(delivery, Outcome(STATE.PARKED, code, at, arrived))


@transaction.atomic
def withdraw(delivery: Delivery, *, at: datetime) -> str:
    """End what may no longer leave, because the agreement ended meanwhile."""
    state = STATE.IN_FLIGHT if delivery.ever_claimed else STATE.CANCELLED
    arrived = None if delivery.ever_claimed else False
    return _without_claim(delivery, Outcome(state, "agreement-ended", at, arrived))


@transaction.atomic
def look_again(delivery: Delivery, *, at: datetime) -> str:
    """End what relies on a version that the program no longer has; it never left."""
    return _without_claim(delivery, Outcome(STATE.CANCELLED, LOOK_AGAIN, at, arrived=False))


def _without_claim(delivery: Delivery, outcome: Outcome) -> str:
    agreement = _lock(delivery)
    due = Delivery.objects.due(outcome.at).filter(
        pk=delivery.pk, tries=delivery.tries, attempt=delivery.attempt
    )
    state = _true_state(delivery, outcome, agreement)
    changes = _changes(delivery, outcome, state, told=False)
    number = delivery.tries + 1
    if due.order_by().update(**changes, tries=number):
        Attempt.objects.create(
            delivery=delivery,
            number=number,
            started_at=outcome.at,
            on_wire=False,
            ended_at=outcome.at,
            outcome=outcome.code,
            http_status=outcome.status or None,
        )
        _follow_up(delivery, outcome, state, agreement)
    return state


def _lock(delivery: Delivery) -> Agreement | None:
    """Hold the enrolment, then the agreement: nothing else decides about them meanwhile."""
    Enrolment.objects.select_for_update(no_key=True).get(pk=delivery.enrolment_id)
    rows = Agreement.objects.select_for_update(no_key=True, of=("self",))
    enrolment = delivery.enrolment
    return rows.filter(patient=enrolment.patient_id, program=enrolment.program_id).first()


def _true_state(delivery: Delivery, outcome: Outcome, agreement: Agreement | None) -> str:
    """What was on the wire when the person stopped is said to have been so."""
    if delivery.kind == KIND.RECALL or agreement is None or agreement.is_live(outcome.at):
        return outcome.state
    if not delivery.ever_claimed:
        return STATE.CANCELLED
    return outcome.state if outcome.state == STATE.PARKED else STATE.IN_FLIGHT


def _changes(delivery: Delivery, outcome: Outcome, state: str, *, told: bool) -> dict[str, Any]:
    changes: dict[str, Any] = {
        "state": state,
        "code": outcome.code,
        "http_status": outcome.status or None,
        "lease_owner": None,
        "lease_until": None,
        "hinted_at": None,
    }
    if state == STATE.QUEUED:
        spread = secrets.randbelow(1000) / 1000
        again_s = outcome.wait_s
        again_s = wait_s(delivery.tries, spread) if again_s is None else again_s
        changes["next_attempt_at"] = outcome.at + timedelta(seconds=again_s)
    else:
        changes["settled_at"] = outcome.at
    reached = state != STATE.QUEUED and outcome.status > 0
    if told or (reached and delivery.kind == KIND.RECALL and not delivery.told_at):
        changes["told_at"] = outcome.at
    return changes


def _close_attempt(delivery: Delivery, number: int, outcome: Outcome) -> None:
    Attempt.objects.filter(delivery=delivery, number=number).update(
        ended_at=outcome.at, outcome=outcome.code, http_status=outcome.status or None
    )


def _follow_up(
    delivery: Delivery, outcome: Outcome, state: str, agreement: Agreement | None
) -> None:
    if outcome.fence:
        _keep_fence(delivery, outcome.fence)
    if outcome.code == LOOK_AGAIN:
        _make_anew(delivery)
    left = state in {STATE.DELIVERED, STATE.IN_FLIGHT} or outcome.arrived is None
    if left and state != STATE.QUEUED and delivery.kind == KIND.PUSH:
        _disclose(delivery, outcome)
    if state != STATE.QUEUED:
        audit.record(
            actions.SHARING_SETTLED,
            by=None,
            patient_id=delivery.enrolment.patient_id,
            about=f"sharing.delivery:{delivery.pk}",
            facts={"state": state, "code": outcome.code, "status": outcome.status},
            at=outcome.at,
        )
    if state == STATE.IN_FLIGHT and agreement is not None:
        following.recall_in_flight(delivery, agreement, at=outcome.at)


def _keep_fence(delivery: Delivery, fence: str) -> None:
    """Remember the program's version of our consent, and whether it could be foreseen."""
    enrolment = Enrolment.objects.get(pk=delivery.enrolment_id)
    if not _could_be_foreseen(enrolment.fence, fence, _most_arrived(delivery)):
        Endpoint.objects.filter(program=enrolment.program_id).update(counts=False)
    Enrolment.objects.filter(pk=enrolment.pk).update(fence=fence)


def _most_arrived(delivery: Delivery) -> int:
    """Return how many tries may have arrived since the version that we know.

    One is told of now; each other without an answer may have arrived late, beside it.
    """
    tries = Attempt.objects.filter(delivery__enrolment=delivery.enrolment_id, on_wire=True)
    others = tries.exclude(delivery=delivery, number=delivery.tries)
    return 1 + others.filter(http_status=None).count()


def _could_be_foreseen(before: str, after: str, most: int) -> bool:
    """Say whether a program that counts one by one can have come from one version to another."""
    step: str | None = before
    for _ in range(most):
        if step == after:
            return True
        step = None if step is None else preparing.next_fence(step)
    return step == after


def _make_anew(delivery: Delivery) -> None:
    """Let the next look tell the program again, or send again what is kept up to date."""
    rows = Enrolment.objects.filter(pk=delivery.enrolment_id)
    if delivery.kind == KIND.ANNOUNCE:
        rows.update(followed_epoch=0)
    else:
        rows.update(looked_at=F("created_at"))


def _disclose(delivery: Delivery, outcome: Outcome) -> None:
    Disclosure.objects.bulk_create(
        [
            Disclosure(
                enrolment_id=delivery.enrolment_id,
                delivery=delivery,
                resource_id=item["resource"],
                resource_type=item["type"],
                version_sha256=item["sha256"],
                sent_id=item["sent_id"],
                certain=outcome.arrived is True,
                at=outcome.at,
            )
            for item in delivery.package.manifest["items"]
        ],
        ignore_conflicts=True,
    )
