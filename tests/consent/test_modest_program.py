"""What a program does not ask is not offered, and rows say whose they are."""

import pytest
from django.test import Client

from consent import publishing, services
from consent.models import Agreement, Event, Program
from consent.policy import Identity
from portal.accounts.models import User
from tests.consent.builders import (
    NOON,
    a_person,
    a_program,
    a_version,
    an_agreement,
)
from tests.consent.pages import BASE, RIGHT, has_read_all

pytestmark = pytest.mark.django_db


@pytest.fixture
def riverside() -> Program:
    """Return a program that asks for less: no names, no other teams, no letters."""
    raw = (publishing.TEXTS / "riverside-medicines.toml").read_bytes()
    admin = a_person("publisher@example.org", role=User.Role.ADMIN)
    loaded = publishing.load(publishing.read_file(raw), publisher=admin, at=NOON)
    return loaded.version.document.program


def test_a_modest_program_asks_less_and_says_so(
    riverside: Program, ana: User, browser: Client
) -> None:
    page = browser.get("/choices/riverside-medicines/").content.decode()

    assert "No. It is for research without profit." in page
    assert "Without your name and with dates moved" in page
    assert "Tissue type (HLA)" in page


def test_what_a_program_does_not_ask_is_not_offered(
    riverside: Program, ana: User, browser: Client
) -> None:
    place = "/choices/riverside-medicines"
    has_read_all(browser)
    page = browser.get(f"{place}/agree/8/").content.decode()
    browser.post(
        f"{place}/agree/8/", {"genomic": ["hla"], "keep_updated": "no", "ends_on": "", "do": "next"}
    )
    browser.post(f"{place}/agree/9/", RIGHT | {"do": "next"})
    browser.post(f"{place}/agree/sign/", {"name": "Ana", "agree": "on"})

    scope = Agreement.objects.get().agreed().scope
    live = browser.get(f"{place}/").content.decode()
    assert 'name="identity"' not in page
    assert 'name="shared-research"' not in page
    assert scope.identity is Identity.DEIDENTIFIED
    assert "With your name" not in live


def test_a_program_without_private_matters_has_no_such_boxes(browser: Client) -> None:
    a_version(a_program(), categories=["carrier", "allergies"])
    has_read_all(browser)

    page = browser.get(f"{BASE}/agree/8/").content.decode()

    assert "Private matters" not in page
    assert "Gene tests" in page


def test_rows_say_which_they_are_and_nothing_of_anybody(program: Program, ana: User) -> None:
    agreement = an_agreement(ana, program)
    document = agreement.version.document
    wish = services.prefer(patient=ana, permission="DUO:0000042", modifiers=[], at=NOON)
    draft = services.save_draft(patient=ana, version=agreement.version, answers={}, at=NOON)

    assert str(program) == "All of Us (sandbox)"
    assert str(document) == f"{program.pk} main"
    assert str(agreement.version) == f"{document.pk} v1"
    assert str(agreement.version.texts.get(language="en")) == f"{agreement.version.pk} en"
    assert str(wish) == f"preference {wish.pk}"
    assert str(draft) == f"draft {draft.pk}"
    assert str(Event.objects.get()) == f"agree {Event.objects.get().pk}"
