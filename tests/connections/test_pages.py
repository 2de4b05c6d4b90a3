"""Pages as real servers send them: odd ones too, and none is a surprise."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.connections import pages, smart

HERE = "https://fhir.lab.example/r4/Observation?patient=1"


def a_page(**parts: object) -> bytes:
    return json.dumps({"resourceType": "Bundle", "type": "searchset", **parts}).encode()


def next_of(url: object) -> pages.SearchPage:
    links = [{"relation": "self", "url": HERE}, {"relation": "next", "url": url}]
    return pages.read_page(a_page(link=links), address=HERE)


def read(body: bytes) -> tuple[str, pages.SearchPage]:
    try:
        return "", pages.read_page(body, address=HERE)
    except pages.PageRefused as refusal:
        return refusal.code, pages.SearchPage(())


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_no_bytes_are_a_surprise(body: bytes) -> None:
    code, page = read(body)

    assert code in {"", "not-json", "too-deep", "too-many-entries"}
    assert page.entries or not page.next_url


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    )
)
def test_no_links_entries_or_totals_are_a_surprise(value: object) -> None:
    for part in ("link", "entry", "total"):
        code, page = read(a_page(**{part: value}))

        assert code in {"", "not-json"}
        assert isinstance(page.next_url, str)


@pytest.mark.parametrize(
    ("url", "absolute"),
    [
        ("https://fhir.lab.example/r4?page=2", "https://fhir.lab.example/r4?page=2"),
        ("Observation?page=2", "https://fhir.lab.example/r4/Observation?page=2"),
        ("?page=2", "https://fhir.lab.example/r4/Observation?page=2"),
        ("//evil.example/r4", "//evil.example/r4"),
        ("\\\\evil.example", "\\\\evil.example"),
    ],
)
def test_a_link_starts_at_its_page_and_never_at_another_host(url: str, absolute: str) -> None:
    assert next_of(url).next_url == absolute


@pytest.mark.parametrize("url", ["", None, 7, {}, []])
def test_a_next_link_without_an_address_is_a_flaw(url: object) -> None:
    assert next_of(url).flaw == "bad-link"


def test_a_page_that_forgot_what_it_is_is_still_a_page() -> None:
    body = json.dumps({"entry": [{"resource": {"resourceType": "Patient", "id": "1"}}]}).encode()

    assert len(pages.read_page(body, address=HERE).entries) == 1


def test_one_resource_is_a_page_of_one() -> None:
    body = b' {"resourceType":"Patient","id":"1"} '

    assert pages.read_page(body, address=HERE).entries[0].raw == body.strip()


def test_a_page_of_another_encoding_is_read() -> None:
    body = a_page(entry=[{"resource": {"resourceType": "Patient"}}]).decode().encode("utf-16")

    assert len(pages.read_page(body, address=HERE).entries) == 1


@given(
    st.binary(max_size=100) | st.dictionaries(st.text(), st.text()).map(json.dumps).map(str.encode)
)
def test_no_configuration_is_a_surprise(body: bytes) -> None:
    for read in (smart.read_configuration, smart.read_capability):
        with pytest.raises(smart.NotSmart):
            read(body)


@given(st.binary(max_size=100), st.sampled_from([200, 400, 401]))
def test_no_token_answer_is_a_surprise_and_none_is_quoted(body: bytes, status: int) -> None:
    with pytest.raises(smart.TokenRefused) as refusal:
        smart.read_tokens(status, body, asked="")

    assert refusal.value.code in {"no-json", "refused", "no-token"}


def test_words_of_the_source_are_never_quoted() -> None:
    body = json.dumps({"error": "<script>Ana</script>", "error_description": "Ana"}).encode()

    with pytest.raises(smart.TokenRefused, match=r"\Arefused\Z"):
        smart.read_tokens(400, body, asked="")
