"""My words or my doctor's words on the same card, remembered, and with JavaScript off."""

import pytest
from django.test import Client

from portal.accounts.models import User
from tests.results.builders import a_brca2_change, a_patient, a_report, an_origin, keep, open_all

pytestmark = pytest.mark.django_db

LIST = "/results/"
SWITCH = "/results/words/"


@pytest.fixture
def patient() -> User:
    person = a_patient()
    keep(an_origin(person), a_report(), a_brca2_change())
    return person


def test_cards_speak_plainly_until_the_person_chooses_otherwise(
    client: Client, patient: User
) -> None:
    open_all(patient)

    page = client.get(LIST).text

    assert "It does not mean that you have" in page
    assert "NM_000059.3:c.2808_2811del" not in page


def test_the_doctors_words_stand_on_the_same_card_and_are_remembered(
    client: Client, patient: User
) -> None:
    open_all(patient)

    answer = client.post(SWITCH, {"words": "doctor", "next": LIST})
    page = client.get(LIST).text
    part = client.get("/results/part/soon/").text

    assert answer.url == LIST  # type: ignore[attr-defined]
    assert "NM_000059.3:c.2808_2811del" in page
    assert "It does not mean that you have" not in page
    assert "NM_000059.3:c.2808_2811del" in part
    assert 'value="doctor" aria-pressed="true"' in page


def test_the_choice_can_be_taken_back(client: Client, patient: User) -> None:
    open_all(patient)
    client.post(SWITCH, {"words": "doctor"})

    client.post(SWITCH, {"words": "plain"})

    assert "It does not mean that you have" in client.get(LIST).text


def test_the_doctors_words_open_no_closed_part(client: Client, patient: User) -> None:
    client.post(SWITCH, {"words": "doctor"})

    assert "BRCA2" not in client.get(LIST).text


def test_the_switch_leads_only_back_into_the_site(client: Client) -> None:
    answer = client.post(SWITCH, {"words": "doctor", "next": "https://elsewhere.example/"})

    assert answer.url == LIST  # type: ignore[attr-defined]


def test_other_words_change_nothing(client: Client) -> None:
    answer = client.post(SWITCH, {"words": "latin"})

    assert answer.status_code == 302
    assert "words" not in answer.cookies
