"""My choices, the way to an agreement, receipts: as the person sees them, in two languages."""

import io
import json
import re
from typing import Any

import pypdf
import pytest
from django.db import connection
from django.test import Client

from consent import ledger, publishing, services
from consent.models import Agreement, Draft, Event, Preference, Program, Version
from consent.policy import Category, Extra, Identity, Use
from portal.accounts.models import User
from tests.consent.builders import (
    NOON,
    a_person,
    a_program,
    a_resource,
    a_scope,
    a_version,
    an_agreement,
    an_observation,
    an_origin,
)
from tests.consent.pages import a_browser, a_stale_browser

pytestmark = pytest.mark.django_db
BASE = "/choices/all-of-us"
CHOICES: dict[str, Any] = {
    "genomic": ["medicines-pgx"],
    "clinical": ["allergies"],
    "identity": "pseudonymous",
    "keep_updated": "yes",
    "shared-research": "no",
    "recontact": "yes",
    "return-of-results": "no",
    "ends_on": "",
}
RIGHT = {"not-care": "1", "free-choice": "0", "can-stop": "1", "privacy": "0"}


@pytest.fixture
def program() -> Program:
    program = a_program()
    a_version(program)
    return program


@pytest.fixture
def ana() -> User:
    return a_person()


@pytest.fixture
def browser(ana: User) -> Client:
    return a_browser(ana)


def _has_read_all(browser: Client, **answers: object) -> None:
    """Put somebody at the choices, as if they had read the seven screens before."""
    patient = User.objects.get(pk=browser.session["_auth_user_id"])
    version = Version.objects.get(state=Version.State.PUBLISHED)
    kept = {"seen": 7, **answers}
    services.save_draft(patient=patient, version=version, answers=kept, at=NOON)


def _is_at_the_signature(browser: Client, **choices: object) -> None:
    kept = {**CHOICES, **choices, "chosen": True, "understood": True, "seen": 9}
    _has_read_all(browser, **kept)


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
    _has_read_all(browser)

    page = browser.get(f"{BASE}/agree/8/").content.decode()

    assert "checked" not in page
    assert page.count('type="checkbox"') == 23


def test_each_kind_says_how_much_there_is(program: Program, ana: User, browser: Client) -> None:
    origin = an_origin(ana)
    for number in range(3):
        a_resource(origin, an_observation(f"o{number}"), "medicines-pgx")
    _has_read_all(browser)

    page = browser.get(f"{BASE}/agree/8/").content.decode()

    assert "How your body handles medicines. You have 3 here now." in page


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

    _has_read_all(browser)

    assert browser.get(f"{BASE}/agree/sign/")["Location"] == f"{BASE}/agree/8/"


def test_save_and_leave_keeps_the_place_and_the_ticks(program: Program, browser: Client) -> None:
    _has_read_all(browser)

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
    _has_read_all(browser)

    answer = browser.post(f"{BASE}/agree/8/", CHOICES | changes | {"do": "next"})

    page = answer.content.decode()
    assert said in page
    assert "There is a problem" in page
    assert "checked" in page


def test_a_wrong_answer_is_explained_and_asked_again_then_a_person_is_offered(
    program: Program, browser: Client
) -> None:
    _has_read_all(browser)
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
    _has_read_all(browser)
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
    _has_read_all(browser)
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


def _a_second_version(program: Program, *, needs_reconsent: bool = False) -> Version:
    document = program.documents.get()
    author = a_person("writer@example.org", role=User.Role.ADMIN)
    draft = publishing.new_draft(document=document, by=author, at=NOON)
    publishing.describe(
        version=draft,
        whats_new_en="We say more about risks.",
        whats_new_es="Decimos más de los riesgos.",
        needs_reconsent=needs_reconsent,
        by=author,
        at=NOON,
    )
    publishing.edit(
        version=draft,
        place="screens.0",
        words={"en": {"text": "All of Us is a study. You may say no. Your care stays the same."}},
        by=author,
        at=NOON,
    )
    second = a_person("second@example.org", role=User.Role.ADMIN)
    return publishing.publish(version=draft, by=second, at=NOON)


def test_a_new_version_shows_what_is_new_word_by_word(
    program: Program, ana: User, browser: Client
) -> None:
    an_agreement(ana, program)
    _a_second_version(program)

    page = browser.get(f"{BASE}/new/").content.decode()

    assert "The text has changed" in browser.get(f"{BASE}/").content.decode()
    assert "See what is new" in browser.get("/choices/").content.decode()
    assert page.index("We say more about risks.") < page.index("<ins>")
    assert "<del>" in page
    assert "holds until you decide" in page


def test_answers_to_an_old_wording_are_asked_again(program: Program, browser: Client) -> None:
    _is_at_the_signature(browser)
    _a_second_version(program)

    assert browser.get(f"{BASE}/agree/sign/")["Location"] == f"{BASE}/agree/1/"


def test_a_paused_agreement_says_that_nothing_is_sent(
    program: Program, ana: User, browser: Client
) -> None:
    an_agreement(ana, program)
    _a_second_version(program, needs_reconsent=True)

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
    _a_second_version(program)
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
        _a_second_version(program)

    html = browser.get(page).content.decode()

    assert html.count("<h1") == 1
    assert not re.search(r"<script(?![^>]*src=)|style=|\son\w+=", html)


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
    _has_read_all(browser)
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
    _has_read_all(browser)

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
