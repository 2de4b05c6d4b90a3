"""A person reads what was done with their data, in words, and can check it."""

from datetime import UTC, datetime

import pytest
from django.test import Client

from portal.accounts.models import User
from portal.audit import actions, services

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)


@pytest.fixture
def ana(client: Client) -> User:
    person = User.objects.create_user("ana@example.org", "correct horse battery")
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return person


def test_the_page_says_who_did_what(client: Client, ana: User) -> None:
    staff = User.objects.create_user("staff@example.org", role=User.Role.STAFF)
    services.record(actions.UPLOADED, by=ana, patient_id=ana.pk, at=NOON)
    services.record(actions.SHARING_READ_BY_STAFF, by=staff, patient_id=ana.pk, at=NOON)
    services.record("room.unknown", by=None, patient_id=ana.pk, at=NOON)

    page = client.get("/activity/").content.decode()

    assert "You added a file." in page
    assert "Staff of a research program" in page
    assert "room.unknown" in page
    assert "staff@example.org" not in page


def test_nothing_yet_is_said(client: Client, ana: User) -> None:
    assert b"Nothing yet." in client.get("/activity/").content


def test_acts_about_others_are_not_shown(client: Client, ana: User) -> None:
    ben = User.objects.create_user("ben@example.org")
    services.record(actions.UPLOADED, by=ben, patient_id=ben.pk, at=NOON)

    assert b"Nothing yet." in client.get("/activity/").content


def test_the_check_says_how_many_lines_hold(client: Client, ana: User) -> None:
    services.record(actions.UPLOADED, by=ana, patient_id=ana.pk, at=NOON)

    assert b"We checked 1 line." in client.get("/activity/?check=1").content


def test_many_acts_cost_no_more_queries(
    client: Client,
    ana: User,
    django_assert_max_num_queries: object,
) -> None:
    for _ in range(30):
        services.record(actions.UPLOADED, by=ana, patient_id=ana.pk, at=NOON)

    client.get("/activity/")

    with django_assert_max_num_queries(8):  # type: ignore[operator]
        page = client.get("/activity/")

    assert page.content.count(b"You added a file.") == 30
