"""Every kind of document splits into its resources; what cannot be read says why."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.genomics.documents import Limits, NotADocument, SourceResource, split
from portal.genomics.findings import Rejected
from tests.genomics.builders import a_bundle, a_variant
from tests.genomics.files import parts

ONE = b'{"resourceType":"Observation","id":"a"}'


def keys(raw: bytes) -> list[str]:
    return [one.key for one in parts(raw)[0]]


def refusals(raw: bytes) -> list[tuple[str, str]]:
    return [(one.code, one.source.path) for one in parts(raw)[1]]


@pytest.mark.parametrize(
    "raw",
    [
        ONE,
        b"\xef\xbb\xbf" + ONE,
        ONE.decode().encode("utf-16"),
        ONE.decode().encode("utf-16-le"),
        ONE.decode().encode("utf-16-be"),
        ONE.decode().encode("utf-32"),
        b"\n  " + ONE + b"  \n",
        b"[" + ONE + b"]",
        b'{"resourceType":"Bundle","type":"searchset","entry":[{"resource":' + ONE + b"}]}",
        b'{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Bundle","entry":'
        b'[{"resource":' + ONE + b"}]}}]}",
    ],
    ids=["single", "bom", "utf16", "utf16-le", "utf16-be", "utf32", "blanks", "list", "bundle",
         "nested"],
)  # fmt: skip
def test_one_resource_comes_out_of_every_wrapping(raw: bytes) -> None:
    assert keys(raw) == ["Observation/a"]


def test_ndjson_is_read_line_by_line_and_a_bad_line_is_named() -> None:
    raw = ONE + b"\r\n\n{broken\n" + ONE.replace(b'"a"', b'"b"')

    assert keys(raw) == ["Observation/a", "Observation/b"]
    assert refusals(raw) == [("bad-json", "line 3")]


def test_resources_inside_parameters_come_out_at_any_level() -> None:
    part = {"name": "variants", "part": [{"name": "variant", "resource": a_variant("deep")}]}
    raw = orjson.dumps({"resourceType": "Parameters", "parameter": [part]})

    assert keys(raw) == ["Parameters", "Observation/deep"]


@pytest.mark.parametrize(
    "raw",
    [b"", b"  ", b"<Bundle/>", b"%PDF-1.7", b"[]", b'[{"a":1}]', b'{"a":1}', b'{"resourceType":',
     b"[" * 100_000, b'{"a":' * 100_000, b"\xff\xff\xff", b"{" + b"\0" * 10],
)  # fmt: skip
def test_what_is_no_fhir_json_is_not_a_document(raw: bytes) -> None:
    with pytest.raises(NotADocument):
        list(split(raw))


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        (b"null", "bad-entry"),
        (b"3", "bad-entry"),
        (b"{}", "no-resource"),
        (b'{"resource":null}', "no-resource"),
        (b'{"request":{"method":"DELETE"}}', "no-resource"),
        (b'{"resource":{"id":"x"}}', "no-resource-type"),
        (b'{"resource":{"resourceType":""}}', "no-resource-type"),
        (b'{"resource":[]}', "not-an-object"),
        (b'{"resource":{"resourceType":"Observation","id":"x","id":"y"}}', "duplicate-key"),
        (b'{"resource":' + ONE + b',"resource":' + ONE + b"}", "duplicate-key"),
        (b'{"resource":{"resourceType":"Observation","x":NaN}}', "bad-entry"),
        (b'{"resource":{"resourceType":"Observation","x":"\\ud800"}}', "bad-entry"),
        (b'{"resource":{"resourceType":"X","a":' + b"[" * 200 + b"]" * 200 + b"}}", "too-deep"),
    ],
)
def test_a_bad_entry_is_rejected_alone(entry: bytes, code: str) -> None:
    raw = b'{"resourceType":"Bundle","entry":[' + entry + b',{"resource":' + ONE + b"}]}"

    assert keys(raw) == ["Observation/a"]
    assert [found for found, _ in refusals(raw)] == [code]


def test_a_message_in_place_of_an_entry_is_kept() -> None:
    raw = b'{"resourceType":"Bundle","type":"batch-response","entry":[{"response":{"status":"404",\
"outcome":{"resourceType":"OperationOutcome"}}}]}'

    assert keys(raw) == ["Bundle.entry[0].response.outcome"]


def test_a_page_that_does_not_say_what_it_is_gives_its_entries_and_a_refusal() -> None:
    raw = b'{"entry":[{"resource":' + ONE + b"}]}"

    assert keys(raw) == ["Observation/a"]
    assert refusals(raw) == [("no-resource-type", "")]


def test_limits_are_kept() -> None:
    small = Limits(max_bytes=10)
    few = Limits(max_resources=2)

    with pytest.raises(NotADocument):
        split(ONE, small)
    assert [type(one).__name__ for one in split(a_bundle(*[a_variant("x")] * 4), few)][-1] == (
        "Rejected"
    )


def test_the_same_id_from_two_servers_is_two_resources() -> None:
    entries = [
        {"fullUrl": f"https://{server}/Observation/v", "resource": a_variant("v")}
        for server in ("a", "b")
    ]
    raw = orjson.dumps({"resourceType": "Bundle", "entry": entries})

    assert keys(raw) == ["Observation/v", "https://b/Observation/v"]


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=6), JSON_VALUES, max_size=4))
def test_the_bytes_of_an_entry_come_out_unchanged(rest: dict[str, object]) -> None:
    body = {**rest, "resourceType": "Observation", "id": "a"}
    raw = b'{"resourceType":"Bundle","entry":[{"resource":' + orjson.dumps(body) + b"}]}"

    (found,) = list(split(raw))

    assert isinstance(found, SourceResource)
    assert found.raw == orjson.dumps(body)
    assert found.body == body


@given(st.binary(max_size=60))
def test_any_bytes_split_or_are_refused(raw: bytes) -> None:
    try:
        found = list(split(raw))
    except NotADocument:
        return
    assert all(isinstance(one, SourceResource | Rejected) for one in found)
