"""What a person keeps closed stays closed also in the words beside it and in what she downloads."""

import csv
import io
import zipfile

import pytest
from django.test import Client

from portal.accounts.models import User
from portal.genomics.findings import Concept, Kind
from portal.records import services as records
from portal.results.opened import closed
from tests.results.builders import (
    AT,
    a_brca2_change,
    a_finding,
    a_report,
    a_slow_cyp2c19,
    an_origin,
    keep,
    open_all,
)

pytestmark = pytest.mark.django_db

OVERALL = a_finding(
    "o1", kind=Kind.OTHER, presence=None, code=Concept("Overall result"), value="Changes were seen"
)
IN_WORDS = "Changes were seen"


def _tables(patient: User) -> tuple[list[dict[str, str]], bytes]:
    with records.download(patient=patient, at=AT) as raw, zipfile.ZipFile(raw) as archive:
        table = archive.read("findings.csv").decode("utf-8-sig")
        return list(csv.DictReader(io.StringIO(table))), archive.read("findings.ndjson")


def test_words_about_a_closed_part_wait_for_it(client: Client, patient: User) -> None:
    keep(an_origin(patient), a_report(), a_brca2_change(), OVERALL)
    before = client.get("/results/").text
    open_all(patient)

    assert IN_WORDS not in before
    assert IN_WORDS in client.get("/results/").text


def test_words_without_a_report_wait_for_all_that_the_source_gives(
    client: Client, patient: User
) -> None:
    loose = a_finding("o2", kind=Kind.OTHER, presence=None, value=IN_WORDS, reports=())
    keep(an_origin(patient), a_report(), a_brca2_change(), loose)

    assert IN_WORDS not in client.get("/results/").text


def test_words_about_open_parts_alone_are_shown(client: Client, patient: User) -> None:
    keep(an_origin(patient), a_report(), *a_slow_cyp2c19(), OVERALL)

    assert IN_WORDS in client.get("/results/").text


def test_words_of_another_report_do_not_wait(client: Client, patient: User) -> None:
    other = a_finding("o3", kind=Kind.OTHER, presence=None, value=IN_WORDS, reports=("r2",))
    second = a_report(key="r2", id="r2", title="Another test")
    keep(an_origin(patient), a_report(), a_brca2_change(), second, other)

    assert IN_WORDS in client.get("/results/").text


def test_the_tables_to_take_away_leave_closed_parts_out(patient: User) -> None:
    report = a_report(conclusion="A change in BRCA2 was found.")
    keep(an_origin(patient), report, a_brca2_change(), *a_slow_cyp2c19(), OVERALL)

    rows, lines = _tables(patient)

    assert {row["genes"] for row in rows} == {"CYP2C19", ""}
    assert b"BRCA2" not in lines
    assert IN_WORDS.encode() not in lines


def test_the_tables_to_take_away_hold_what_was_opened(patient: User) -> None:
    report = a_report(conclusion="A change in BRCA2 was found.")
    keep(an_origin(patient), report, a_brca2_change(), OVERALL)
    open_all(patient)

    rows, lines = _tables(patient)

    assert "BRCA2" in {row["genes"] for row in rows}
    assert IN_WORDS.encode() in lines
    assert closed(patient) == frozenset()


def test_one_persons_closed_parts_are_not_anothers(patient: User) -> None:
    keep(an_origin(patient), a_report(), a_brca2_change())
    somebody = User.objects.create_user("luis@example.org", "a-long-password-1")

    assert closed(somebody) == frozenset()
    assert {key for _, key in closed(patient)} == {"v1", "r1"}
