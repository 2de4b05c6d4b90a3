"""A letter to the family and a card of questions: nothing is named unless it was ticked."""

from io import BytesIO

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pypdf import PdfReader

from portal.accounts.models import User
from portal.audit.models import Entry
from portal.genomics.findings import Hgvs
from portal.results.letters import Kind, paper
from tests.connections.builders import a_connection, an_import
from tests.results.builders import (
    a_brca2_change,
    a_patient,
    a_report,
    an_origin,
    keep,
    open_all,
)
from tests.structure import faults

pytestmark = pytest.mark.django_db

FAMILY = "/results/papers/family/"
FAMILY_PDF = "/results/papers/family.pdf"
QUESTIONS_PDF = "/results/papers/questions.pdf"
QUESTIONS = "/results/papers/questions/"


def slug_of(patient: User, gene: str) -> str:
    return next(one.slug for one in paper(patient, Kind.FAMILY).clusters if gene in one.genes)


def letter_in(text: str) -> str:
    return text.split('id="paper"')[1]


def words_of(content: bytes) -> str:
    reader = PdfReader(BytesIO(content))
    return " ".join(page.extract_text() for page in reader.pages)


def fresh(client: Client) -> None:
    client.post("/accounts/reauthenticate/", {"password": "a-long-password-1"})


@pytest.mark.parametrize("address", [FAMILY, QUESTIONS])
def test_without_results_the_paper_can_still_be_made(client: Client, address: str) -> None:
    form = client.get(address).text
    made = client.post(address, {"language": "en"}).text

    assert "There is no open result to name" in form
    assert 'id="paper"' in made


@pytest.mark.parametrize("address", [FAMILY, QUESTIONS])
def test_nothing_is_ticked_beforehand_and_nothing_is_named(
    client: Client, reported: User, address: str
) -> None:
    open_all(reported)

    form = client.get(address).text
    made = letter_in(client.post(address, {"language": "en"}).text)

    assert form.count("checked") == 1  # the language
    assert "BRCA2" not in made
    assert "CYP2C19" not in made


def test_a_letter_without_results_does_not_even_say_that_there_is_one(
    client: Client, reported: User
) -> None:
    made = letter_in(client.post(FAMILY, {"language": "en"}).text)

    assert "does not say what my test found, or if it found anything" in made


def test_a_ticked_result_is_named_with_what_a_doctor_needs(client: Client, reported: User) -> None:
    open_all(reported)
    slug = slug_of(reported, "BRCA2")

    made = letter_in(client.post(FAMILY, {"language": "en", "results": [slug]}).text)

    assert "BRCA2" in made
    assert "NM_000059.3:c.2808_2811del" in made
    assert "Demo Laboratory" in made
    assert "CYP2C19" not in made


def test_a_result_of_a_closed_part_cannot_be_ticked(client: Client, reported: User) -> None:
    open_all(reported)
    slug = slug_of(reported, "BRCA2")
    client.post("/results/notice/", {"part": ["soon"], "answer": "later"})

    form = client.get(FAMILY).text
    forced = client.post(FAMILY, {"language": "en", "results": [slug]}).text

    assert "BRCA2" not in form
    assert "There is a problem" in forced
    assert 'id="paper"' not in forced


def test_two_results_of_one_name_say_when_each_was_seen(patient: User) -> None:
    other = Hgvs(c=("NM_000059.3:c.5946del",))
    keep(
        an_origin(patient),
        a_brca2_change(key="v1", effective_at="2024-01-02"),
        a_brca2_change(key="v2", hgvs=other, effective_at="2025-03-04"),
    )
    open_all(patient)

    named = [one.words for one in paper(patient, Kind.QUESTIONS).choices("en")]

    assert len(set(named)) == len(named)
    assert any("January 2, 2024" in words for words in named)
    assert any("March 4, 2025" in words for words in named)


def test_another_persons_result_cannot_be_ticked(client: Client, reported: User) -> None:
    other = a_patient("eve@example.org")
    keep(an_origin(other), a_report(), a_brca2_change())
    open_all(other)

    answer = client.post(FAMILY, {"language": "en", "results": [slug_of(other, "BRCA2")]})

    assert "BRCA2" not in answer.text


def test_the_letter_can_be_in_another_language_than_the_page(
    client: Client, reported: User
) -> None:
    page = client.post(FAMILY, {"language": "es"}).text

    assert "A letter to your family" in page
    assert "A mi familia" in page
    assert 'lang="es"' in page


def test_the_pdf_is_tagged_in_its_language_and_leaves_a_line_in_the_trail(
    client: Client, reported: User
) -> None:
    open_all(reported)
    fresh(client)

    answer = client.post(FAMILY_PDF, {"language": "es", "results": [slug_of(reported, "BRCA2")]})

    root = PdfReader(BytesIO(answer.content)).root_object
    assert answer.headers["Content-Type"] == "application/pdf"
    assert "/Marked" in str(root["/MarkInfo"])
    assert faults(answer.content) == []
    assert str(root["/Lang"]) == "es"
    assert "A mi familia" in words_of(answer.content)
    assert "BRCA2" in words_of(answer.content)
    facts = Entry.objects.get(action="results.paper-made").facts
    assert facts == {"kind": "family", "results": 1}


def test_the_card_of_questions_is_tagged_whole(client: Client, reported: User) -> None:
    open_all(reported)
    fresh(client)

    answer = client.post(QUESTIONS_PDF, {"language": "es"})

    assert faults(answer.content) == []


def test_the_pdf_asks_for_a_fresh_sign_in_and_then_goes_on(client: Client, reported: User) -> None:
    asked = client.post(FAMILY_PDF, {"language": "en"})
    went_on = client.post(asked.url, {"password": "a-long-password-1"})  # type: ignore[attr-defined]

    assert "reauthenticate" in asked.url  # type: ignore[attr-defined]
    assert went_on.headers["Content-Type"] == "application/pdf"


def test_a_pdf_of_a_closed_result_is_refused(client: Client, reported: User) -> None:
    fresh(client)
    open_all(reported)
    slug = slug_of(reported, "BRCA2")
    client.post("/results/notice/", {"part": ["soon"], "answer": "never"})

    answer = client.post(FAMILY_PDF, {"language": "en", "results": [slug]})

    assert "There is a problem" in answer.text
    assert not Entry.objects.filter(action="results.paper-made").exists()


def test_an_unknown_paper_is_404(client: Client) -> None:
    assert client.get("/results/papers/novel/").status_code == 404


def test_the_pdf_needs_a_post(client: Client) -> None:
    assert client.get(FAMILY_PDF).status_code == 405


def test_while_an_import_runs_the_page_says_so(client: Client, patient: User) -> None:
    an_import(a_connection(patient=patient))

    assert "Results are on their way" in client.get(FAMILY).text


def test_the_page_asks_at_most_8_questions(client: Client, reported: User) -> None:
    open_all(reported)
    client.get(FAMILY)

    with CaptureQueriesContext(connection) as queries:
        client.post(FAMILY, {"language": "en"})

    assert len(queries) <= 8
