"""The calm way: no counts, each part and the picture closed at first; it can be taken back."""

import pytest
from django.test import Client

from portal.accounts.models import User
from tests.results.builders import a_brca2_change, a_report, an_origin, keep, open_all

pytestmark = pytest.mark.django_db
LIST = "/results/"
SWITCH = "/results/calm/"
READY = "Open this part when you are ready"


@pytest.fixture
def opened(patient: User) -> User:
    keep(an_origin(patient), a_report(), a_brca2_change())
    open_all(patient)
    return patient


@pytest.mark.usefixtures("opened")
def test_the_calm_way_counts_nothing_and_opens_nothing_by_itself(client: Client) -> None:
    usual = client.get(LIST).text
    answer = client.post(SWITCH, {"calm": "on", "next": LIST})
    calm = client.get(LIST).text

    assert answer.url == LIST  # type: ignore[attr-defined]
    assert READY not in usual
    assert "1 thing to know about" in usual
    assert "thing to know about" not in calm
    assert calm.count(READY) == calm.count('<section class="part"')
    assert "Show the picture" in calm
    assert 'class="site-main calm"' in calm
    assert "BRCA2" in calm


@pytest.mark.usefixtures("opened")
def test_the_calm_way_can_be_left_and_takes_no_other_word(client: Client) -> None:
    client.post(SWITCH, {"calm": "on"})
    client.post(SWITCH, {"calm": "off", "next": "https://elsewhere.example/"})
    assert READY not in client.get(LIST).text

    answer = client.post(SWITCH, {"calm": "<b>"})

    assert answer.url == LIST  # type: ignore[attr-defined]
    assert client.cookies["calm"].value == "off"
