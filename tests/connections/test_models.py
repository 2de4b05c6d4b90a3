"""What must never be true is refused by the database itself."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError, models, transaction

from portal.connections.models import (
    AuthorizationAttempt,
    Connection,
    Credential,
    Import,
    Page,
    Source,
    Step,
)
from tests.connections.builders import a_connection, a_source, an_import
from tests.records.builders import NOW, a_patient, an_origin

pytestmark = pytest.mark.django_db


def refused(change: Callable[[], object]) -> bool:
    try:
        with transaction.atomic():
            change()
    except IntegrityError:
        return True
    return False


def again(row: models.Model, **changes: object) -> Callable[[], None]:
    """Return what stores a second copy of a row."""

    def store() -> None:
        row.pk = None
        for name, value in changes.items():
            setattr(row, name, value)
        row.save(force_insert=True)

    return store


def test_a_connection_is_live_once_for_each_record_at_a_source() -> None:
    connection = a_connection()
    origin = an_origin(connection.patient)

    assert refused(again(connection, origin=origin))
    connection = Connection.objects.get()
    ended = again(connection, origin=origin, state="disconnected", ended_at=NOW)
    assert not refused(ended)


def test_an_origin_belongs_to_one_connection() -> None:
    assert refused(again(a_connection(), remote_patient_id="p2"))


@pytest.mark.parametrize(("state", "ended_at"), [("disconnected", None), ("live", NOW)])
def test_a_connection_is_ended_exactly_when_it_is_disconnected(
    state: str, ended_at: object
) -> None:
    a_connection()

    change = Connection.objects.update
    assert refused(lambda: change(state=state, ended_at=ended_at))


def test_a_connection_has_one_set_of_tokens() -> None:
    assert refused(again(a_connection().credential))


def test_generations_of_tokens_start_at_one() -> None:
    a_connection()

    assert refused(lambda: Credential.objects.update(generation=0))


def test_one_import_runs_for_each_connection() -> None:
    run = an_import()

    assert refused(again(run, state="running", lease_owner="w", lease_until=NOW))
    assert not refused(again(Import.objects.get(), state="done", finished_at=NOW))


@pytest.mark.parametrize(("owner", "until"), [("", NOW), ("worker", None)])
def test_a_lease_has_an_owner_and_an_end(owner: str, until: object) -> None:
    an_import()

    assert refused(lambda: Import.objects.update(lease_owner=owner, lease_until=until))


@pytest.mark.parametrize(("state", "finished_at"), [("done", None), ("queued", NOW)])
def test_an_import_is_finished_exactly_when_it_is_over(state: str, finished_at: object) -> None:
    an_import()

    assert refused(lambda: Import.objects.update(state=state, finished_at=finished_at))


def test_a_step_has_its_place_and_a_page_its_number_and_address() -> None:
    step = an_import().steps.first()
    assert step is not None
    page = Page.objects.create(step=step, number=1, address_sha256="a", taken_at=NOW)

    assert refused(again(page, address_sha256="b"))
    assert refused(again(page, number=2, address_sha256="a"))
    assert refused(again(Step.objects.get(pk=step.pk)))


def test_a_state_is_used_for_one_attempt() -> None:
    attempt = AuthorizationAttempt(
        patient=a_patient(),
        source=a_source(),
        state_sha256="s",
        browser_sha256="b",
        sealed_verifier=b"v",
        created_at=NOW,
        expires_at=NOW + timedelta(minutes=10),
    )
    attempt.save()

    assert refused(again(attempt))
    long = AuthorizationAttempt.objects.update
    assert refused(lambda: long(expires_at=NOW + timedelta(minutes=11)))
    assert refused(lambda: long(expires_at=NOW))


def test_a_source_that_needs_a_secret_has_one() -> None:
    a_source()

    assert refused(lambda: Source.objects.update(auth_method="basic"))
    assert refused(lambda: Source.objects.update(requests_per_minute=0))


def test_a_source_stands_once_under_its_name_and_its_address() -> None:
    source = a_source()

    assert refused(again(source, base_url="http://127.0.0.1:8/fhir"))
    assert refused(again(Source.objects.get(), slug="other"))
