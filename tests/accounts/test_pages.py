"""Pages and mails of signing up and signing in: our own words, and nobody's number."""

import re
from uuid import uuid4

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from django.core import mail
from django.test import Client

from portal.accounts.models import User
from tests.people import sign_in

pytestmark = pytest.mark.django_db

EMAIL, PASSWORD = "rosa@patient.example", "a long walk by the sea"


def sign_up(client: Client, language: str = "en") -> str:
    """Sign up; return the address in the mail that came."""
    client.cookies["django_language"] = language
    # One address gets one such mail in some minutes.
    fields = {
        "email": f"{uuid4().hex}@patient.example",
        "password1": PASSWORD,
        "password2": PASSWORD,
    }
    client.post("/accounts/signup/", fields)
    found = re.search(r"http://[^/]+(\S+)", str(mail.outbox[-1].body))
    assert found is not None
    return found[1]


@pytest.fixture
def protected(client: Client) -> User:
    """Somebody with a sign-in app, who has given the password and is asked for the code."""
    person = User.objects.create_user(EMAIL, PASSWORD)
    EmailAddress.objects.create(user=person, email=EMAIL, verified=True, primary=True)
    totp.TOTP.activate(person, totp.generate_totp_secret())
    RecoveryCodes.activate(person)
    client.post("/accounts/login/", {"login": EMAIL, "password": PASSWORD})
    return person


def test_the_first_mail_names_the_site_and_no_number_of_the_person(client: Client) -> None:
    sign_up(client)

    words = f"{mail.outbox[-1].subject}\n{mail.outbox[-1].body}"
    assert "Please confirm your e-mail address" in words
    assert "Sync for Genes" in words
    assert str(User.objects.get().pk) not in words


def test_the_first_mail_speaks_the_language_of_the_page(client: Client) -> None:
    sign_up(client, "es")

    assert "Confirme su dirección" in mail.outbox[-1].subject
    assert "Si no fue usted, no haga nada." in mail.outbox[-1].body


def test_confirming_shows_the_address_and_no_number_of_the_person(client: Client) -> None:
    page = client.get(sign_up(client)).text

    assert User.objects.get().email in page
    assert "Yes, it is mine" in page
    assert str(User.objects.get().pk) not in page


def test_a_spent_link_says_what_to_do(client: Client) -> None:
    page = client.get("/accounts/confirm-email/spent/").text

    assert "This link is too old" in page
    assert 'href="/accounts/login/"' in page


def test_the_second_step_offers_only_what_the_person_has(client: Client, protected: User) -> None:
    page = client.get("/accounts/2fa/authenticate/").text

    assert "one of your recovery codes" in page
    assert "Use a passkey or key" not in page


def test_a_wrong_code_is_asked_again_and_a_recovery_code_opens(
    client: Client, protected: User
) -> None:
    code = RecoveryCodes(
        Authenticator.objects.get(user=protected, type="recovery_codes")
    ).get_unused_codes()

    wrong = client.post("/accounts/2fa/authenticate/", {"code": "000000"})
    right = client.post("/accounts/2fa/authenticate/", {"code": code[0]})

    assert "Incorrect code" in wrong.text
    assert right["Location"] == "/"


def test_the_pages_of_the_account_speak_our_words(client: Client) -> None:
    client.get(sign_up(client))
    person = User.objects.get()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")

    addresses = client.get("/accounts/email/").text
    sessions = client.get("/accounts/sessions/").text

    assert "Not confirmed yet" in addresses
    assert "Where you are signed in" in sessions


@pytest.mark.parametrize(
    ("email", "subject", "says"),
    [
        (EMAIL, "Elija una contraseña nueva", "abra esta página para elegirla"),
        ("nobody@patient.example", "No hay cuenta con esta dirección", "ninguna cuenta la tiene"),
    ],
)
def test_the_mails_about_a_forgotten_password_are_our_own_in_the_language_of_the_page(
    client: Client, email: str, subject: str, says: str
) -> None:
    person = User.objects.create_user(EMAIL, PASSWORD)
    EmailAddress.objects.create(user=person, email=EMAIL, verified=True, primary=True)
    client.cookies["django_language"] = "es"

    asked = client.get("/accounts/password/reset/")
    client.post("/accounts/password/reset/", {"email": email})

    sent = mail.outbox[-1]
    assert "Escriba su dirección." in asked.text
    assert sent.subject == subject
    assert says in str(sent.body)
    assert "Si no fue usted, no haga nada." in str(sent.body)


def test_somebody_who_is_signed_in_reads_no_number_of_theirs(client: Client) -> None:
    person = User.objects.create_user(EMAIL, PASSWORD)
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")

    for path in ("/accounts/password/reset/", "/accounts/password/reset/done/"):
        assert str(person.pk) not in client.get(path).text


def test_the_form_of_a_key_is_in_spanish_too(client: Client) -> None:
    person = User.objects.create_user(EMAIL, PASSWORD)
    EmailAddress.objects.create(user=person, email=EMAIL, verified=True, primary=True)
    client.cookies["django_language"] = "es"
    sign_in(client, person)

    asks_again = client.get("/accounts/2fa/webauthn/add/")
    page = client.post(asks_again.headers["Location"], {"password": PASSWORD}, follow=True).text

    assert "Entrar solo con ella" in page
    assert "Passwordless" not in page


def test_the_pages_of_keys_and_codes_are_in_plain_spanish_too(client: Client) -> None:
    person = User.objects.create_user(EMAIL, PASSWORD)
    EmailAddress.objects.create(user=person, email=EMAIL, verified=True, primary=True)
    key = Authenticator.objects.create(
        user=person, type=Authenticator.Type.WEBAUTHN, data={"name": "Mi móvil", "credential": {}}
    )
    client.cookies["django_language"] = "es"
    sign_in(client, person)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})

    listed = client.get("/accounts/2fa/webauthn/").text
    renamed = client.get(f"/accounts/2fa/webauthn/keys/{key.pk}/edit/").text
    removed = client.get(f"/accounts/2fa/webauthn/keys/{key.pk}/remove/").text
    codes = client.get("/accounts/2fa/recovery-codes/generate/").text

    assert "Mi móvil" in listed
    assert "Aún no" in listed
    assert "Cómo la llama usted" in renamed
    assert "¿Quitar esta llave?" in removed
    assert "Creamos diez nuevos" in codes


def test_a_spent_link_to_a_new_password_says_what_to_do(client: Client) -> None:
    page = client.get("/accounts/password/reset/key/1-spent/").text

    assert "Ask for a new one." in page
    assert 'href="/accounts/password/reset/"' in page


def test_with_a_second_step_no_form_is_shown_that_would_be_refused(
    client: Client, protected: User
) -> None:
    sign_in(client, protected)

    page = client.get("/accounts/email/").text

    assert "While a second step is on, no address can be added." in page
    assert 'name="action_add"' not in page
