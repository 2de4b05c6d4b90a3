"""Data Use Ontology, word differences, references and elements: small pure parts."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent import differences, duo, elements
from consent.categories import Identity
from consent.classification import Json
from consent.differences import Change
from consent.duo import DS, GRU, HMB, NCU, NPOA, NPU, NPUNCU, NRES, POA, Mismatch
from consent.references import People, canonical_key, subject_of, target_of, targets

# rows: what the person allows; columns: what the program does
APPROVED_USERS = "DUO:0000026"
TABLE = {
    NRES: {NRES: 1, GRU: 1, HMB: 1, DS: 1, POA: 1},
    GRU: {NRES: 0, GRU: 1, HMB: 1, DS: 1, POA: 1},
    HMB: {NRES: 0, GRU: 0, HMB: 1, DS: 1, POA: 0},
    POA: {NRES: 0, GRU: 0, HMB: 0, DS: 0, POA: 1},
}


@pytest.mark.parametrize(
    ("allows", "does", "fits"),
    [(allows, does, bool(fits)) for allows, row in TABLE.items() for does, fits in row.items()],
)
def test_the_truth_table_of_permissions(allows: str, does: str, *, fits: bool) -> None:
    found = duo.mismatches(program=(does, [], []), person=(allows, [], []))

    assert (found == ()) is fits


def test_health_research_does_not_allow_ancestry_research() -> None:
    found = duo.mismatches(program=(POA, [], []), person=(HMB, [], []))

    assert found == (Mismatch.ANCESTRY,)


@pytest.mark.parametrize(
    ("studies", "fits"), [(["MONDO:1"], True), (["MONDO:1", "MONDO:2"], False), ([], False)]
)
def test_named_diseases_allow_those_only(studies: list[str], *, fits: bool) -> None:
    found = duo.mismatches(program=(DS, [], studies), person=(DS, [], ["MONDO:1", "MONDO:3"]))

    assert found == (() if fits else (Mismatch.OTHER_DISEASES,))


@pytest.mark.parametrize(
    ("declared", "wanted", "found"),
    [
        ([NPUNCU], [NPUNCU], ()),
        ([NPUNCU], [NPU], ()),
        ([NPUNCU], [NCU], ()),
        ([NPU, NCU], [NPUNCU], ()),
        ([NPU], [NPUNCU], (Mismatch.PROFIT,)),
        ([], [NCU], (Mismatch.PROFIT,)),
        ([], [NPOA], (Mismatch.ANCESTRY,)),
        ([], [duo.IRB], (Mismatch.CONDITION,)),
        ([duo.IRB, APPROVED_USERS], [duo.IRB], ()),
        ([], ["DUO:9999999"], (Mismatch.UNKNOWN,)),
        ([], [NCU, NPU, NPUNCU], (Mismatch.PROFIT,)),
    ],
)
def test_the_truth_table_of_modifiers(
    declared: list[str], wanted: list[str], found: tuple[Mismatch, ...]
) -> None:
    assert duo.mismatches(program=(GRU, declared, []), person=(GRU, wanted, [])) == found


@pytest.mark.parametrize(
    ("does", "found"),
    [
        (HMB, ()),
        (DS, ()),
        (GRU, (Mismatch.ANCESTRY,)),
        (NRES, (Mismatch.ANCESTRY,)),
        (POA, (Mismatch.ANCESTRY,)),
    ],
)
def test_research_on_health_alone_is_none_on_ancestry(
    does: str, found: tuple[Mismatch, ...]
) -> None:
    assert duo.mismatches(program=(does, [], []), person=(NRES, [NPOA], [])) == found


@pytest.mark.parametrize(("does", "allows"), [("x", GRU), (GRU, "x")])
def test_an_unknown_permission_is_said(does: str, allows: str) -> None:
    found = duo.mismatches(program=(does, [], []), person=(allows, [], []))

    assert found == (Mismatch.UNKNOWN,)


@given(st.text(), st.text())
def test_differences_lead_from_one_wording_to_the_other(before: str, after: str) -> None:
    runs = differences.words(before, after)

    assert "".join(r.text for r in runs if r.change is not Change.ADDED) == before
    assert "".join(r.text for r in runs if r.change is not Change.REMOVED) == after


def test_new_and_dropped_parts_are_shown_whole() -> None:
    found = differences.parts([("a", "A", "one"), ("b", "B", "two")], [("c", "C", "three")])

    assert [(part.heading, part.runs[0].change, part.changed) for part in found] == [
        ("C", Change.ADDED, True),
        ("A", Change.REMOVED, True),
        ("B", Change.REMOVED, True),
    ]
    assert not differences.parts([("a", "A", "x")], [("a", "A", "x")])[0].changed


@pytest.mark.parametrize(
    ("reference", "target"),
    [
        ("Patient/1", "Patient/1"),
        (" Patient/1 ", "Patient/1"),
        ("https://x.org/fhir/Patient/1", "Patient/1"),
        ("Patient/1/_history/3", "Patient/1"),
        ("urn:uuid:1", "urn:uuid:1"),
        ("#contained", ""),
        ("Patient?identifier=x", ""),
        ("patient", ""),
        ("lower/case", ""),
        ("", ""),
        (None, ""),
        (3, ""),
    ],
)
def test_references_point_to_a_type_and_an_id(reference: Json, target: str) -> None:
    assert target_of(reference) == target


def test_a_resource_has_one_name_and_is_found_by_all() -> None:
    assert canonical_key("Patient", "1") == canonical_key("Patient", "Patient/1") == "Patient/1"
    assert canonical_key("Patient", "urn:uuid:1") == "urn:uuid:1"
    assert targets("Patient", "urn:uuid:1", "", {}) == {"urn:uuid:1"}
    assert targets("Patient", "1", "", {}) == {"Patient/1", "1"}
    assert targets("Patient", "7", "https://x.org/fhir/Patient/7", {"id": "7"}) == {
        "Patient/7",
        "7",
        "urn:uuid:7",
    }
    assert "urn:uuid:2" in targets("Patient", "7", "urn:uuid:2", {})


@pytest.mark.parametrize(
    ("body", "subject"),
    [
        ({"resourceType": "Patient", "id": "1"}, "Patient/1"),
        ({"resourceType": "Patient"}, ""),
        ({"subject": {"reference": "Patient/2"}}, "Patient/2"),
        ({"patient": {"reference": "Patient/2"}}, "Patient/2"),
        ({"for": {"reference": "Patient/2"}}, "Patient/2"),
        ({"subject": {"display": "Ana"}}, ""),
        ({"subject": "Ana"}, ""),
        ({}, ""),
    ],
)
def test_whom_a_resource_is_about(body: dict[str, Json], subject: str) -> None:
    assert subject_of(body) == subject


def test_who_is_somebody_else() -> None:
    people = People.of([(1, "p1", ""), (1, "p1", "Patient/p1"), (2, "", "Patient/a")])

    assert not people.is_other(1, "Patient/p1")
    assert not people.is_other(1, "")
    assert people.is_other(1, "Patient/p2")
    assert people.is_other(1, "Group/1")
    assert not people.is_other(2, "Patient/a")
    assert people.is_other(2, "Location/1")


def _clean(
    body: dict[str, Json], *, attachments: bool = False, identity: Identity = Identity.IDENTIFIED
) -> dict[str, Json]:
    allowed = elements.Allowed(identity, False, attachments, lambda name: name)  # noqa: FBT003
    return elements.clean(body, allowed)[0]


def test_an_attachment_goes_only_where_documents_were_chosen_by_name() -> None:
    content: Json = [
        {"attachment": {"contentType": "text/plain", "data": "eA==", "url": "https://x/y"}}
    ]
    body: dict[str, Json] = {"resourceType": "DocumentReference", "content": content}

    without = _clean(body)["content"]
    with_it = _clean(body, attachments=True)["content"]

    assert without == [{"attachment": {"contentType": "text/plain"}}]
    assert with_it == [{"attachment": {"contentType": "text/plain", "data": "eA=="}}]


def test_choices_of_type_are_known_by_their_beginning() -> None:
    body: dict[str, Json] = {
        "resourceType": "Observation",
        "valueQuantity": {"value": 1, "unit": "mg"},
        "valuestring": "x",
        "value": "x",
        "effectiveDateTime": "2026",
    }

    assert _clean(body) == {
        "resourceType": "Observation",
        "valueQuantity": {"value": 1, "unit": "mg"},
        "effectiveDateTime": "2026",
    }


def test_empty_values_leave_no_trace() -> None:
    body: dict[str, Json] = {
        "resourceType": "Observation",
        "performer": [{"display": "x"}],
        "issued": None,
        "note": None,
        "method": {"extension": None},
    }

    assert _clean(body) == {"resourceType": "Observation"}


_texts = st.text(max_size=5)
_json: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | st.integers() | _texts,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["text", "display", "extension", "contained", "note", "coding", "reference",
                 "valueString", "code", "div", "_code", "identifier", "anything", "data"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)  # fmt: skip


def _keys(value: Json) -> set[str]:
    if isinstance(value, list):
        return set().union(*(_keys(item) for item in value))
    if isinstance(value, dict):
        return set(value).union(*(_keys(item) for item in value.values()))
    return set()


@given(
    st.dictionaries(
        st.sampled_from(
            ["code", "component", "subject", "performer", "text", "note", "contained", "method",
             "extension", "specimen", "valueCodeableConcept", "_status", "category"]
        ),
        _json,
    )
)  # fmt: skip
def test_whatever_the_shape_what_carries_other_data_never_leaves(body: dict[str, Json]) -> None:
    kept = _clean({"resourceType": "Observation", **body}, identity=Identity.DEIDENTIFIED)

    assert not _keys(kept) & {
        "extension", "contained", "note", "div", "_code", "_status", "anything", "identifier"
    }  # fmt: skip
    assert json.dumps(kept)
