"""The table of findings that a person takes away says what the lab said, no less."""

import pytest

from portal.records import export


def cell(body: dict[str, object], column: str) -> str:
    row = export.finding_row("Lab", body)
    assert len(row) == len(export.COLUMNS)
    return row[export.COLUMNS.index(column)]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"value": 1, "comparator": "<"}, "<1"),
        ({"value": 1.5, "value_as_sent": "1.50", "comparator": ">="}, ">=1.50"),
        ({"value": "MSI-H"}, "MSI-H"),
        ({"value": 0}, "0"),
        ({}, ""),
    ],
)
def test_a_value_keeps_the_sign_before_it(body: dict[str, object], said: str) -> None:
    assert cell(body, "value") == said


def test_what_came_as_a_code_alone_is_named_by_its_code() -> None:
    by_code = {"codings": [{"system": "http://rxnorm.example", "code": "32968"}]}
    shown = {"codings": [{"code": "32968", "display": "clopidogrel"}]}

    assert cell({"medicines": [by_code, shown, {"text": "warfarin"}]}, "medicines") == (
        "32968; clopidogrel; warfarin"
    )


def test_what_to_mind_stands_beside_a_finding() -> None:
    flags = ["preliminary", "another-person"]

    assert cell({"flags": flags}, "remarks") == "preliminary; another-person"
