"""Tests of a tumor over time: drawn from two days on, small, and never from a closed part."""

import gzip
import xml.etree.ElementTree as ET

import pytest
from django.test import Client

from portal.accounts.models import User
from portal.genomics.findings import Gene
from portal.results.clusters import clusters
from portal.results.record import load
from portal.results.tumour_time import tumour_timeline
from tests.results.builders import a_finding, a_report, an_origin, keep, open_all

pytestmark = pytest.mark.django_db

NAME = "Tests of the tumor over time"


def seen(patient: User, *days: tuple[str, str]) -> None:
    found = (
        a_finding(f"v{number}", genes=(Gene(gene),), source_class="somatic", effective_at=day)
        for number, (day, gene) in enumerate(days)
    )
    keep(an_origin(patient), a_report(effective_at=""), *found)


def picture(patient: User) -> object:
    found = [one for shelf in load(patient) for one in clusters(shelf)]
    return tumour_timeline(found, "en")


def test_one_day_is_not_a_story(patient: User) -> None:
    seen(patient, ("2026-01-02", "KRAS"), ("2026-01-02", "TP53"))

    assert picture(patient) is None


def test_the_days_stand_in_order_and_one_without_a_date_comes_last(patient: User) -> None:
    seen(patient, ("", "EGFR"), ("2026-05-02", "KRAS"), ("2025", "TP53"))
    found = [one for shelf in load(patient) for one in clusters(shelf)]

    made = tumour_timeline(found, "en")

    assert made is not None
    assert made.twin == ("2025: TP53", "May 2, 2026: KRAS", "No date: EGFR")


def test_long_lists_are_short_in_the_picture_and_whole_in_words(patient: User) -> None:
    many = [("2026-01-02", f"LONGGENENAME{number}") for number in range(12)]
    seen(patient, *many, ("2026-02-02", "KRAS"))
    found = [one for shelf in load(patient) for one in clusters(shelf)]

    made = tumour_timeline(found, "en")

    assert made is not None
    texts = [
        node.text or "" for node in ET.fromstring(made.svg).iter() if node.tag.endswith("}text")
    ]
    assert max(map(len, texts)) <= 46
    assert "LONGGENENAME11" in made.twin[0]


def test_the_picture_is_small_and_quick(patient: User) -> None:
    seen(patient, *((f"20{number:02}-01-02", "KRAS") for number in range(10, 26)))
    found = [one for shelf in load(patient) for one in clusters(shelf)]
    tumour_timeline(found, "en")

    made = tumour_timeline(found, "en")

    assert made is not None
    assert len(gzip.compress(made.svg.encode())) <= 5 * 1024
    assert "style=" not in made.svg


def test_a_closed_part_is_not_drawn_and_an_open_one_is(patient: User) -> None:
    seen(patient, ("2026-05-02", "KRAS"), ("2025-03-01", "TP53"))
    client = Client()
    client.force_login(patient)

    closed = client.get("/results/").text
    open_all(patient)
    opened = client.get("/results/").text

    assert NAME not in closed
    assert NAME in opened
