"""A number is shown in the figures that the lab wrote: 1.50 and not 1.5."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.genomics import hl7v2
from portal.genomics.documents import source_of
from portal.genomics.findings import Finding
from portal.genomics.reader import read
from portal.records import export
from tests.genomics.builders import Json, a_bundle, a_report, coded, component
from tests.genomics.files import read_bytes

TMB = coded("94076-7", "Mutations/Megabase [# Ratio] in Tumor")
MARK = 7.25  # stands for the figures, which no Python number has


def with_figures(resource: Json, figures: str) -> bytes:
    return orjson.dumps(resource).replace(str(MARK).encode(), figures.encode())


def a_marker(**more: Any) -> Json:  # noqa: ANN401  # elements of a resource
    return {
        "resourceType": "Observation",
        "id": "m",
        "status": "final",
        "category": [coded("GE", system="http://terminology.hl7.org/CodeSystem/v2-0074")],
        "code": TMB,
        "subject": {"reference": "Patient/me"},
        "valueQuantity": {"value": MARK, "unit": "Mutations/Megabase"},
        **more,
    }


def the_finding(raw: bytes) -> Finding:
    (found,) = read_bytes(raw).findings
    return found


@pytest.mark.parametrize(
    ("figures", "value", "as_sent"),
    [
        ("1.50", 1.5, "1.50"),
        ("2.0", 2, "2.0"),
        ("100.00", 100, "100.00"),
        ("0.120", 0.12, "0.120"),
        ("-1.10", -1.1, "-1.10"),
        ("1.5E-3", 0.0015, "1.5E-3"),
        ("0.12345678901234567890", 0.12345678901234568, "0.12345678901234567890"),
        ("1.5", 1.5, ""),
        ("12", 12, ""),
        ("10", 10, ""),
    ],
)
def test_a_measured_number_keeps_its_figures(figures: str, value: float, as_sent: str) -> None:
    found = the_finding(with_figures(a_marker(), figures))

    assert (found.value, found.value_as_sent) == (value, as_sent)
    assert found.measured == f"{figures} Mutations/Megabase"


@given(figures=st.from_regex(r"\A(?:0|[1-9][0-9]{0,5})\.[0-9]{1,12}\Z"))
def test_any_decimal_is_shown_as_it_was_written(figures: str) -> None:
    found = the_finding(with_figures(a_marker(), figures))

    assert found.measured.split()[0] == figures
    assert found.value == float(figures)


def test_the_figures_are_kept_however_the_resource_came() -> None:
    alone = with_figures(a_marker(), "1.50")
    inside = with_figures({**a_report(), "contained": [a_marker()]}, "1.50")
    report = {**a_report(), "result": [{"reference": "#m"}]}
    contained = with_figures({**report, "contained": [a_marker()]}, "1.50")
    stored = read([source_of(key="Observation/m", raw=alone)], patient_ids=None)
    laid_out = orjson.dumps(orjson.loads(alone), option=orjson.OPT_INDENT_2)

    readings = [read_bytes(raw) for raw in (alone, alone + b"\n" + alone, inside, contained)]
    told = [one for reading in (*readings, stored) for one in reading.findings]
    assert {one.measured for one in told} == {"1.50 Mutations/Megabase"}
    assert len(told) >= 4
    assert the_finding(laid_out.replace(b"1.5,", b"1.50,")).value_as_sent == "1.50"


def test_numbers_beside_the_value_keep_their_figures() -> None:
    score = {"code": {"text": "Score"}, "valueQuantity": {"value": MARK, "unit": "points"}}
    ends = {"low": {"value": MARK}, "high": {"value": MARK}}
    span = {"code": {"text": "Span"}, "valueRange": ends}
    usual = [{"low": {"value": MARK, "unit": "x"}}]
    raw = with_figures(a_marker(component=[score, span], referenceRange=usual), "1.50")

    said = {one.label: one.said for one in the_finding(raw).attributes}

    assert said["Score"] == "1.50 points"
    assert said["Span"] == "1.50-1.50"
    assert said["Reference range"] == "≥1.50 x"


def test_a_second_number_that_differs_does_not_take_its_figures_over() -> None:
    other = component("94076-7", valueQuantity={"value": MARK})
    raw = with_figures(a_marker(component=[other], valueQuantity={"value": 3.5}), "1.50")

    assert "1.50" not in the_finding(raw).measured


def test_positions_and_counts_are_numbers_as_before() -> None:
    raw = a_bundle(a_marker()).replace(str(MARK).encode(), b"1.50")

    (plain,) = read_bytes(raw.replace(b"1.50", b"1.5")).findings
    (found,) = read_bytes(raw).findings

    assert orjson.dumps(found.value) == orjson.dumps(plain.value) == b"1.5"


def test_a_number_of_an_hl7_message_keeps_its_figures() -> None:
    message = (
        b"MSH|^~\\&|L||P||20260303||ORU^R01|1|P|2.5.1\r"
        b"PID|1||p1\r"
        b"OBR|1|||51969-4^Genetic analysis^LN|||20260303\r"
        b"OBX|1|NM|94076-7^Tumor mutation burden^LN||1.50|m/MB|||||F\r"
    )
    values = [
        one["valueQuantity"]["value"]
        for one in hl7v2.resources(message)
        if isinstance(one, dict) and "valueQuantity" in one
    ]

    assert [str(one) for one in values] == ["1.50"]


def test_a_table_to_take_away_has_the_figures_of_the_lab() -> None:
    row = export.finding_row("Lab", {"value": 1.5, "value_as_sent": "1.50"})

    assert row[export.COLUMNS.index("value")] == "1.50"
