"""Rules about people that must hold whoever asks, and who gets past the door."""

import time
from datetime import UTC, datetime

import pytest
from allauth.account.internal.flows import login
from allauth.account.models import EmailAddress
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.admin import site
from django.db import IntegrityError, transaction
from django.test import Client

from portal.accounts.models import ActingFor, User
from tests.people import sign_in

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)


def a_person(email: str = "ana@example.org", role: str = User.Role.PATIENT) -> User:
    return User.objects.create_user(email, "correct horse battery", role=role)


def test_one_account_per_address_whatever_the_case() -> None:
    a_person("ana@example.org")
    ben = a_person("ben@example.org")

    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=ben.pk).update(email="Ana@Example.org")


def test_a_role_nobody_knows_is_refused() -> None:
    a_person()

    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.update(role="owner")


def test_nobody_acts_for_themselves() -> None:
    ana = a_person()

    with pytest.raises(IntegrityError), transaction.atomic():
        ActingFor.objects.create(person=ana, patient=ana, authority="guardian", starts_at=NOON)


def test_acting_for_someone_ends_after_it_starts() -> None:
    ana, ben = a_person(), a_person("ben@example.org")

    with pytest.raises(IntegrityError), transaction.atomic():
        ActingFor.objects.create(
            person=ana, patient=ben, authority="guardian", starts_at=NOON, ends_at=NOON
        )


def test_acting_for_someone_holds_only_between_its_dates() -> None:
    ana, ben = a_person(), a_person("ben@example.org")
    end = NOON.replace(month=6)
    ActingFor.objects.create(
        person=ana, patient=ben, authority="delegate", starts_at=NOON, ends_at=end
    )

    assert ActingFor.objects.at(NOON).count() == 1
    assert ActingFor.objects.at(end).count() == 0
    assert ActingFor.objects.at(NOON.replace(month=1)).count() == 0


@pytest.mark.parametrize("role", [User.Role.STAFF, User.Role.ADMIN])
def test_staff_without_a_second_factor_get_no_further_than_setting_it_up(
    client: Client, role: str
) -> None:
    client.force_login(a_person(role=role), backend="django.contrib.auth.backends.ModelBackend")

    answer = client.get("/")

    assert answer.status_code == 302
    assert answer["Location"] == "/accounts/2fa/"


def test_recovery_codes_alone_are_no_second_factor(client: Client) -> None:
    person = a_person(role=User.Role.STAFF)
    RecoveryCodes.activate(person)
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")

    answer = client.get("/")

    assert answer["Location"] == "/accounts/2fa/"


def test_a_session_that_has_not_used_the_second_factor_is_asked_for_it(client: Client) -> None:
    person = a_person(role=User.Role.ADMIN)
    TOTP.activate(person, generate_totp_secret())
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")

    answer = client.get("/activity/")

    assert answer["Location"] == "/accounts/2fa/reauthenticate/?next=%2Factivity%2F"


def test_a_password_alone_does_not_sign_staff_in(client: Client) -> None:
    person = a_person(role=User.Role.STAFF)
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    TOTP.activate(person, generate_totp_secret())

    answer = client.post(
        "/accounts/login/", {"login": person.email, "password": "correct horse battery"}
    )

    assert answer["Location"].startswith("/accounts/2fa/authenticate/")
    assert "_auth_user_id" not in client.session


def test_staff_who_used_their_second_factor_go_on(client: Client) -> None:
    sign_in(client, a_person(role=User.Role.STAFF))

    answer = client.get("/accounts/email/")

    assert answer.status_code == 200


@pytest.mark.parametrize(
    "page", ["recovery-codes/", "recovery-codes/generate/", "totp/activate/", "webauthn/add/"]
)
def test_a_password_alone_neither_reads_recovery_codes_nor_adds_a_factor(
    client: Client, page: str
) -> None:
    person = a_person(role=User.Role.ADMIN)
    TOTP.activate(person, generate_totp_secret())
    RecoveryCodes.activate(person)
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    with_password = {"method": "password", "at": time.time(), "reauthenticated": True}
    session = client.session
    session[login.AUTHENTICATION_METHODS_SESSION_KEY] = [with_password]
    session["account_authentication_methods_user"] = str(person.pk)
    session.save()

    answer = client.get(f"/accounts/2fa/{page}")

    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/2fa/reauthenticate/?next=")


def test_the_pages_for_reference_data_have_no_sign_in_of_their_own(client: Client) -> None:
    person = User.objects.create_superuser("eve@example.org", "correct horse battery")

    answer = client.post(
        "/keep/login/", {"username": person.email, "password": "correct horse battery"}
    )

    assert answer["Location"].startswith("/accounts/login/")
    assert "_auth_user_id" not in client.session


def test_who_keeps_reference_data_reaches_no_addresses_sessions_or_factors_of_others() -> None:
    kept = {model._meta.label for model in site._registry}  # noqa: SLF001  # Django has no other

    assert kept == {"connections.Source", "sharing.Endpoint", "sharing.Member"}


def test_pages_ask_strangers_to_sign_in(client: Client) -> None:
    answer = client.get("/accounts/2fa/")

    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/")


def test_what_a_signed_in_person_sees_is_kept_nowhere(client: Client) -> None:
    sign_in(client, a_person())

    answer = client.get("/account/")

    assert answer["Cache-Control"] == "private, no-store"


def test_open_pages_may_be_kept(client: Client) -> None:
    assert not client.get("/help/").has_header("Cache-Control")


HOUR_S = 60 * 60


def test_a_session_ends_after_twelve_hours_however_active_its_person_is(client: Client) -> None:
    sign_in(client, a_person())
    assert client.get("/activity/").status_code == 200
    began = client.session["began"]

    for hours, status in ((11, 200), (11, 200), (13, 302)):
        session = client.session
        session["began"] = began - hours * HOUR_S
        session.save()
        answer = client.get("/activity/")
        assert answer.status_code == status

    assert answer.headers["Location"].startswith("/accounts/login/")
    assert "_auth_user_id" not in client.session


BACK = "/accounts/login/?next="


@pytest.mark.parametrize(
    ("headers", "leads_to"),
    [
        ({"referer": "http://testserver/results/?page=2"}, f"{BACK}/results/%3Fpage%3D2"),
        ({"referer": "https://elsewhere.example/results/"}, f"{BACK}/"),
        ({}, f"{BACK}/"),
    ],
)
def test_a_form_sent_after_the_session_leads_back_to_its_page(
    client: Client, headers: dict[str, str], leads_to: str
) -> None:
    answer = client.post("/results/notice/", headers=headers)

    assert answer.headers["Location"] == leads_to


def test_a_piece_of_a_page_after_the_session_leads_the_whole_page_to_the_sign_in(
    client: Client,
) -> None:
    here = {"hx-request": "true", "hx-current-url": "http://testserver/connections/7/"}

    answer = client.get("/connections/7/?piece=1", headers=here)

    assert answer.headers["HX-Redirect"] == f"{BACK}/connections/7/"
    assert answer.content == b""


def test_a_page_after_the_session_is_come_back_to(client: Client) -> None:
    answer = client.get("/results/looked/?page=2")

    assert answer.headers["Location"] == f"{BACK}/results/looked/%3Fpage%3D2"


@pytest.mark.parametrize(("chosen", "kept"), [("es", "es"), ("fr", "en")])
def test_the_language_that_a_person_chooses_is_that_of_the_mails_too(
    client: Client, chosen: str, kept: str
) -> None:
    person = User.objects.create_user("rosa@patient.example", "a long walk by the sea")
    sign_in(client, person)

    client.post("/language/", {"language": chosen, "next": "/help/"})

    person.refresh_from_db()
    assert person.language == kept
