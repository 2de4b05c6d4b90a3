"""The sentences of the pages beside the results page are for everyone: grade 6 at most."""

import re

import pytest
from django.test import Client
from django.utils.html import strip_tags

from portal.accounts.models import User
from portal.genomics.reading_grade import grade
from tests.results.builders import a_brca2_change, a_patient, a_report, a_slow_cyp2c19, an_origin
from tests.results.builders import keep as kept

pytestmark = pytest.mark.django_db

PAGES = (
    "/results/medicines/",
    "/results/looked/",
    "/results/changes/",
    "/results/papers/family/",
    "/results/papers/questions/",
)
MOST = 6


@pytest.fixture
def patient() -> User:
    person = a_patient()
    kept(an_origin(person), a_report(), a_brca2_change(), *a_slow_cyp2c19())
    return person


def sentences(html: str) -> str:
    """Return the paragraphs and list items of the main part that are whole sentences."""
    main = html.split("<main", 1)[1].split("</main>", 1)[0]
    main = re.sub(r'<([a-z]+)[^>]*translate="no".*?</\1>', "", main, flags=re.DOTALL)
    blocks = re.findall(r"<(?:p|li|dd)\b[^>]*>(.*?)</(?:p|li|dd)>", main, flags=re.DOTALL)
    plain = (" ".join(strip_tags(block).split()) for block in blocks)
    return "\n".join(text for text in plain if text.endswith((".", "?")))


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("address", PAGES)
def test_a_page_reads_at_grade_6_at_most(client: Client, address: str, language: str) -> None:
    posted = "papers" in address
    headers = {"accept-language": language}
    answer = (
        client.post(address, {"language": language}, headers=headers)
        if posted
        else client.get(address, headers=headers)
    )

    text = sentences(answer.text)

    assert text
    assert grade(text, language) <= MOST, text


@pytest.mark.parametrize("address", PAGES)
def test_the_tab_says_nothing_of_results(client: Client, address: str) -> None:
    title = client.get(address).text.split("<title>")[1].split("</title>")[0]

    assert title == "Your page - Sync for Genes"
