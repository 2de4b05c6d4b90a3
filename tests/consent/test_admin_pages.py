"""The admin desk: texts side by side, a second person to publish, records and their chain."""

import json
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client

from consent import desk, publishing, register, services
from consent.forms import WordsForm
from consent.models import Agreement, Event, Version
from portal.accounts.models import User
from portal.audit import actions
from portal.audit.models import Entry
from tests.consent.builders import NOON, a_person, a_program, a_version, an_agreement
from tests.consent.pages import a_browser, an_admins_browser

pytestmark = pytest.mark.django_db
DESK = "/consent-desk"


@pytest.fixture
def author() -> User:
    return a_person("author@example.org", role=User.Role.ADMIN)


@pytest.fixture
def browser(author: User) -> Client:
    return an_admins_browser(author)


@pytest.fixture
def second() -> Client:
    return an_admins_browser(a_person("second@example.org", role=User.Role.ADMIN))


@pytest.fixture
def published() -> Version:
    return a_version(a_program())


def _draft(published: Version, author: User) -> Version:
    return publishing.new_draft(document=published.document, by=author, at=NOON)


def test_the_list_is_empty_in_words(browser: Client) -> None:
    assert "There are no programs yet" in browser.get(f"{DESK}/documents/").content.decode()


def test_a_program_without_a_text_says_how_it_gets_one(browser: Client) -> None:
    a_program()

    page = browser.get(f"{DESK}/documents/").content.decode()

    assert "It has no text yet, so nobody can agree." in page


def test_the_list_shows_each_version_and_its_state(browser: Client, published: Version) -> None:
    page = browser.get(f"{DESK}/documents/").content.decode()

    assert "All of Us (sandbox)" in page
    assert "Version 1" in page
    assert "Published" in page


def test_a_version_stands_side_by_side_with_its_grades_and_checks(
    browser: Client, published: Version
) -> None:
    page = browser.get(f"{DESK}/versions/{published.pk}/").content.decode()

    assert page.count("<meter") == 2
    assert 'lang="en"' in page
    assert 'lang="es"' in page
    assert "Every required element is there" in page
    assert "Publish this version" not in page


def test_a_draft_is_started_edited_described_and_published_by_a_second_person(
    browser: Client, second: Client, published: Version
) -> None:
    started = browser.post(f"{DESK}/documents/{published.document_id}/draft/")
    place = started["Location"]
    words = {"en-heading": "Why", "en-text": "All of Us is a study. Your care stays the same."}
    form = browser.get(f"{place}edit/screens.0/").content.decode()
    kept = dict(re.findall(r'name="(e[ns]-\w+)"[^>]*>\s*([^<]*)<', form)) | words
    browser.post(f"{place}edit/screens.0/", kept)
    news = {"whats_new_en": "Shorter.", "whats_new_es": "Más corto."}
    browser.post(f"{place}describe/", news)

    shown = browser.get(place).content.decode()
    refused = browser.post(f"{place}publish/", follow=True).content.decode()
    done = second.post(f"{place}publish/", follow=True).content.decode()

    assert "Publish this version" not in shown
    assert "A second person must read it and publish it" in refused
    assert "People are asked with this text now" in done
    draft = Version.objects.get(number=2)
    assert draft.state == Version.State.PUBLISHED
    assert draft.whats_new_en == "Shorter."
    assert draft.texts.get(language="en").body["screens"][0]["heading"] == "Why"
    changed = second.get(f"{place}changes/").content.decode()
    assert "<ins>" in changed
    assert "<del>" in changed


def test_an_incomplete_draft_says_what_is_missing(
    browser: Client, second: Client, published: Version, author: User
) -> None:
    draft = _draft(published, author)
    publishing.edit(
        version=draft,
        place="sections.4",
        words={"en": {"text": "There is a law about it. It helps you a lot."}},
        by=author,
        at=NOON,
    )

    answer = second.post(f"{DESK}/versions/{draft.pk}/publish/", follow=True).content.decode()

    assert "This version is not ready" in answer
    assert "The law asks for this, and the text does not say it. (GINA)" in answer


def test_a_second_draft_is_refused_in_words(
    browser: Client, published: Version, author: User
) -> None:
    _draft(published, author)

    answer = browser.post(f"{DESK}/documents/{published.document_id}/draft/", follow=True)

    assert "There is a draft already" in answer.content.decode()


@pytest.mark.parametrize("act", ["edit/screens.0/", "describe/"])
def test_only_the_author_changes_a_draft(
    second: Client, published: Version, author: User, act: str
) -> None:
    draft = _draft(published, author)
    boxes = {f"{language}-{name}": "x" for language in ("en", "es") for name in ("heading", "text")}
    news = {"whats_new_en": "a", "whats_new_es": "b"}

    answer = second.post(f"{DESK}/versions/{draft.pk}/{act}", boxes | news, follow=True)

    assert "Only its author can change this draft" in answer.content.decode()


def test_what_is_published_is_not_edited(browser: Client, published: Version) -> None:
    boxes = {f"{language}-{name}": "x" for language in ("en", "es") for name in ("heading", "text")}
    place = f"{DESK}/versions/{published.pk}"

    edited = browser.post(f"{place}/edit/screens.0/", boxes, follow=True).content.decode()
    again = browser.post(f"{place}/publish/", follow=True).content.decode()

    assert "To change it, start a new version" in edited
    assert "To change it, start a new version" in again


def test_news_must_be_told_in_both_languages(
    browser: Client, published: Version, author: User
) -> None:
    draft = _draft(published, author)
    place = f"{DESK}/versions/{draft.pk}/describe/"

    answer = browser.post(place, {"whats_new_en": "a"}, follow=True)

    assert "in both languages" in answer.content.decode()


def test_empty_boxes_are_refused_beside_the_field(
    browser: Client, published: Version, author: User
) -> None:
    draft = _draft(published, author)

    answer = browser.post(f"{DESK}/versions/{draft.pk}/edit/quiz.0/", {"en-question": ""})

    assert "There is a problem" in answer.content.decode()


@pytest.mark.parametrize("place", ["screens.99", "nothing.0", "quiz.x", "screens"])
def test_a_part_that_is_not_there_is_not_found(
    browser: Client, published: Version, place: str
) -> None:
    assert browser.get(f"{DESK}/versions/{published.pk}/edit/{place}/").status_code == 404


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_preview_shows_what_the_patient_sees(
    browser: Client, published: Version, language: str
) -> None:
    page = browser.get(f"{DESK}/versions/{published.pk}/preview/?language={language}")

    first = {"en": "Why we ask", "es": "Por qué le pedimos esto"}[language]
    assert first in page.content.decode()


def test_the_first_version_has_nothing_before_it(browser: Client, published: Version) -> None:
    page = browser.get(f"{DESK}/versions/{published.pk}/changes/").content.decode()

    assert "This is the first version" in page
    assert desk.changes(published) == []


def test_records_are_found_by_person_program_and_state(browser: Client) -> None:
    ana = an_agreement(a_person("ana@example.org"))
    bo = an_agreement(a_person("bo@example.org"), ana.program)
    services.stop(patient=bo.patient, program=bo.program, recall=False, at=NOON)

    def found(**wanted: str) -> set[int]:
        return {line.agreement.pk for line in register.search(register.Search(**wanted))}  # type: ignore[arg-type]

    assert found() == {ana.pk, bo.pk}
    assert found(person=str(register.person_id("ANA@example.org"))) == {ana.pk}
    assert found(person="ana@example.org") == set()
    assert found(person=str(bo.patient_id)) == {bo.pk}
    assert found(person="nobody") == set()
    assert found(program="all-of-us", state="stopped") == {bo.pk}
    assert found(program="other") == set()
    page = browser.get(f"{DESK}/records/?state=stopped").content.decode()
    assert f"Record {bo.pk}" in page
    assert f"Record {ana.pk}" not in page


def test_an_admin_looks_for_an_e_mail_and_no_address_holds_it(browser: Client) -> None:
    ana = an_agreement(a_person("ana@example.org"))
    bo = an_agreement(a_person("bo@example.org"), ana.program)
    said = {"person": " Ana@Example.org ", "program": ana.program.slug, "as_of": "2026-03-20"}

    answer = browser.post(f"{DESK}/records/", said)
    page = browser.get(answer["Location"]).content.decode()

    where = f"person={ana.patient_id}&program={ana.program.slug}&as_of=2026-03-20"
    assert answer["Location"] == f"{DESK}/records/?{where}"
    assert f"Record {ana.pk}" in page
    assert f"Record {bo.pk}" not in page
    assert "example.org" not in page.lower().split("<main")[1]


@pytest.mark.parametrize(
    "person", ["nobody@example.org", "8c2a3f6e-5d0c-4f5c-9f0a-1b2c3d4e5f60", "?&=%"]
)
def test_looking_for_nobody_says_so_and_shows_no_record(browser: Client, person: str) -> None:
    agreement = an_agreement()

    answer = browser.post(f"{DESK}/records/", {"person": person})

    page = answer.content.decode()
    assert answer.status_code == 200
    assert "Nobody has this e-mail or id." in page
    assert f"Record {agreement.pk}" not in page


def test_a_record_is_shown_as_it_stood_on_a_day(browser: Client) -> None:
    agreement = an_agreement()
    later = NOON + timedelta(days=10)
    services.stop(patient=agreement.patient, program=agreement.program, recall=False, at=later)

    before = browser.get(f"{DESK}/records/?as_of=2026-03-02").content.decode()
    between = browser.get(f"{DESK}/records/?as_of=2026-03-05&state=active").content.decode()
    after = browser.get(f"{DESK}/records/?as_of=2026-03-20&state=active").content.decode()

    assert "No record matches" in before
    assert f"Record {agreement.pk}" in between
    assert "No record matches" in after


def test_a_search_that_is_no_search_shows_all(browser: Client) -> None:
    agreement = an_agreement()

    page = browser.get(f"{DESK}/records/?as_of=soon").content.decode()

    assert f"Record {agreement.pk}" in page


def test_many_records_come_in_pages(browser: Client) -> None:
    program = a_program()
    for number in range(26):
        an_agreement(a_person(f"p{number}@example.org"), program)

    page = browser.get(f"{DESK}/records/?program=all-of-us").content.decode()

    assert "26 records" in page
    assert "?program=all-of-us&amp;page=2" in page


def test_reading_a_record_is_written_down_for_the_person(browser: Client, author: User) -> None:
    agreement = an_agreement()

    page = browser.get(f"{DESK}/records/{agreement.pk}/").content.decode()

    entry = Entry.objects.about_patient(agreement.patient_id).get(
        action=actions.CONSENT_RECORD_READ
    )
    assert entry.actor_id == author.pk
    assert "Agreed" in page
    assert Event.objects.get().hash[:16] in page


def test_the_check_button_says_that_the_chain_holds(browser: Client) -> None:
    agreement = an_agreement()

    page = browser.post(f"{DESK}/records/{agreement.pk}/check/").content.decode()

    assert "1 event checked: the chain holds" in page
    assert Entry.objects.filter(action=actions.CONSENT_RECORD_CHECKED).count() == 1


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("UPDATE consent_event SET reason = 'x'", "The chain is broken at event 1"),
        ("UPDATE consent_agreement SET state = 'stopped'", "not what its events add up to"),
    ],
)
def test_the_check_button_finds_what_was_changed(browser: Client, sql: str, said: str) -> None:
    agreement = an_agreement()
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(sql)
        cursor.execute("SET session_replication_role = origin")

    page = browser.post(f"{DESK}/records/{agreement.pk}/check/").content.decode()

    assert said in page


def test_receipts_are_shown_to_the_admin_and_that_is_written_down(browser: Client) -> None:
    agreement = an_agreement()
    place = f"{DESK}/records/{agreement.pk}/receipt/1/"

    page = browser.get(place).content.decode()
    form = json.loads(browser.get(f"{place}?format=json").content)

    assert Event.objects.get().hash in page
    assert form["hash"] == Event.objects.get().hash
    assert browser.get(f"{DESK}/records/{agreement.pk}/receipt/9/").status_code == 404
    assert Entry.objects.filter(action=actions.CONSENT_RECORD_READ).count() >= 2


@pytest.mark.parametrize("role", [User.Role.PATIENT, User.Role.STAFF])
@pytest.mark.parametrize(
    "page", ["documents/", "versions/1/", "records/", "records/1/", "versions/1/preview/"]
)
def test_only_consent_admins_have_the_desk(role: str, page: str) -> None:
    other = a_browser(a_person("other@example.org", role=role))

    assert other.get(f"{DESK}/{page}").status_code in {302, 403}


def test_pages_have_one_heading_and_nothing_inline(
    browser: Client, published: Version, author: User
) -> None:
    draft = _draft(published, author)
    agreement = an_agreement(program=published.document.program)
    version = f"versions/{draft.pk}/"
    places = ["documents/", "records/", f"records/{agreement.pk}/", version]
    places += [f"{version}preview/", f"{version}changes/", f"{version}edit/screens.0/"]

    for place in places:
        html = browser.get(f"{DESK}/{place}").content.decode()
        assert html.count("<h1") == 1, place
        assert not re.search(r"<script(?![^>]*src=)|style=|\son\w+=", html), place


def test_an_agreement_says_nothing_of_the_person_when_printed() -> None:
    agreement = an_agreement()

    assert str(agreement) == f"agreement {agreement.pk}"
    assert Agreement.objects.get().patient.email not in str(Event.objects.get())


def test_both_languages_of_a_part_stand_side_by_side() -> None:
    words = {
        "en": {"heading": "Why", "text": "It is."},
        "es": {"heading": "Por qué", "text": "Es."},
    }

    form = WordsForm(words)

    assert list(form.fields) == ["en-heading", "es-heading", "en-text", "es-text"]
