"""Observations and reports of FHIR 3 and 2, whose links and words have other names."""

import orjson
import pytest

from portal.genomics.faces import face_of
from portal.genomics.findings import Reading
from tests.genomics.builders import Json, a_report, a_variant, coded, reading_of, without
from tests.genomics.files import finding, read_bytes


def link(kind: str, name: str) -> Json:
    return {"type": kind, "target": {"reference": f"Observation/{name}"}}


def a_panel(*related: Json) -> Json:
    plain = without(a_variant("p"), "valueCodeableConcept", "component")
    return {**plain, "code": coded("81247-9"), "related": list(related)}


def an_old_report(**more: object) -> Json:
    return {**a_report("p"), **more}


def test_members_of_a_panel_are_results_of_its_report() -> None:
    found = reading_of(an_old_report(), a_panel(link("has-member", "v")), a_variant())

    assert finding(found, "p").members == ("v",)
    assert finding(found, "v").reports == ("DiagnosticReport/r",)


def test_what_a_result_was_derived_from_is_known() -> None:
    implication = {
        **without(a_variant("d"), "component"),
        "code": coded("53037-8"),
        "valueCodeableConcept": {"text": "Pathogenic"},
        "related": [link("derived-from", "v")],
    }

    found = reading_of(a_report("d"), implication, a_variant())

    assert finding(found, "d").derived_from == ("v",)
    assert finding(found, "v").reports == ("DiagnosticReport/r",)


def test_a_link_of_another_type_is_told_and_joins_nothing() -> None:
    panel = a_panel(link("has-member", "v"), link("replaces", "x"))

    found = finding(reading_of(an_old_report(), panel, a_variant(), a_variant("x")), "p")

    told = [one.text for one in found.attributes]
    assert told == ["replaces", "Observation/x"]
    assert found.members == ("v",)
    assert found.not_understood == ("Observation.extension[0]",)


@pytest.mark.parametrize("name", ["comment", "comments"])
def test_a_comment_is_a_note(name: str) -> None:
    found = finding(reading_of(a_variant(**{name: "Seen twice."})), "v")

    assert found.notes == ("Seen twice.",)
    assert found.not_understood == ()


def test_a_report_says_who_made_it_and_what_it_concludes() -> None:
    performer = {"role": {"text": "laboratory"}, "actor": {"display": "A Lab"}}
    report = an_old_report(
        performer=[performer], codedDiagnosis=[{"text": "Lynch"}], context={"reference": "E/1"}
    )

    (told,) = reading_of(report, a_panel(link("has-member", "v")), a_variant()).reports

    assert told.performers == ("A Lab",)
    assert [one.text for one in told.conclusions] == ["Lynch"]
    assert ("encounter", "E/1") in {(one.label, one.text) for one in told.context}
    assert "laboratory" in {one.text for one in told.attributes}


def test_contained_results_are_read_in_the_same_way() -> None:
    panel = {**a_panel(), "id": "p", "related": [{"type": "has-member", "target": inner("v")}]}
    report = {**a_report(), "result": [inner("p")], "contained": [panel, a_variant()]}

    found: Reading = read_bytes(orjson.dumps(report))

    assert finding(found, "p").members == ("v",)
    assert finding(found, "v").reports == ("DiagnosticReport/r",)


def inner(name: str) -> Json:
    return {"reference": f"#{name}"}


def test_an_ordinary_panel_with_a_link_is_looked_at_whole() -> None:
    panel = {**a_panel(link("has-member", "v")), "code": coded("24331-1", "Lipid panel")}

    assert face_of(panel) is None
    kinds = {one.kind for one in reading_of(panel, a_variant()).findings}
    assert kinds == {"variant"}


@pytest.mark.parametrize(
    "odd",
    [
        {"related": "x"},
        {"related": [1]},
        {"related": [{}]},
        {"related": [{"type": ["has-member"], "target": 5}]},
        {"related": [{"type": "has-member"}]},
        {"related": {"type": "has-member"}},
        {"comment": 5},
        {"comment": "x", "note": "y"},
        {"context": None, "encounter": 7},
        {"related": [{"type": "x", "target": {}}], "extension": "x"},
    ],
)
def test_odd_elements_of_older_versions_break_nothing(odd: Json) -> None:
    reading = reading_of(a_variant(**odd))

    assert [one.kind for one in reading.findings] == ["variant"]
    assert reading.findings[0].derived_from == ()
