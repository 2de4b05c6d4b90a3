"""What a person can do after agreeing: see, change, leave, read again."""

import io
import json
from typing import Any

import pypdf
import pytest
from django.db import connection
from django.test import Client

from consent import ledger, services
from consent.models import Agreement, Event, Preference, Program
from consent.policy import Category, Extra, Identity, Use
from portal.accounts.models import User
from tests.consent.builders import (
    NOON,
    a_program,
    a_scope,
    a_second_version,
    a_version,
    an_agreement,
)
from tests.consent.pages import BASE, a_stale_browser
from tests.structure import faults

pytestmark = pytest.mark.django_db


def test_the_list_is_empty_in_words(browser: Client) -> None:
    assert "No program asks for data" in browser.get("/choices/").content.decode()


def test_the_list_shows_where_each_program_stands(
    program: Program, ana: User, browser: Client
) -> None:
    other = a_program("riverside", name="Riverside")
    a_version(other)
    an_agreement(ana, program)

    page = browser.get("/choices/").content.decode()

    assert page.index("All of Us") < page.index("Riverside")
    assert "Sharing" in page
    assert "Not sharing" in page


def test_a_choice_changes_in_two_clicks_and_says_its_effect(
    program: Program, ana: User, browser: Client
) -> None:
    an_agreement(ana, program)
    page = browser.get(f"{BASE}/").content.decode()

    answer = browser.post(f"{BASE}/less/", {"what": "carrier"}, follow=True)

    assert "we ask the program to remove what it has" in page
    assert "Turned off: What you can pass on to children." in answer.content.decode()
    agreement = Agreement.objects.get()
    assert Category.CARRIER not in agreement.agreed().scope.categories
    assert agreement.epoch == 2


@pytest.mark.parametrize(
    "what", ["hiv", "name", "shared-research", "recontact", "keep-updated", "carrier"]
)
def test_turning_on_asks_first(program: Program, ana: User, browser: Client, what: str) -> None:
    low = a_scope(Category.ALLERGIES, identity=Identity.PSEUDONYMOUS, keep_updated=False)
    an_agreement(ana, program, low)

    assert "Yes, turn on" in browser.get(f"{BASE}/more/?what={what}").content.decode()
    browser.post(f"{BASE}/more/", {"what": what})

    agreement = Agreement.objects.get()
    assert agreement.epoch == 2
    assert agreement.agreed().scope != low


def test_turning_on_needs_a_fresh_sign_in(program: Program, ana: User) -> None:
    an_agreement(ana, program, a_scope(Category.ALLERGIES))
    stale = a_stale_browser(ana)

    answer = stale.post(f"{BASE}/more/", {"what": "carrier"})

    assert answer["Location"].startswith("/accounts/reauthenticate/")
    assert Agreement.objects.get().epoch == 1


@pytest.mark.parametrize("what", ["name", "shared-research", "recontact", "keep-updated"])
def test_everything_that_is_on_can_be_turned_off(
    program: Program, ana: User, browser: Client, what: str
) -> None:
    full = a_scope(extras=frozenset(Extra), uses=frozenset(Use))
    an_agreement(ana, program, full)

    browser.post(f"{BASE}/less/", {"what": what})

    assert Agreement.objects.get().agreed().scope != full


def test_an_unknown_switch_is_not_found(program: Program, ana: User, browser: Client) -> None:
    an_agreement(ana, program)

    assert browser.post(f"{BASE}/less/", {"what": "nonsense"}).status_code == 404


def test_the_last_kind_cannot_be_turned_off(program: Program, ana: User, browser: Client) -> None:
    an_agreement(ana, program, a_scope(Category.CARRIER))

    answer = browser.post(f"{BASE}/less/", {"what": "carrier"}, follow=True)

    assert "To share nothing, stop sharing" in answer.content.decode()
    assert Agreement.objects.get().epoch == 1


def test_the_last_day_can_be_changed(program: Program, ana: User, browser: Client) -> None:
    an_agreement(ana, program)

    assert "Until when" in browser.get(f"{BASE}/last-day/").content.decode()
    browser.post(f"{BASE}/last-day/", {"ends_on": "2999-12-31"})
    page = browser.get(f"{BASE}/").content.decode()
    over = browser.post(f"{BASE}/last-day/", {"ends_on": "2020-01-01"}, follow=True)
    wrong = browser.post(f"{BASE}/last-day/", {"ends_on": "soon"})

    agreement = Agreement.objects.get()
    assert str(agreement.agreed().scope.ends_on) == "2999-12-31"
    assert "Change the last day" in page
    assert "The last day is over already" in over.content.decode()
    assert "Enter a valid date" in wrong.content.decode()
    browser.post(f"{BASE}/last-day/", {"ends_on": ""})
    assert Agreement.objects.get().ends_at is None


def test_leaving_says_what_it_does_and_does_it_once(
    program: Program, ana: User, browser: Client
) -> None:
    an_agreement(ana, program)

    page = browser.get(f"{BASE}/leave/").content.decode()
    first = browser.post(f"{BASE}/leave/", follow=True).content.decode()
    second = browser.post(f"{BASE}/leave/", follow=True).content.decode()

    assert "What cannot be undone" in page
    assert "You have left" in first
    assert "You had left before" in second
    assert Agreement.objects.get().state == Agreement.State.LEFT


def test_the_receipt_comes_as_page_pdf_json_and_fhir(
    program: Program, ana: User, browser: Client
) -> None:
    an_agreement(ana, program)
    event = Event.objects.get()

    pdf = browser.get(f"{BASE}/receipt/1.pdf")
    form = json.loads(browser.get(f"{BASE}/receipt/1.json").content)
    consent = json.loads(browser.get(f"{BASE}/receipt/1.fhir.json").content)

    reader = pypdf.PdfReader(io.BytesIO(pdf.content))
    text = "".join(page.extract_text() for page in reader.pages)
    catalog: Any = reader.trailer["/Root"]
    assert event.hash in text.replace("\n", "")
    assert "GINA" in text
    assert catalog["/MarkInfo"]["/Marked"]
    assert faults(pdf.content) == []
    assert ledger.sha256(form["act"]) == form["hash"] == event.hash
    assert form["version"]["sha256"] == event.version.sha256
    assert (consent["resourceType"], consent["status"]) == ("Consent", "active")


def test_the_history_and_the_signed_text_stay_readable_after_leaving(
    program: Program, ana: User, browser: Client
) -> None:
    an_agreement(ana, program)
    services.leave(patient=ana, program=program, at=NOON)
    program.state = Program.State.CLOSED
    program.save()

    page = browser.get(f"{BASE}/history/").content.decode()

    assert "Left the program" in page
    assert "They are as they were written" in page
    assert browser.get(f"{BASE}/text/1/").status_code == 200
    assert "Left" in browser.get("/choices/").content.decode()
    assert "takes nobody" in browser.get(f"{BASE}/").content.decode()


def test_a_broken_history_says_so(program: Program, ana: User, browser: Client) -> None:
    an_agreement(ana, program)
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("UPDATE consent_event SET reason = 'forged'")
        cursor.execute("SET session_replication_role = origin")

    assert "not as it was written" in browser.get(f"{BASE}/history/").content.decode()


def test_a_new_version_shows_what_is_new_word_by_word(
    program: Program, ana: User, browser: Client
) -> None:
    an_agreement(ana, program)
    a_second_version(program)

    page = browser.get(f"{BASE}/new/").content.decode()

    assert "The text has changed" in browser.get(f"{BASE}/").content.decode()
    assert "See what is new" in browser.get("/choices/").content.decode()
    assert page.index("We say more about risks.") < page.index("<ins>")
    assert "<del>" in page
    assert "holds until you decide" in page


def test_a_paused_agreement_says_that_nothing_is_sent(
    program: Program, ana: User, browser: Client
) -> None:
    an_agreement(ana, program)
    a_second_version(program, needs_reconsent=True)

    assert "Nothing new is sent until you decide" in browser.get(f"{BASE}/new/").content.decode()
    assert "Waits for your answer" in browser.get("/choices/").content.decode()


def test_without_news_there_is_no_page_of_news(
    program: Program, ana: User, browser: Client
) -> None:
    an_agreement(ana, program)

    assert browser.get(f"{BASE}/new/").status_code == 404


def test_what_research_is_fine_is_kept_and_a_mismatch_explained(
    program: Program, ana: User, browser: Client
) -> None:
    wish = {"permission": "DUO:0000006", "modifiers": ["DUO:0000018"]}

    assert browser.get("/choices/research/").status_code == 200
    assert browser.post("/choices/research/", wish)["Location"] == "/choices/"

    page = browser.get(f"{BASE}/").content.decode()
    assert Preference.objects.get(patient=ana).modifiers == ["DUO:0000018"]
    assert "You chose health research only" in page
    assert "You chose no profit" in page
    assert "checked" in browser.get("/choices/research/").content.decode()
