"""Results that are linked in other ways: by identifiers, in older panels, item by item."""

import pytest

from portal.genomics.findings import Gene, Kind, Presence
from tests.genomics.builders import (
    ME,
    Json,
    a_report,
    a_variant,
    coded,
    component,
    reading_of,
    without,
)

GUIDE = "http://hl7.org/fhir/uv/genomics-reporting/StructureDefinition"
NUMBER = {"system": "urn:lab", "value": "V-1"}
MRN = {"system": "urn:mrn", "value": "1"}


def an_item(own_id: str, code: str, **value: object) -> Json:
    bare = without(a_variant(own_id), "component", "valueCodeableConcept")
    return bare | {"code": coded(code), **value}


def the_items() -> list[Json]:
    gene = coded("HGNC:1100", "BRCA1", "http://www.genenames.org")
    return [
        an_item("gene", "48018-6", valueCodeableConcept=gene),
        an_item("change", "48004-6", valueString="c.68_69del"),
        an_item("class", "53037-8", valueCodeableConcept=coded("LA6668-3", "Pathogenic")),
    ]


# --- identifiers ---------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", [{"type": "Observation"}, {}])
def test_a_result_that_a_report_names_by_its_identifier_is_its_result(kind: Json) -> None:
    report = a_report() | {"result": [{"identifier": NUMBER, "display": "BRCA1", **kind}]}

    reading = reading_of(report, a_variant(identifier=[NUMBER]))

    assert [one.findings for one in reading.reports] == [("Observation/v",)]
    assert [one.id for one in reading.findings] == ["v"]
    assert reading.notices == ()


def test_an_identifier_that_two_resources_have_leads_to_neither() -> None:
    report = a_report() | {"result": [{"identifier": NUMBER}]}
    two = [a_variant(one, identifier=[NUMBER]) for one in ("v", "w")]

    reading = reading_of(report, *two)

    assert [one.findings for one in reading.reports] == [()]
    assert [one.code for one in reading.notices] == ["missing-result"]


def test_links_between_results_can_be_identifiers() -> None:
    implication = an_item("i", "53037-8", valueCodeableConcept=coded("LA6668-3", "Pathogenic"))
    implication["derivedFrom"] = [{"identifier": NUMBER, "display": "the variant"}]

    reading = reading_of(a_report("i"), implication, a_variant(identifier=[NUMBER]))

    assert {one.id: one.derived_from for one in reading.findings} == {"i": ("v",), "v": ()}
    assert [set(one.findings) for one in reading.reports] == [{"Observation/i", "Observation/v"}]


def test_an_identifier_of_somebody_elses_result_tells_nothing_of_it() -> None:
    report = a_report() | {"result": [{"identifier": NUMBER, "display": "SECRETGENE"}]}
    other = a_variant(identifier=[NUMBER], subject={"reference": "Patient/other"})

    reading = reading_of(report, other, patient_ids=frozenset({"me"}))

    assert (reading.findings, [one.id for one in reading.quarantined]) == ((), ["v"])


def test_a_person_named_by_the_identifier_of_a_patient_here_is_that_patient() -> None:
    patient = {"resourceType": "Patient", "id": "me", "identifier": [MRN]}
    subject = {"identifier": MRN}

    reading = reading_of(a_report("v", subject=subject), a_variant(subject=subject), patient)

    assert [one.subject for one in (*reading.reports, *reading.findings)] == [ME, ME]
    assert reading.findings[0].flags == ()


# --- items ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("panel", ["81250-3", "55207-5", "55208-3"])
def test_a_panel_of_items_is_one_variant(panel: str) -> None:
    items = the_items()
    members = [{"reference": f"Observation/{one['id']}"} for one in items]

    reading = reading_of(a_report("p"), an_item("p", panel, hasMember=members), *items)

    (found,) = reading.findings
    assert found.kind is Kind.VARIANT
    assert found.genes == (Gene("BRCA1", "HGNC:1100"),)
    assert found.hgvs
    assert found.hgvs.c == ("c.68_69del",)
    assert found.significance == ("Pathogenic",)


@pytest.mark.parametrize("panel", ["81250-3", "55207-5"])
def test_a_panel_of_whole_results_stays_a_group_of_them(panel: str) -> None:
    members = [{"reference": "Observation/v"}]
    variant = a_variant("v", component("48004-6", valueString="c.1A>G"))

    reading = reading_of(a_report("p"), an_item("p", panel, hasMember=members), variant)

    assert {one.id: (one.kind, one.presence, one.hgvs is None) for one in reading.findings} == {
        "p": (Kind.OTHER, None, True),
        "v": (Kind.VARIANT, Presence.PRESENT, False),
    }


def test_items_that_come_one_by_one_fill_their_own_fields() -> None:
    items = the_items()

    reading = reading_of(a_report(*(one["id"] for one in items)), *items)

    gene, change, significance = reading.findings
    assert (gene.kind, gene.value, gene.genes) == (
        Kind.OTHER,
        "BRCA1",
        (Gene("BRCA1", "HGNC:1100"),),
    )
    assert (change.kind, change.presence) == (Kind.VARIANT, None)
    assert change.hgvs
    assert change.hgvs.c == ("c.68_69del",)
    assert significance.significance == ("Pathogenic",)


# --- medicines of STU2 ---------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["medication-assessed", "therapy-assessed"])
@pytest.mark.parametrize("is_here", [True, False])
def test_a_medicine_linked_from_an_implication_is_read(name: str, *, is_here: bool) -> None:
    link = {"reference": "MedicationStatement/m", "display": "clopidogrel"}
    implication = an_item("t", "53040-2", valueString="Poor metabolizer")
    implication["extension"] = [{"url": f"{GUIDE}/{name}", "valueReference": link}]
    taken = {
        "resourceType": "MedicationStatement", "id": "m", "status": "active",
        "subject": {"reference": ME}, "medicationCodeableConcept": coded("32968", "Clopidogrel"),
    }  # fmt: skip

    reading = reading_of(a_report("t"), implication, *([taken] if is_here else []))

    (found,) = reading.findings
    (medicine,) = found.medicines
    assert medicine.text == ("" if is_here else "clopidogrel")
    assert [one.code for one in medicine.codings] == (["32968"] if is_here else [])
    assert found.not_understood == ()


def test_a_polygenic_score_on_its_own_is_a_genetic_result() -> None:
    score = without(a_variant("s"), "component", "valueCodeableConcept")
    score |= {"code": {"text": "Polygenic risk score"}, "valueQuantity": {"value": 1.7}}

    (found,) = reading_of(score).findings

    assert (found.kind, found.value) == (Kind.OTHER, 1.7)


def test_the_name_of_a_component_does_not_decide_beside_a_known_code() -> None:
    named = {"code": coded("48004-6", "Variant"), "valueString": "c.1A>G"}

    found = reading_of(a_variant("v", named, component("48018-6", valueString="GJB2"))).findings[0]

    assert found.hgvs
    assert (found.hgvs.c, found.flags) == (("c.1A>G",), ())


@pytest.mark.parametrize("name", ["GenomicsRiskAssessment", "genomic-risk-assessment"])
def test_the_strokes_in_the_name_of_an_extension_make_no_difference(name: str) -> None:
    link = {"url": f"{GUIDE}/{name}", "valueReference": {"reference": "RiskAssessment/r"}}
    risk = {
        "resourceType": "RiskAssessment", "id": "r", "status": "final",
        "subject": {"reference": ME}, "prediction": [{"outcome": {"text": "Breast cancer"}}],
    }  # fmt: skip

    reading = reading_of(a_report("v") | {"extension": [link]}, a_variant(), risk)

    assert [one.not_understood for one in reading.reports] == [()]
    assert {one.id for one in reading.findings} == {"v", "r#prediction[0]"}


def test_those_who_did_a_test_and_what_is_recommended_can_be_named_by_identifier() -> None:
    lab = {"resourceType": "Organization", "id": "o", "identifier": [NUMBER], "name": "Cedar Lab"}
    medicine = {
        "resourceType": "MedicationStatement", "id": "m", "status": "active",
        "identifier": [MRN], "subject": {"reference": ME},
        "medicationCodeableConcept": {"text": "warfarin"},
    }  # fmt: skip
    task = {
        "resourceType": "Task", "id": "t", "status": "requested", "for": {"reference": ME},
        "code": coded("LA26423-6"), "focus": {"identifier": MRN},
    }  # fmt: skip

    reading = reading_of(a_variant(performer=[{"identifier": NUMBER}]), task, lab, medicine)

    variant, recommendation = reading.findings
    assert variant.performers == ("Cedar Lab",)
    assert [one.text for one in recommendation.medicines] == ["warfarin"]
