"""The rules that hold for everybody who writes to the tables, tried round Python."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from consent import services as consent
from sharing.models import Delivery
from tests.sharing.builders import Sharing

pytestmark = pytest.mark.django_db


def test_the_database_refuses_to_send_without_a_live_agreement() -> None:
    sharing = Sharing()
    delivery = sharing.confirm()
    consent.stop(patient=sharing.patient, program=sharing.program, recall=False, at=sharing.now)

    with pytest.raises(IntegrityError, match="no live agreement"), transaction.atomic():
        _mark_sending(delivery, sharing)


def test_the_database_refuses_to_send_under_another_epoch() -> None:
    sharing = Sharing()
    delivery = sharing.confirm()
    consent.change(
        patient=sharing.patient,
        program=sharing.program,
        scope=sharing.agreement.agreed().scope,
        at=sharing.now,
        fresh_sign_in=True,
    )

    with pytest.raises(IntegrityError, match="no live agreement"), transaction.atomic():
        _mark_sending(delivery, sharing)


def test_the_database_believes_no_other_table_of_that_name() -> None:
    """Who may make temporary tables could else put a made-up agreement before the real one."""
    sharing = Sharing()
    delivery = sharing.confirm()
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE made_up AS TABLE consent_agreement")
    consent.stop(patient=sharing.patient, program=sharing.program, recall=False, at=sharing.now)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE pg_temp.made_up RENAME TO consent_agreement")

    with pytest.raises(IntegrityError, match="no live agreement"), transaction.atomic():
        _mark_sending(delivery, sharing)

    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE pg_temp.consent_agreement")


def _mark_sending(delivery: Delivery, sharing: Sharing) -> None:
    Delivery.objects.filter(pk=delivery.pk).update(
        state="sending",
        attempt=1,
        lease_owner=delivery.pk,
        claimed_at=sharing.now,
        lease_until=sharing.now + timedelta(seconds=30),
    )


def test_the_database_allows_one_sending_for_each_enrolment() -> None:
    sharing = Sharing()
    sharing.confirm()
    first, second = Delivery.objects.order_by("place")
    _mark_sending(first, sharing)

    with pytest.raises(IntegrityError, match="one_sending"), transaction.atomic():
        _mark_sending(second, sharing)


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"state": "sending"}, "sending_has_lease"),
        ({"state": "delivered"}, "settled_says_when"),
        ({"state": "queued", "settled_at": "2026-01-01T00:00Z"}, "settled_says_when"),
        (
            {"state": "cancelled", "settled_at": "2026-01-01T00:00Z", "attempt": 1},
            "cancelled_never_left",
        ),
    ],
)
def test_the_database_refuses_states_that_contradict_themselves(
    changes: dict[str, object], rule: str
) -> None:
    delivery = Sharing().confirm()

    with pytest.raises(IntegrityError, match=rule), transaction.atomic():
        Delivery.objects.filter(pk=delivery.pk).update(**changes)
