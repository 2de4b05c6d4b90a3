"""Trying again what a program refused."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from portal.accounts.models import User
from portal.audit import actions
from portal.audit import services as audit
from sharing.models import Delivery, Enrolment

STATE = Delivery.State


class Overtaken(Exception):
    """Something newer went since: the old would undo it."""


@transaction.atomic
def retry(*, delivery_id: UUID, by: User, at: datetime) -> Delivery:
    """Put a refused sending back in the queue.

    Raises Delivery.DoesNotExist where it is not parked, and Overtaken.
    """
    rows = Enrolment.objects.select_for_update(no_key=True, of=("self",))
    enrolment = rows.get(deliveries=delivery_id)
    parked = Delivery.objects.select_related("enrolment").get(pk=delivery_id, state=STATE.PARKED)
    if Delivery.objects.overtaking(enrolment.pk, parked.place).exists():
        raise Overtaken
    parked.state = STATE.QUEUED
    parked.settled_at = None
    parked.next_attempt_at = at
    parked.save(update_fields=["state", "settled_at", "next_attempt_at"])
    audit.record(
        actions.SHARING_RETRIED,
        by=by,
        patient_id=parked.enrolment.patient_id,
        about=f"sharing.delivery:{parked.pk}",
        at=at,
    )
    return parked
