"""The way to an agreement, screen by screen, as the person sees it."""

import re

import pytest
from django.test import Client
from django.utils.html import escape

from consent.forms import ChoicesForm
from consent.models import Agreement, Draft, Event, Program, Version
from consent.policy import Category, Extra, Identity
from consent.wizard import counts_of
from consent.words import CATEGORY_NAMES
from portal.accounts.models import User
from tests.consent.builders import (
    a_file,
    a_resource,
    a_second_version,
    an_agreement,
    an_observation,
    an_origin,
)
from tests.consent.pages import BASE, CHOICES, RIGHT, a_stale_browser, has_read_all

pytestmark = pytest.mark.django_db


def _is_at_the_signature(browser: Client, **choices: object) -> None:
    kept = {**CHOICES, **choices, "chosen": True, "understood": True, "seen": 9}
    has_read_all(browser, **kept)


def test_a_person_reads_chooses_answers_signs_and_gets_a_receipt(
    program: Program, ana: User, browser: Client
) -> None:
    for number in range(1, 8):
        answer = browser.post(f"{BASE}/agree/{number}/", {"do": "next"})
        assert answer["Location"] == f"{BASE}/agree/{number + 1}/"
    browser.post(f"{BASE}/agree/8/", CHOICES | {"do": "next"})
    browser.post(f"{BASE}/agree/9/", RIGHT | {"do": "next"})

    answer = browser.post(f"{BASE}/agree/sign/", {"name": "Ana Example", "agree": "on"})

    agreement = Agreement.objects.get(patient=ana, program=program)
    assert answer["Location"] == f"{BASE}/receipt/1/"
    scope = agreement.agreed().scope
    assert scope.categories == {Category.MEDICINES_PGX, Category.ALLERGIES}
    assert scope.identity is Identity.PSEUDONYMOUS
    assert scope.extras == {Extra.RECONTACT}
    assert not Draft.objects.exists()
    page = browser.get(f"{BASE}/receipt/1/").content.decode()
    assert Event.objects.get().hash in page
    assert "Ana Example" in page


def test_nothing_is_ticked_beforehand(program: Program, browser: Client) -> None:
    has_read_all(browser)

    page = browser.get(f"{BASE}/agree/8/").content.decode()

    assert "checked" not in page
    assert page.count('type="checkbox"') == 23


def test_each_kind_says_how_much_there_is(program: Program, ana: User, browser: Client) -> None:
    origin = an_origin(ana)
    for number in range(3):
        a_resource(origin, an_observation(f"o{number}"), "medicines-pgx")
    has_read_all(browser)

    page = browser.get(f"{BASE}/agree/8/").content.decode()

    assert "How your body handles medicines. You have 3 here now." in page


def test_only_what_can_go_is_counted(program: Program, ana: User) -> None:
    origin = an_origin(ana)
    a_resource(origin, a_file())
    a_resource(origin, {"resourceType": "MolecularSequence", "id": "s", "observedSeq": "ACGT"})
    a_resource(origin, {"resourceType": "Device", "id": "d"})
    version = Version.objects.get()

    version.identity = Identity.IDENTIFIED
    named = str(ChoicesForm(version, counts_of(ana, version)))
    version.identity = Identity.PSEUDONYMOUS
    unnamed = str(ChoicesForm(version, counts_of(ana, version)))

    files = escape(CATEGORY_NAMES[Category.SEQUENCE_FILES])
    assert f"{files}. You have 1 here now. Files go only if your name goes too." in named
    assert f"{files}. You have 0 here now. Files stay here, since" in unnamed
    assert f"{escape(CATEGORY_NAMES[Category.TEST_QUALITY])}. You have 0 here now." in named


def test_every_screen_is_short_and_has_a_way_back(program: Program, browser: Client) -> None:
    for number in range(1, 9):
        page = browser.get(f"{BASE}/agree/{number}/").content.decode()
        lede = re.search(r'<p class="lede">(.*?)</p>', page, re.DOTALL)
        assert lede is not None
        assert len(lede.group(1).split()) <= 60
        assert f"Step {number} of 10" in page
        assert "Save and leave" in page
        assert "back-link" in page
        browser.post(f"{BASE}/agree/{number}/", CHOICES | {"do": "next"})


def test_nobody_skips_ahead(program: Program, browser: Client) -> None:
    assert browser.get(f"{BASE}/agree/9/")["Location"] == f"{BASE}/agree/1/"
    assert browser.get(f"{BASE}/agree/sign/")["Location"] == f"{BASE}/agree/1/"
    assert browser.get(f"{BASE}/agree/99/")["Location"] == f"{BASE}/agree/1/"

    has_read_all(browser)

    assert browser.get(f"{BASE}/agree/sign/")["Location"] == f"{BASE}/agree/8/"


def test_save_and_leave_keeps_the_place_and_the_ticks(program: Program, browser: Client) -> None:
    has_read_all(browser)

    answer = browser.post(
        f"{BASE}/agree/8/", {"genomic": ["carrier"], "ends_on": "", "do": "later"}
    )

    assert answer["Location"] == "/choices/"
    assert Draft.objects.get().answers["genomic"] == ["carrier"]
    page = browser.get(f"{BASE}/agree/8/").content.decode()
    assert page.count("checked") == 1
    assert "Your answers are kept" in browser.get("/choices/").content.decode()


def test_reading_an_earlier_screen_again_loses_nothing(program: Program, browser: Client) -> None:
    _is_at_the_signature(browser)

    browser.post(f"{BASE}/agree/2/", {"do": "next"})

    assert browser.get(f"{BASE}/agree/sign/").status_code == 200


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"genomic": [], "clinical": []}, "Tick at least one kind"),
        ({"genomic": ["nonsense"]}, "Select a valid choice"),
        ({"identity": ""}, "Choose an answer"),
        ({"ends_on": "soon"}, "Enter a valid date"),
    ],
)
def test_a_choice_that_cannot_be_is_explained_and_what_was_ticked_stays(
    program: Program, browser: Client, changes: dict[str, object], said: str
) -> None:
    has_read_all(browser)

    answer = browser.post(f"{BASE}/agree/8/", CHOICES | changes | {"do": "next"})

    page = answer.content.decode()
    assert said in page
    assert "There is a problem" in page
    assert "checked" in page


def test_a_wrong_answer_is_explained_and_asked_again_then_a_person_is_offered(
    program: Program, browser: Client
) -> None:
    has_read_all(browser)
    browser.post(f"{BASE}/agree/8/", CHOICES | {"do": "next"})
    wrong = RIGHT | {"can-stop": "0", "do": "next"}

    first = browser.post(f"{BASE}/agree/9/", wrong).content.decode()
    second = browser.post(f"{BASE}/agree/9/", wrong).content.decode()
    third = browser.post(f"{BASE}/agree/9/", RIGHT | {"do": "next"})

    assert "You can stop at any time and need not say why" in first
    assert "talk to somebody" not in first
    assert "talk to somebody" in second
    assert "study@all-of-us.example" in second
    assert third["Location"] == f"{BASE}/agree/10/"
    assert browser.get(f"{BASE}/agree/10/")["Location"] == f"{BASE}/agree/sign/"


def test_a_question_without_an_answer_is_no_wrong_answer(program: Program, browser: Client) -> None:
    has_read_all(browser)
    browser.post(f"{BASE}/agree/8/", CHOICES | {"do": "next"})

    browser.post(f"{BASE}/agree/9/", {"do": "next"})
    empty = browser.post(f"{BASE}/agree/9/", {"do": "next"}).content.decode()

    assert "Choose an answer." in empty
    assert "?:" not in empty
    assert "talk to somebody" not in empty


def test_each_switch_says_what_it_does(program: Program, ana: User, browser: Client) -> None:
    an_agreement(ana, program)

    page = browser.get(f"{BASE}/").content.decode()
    name = browser.get(f"{BASE}/more/", {"what": "name"}).content.decode()

    assert "we tell the program that it may" in page
    assert "the next sending goes with" in name


def test_the_questions_can_be_left_for_later(program: Program, browser: Client) -> None:
    has_read_all(browser)
    browser.post(f"{BASE}/agree/8/", CHOICES | {"do": "next"})

    assert browser.post(f"{BASE}/agree/9/", {"do": "later"})["Location"] == "/choices/"


def test_signing_needs_a_fresh_sign_in(program: Program, ana: User) -> None:
    stale = a_stale_browser(ana)
    _is_at_the_signature(stale)

    for answer in (
        stale.get(f"{BASE}/agree/sign/"),
        stale.post(f"{BASE}/agree/sign/", {"name": "Ana", "agree": "on"}),
    ):
        assert answer["Location"].startswith("/accounts/reauthenticate/")
    assert not Agreement.objects.exists()


@pytest.mark.parametrize("typed", [{"name": "Ana"}, {"name": " ", "agree": "on"}, {}])
def test_signing_needs_a_name_and_a_yes(
    program: Program, browser: Client, typed: dict[str, str]
) -> None:
    _is_at_the_signature(browser)

    answer = browser.post(f"{BASE}/agree/sign/", {"name": "", **typed})

    assert answer.status_code == 200
    assert not Agreement.objects.exists()


def test_yes_and_no_look_the_same(program: Program, browser: Client) -> None:
    _is_at_the_signature(browser)

    page = browser.get(f"{BASE}/agree/sign/").content.decode()

    classes = re.findall(r'<button type="submit" class="([^"]*)" form="(?:sign|no)"', page)
    assert len(classes) == 2
    assert classes[0] == classes[1]


def test_saying_no_forgets_the_answers_and_shares_nothing(
    program: Program, browser: Client
) -> None:
    _is_at_the_signature(browser)

    answer = browser.post(f"{BASE}/agree/no/", follow=True)

    assert "Nothing is shared" in answer.content.decode()
    assert not Draft.objects.exists()
    assert not Agreement.objects.exists()


def test_a_last_day_that_is_over_leads_back_to_the_choices(
    program: Program, browser: Client
) -> None:
    _is_at_the_signature(browser, ends_on="2020-01-01")

    answer = browser.post(f"{BASE}/agree/sign/", {"name": "Ana", "agree": "on"}, follow=True)

    assert "The last day is over already" in answer.content.decode()
    assert not Agreement.objects.exists()


def test_agreeing_twice_changes_nothing(program: Program, ana: User, browser: Client) -> None:
    an_agreement(ana, program)
    _is_at_the_signature(browser)

    answer = browser.post(f"{BASE}/agree/sign/", {"name": "Ana", "agree": "on"}, follow=True)

    assert "You have agreed to this already" in answer.content.decode()
    assert Event.objects.count() == 1


def test_a_closed_program_asks_nobody(program: Program, browser: Client) -> None:
    program.state = Program.State.CLOSED
    program.save()

    answer = browser.get(f"{BASE}/agree/1/", follow=True)

    assert "takes nobody at the moment" in answer.content.decode()
    assert browser.get(f"{BASE}/agree/sign/")["Location"] == f"{BASE}/agree/1/"


def test_answers_to_an_old_wording_are_asked_again(program: Program, browser: Client) -> None:
    _is_at_the_signature(browser)
    a_second_version(program)

    assert browser.get(f"{BASE}/agree/sign/")["Location"] == f"{BASE}/agree/1/"
