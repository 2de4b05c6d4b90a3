"""Resources are cut out of their document without changing a byte."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.records import fhir

EXAMPLES = [
    path
    for path in sorted((Path(__file__).parent.parent / "data" / "fhir").rglob("*.json"))
    if path.read_bytes().lstrip().startswith(b"{")
]

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text(), json_values, max_size=5), st.sampled_from([None, 2]))
def test_members_are_what_a_parser_finds(value: dict[str, object], indent: int | None) -> None:
    raw = json.dumps(value, indent=indent).encode()

    found = {name: json.loads(part) for name, part in fhir.members(raw)}

    clean = {name.encode("utf-8", "replace").decode(): part for name, part in value.items()}
    assert found == clean


@given(st.lists(json_values, max_size=5))
def test_elements_are_what_a_parser_finds_when_they_hold_objects(value: list[object]) -> None:
    wrapped = [{"in": item} for item in value]

    found = [json.loads(part) for part in fhir.elements(json.dumps(wrapped).encode())]

    assert found == wrapped


@given(json_values)
def test_depth_counts_what_nests(value: object) -> None:
    def deepest(part: object) -> int:
        inner = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
        return max(map(deepest, inner), default=0) + isinstance(part, dict | list)

    assert fhir.depth(json.dumps(value).encode()) == deepest(value)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem[:40])
def test_every_byte_of_a_published_bundle_stays(path: Path) -> None:
    raw = path.read_bytes()

    found = list(fhir.resources(raw))

    whole = json.loads(raw)
    entries = whole.get("entry", [{"resource": whole}])
    assert [json.loads(one.raw) for one in found] == [entry["resource"] for entry in entries]
    assert [one.full_url for one in found] == [entry.get("fullUrl", "") for entry in entries]
    assert all(one.raw in raw for one in found)


def test_decimals_and_doubled_names_stay_as_they_were() -> None:
    resource = b'{"resourceType" : "Observation","v":1.50,"v":2.00, "id":"a"}'

    (found,) = fhir.resources(b'{"resourceType":"Bundle","entry":[{"resource":' + resource + b"}]}")

    assert found.raw == resource


def test_one_broken_entry_does_not_spoil_its_neighbours() -> None:
    good = b'{"resourceType":"Observation","id":"a"}'
    broken = b'{"resourceType":"Observation","id":NaN}'
    bundle = (
        b'{"resourceType":"Bundle","entry":[{"resource":%s},null,{"fullUrl":"x"},{"resource":%s}]}'
        % (broken, good)
    )

    found = [one.raw for one in fhir.resources(bundle)]

    assert sorted(found) == sorted([broken, b"null", b'{"fullUrl":"x"}', good])


@pytest.mark.parametrize(
    "raw",
    [b"", b"{", b'{"a":"', b'{"a":"\\', b'{"a":[}', b"]", b'"', b'{"a":1', b"null", b"[1,2"],
)
def test_what_ends_in_the_middle_is_no_document(raw: bytes) -> None:
    with pytest.raises(fhir.NotJson):
        list(fhir.resources(raw))


def test_deep_nesting_is_refused_before_anything_follows_it() -> None:
    with pytest.raises(fhir.TooDeep):
        list(fhir.resources(b'{"a":' * 50_000 + b"1" + b"}" * 50_000))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_other_encodings_are_read(encoding: str) -> None:
    text = '{"resourceType": "Patient", "id": "ñ"}'

    assert json.loads(fhir.as_utf8(text.encode(encoding))) == json.loads(text)
