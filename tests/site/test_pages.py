"""The frame that every page stands in, and the pages that are the same for everybody."""

import pytest
from django.template.loader import render_to_string
from django.test import Client

from portal.accounts.models import User

PAGES = [
    "/",
    "/help/",
    "/words/",
    "/privacy/",
    "/accessibility/",
    "/doctors/",
    "/accounts/login/",
    "/accounts/signup/",
]

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("address", PAGES)
def test_an_open_page_has_one_heading_and_no_inline_script_or_style(address: str) -> None:
    page = Client().get(address).text

    assert page.count("<h1") == 1
    assert "style=" not in page
    assert "<style" not in page
    assert " onclick=" not in page
    assert all('src="' in tag or "json" in tag for tag in page.split("<script")[1:])


@pytest.mark.parametrize("address", PAGES)
def test_an_open_page_speaks_spanish_when_asked(address: str) -> None:
    page = Client(headers={"accept-language": "es"}).get(address).text

    assert '<html lang="es">' in page
    assert "Ir a la parte principal" in page


def test_the_language_switch_keeps_the_page() -> None:
    client = Client()

    answer = client.post("/language/", {"language": "es", "next": "/help/"}, follow=True)

    assert answer.redirect_chain == [("/help/", 302)]
    assert "<h1>Ayuda</h1>" in answer.text


def test_a_missing_page_answers_in_our_words() -> None:
    answer = Client().get("/no-such-page/", follow=True)

    assert answer.status_code == 404
    assert "We could not find this page" in answer.text


@pytest.mark.parametrize("name", ["400", "403", "403_csrf", "404", "405", "429", "500"])
def test_an_error_page_needs_nothing_but_its_template(name: str) -> None:
    page = render_to_string(f"{name}.html")

    assert "<h1>" in page


def test_a_refused_form_names_the_field_and_keeps_what_was_typed() -> None:
    answer = Client().post("/accounts/signup/", {"email": "not-an-address"})

    page = answer.text
    assert 'href="#id_email"' in page
    assert 'id="id_email_error"' in page
    assert 'aria-describedby="id_email_error"' in page
    assert 'value="not-an-address"' in page


@pytest.fixture
def signed_in() -> Client:
    person = User.objects.create_user("ana@example.org", "a-long-password-1")
    client = Client()
    client.force_login(person)
    return client


@pytest.mark.parametrize(
    "address",
    [
        "/account/",
        "/accounts/email/",
        "/accounts/password/change/",
        "/accounts/2fa/",
        "/accounts/sessions/",
        "/accounts/reauthenticate/",
    ],
)
def test_a_page_of_the_account_stands_in_our_frame(signed_in: Client, address: str) -> None:
    page = signed_in.get(address).text

    assert page.count("<h1") == 1
    assert 'class="site-main"' in page
    assert "style=" not in page
    assert "data-session-end=" in page


def test_the_square_to_scan_is_drawn_in_the_page_and_not_from_a_data_address(
    signed_in: Client,
) -> None:
    signed_in.post("/accounts/reauthenticate/", {"password": "a-long-password-1"})

    page = signed_in.get("/accounts/2fa/totp/activate/").text

    assert "<svg" in page
    assert "data:image" not in page


def test_staying_signed_in_takes_one_press(signed_in: Client) -> None:
    assert signed_in.post("/still-here/", {"quiet": "1"}).status_code == 204
    assert signed_in.post("/still-here/").status_code == 302
    by_address = signed_in.get("/still-here/")
    assert (by_address.status_code, by_address["Allow"]) == (405, "POST")
    assert "A button leads here." in by_address.text
    assert Client().post("/still-here/", {"quiet": "1"}).status_code == 302
