"""What is drawn out of a resource, and that nothing in one can surprise us."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.records import facts
from portal.records.fhir import Incoming
from tests.records.builders import an_observation

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
ELEMENTS = (
    "resourceType",
    "id",
    "meta",
    "status",
    "code",
    "category",
    "subject",
    "patient",
    "contained",
    "effectiveDateTime",
    "effectivePeriod",
    "period",
)


def examined(raw: bytes) -> facts.Facts | str:
    try:
        return facts.examine(Incoming(raw))
    except facts.Unreadable as refusal:
        return refusal.code


@given(st.binary(max_size=200))
def test_no_bytes_are_a_surprise(raw: bytes) -> None:
    assert isinstance(examined(raw), facts.Facts | str)


@given(st.dictionaries(st.sampled_from(ELEMENTS), json_values))
def test_no_element_is_a_surprise(body: dict[str, object]) -> None:
    raw = json.dumps({"resourceType": "Observation", "id": "a", **body}).encode()

    found = examined(raw)

    if isinstance(found, facts.Facts):
        texts = (found.code, found.category, found.status, found.source_id, found.resource_type)
        assert not any("\0" in text for text in texts)
        assert len(found.code) <= 255


@pytest.mark.parametrize(
    ("told", "moment"),
    [
        ({"effectiveDateTime": "2020"}, datetime(2020, 1, 1, tzinfo=UTC)),
        ({"effectiveDateTime": "2020-02"}, datetime(2020, 2, 1, tzinfo=UTC)),
        ({"effectiveDateTime": "2020-02-03"}, datetime(2020, 2, 3, tzinfo=UTC)),
        ({"effectiveDateTime": "2020-02-03T01:00:00+01:00"}, datetime(2020, 2, 3, tzinfo=UTC)),
        ({"effectivePeriod": {"start": "2020-02-03"}}, datetime(2020, 2, 3, tzinfo=UTC)),
        ({"issued": "2020-02-03T00:00:00.123Z"}, datetime(2020, 2, 3, 0, 0, 0, 123000, tzinfo=UTC)),
        ({"effectiveDateTime": "2020-13-45"}, None),
        ({"effectiveDateTime": "yesterday"}, None),
        ({"effectiveDateTime": "0000"}, None),
        ({"effectiveDateTime": 2020}, None),
        ({"effectivePeriod": "2020"}, datetime(2020, 1, 1, tzinfo=UTC)),
        ({"effectiveDateTime": "", "issued": "2021"}, datetime(2021, 1, 1, tzinfo=UTC)),
    ],
)
def test_dates_are_taken_as_far_as_they_go(told: dict[str, object], moment: datetime) -> None:
    found = examined(json.dumps({"resourceType": "Observation", "id": "a", **told}).encode())

    assert isinstance(found, facts.Facts)
    assert found.effective_at == moment


def test_code_and_category_are_those_of_their_first_coding() -> None:
    category = [{"coding": [{"code": "GE"}, {"code": "LAB"}]}]

    found = examined(an_observation(category=category))

    assert isinstance(found, facts.Facts)
    assert (found.code, found.category) == ("http://loinc.org|69548-6", "|GE")


@pytest.mark.parametrize(
    ("told", "whose"),
    [
        ({"subject": {"reference": "Patient/p2"}}, {"Patient/p2"}),
        ({"patient": {"reference": "Patient/p2"}}, {"Patient/p2"}),
        ({"beneficiary": {"reference": "Patient/p2"}}, {"Patient/p2"}),
        ({"for": {"reference": "Patient/p2"}}, {"Patient/p2"}),
        ({"subject": [{"reference": "Patient/p2"}, {"reference": "Patient/p3"}]}, None),
        ({"subject": {"reference": "Group/g"}}, set()),
        ({"subject": {"reference": "#inside"}}, set()),
        ({"subject": {"display": "Somebody"}}, set()),
        ({"subject": "Patient/p2"}, set()),
        ({"performer": [{"reference": "Patient/p2"}]}, set()),
    ],
)
def test_whose_a_resource_is_stands_in_a_few_places(
    told: dict[str, object], whose: set[str] | None
) -> None:
    found = examined(json.dumps({"resourceType": "Coverage", "id": "a", **told}).encode())

    assert isinstance(found, facts.Facts)
    assert found.whose == ({"Patient/p2", "Patient/p3"} if whose is None else whose)


def test_a_resource_without_an_id_is_known_by_its_content() -> None:
    first, again = (examined(b'{"resourceType":"Patient"}') for _ in range(2))
    other = examined(b'{"resourceType":"Patient","active":true}')

    assert isinstance(first, facts.Facts)
    assert first == again
    assert isinstance(other, facts.Facts)
    assert other.source_id != first.source_id
