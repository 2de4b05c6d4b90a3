from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from portal import health

AT = datetime(2026, 3, 3, 12, tzinfo=UTC)


def test_the_site_says_that_it_is_alive_without_a_sign_in(client: Client) -> None:
    answer = client.get("/healthz")

    assert answer.status_code == 200
    assert answer.json() == {"status": "ok"}


@pytest.mark.django_db
def test_the_site_is_not_ready_without_a_broker(client: Client) -> None:
    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["database"] == "ok"
    assert answer.json()["broker"] == "not set"


def test_sweeps_are_late_until_each_has_run() -> None:
    health.note_sweep("connections.sweep", AT)

    assert health.sweeps(AT) == "late: sharing.sweep"


def test_sweeps_that_ran_just_now_are_in_time() -> None:
    for name in health.SWEEPS:
        health.note_sweep(name, AT)

    assert health.sweeps(AT + timedelta(seconds=30)) == "ok"
    assert health.sweeps(AT + timedelta(minutes=5)).startswith("late")


def test_every_answer_carries_a_request_id_of_its_own(client: Client) -> None:
    first, second = client.get("/healthz"), client.get("/healthz")

    assert first["X-Request-ID"] != second["X-Request-ID"]
