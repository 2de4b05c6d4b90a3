"""The row is the job: whatever message is lost, the sweep finds the work."""

import socket
import threading
from datetime import datetime, timedelta

import pytest
from django.core import mail
from django.db import connections as databases
from django.utils import timezone
from pytest_django import Settings
from structlog.testing import capture_logs

from portal.connections import tasks
from portal.connections.models import AuthorizationAttempt, Connection, Import
from portal.connections.services import connect, imports, telling, tokens
from tests.connections import rude
from tests.connections.builders import a_connection, a_source, an_import
from tests.connections.fakes import FakeApi, granted
from tests.connections.mailing import Picky
from tests.records.builders import NOW, a_patient

pytestmark = pytest.mark.django_db


def test_a_connection_whose_time_has_come_gets_an_import_once() -> None:
    connection = a_connection()
    Connection.objects.update(next_import_at=NOW, full_look_at=NOW)

    queued = [imports.queue_due(at=NOW) for _ in range(2)]

    assert queued == [1, 0]
    run = Import.objects.get()
    assert run.connection == connection
    assert run.kind == Import.Kind.FULL  # nothing was ever read whole, so all of it is


def test_after_a_whole_look_only_news_is_asked_for() -> None:
    connection = a_connection()
    first = an_import(connection)
    lease = imports.claim(run_id=first.pk, owner="w", at=NOW)
    assert lease is not None
    first.steps.update(state="done")
    imports.finish(lease, at=NOW)

    connection.refresh_from_db()
    due = connection.next_import_at
    assert due is not None
    imports.queue_due(at=due)

    run = Import.objects.latest("pk")
    assert (run.kind, run.since) == (Import.Kind.UPDATE, NOW - imports.OVERLAP)


@pytest.mark.parametrize("state", [Connection.State.SIGN_IN, Connection.State.DISCONNECTED])
def test_nothing_is_queued_for_a_connection_that_is_not_live(state: str) -> None:
    a_connection()
    ended = NOW if state == Connection.State.DISCONNECTED else None
    Connection.objects.update(next_import_at=NOW, state=state, ended_at=ended)

    imports.queue_due(at=NOW)

    assert not Import.objects.exists()


def test_nothing_is_queued_at_a_source_that_was_closed() -> None:
    a_connection(a_source(state="closed"))
    Connection.objects.update(next_import_at=NOW)

    imports.queue_due(at=NOW)

    assert not Import.objects.exists()


def test_asking_twice_is_one_import() -> None:
    connection = a_connection()

    first, second = (
        imports.queue(connection=connection, kind=Import.Kind.FULL, at=NOW) for _ in range(2)
    )

    assert first == second


def test_a_worker_that_was_silent_too_long_has_lost_its_import() -> None:
    run = an_import()
    first = imports.claim(run_id=run.pk, owner="first", at=NOW)
    late = NOW + imports.lease_time()
    second = imports.claim(run_id=run.pk, owner="second", at=late)

    assert first is not None
    assert second is not None
    with pytest.raises(imports.LeaseLost):
        imports.hold(first, at=late)
    imports.hold(second, at=late)


def test_an_import_that_was_ended_has_no_worker_any_more() -> None:
    run = an_import()
    lease = imports.claim(run_id=run.pk, owner="w", at=NOW)
    assert lease is not None

    connect.disconnect(connection=run.connection, delete_copies=False, at=NOW)

    with pytest.raises(imports.LeaseLost):
        imports.hold(lease, at=NOW)


def test_old_trips_are_forgotten_by_the_sweep() -> None:
    connect.begin(
        patient=a_patient(), source=a_source(), browser="b", redirect_uri="https://x/", at=NOW
    )

    tasks.sweep()

    assert not AuthorizationAttempt.objects.exists()


@pytest.mark.parametrize(
    ("kind", "state", "sent"),
    [("first", "done", 1), ("first", "partly", 1), ("update", "done", 0), ("first", "stopped", 0)],
)
def test_only_the_end_of_a_first_look_is_told_and_once(kind: str, state: str, sent: int) -> None:
    run = an_import()
    Import.objects.update(kind=kind, state=state, finished_at=NOW)

    for _ in range(2):
        telling.tell(run_id=run.pk, at=NOW)

    assert len(mail.outbox) == sent


@pytest.mark.parametrize(("counts", "sent"), [({"changed": 1}, 1), ({"unchanged": 9}, 0)])
def test_an_update_is_told_when_it_brought_a_report(counts: dict[str, int], sent: int) -> None:
    run = an_import(a_connection(a_source(types=["DiagnosticReport"])))
    run.steps.filter(resource_type="DiagnosticReport").update(**counts)
    Import.objects.update(kind="update", state="done", finished_at=NOW)

    telling.tell(run_id=run.pk, at=NOW)

    assert len(mail.outbox) == sent


def an_ended_import(finished_at: datetime) -> Import:
    run = an_import()
    run.state, run.finished_at = Import.State.DONE, finished_at
    run.save()
    return run


def a_mail_server(settings: Settings, backend: str, **options: object) -> None:
    settings.MAILERS = {"default": {"BACKEND": backend, "OPTIONS": options}}


def test_the_sweep_goes_on_past_a_refused_e_mail_and_tries_it_again(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = timezone.now()
    runs = [an_ended_import(now - timedelta(minutes=minutes)) for minutes in (1, 2)]
    refused, taken = (run.connection.patient.email for run in runs)
    connect.begin(
        patient=a_patient(), source=a_source(), browser="b", redirect_uri="https://x/", at=NOW
    )
    a_mail_server(settings, "tests.connections.mailing.Picky")
    monkeypatch.setattr(Picky, "refused", refused)

    with capture_logs() as logs:
        tasks.sweep()

    assert [message.to for message in mail.outbox] == [[taken]]
    assert not AuthorizationAttempt.objects.exists()
    assert [line["event"] for line in logs] == ["mail-not-sent"]
    assert refused not in str(logs)

    monkeypatch.setattr(Picky, "refused", "")
    for _ in range(2):
        tasks.sweep()
    assert [message.to for message in mail.outbox] == [[taken], [refused]]


def test_no_mail_server_at_all_loses_no_e_mail(settings: Settings) -> None:
    run = an_ended_import(NOW)
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        where = {"host": "127.0.0.1", "port": closed.getsockname()[1]}
        a_mail_server(settings, "django.core.mail.backends.smtp.EmailBackend", **where)

        assert not telling.tell(run_id=run.pk, at=NOW)

    assert Import.objects.untold().filter(pk=run.pk).exists()


def test_an_e_mail_that_nobody_takes_for_days_is_given_up(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = an_ended_import(NOW)
    a_mail_server(settings, "tests.connections.mailing.Picky")
    monkeypatch.setattr(Picky, "refused", run.connection.patient.email)

    for days in (2, 4):
        assert not telling.tell(run_id=run.pk, at=NOW + timedelta(days=days))
        assert Import.objects.untold().exists() == (days == 2)


def test_the_e_mail_speaks_the_language_of_the_person() -> None:
    run = an_import()
    Import.objects.update(state="done", finished_at=NOW)
    patient = run.connection.patient
    patient.language = "es"
    patient.save()

    telling.tell(run_id=run.pk, at=NOW)

    assert mail.outbox[0].subject == "Hay novedades en sus páginas"


def test_the_task_of_an_ended_connection_tells_the_source() -> None:
    with rude.running() as server:
        source = a_source(server.base("good"), revoke_url=server.base("good") + "/revoke")
        connection = a_connection(source)
        connect.disconnect(connection=connection, delete_copies=False, at=timezone.now())

        tasks.revoke(connection_id=connection.pk)

    assert not Connection.objects.to_revoke().exists()


@pytest.mark.usefixtures("transactional_db")
def test_two_workers_renew_a_token_once() -> None:
    connection = a_connection()
    api = FakeApi(tokens=[granted(access_token="second"), granted(access_token="third")])
    together, got = threading.Barrier(2), []

    def renew() -> None:
        together.wait()
        late = NOW + timedelta(hours=1)
        got.append(tokens.bearer(connection=connection, api=api, at=late).token)
        databases.close_all()

    workers = [threading.Thread(target=renew) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert got == ["second", "second"]
    assert len(api.posted) == 1
