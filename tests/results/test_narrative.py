"""A lab's own page is shown with its words, and with nothing that acts, loads or leads astray."""

import json
import re

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from portal.accounts.models import User
from portal.records.models import Origin, Resource
from portal.records.models.origins import pack
from portal.results.clusters import clusters
from portal.results.narrative import cleaned
from portal.results.record import load
from tests.results.builders import (
    AT,
    a_brca2_change,
    a_report,
    an_origin,
    keep,
    open_all,
)

ACTS = re.compile(
    r"<\s*(script|style|form|input|iframe|object|embed|img|svg|math|link|meta|base|video|button)"
    r"|\son\w+\s*=|\sstyle\s*=|javascript:|data:|vbscript:",
    re.IGNORECASE,
)
RUDE = [
    "<div>Hello <script>x()</script>World</div>",
    '<div><img src="x" onerror="x()"/>World</div>',
    '<div><a href="JaVaScRiPt:x()">World</a></div>',
    '<div><a href=" java\tscript:x()">World</a></div>',
    '<div><a href="//elsewhere.example/">World</a></div>',
    '<div><a href="/accounts/logout/">World</a></div>',
    '<div><p style="background:url(http://tracker.example/a)">World</p></div>',
    '<div><iframe src="http://frame.example"></iframe>World</div>',
    '<div><form action="http://form.example"><input/></form>World</div>',
    '<div><svg onload="x()"><text>s</text></svg>World</div>',
    "<div><math><mtext><style><img src=x onerror=x()></style></mtext></math>World</div>",
    '<div><table><tr><td onclick="x()">World</td></tr></table></div>',
    '<div><noscript><p title="</noscript><img src=x onerror=x()>">World</p></noscript>World</div>',
    '<div><meta http-equiv="refresh" content="0;url=http://elsewhere.example">World</div>',
    '<div><base href="http://elsewhere.example/">World</div>',
    "<div>World<!-- <script>x()</script> --></div>",
    "<div>World<template><script>x()</script></template></div>",
    '<div class="nhsuk-button" id="main">World</div>',
]


@pytest.mark.parametrize("rude", RUDE)
def test_words_stay_and_what_acts_goes(rude: str) -> None:
    page = cleaned(rude)

    assert "World" in page
    assert not ACTS.search(page)
    assert "href" not in page
    assert "id=" not in page


def test_lists_tables_and_full_links_stay() -> None:
    page = cleaned(
        '<div><ul><li>one</li></ul><table><tr><td colspan="2">two</td></tr></table>'
        '<a href="https://lab.example/help">three</a></div>'
    )

    assert "<li>one</li>" in page
    assert '<td colspan="2">two</td>' in page
    assert 'href="https://lab.example/help"' in page
    assert 'rel="noopener noreferrer"' in page


@given(st.text(alphabet="<>/=\"' abcdiosvgrptx:()", max_size=80))
def test_no_text_at_all_becomes_something_that_acts(text: str) -> None:
    tags = re.findall(r"<\s*/?\s*([a-z]+)", cleaned(text))

    assert not {"script", "style", "iframe", "svg", "img", "form"} & set(tags)


def a_resource_with_a_page(origin: Origin, div: str) -> None:
    body = {"resourceType": "Observation", "id": "v1", "text": {"status": "generated", "div": div}}
    Resource.objects.create(
        patient_id=origin.patient_id,
        origin=origin,
        resource_type="Observation",
        source_id="v1",
        sha256="0" * 64,
        raw=pack(json.dumps(body).encode()),
        stored_at=AT,
    )


def the_page_of_a_brca2_change(reader: tuple[User, Client], div: str, kept_by: str) -> str:
    patient, client = reader
    origin = an_origin(patient)
    keep(origin, a_report(), a_brca2_change())
    open_all(patient)
    a_resource_with_a_page(origin if kept_by == "the same" else an_origin(patient), div)
    cluster = next(one for shelf in load(patient) for one in clusters(shelf) if one.genes)
    return client.get(f"/results/f/{cluster.slug}/").content.decode()


@pytest.mark.django_db
def test_the_page_of_a_result_shows_what_the_lab_wrote(patient: User, client: Client) -> None:
    page = the_page_of_a_brca2_change(
        (patient, client), "<div><script>alert(1)</script><b>Seen by the lab</b></div>", "the same"
    )

    assert "What the lab wrote on its own page" in page
    assert "<b>Seen by the lab</b>" in page
    assert "alert(1)" not in page


@pytest.mark.django_db
def test_what_another_source_wrote_under_the_same_name_is_not_shown(
    patient: User, client: Client
) -> None:
    page = the_page_of_a_brca2_change((patient, client), "<div>Of another place</div>", "another")

    assert "Of another place" not in page


@pytest.mark.django_db
def test_a_page_that_only_repeats_the_data_is_left_out(patient: User, client: Client) -> None:
    page = the_page_of_a_brca2_change(
        (patient, client), '<div>{"resourceType": 1}</div>', "the same"
    )

    assert "What the lab wrote" not in page
