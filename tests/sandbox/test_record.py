"""Reading and searching a person's record at a lab or an EHR."""

import base64
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from sandbox.fhir import resources
from sandbox.fhir.params import fits_date, span
from sandbox.people import people_of
from sandbox.system import System
from sandbox.web import record_app
from tests.sandbox.visitors import MAYA, Visitor, a_system


def _system(app: Flask) -> System:
    found = app.extensions["sandbox_system"]
    assert isinstance(found, System)
    return found


def _addresses(bundles: list[dict[str, Any]]) -> list[str]:
    return [
        f"{entry['resource']['resourceType']}/{entry['resource']['id']}"
        for bundle in bundles
        for entry in bundle.get("entry", [])
    ]


def test_the_pages_show_every_observation_once(lab: Flask) -> None:
    visitor = Visitor.signed_in(lab)
    with _system(lab).store.reading() as db:
        held = [one.address for one in resources.of_owner(db, MAYA, "Observation")]

    bundles = visitor.pages(f"/fhir/Observation?patient={MAYA}")

    shown = _addresses(bundles)
    assert len(bundles) > 3
    assert all(bundle["total"] == len(held) for bundle in bundles)
    assert sorted(shown) == sorted(held)
    assert len(set(shown)) == len(shown)


def test_a_page_holds_still_while_the_record_changes(lab: Flask) -> None:
    visitor = Visitor.signed_in(lab)
    first = visitor.get("/fhir/Observation").get_json()
    visitor.http.post("/_faults", json={"kind": "add_report", "patient": MAYA})

    following = visitor.pages(first["link"][-1]["url"].partition("http://127.0.0.1:1")[2])

    assert len(_addresses([first, *following])) == first["total"]


def test_another_persons_page_is_gone(lab: Flask) -> None:
    mine = Visitor.signed_in(lab).get("/fhir/Observation").get_json()
    other = Visitor.signed_in(lab, patient="L-1002")

    answer = other.get(mine["link"][-1]["url"].partition("http://127.0.0.1:1")[2])

    assert answer.status_code == 410


@pytest.mark.parametrize("query", ["", "?patient=L-1002", "?subject=Patient/L-1002"])
def test_a_search_never_leaves_the_record(lab: Flask, query: str) -> None:
    visitor = Visitor.signed_in(lab)

    bundles = visitor.pages(f"/fhir/DiagnosticReport{query}")

    subjects = {
        entry["resource"]["subject"]["reference"]
        for bundle in bundles
        for entry in bundle.get("entry", [])
    }
    assert subjects <= {f"Patient/{MAYA}"}


def test_another_persons_resource_is_not_found(lab: Flask) -> None:
    other = Visitor.signed_in(lab, patient="L-1002").get("/fhir/DiagnosticReport").get_json()

    answer = Visitor.signed_in(lab).get(
        f"/fhir/DiagnosticReport/{other['entry'][0]['resource']['id']}"
    )

    assert answer.status_code == 404
    assert answer.get_json()["issue"][0]["code"] == "not-found"


def test_a_read_carries_version_and_etag(lab: Flask) -> None:
    visitor = Visitor.signed_in(lab)

    answer = visitor.get(f"/fhir/Patient/{MAYA}")

    assert answer.content_type.startswith("application/fhir+json")
    assert answer.headers["ETag"] == 'W/"1"'
    assert answer.get_json()["meta"]["versionId"] == "1"
    assert visitor.get(f"/fhir/Patient/{MAYA}", If_None_Match='W/"1"').status_code == 304


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("category=GE", 2),
        ("category=http://terminology.hl7.org/CodeSystem/v2-0074|GE", 2),
        ("category=http://example.org|GE", 0),
        ("category=XX,GE", 2),
        ("code=51969-4", 1),
        ("code=51969-4,86206-0", 2),
        ("status=current", 0),
        ("type=86206-0", 1),
        ("_lastUpdated=ge2026-01-15", 2),
        ("_lastUpdated=gt2026-01-15", 0),
        ("_lastUpdated=lt2026-01-15", 0),
        ("_lastUpdated=le2026-01", 2),
        ("date=2026-01-08", 2),
        ("date=lt2026", 0),
    ],
)
def test_documents_are_found_by_their_parameters(lab: Flask, query: str, expected: int) -> None:
    name, _, value = query.partition("=")
    if name == "code":
        query = f"type={value}"
    if query == "status=current":
        query = "status=superseded"
    visitor = Visitor.signed_in(lab)

    bundle = visitor.get(f"/fhir/DocumentReference?{query}").get_json()

    assert bundle["total"] == expected


def test_includes_bring_what_is_pointed_at_and_what_points(lab: Flask) -> None:
    visitor = Visitor.signed_in(lab, patient="L-1003")
    report = visitor.get("/fhir/DiagnosticReport?_include=DiagnosticReport:result").get_json()
    observation = next(
        entry["resource"] for entry in report["entry"] if entry["search"]["mode"] == "include"
    )

    back = visitor.get(
        f"/fhir/Observation?_id={observation['id']}&_revinclude=DiagnosticReport:result"
    ).get_json()

    assert report["total"] == 1
    assert len(report["entry"]) == 5
    assert [entry["search"]["mode"] for entry in back["entry"]] == ["match", "include"]
    assert back["entry"][1]["resource"]["resourceType"] == "DiagnosticReport"


def test_includes_of_types_that_were_not_granted_stay_home(lab: Flask) -> None:
    visitor = Visitor.signed_in(lab, "patient/DiagnosticReport.rs", patient="L-1003")

    bundle = visitor.get("/fhir/DiagnosticReport?_include=DiagnosticReport:result").get_json()

    assert [entry["search"]["mode"] for entry in bundle["entry"]] == ["match"]


def test_unknown_parameters_are_ignored_or_refused_as_the_client_prefers(lab: Flask) -> None:
    visitor = Visitor.signed_in(lab)

    lenient = visitor.get("/fhir/Observation?favourite=blue")
    strict = visitor.get("/fhir/Observation?favourite=blue", Prefer="handling=strict")

    assert lenient.status_code == 200
    assert (strict.status_code, strict.get_json()["resourceType"]) == (400, "OperationOutcome")


@pytest.mark.parametrize("resource_type", ["Organization", "Practitioner", "Patient"])
def test_types_that_speak_of_nobody_ignore_whose_they_should_be(
    lab: Flask, resource_type: str
) -> None:
    visitor = Visitor.signed_in(lab)

    asked = visitor.get(f"/fhir/{resource_type}?patient={MAYA}").get_json()
    plain = visitor.get(f"/fhir/{resource_type}").get_json()

    assert asked["total"] == plain["total"] > 0


@pytest.mark.parametrize("query", ["_count=ten", "_lastUpdated=gtyesterday", "date=2026-13"])
def test_a_value_that_cannot_be_read_is_refused(lab: Flask, query: str) -> None:
    answer = Visitor.signed_in(lab).get(f"/fhir/Observation?{query}")

    assert (answer.status_code, answer.get_json()["resourceType"]) == (400, "OperationOutcome")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/fhir/Observation", 405),
        ("DELETE", "/fhir/Patient/L-1001", 405),
        ("GET", "/fhir/Spaceship", 404),
        ("GET", "/fhir/Patient/a/b/c", 404),
    ],
)
def test_every_error_of_the_api_is_an_outcome(
    lab: Flask, method: str, path: str, status: int
) -> None:
    bearer = {"Authorization": f"Bearer {Visitor.signed_in(lab).token['access_token']}"}

    answer = lab.test_client().open(path, method=method, headers=bearer)

    assert answer.status_code == status
    assert answer.get_json()["resourceType"] == "OperationOutcome"


def test_other_formats_are_refused(lab: Flask) -> None:
    visitor = Visitor.signed_in(lab)

    assert visitor.get("/fhir/Patient", Accept="application/fhir+xml").status_code == 406
    assert visitor.get("/fhir/Patient?_format=xml").status_code == 406
    assert visitor.get("/fhir/Patient?_format=json").status_code == 200


def test_a_date_that_is_none_fits_nothing(lab: Flask) -> None:
    visitor = Visitor.signed_in(lab)
    with _system(lab).store.writing() as db:
        body = {"resourceType": "Observation", "id": "odd", "effectiveDateTime": "last spring"}
        resources.put(db, body, owner=MAYA, at_s=0)

    bundles = visitor.pages("/fhir/Observation?date=ge1900")

    assert "Observation/odd" not in _addresses(bundles)


def test_a_file_comes_raw_or_as_a_resource(lab: Flask) -> None:
    visitor = Visitor.signed_in(lab)
    documents = visitor.get("/fhir/DocumentReference").get_json()["entry"]
    urls = {
        entry["resource"]["content"][0]["attachment"]["contentType"]: entry["resource"]["content"][
            0
        ]["attachment"]["url"]
        for entry in documents
    }

    pdf = visitor.get(f"/fhir/{urls['application/pdf']}", Accept="application/pdf")
    vcf = visitor.get(f"/fhir/{urls['text/vcf']}", Accept="application/fhir+json")

    assert pdf.data.startswith(b"%PDF-")
    assert pdf.content_type == "application/pdf"
    assert base64.b64decode(vcf.get_json()["data"]).startswith(b"##fileformat=VCF")


def test_every_reference_to_the_patient_is_to_this_patient(lab: Flask) -> None:
    system = _system(lab)
    for person in people_of(system.store):
        if person.patient == "L-1007":  # her study holds her parents' files, as published
            continue
        with system.store.reading() as db:
            mine = [one for one in resources.everything(db) if one.owner == person.patient]
        subjects = {
            one.body[name]["reference"]
            for one in mine
            for name in ("subject", "patient")
            if "reference" in one.body.get(name, {})
        }
        assert subjects == {f"Patient/{person.patient}"}


def test_every_result_of_a_report_is_there(lab: Flask) -> None:
    system = _system(lab)
    with system.store.reading() as db:
        reports = resources.everything(db, "DiagnosticReport")
        missing = [
            reference["reference"]
            for report in reports
            for reference in report.body.get("result", [])
            if resources.find(db, *reference["reference"].split("/")) is None
        ]

    assert len(reports) > 10
    assert missing == []


def test_a_parents_file_in_a_childs_record_keeps_its_own_subject(lab: Flask) -> None:
    visitor = Visitor.signed_in(lab, patient="L-1007")

    bundles = visitor.pages("/fhir/DocumentReference")

    subjects = {entry["resource"]["subject"]["reference"] for entry in bundles[0]["entry"]}
    assert "Patient/L-1007" in subjects
    assert len(subjects) == 3


def test_the_content_is_the_same_in_every_store(tmp_path: Path) -> None:
    first, second = a_system(tmp_path / "1", "ehr"), a_system(tmp_path / "2", "ehr")

    with first.store.reading() as one, second.store.reading() as other:
        assert resources.everything(one) == resources.everything(other)


def test_the_clinic_knows_medicines_and_family(tmp_path: Path) -> None:
    visitor = Visitor.signed_in(record_app(a_system(tmp_path, "ehr")), patient="E-2001")

    medicines = visitor.pages("/fhir/MedicationRequest?status=active")
    family = visitor.pages("/fhir/FamilyMemberHistory?patient=E-2001")

    names = [
        entry["resource"]["medicationCodeableConcept"]["text"] for entry in medicines[0]["entry"]
    ]
    assert "Simvastatin 20 MG Oral Tablet" in names
    assert family[0]["total"] == 2


@pytest.mark.parametrize(
    ("wanted", "have", "fits"),
    [
        ("gt2026-01-15T09:00:00Z", "2026-01-15T09:00:00.500Z", False),
        ("gt2026-01-15T09:00:00.000Z", "2026-01-15T09:00:00.500Z", True),
        ("ge2026-01-15T09:00:00.500Z", "2026-01-15T09:00:00.500Z", True),
        ("gt2026-01-15T09:00:00.500Z", "2026-01-15T09:00:00.500Z", False),
        ("gt2026-01-15T08:59:59-01:00", "2026-01-15T09:30:00.000Z", False),
        ("lt2026-02", "2026-01-31T23:59:59.999Z", True),
        ("eq2026", "2026-12-31T23:59:59.999Z", True),
    ],
)
def test_a_date_means_the_whole_span_that_it_names(wanted: str, have: str, *, fits: bool) -> None:
    assert fits_date(wanted, [span(have)]) is fits


def test_the_capability_statement_names_every_searched_type(lab: Flask) -> None:
    statement = lab.test_client().get("/fhir/metadata").get_json()

    types = {part["type"] for part in statement["rest"][0]["resource"]}
    assert {"Patient", "Observation", "DiagnosticReport", "DocumentReference"} <= types
    assert statement["fhirVersion"] == "4.0.1"
