"""Every page of choices: whose it is, in which language, and how it is built."""

import re

import pytest
from django.test import Client

from consent.models import Program
from portal.accounts.models import User
from tests.consent.builders import (
    a_person,
    a_second_version,
    an_agreement,
)
from tests.consent.pages import BASE, a_browser

pytestmark = pytest.mark.django_db


PAGES = ["", "history/", "new/", "text/1/", "receipt/1/", "receipt/1.pdf", "receipt/1.json"]


@pytest.mark.parametrize(
    "page", [*PAGES[1:3], *PAGES[4:], "receipt/1.fhir.json", "more/", "leave/", "last-day/"]
)
def test_i6_the_consent_of_somebody_else_is_not_found(program: Program, page: str) -> None:
    an_agreement(a_person("bo@example.org"), program)
    other = a_browser(a_person())

    assert other.get(f"{BASE}/{page}").status_code == 404


def test_a_signed_text_of_somebody_else_is_not_found(program: Program) -> None:
    an_agreement(a_person("bo@example.org"), program)
    a_second_version(program)
    other = a_browser(a_person())

    assert other.get(f"{BASE}/text/1/").status_code == 404
    assert other.get(f"{BASE}/text/2/").status_code == 200


@pytest.mark.parametrize("page", ["", "research/", "all-of-us/", "all-of-us/agree/1/"])
def test_only_patients_have_choices(program: Program, page: str) -> None:
    staff = a_person("staff@example.org", role=User.Role.STAFF)

    assert a_browser(staff).get(f"/choices/{page}").status_code in {302, 403}
    assert Client().get(f"/choices/{page}").status_code == 302


def test_pages_speak_spanish(program: Program, ana: User, browser: Client) -> None:
    browser.cookies["django_language"] = "es"

    page = browser.get(f"{BASE}/agree/1/").content.decode()

    assert "Por qué le pedimos esto" in page
    assert 'lang="es"' in page


@pytest.mark.parametrize("page", ["/choices/", *[f"{BASE}/{page}" for page in PAGES[:5]]])
def test_pages_have_one_heading_and_nothing_inline(
    program: Program, ana: User, browser: Client, page: str
) -> None:
    an_agreement(ana, program)
    if page.endswith("new/"):
        a_second_version(program)

    html = browser.get(page).content.decode()

    assert html.count("<h1") == 1
    assert not re.search(r"<script(?![^>]*src=)|style=|\son\w+=", html)
