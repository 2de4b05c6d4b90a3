"""Resources that others name by an identifier: found without parsing all of a record."""

import json
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.genomics.documents import split
from portal.genomics.faces import FacedResource
from portal.genomics.identifiers import Identifiers, identifier_pairs

SYSTEM = "http://lab.example/places"
VALUES = st.one_of(
    st.sampled_from(["LAB-17", "LAB-1", "17", 'a"b', "a/b", "Ñandú", "x=y&z", "UNKNOWN", "ab\\c"]),
    st.text(min_size=1, max_size=6),
)


def an_organization(number: int, value: str) -> dict[str, Any]:
    return {
        "resourceType": "Organization",
        "id": f"o{number}",
        "identifier": [{"system": SYSTEM, "value": value}],
    }


def faces(raw: bytes) -> list[FacedResource]:
    return [one for one in split(raw) if isinstance(one, FacedResource)]


def in_lines(values: list[str], *, escaped: bool) -> bytes:
    bodies = [an_organization(number, value) for number, value in enumerate(values)]
    rows = [json.dumps(body, ensure_ascii=escaped) for body in bodies]
    mention = {"resourceType": "Patient", "id": "p", "link": values}
    return "\n".join([*rows, json.dumps(mention, ensure_ascii=escaped)]).encode()


def in_a_bundle(values: list[str]) -> bytes:
    bodies = [an_organization(number, value) for number, value in enumerate(values)]
    entries = [{"resource": body} for body in bodies]
    return orjson.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries})


@given(
    values=st.lists(VALUES, min_size=2, max_size=12),
    escaped=st.booleans(),
    kind=st.sampled_from(["", "Organization", "Practitioner"]),
)
def test_who_has_an_identifier_is_told_as_if_everything_were_parsed(
    values: list[str], *, escaped: bool, kind: str
) -> None:
    for raw in (in_lines(values, escaped=escaped), in_a_bundle(values)):
        plain = faces(raw)
        known: Identifiers[FacedResource] = Identifiers([], plain)
        for value in values:
            asked = (SYSTEM, value.strip())
            expected = [
                one.key
                for one in plain
                if kind in {"", one.type}
                and asked in list(identifier_pairs(one.body.get("identifier")))
            ]
            assert sorted(one.key for one in known.find(kind, *asked)) == sorted(expected)


def test_a_value_with_a_sign_that_some_writers_escape_is_found() -> None:
    escaped = in_lines(["LAB+17", "LAB-18"], escaped=True).replace(b"+", b"\\u002B")
    known: Identifiers[FacedResource] = Identifiers([], faces(escaped))

    assert [one.key for one in known.find("", SYSTEM, "LAB+17")] == ["Organization/o0"]


@pytest.mark.parametrize("value", ["UNKNOWN", "unknown", "N/A", " - ", "", "None"])
def test_what_stands_for_no_value_identifies_nobody(value: str) -> None:
    assert not list(identifier_pairs([{"system": SYSTEM, "value": value}]))


def test_a_few_values_are_looked_for_without_parsing_the_rest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plain = faces(in_lines([f"LAB-{number:04}" for number in range(500)], escaped=True))
    parsed: list[str] = []
    body = FacedResource.body.fget  # type: ignore[attr-defined]  # a property

    def counted(source: FacedResource) -> dict[str, Any]:
        parsed.append(source.key)
        found: dict[str, Any] = body(source)
        return found

    monkeypatch.setattr(FacedResource, "body", property(counted))
    known: Identifiers[FacedResource] = Identifiers([], plain)

    (found,) = known.find("Organization", SYSTEM, "LAB-0321")

    assert found.key == "Organization/o321"
    assert parsed == ["Organization/o321"]
