"""Lines of a medicines list: read whatever arrives, and take nothing as taken that is not."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.genomics.findings import Coding, Concept
from portal.genomics.knowledge.medicines import RXNORM, named
from portal.genomics.medication import Taking, read_entry

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)
FIELDS = (
    *("status", "intent", "doNotPerform", "medicationCodeableConcept", "medicationReference"),
    *("medication", "contained", "authoredOn", "effectivePeriod", "effectiveDateTime"),
)


@given(body=st.dictionaries(st.sampled_from(FIELDS), ANYTHING))
def test_no_shape_of_a_line_makes_the_reader_fall(body: dict[str, Any]) -> None:
    entry = read_entry(body, {})

    assert entry.taking in Taking
    if entry.taking is Taking.NOW:
        assert body["status"].strip().lower() == "active"


@pytest.mark.parametrize(
    ("body", "taking"),
    [
        ({"status": "active", "intent": "order"}, Taking.NOW),
        ({"status": " Active "}, Taking.NOW),
        ({"status": "active", "intent": "proposal"}, Taking.PLANNED),
        ({"status": "active", "doNotPerform": True}, Taking.NOT),
        ({"status": "not-taken"}, Taking.NOT),
        ({"status": "entered-in-error", "doNotPerform": True}, Taking.ERROR),
        ({"status": "something new"}, Taking.UNKNOWN),
        ({}, Taking.UNKNOWN),
    ],
)
def test_the_status_says_what_it_says_and_no_more(body: dict[str, Any], taking: Taking) -> None:
    assert read_entry(body, {}).taking is taking


def test_a_medicine_in_the_line_itself_is_found_by_its_mark() -> None:
    body = {
        "contained": [{"resourceType": "Medication", "id": "m", "code": {"text": "Warfarin"}}],
        "medicationReference": {"reference": "#m", "display": "a tablet"},
    }

    assert read_entry(body, {}).medicine == Concept("Warfarin")


def test_a_reference_that_leads_nowhere_keeps_its_words() -> None:
    body = {"medicationReference": {"reference": "Medication/gone", "display": "a tablet"}}

    assert read_entry(body, {}).medicine == Concept("a tablet")


def test_a_later_edition_with_concept_and_reference_in_one_is_read() -> None:
    body = {"medication": {"concept": {"text": "Warfarin"}}}

    assert read_entry(body, {}).medicine == Concept("Warfarin")


@pytest.mark.parametrize(
    ("words", "ingredients"),
    [
        ("Plavix 75 mg", {"clopidogrel"}),
        ("CLOPIDOGREL BISULFATE", {"clopidogrel"}),
        ("Warfarina", {"warfarin"}),
        ("Tylenol with Codeine", {"codeine"}),
        ("escitalopram", {"escitalopram"}),
        ("norcodeinone", set()),
        ("", set()),
    ],
)
def test_names_are_known_as_whole_words_only(words: str, ingredients: set[str]) -> None:
    assert named(Concept(words)).ingredients == ingredients


def test_a_code_of_another_system_is_not_one_of_rxnorm() -> None:
    elsewhere = Concept(codings=(Coding("http://example.org", "312961"),))
    here = Concept(codings=(Coding(RXNORM, "312961"),))

    assert not named(elsewhere).ingredients
    assert named(here).ingredients == {"simvastatin"}
