"""I1: no byte of a record leaves without a live decision, thing by thing and element by element."""

import json
from pathlib import Path
from typing import Any

import pytest

from consent import gate, policy, services
from consent.policy import Category, Reason
from portal.audit import actions
from portal.audit.models import Entry
from portal.genomics.vcf import fhir
from portal.records import services as records
from portal.records.fhir import Incoming
from tests.consent.builders import (
    NOON,
    WANTED,
    a_lab,
    a_person,
    a_program,
    a_resource,
    a_scope,
    a_version,
    an_agreement,
    an_observation,
    an_origin,
    released,
)

pytestmark = pytest.mark.django_db
CANARY = "DEVCANARY"
DATA = Path(__file__).parents[1] / "data" / "fhir"


def test_what_was_chosen_leaves_and_the_rest_stays_with_its_reason() -> None:
    agreement = an_agreement(scope=a_scope(Category.MEDICINES_PGX))
    origin = an_origin(agreement.patient)
    medicine = a_resource(origin, an_observation("o1"), "medicines-pgx")
    risk = a_resource(origin, an_observation("o2"), "hereditary-risk")
    lab = a_resource(origin, a_lab())

    answer = released(agreement)

    assert [item.resource_id for item in answer] == [medicine.pk]
    assert {kept.resource_id: kept.reasons for kept in answer.kept_back} == {
        risk.pk: (Reason.NOT_CHOSEN,),
        lab.pk: (Reason.NOT_CHOSEN,),
    }
    assert answer.epoch == 1


def test_a_resource_of_two_kinds_needs_both() -> None:
    agreement = an_agreement(scope=a_scope(Category.MEDICINES_PGX))
    a_resource(an_origin(agreement.patient), an_observation(), "medicines-pgx", "tumour")

    assert not released(agreement).items


LEAKS: dict[str, Any] = {
    "text": {"status": "generated", "div": f"<div>{CANARY}</div>"},
    "note": [{"text": CANARY}],
    "contained": [{"resourceType": "Patient", "id": "x", "name": [{"text": CANARY}]}],
    "extension": [{"url": "https://example.org/x", "valueString": CANARY}],
    "modifierExtension": [{"url": "https://example.org/x", "valueString": CANARY}],
    "subject": {"reference": "Patient/p1", "display": CANARY},
    "performer": [{"display": CANARY, "reference": f"Practitioner/{CANARY}"}],
    "_status": {"extension": [{"url": "https://example.org/x", "valueString": CANARY}]},
    "derivedFrom": [{"reference": f"Observation/{CANARY}"}, {"reference": f"#{CANARY}"}],
    "method": {"text": "PCR", "extension": [{"url": "u", "valueString": CANARY}]},
    "somethingNew": CANARY,
    "identifier": [{"value": "1", "assigner": {"display": CANARY}}],
    "encounter": {"reference": f"Encounter/{CANARY}"},
    "meta": {"source": CANARY, "tag": [{"display": CANARY}], "lastUpdated": "2026-01-01"},
    "referenceRange": [{"text": CANARY, "low": {"value": 1}}],
    "valueAttachment": {"title": CANARY, "data": CANARY, "url": CANARY},
}


@pytest.mark.parametrize("place", sorted(LEAKS))
@pytest.mark.parametrize("identity", policy.Identity)
def test_nothing_rides_along_in_an_observation(place: str, identity: policy.Identity) -> None:
    agreement = an_agreement()
    body = an_observation(**{place: LEAKS[place]})
    a_resource(an_origin(agreement.patient), body, "medicines-pgx")

    answer = released(agreement, purpose=gate.Wanted(policy.Use.PROGRAM_RESEARCH, identity))

    assert len(answer.items) == 1
    assert CANARY not in json.dumps(answer.items[0].body)
    assert answer.items[0].removed


OURS = {"system": fhir.TAGS, "code": "not-a-clinical-test"}


@pytest.mark.parametrize("identity", policy.Identity)
def test_i12_that_it_was_no_clinical_test_goes_along_and_no_other_tag(
    identity: policy.Identity,
) -> None:
    agreement = an_agreement()
    others = [{**OURS, "system": CANARY}, {**OURS, "code": CANARY}, {"code": OURS["code"]}, CANARY]
    meta = {"source": CANARY, "tag": [*others, {**OURS, "display": CANARY, "version": CANARY}]}
    a_resource(an_origin(agreement.patient), an_observation(meta=meta), "medicines-pgx")
    plain = an_observation("o2", meta={"tag": others})
    a_resource(an_origin(agreement.patient), plain, "medicines-pgx")

    answer = released(agreement, purpose=gate.Wanted(policy.Use.PROGRAM_RESEARCH, identity))

    marked, unmarked = (item.body for item in answer.items)
    assert marked["meta"] == {"tag": [OURS]}
    assert "meta" not in unmarked


def test_nothing_rides_along_in_a_report() -> None:
    agreement = an_agreement()
    origin = an_origin(agreement.patient)
    a_resource(origin, an_observation(), "medicines-pgx")
    report = {
        "resourceType": "DiagnosticReport",
        "id": "r1",
        "status": "final",
        "code": {"text": "Genetic report"},
        "subject": {"reference": "Patient/p1", "display": CANARY},
        "result": [{"reference": "Observation/o1", "display": CANARY}],
        "presentedForm": [{"data": CANARY, "title": CANARY}],
        "conclusion": CANARY,
        "media": [{"comment": CANARY, "link": {"display": CANARY}}],
        **{key: LEAKS[key] for key in ("text", "contained", "extension", "meta")},
    }
    a_resource(origin, report)

    answer = released(agreement)

    assert {item.resource_type for item in answer} == {"Observation", "DiagnosticReport"}
    assert CANARY not in json.dumps([item.body for item in answer])
    assert answer.items[1].body["result"] == [{"reference": "Observation/o1"}]


@pytest.mark.parametrize("kind", ["Provenance", "RelatedPerson", "Encounter", "Binary", "List"])
def test_a_type_that_nobody_named_stays(kind: str) -> None:
    agreement = an_agreement()
    a_resource(an_origin(agreement.patient), {"resourceType": kind, "id": "x", "note": CANARY})

    answer = released(agreement)

    assert not answer.items
    assert answer.kept_back[0].reasons == (Reason.NEVER_SENT,)


def test_a_report_goes_as_a_frame_around_the_results_that_go() -> None:
    agreement = an_agreement(scope=a_scope(Category.MEDICINES_PGX))
    origin = an_origin(agreement.patient)
    a_resource(origin, an_observation("o1"), "medicines-pgx")
    a_resource(origin, an_observation("o2"), "hereditary-risk")
    report = {
        "resourceType": "DiagnosticReport",
        "id": "r1",
        "code": {"text": "Genetic report"},
        "result": [{"reference": "Observation/o1"}, {"reference": "Observation/o2"}],
        "conclusionCode": [{"text": "something about o2"}],
    }
    a_resource(origin, report)

    frame = released(agreement).items[1]

    assert frame.partial
    assert frame.body["result"] == [{"reference": "Observation/o1"}]
    assert "conclusionCode" not in frame.body


def test_a_name_goes_only_where_the_person_agreed_to_be_named() -> None:
    agreement = an_agreement()
    body = {
        "resourceType": "Patient",
        "id": "p1",
        "name": [{"family": "Example"}],
        "telecom": [{"system": "phone", "value": "555"}],
        "identifier": [{"value": "MRN"}],
        "address": [{"line": ["1 Main St"], "state": "CA", "postalCode": "90000"}],
    }
    a_resource(an_origin(agreement.patient), body)

    named = released(agreement).items[0].body
    coded = released(
        agreement, purpose=gate.Wanted(policy.Use.PROGRAM_RESEARCH, policy.Identity.PSEUDONYMOUS)
    )

    assert named["name"] == [{"family": "Example"}]
    assert coded.items[0].body == {
        "resourceType": "Patient",
        "id": "p1",
        "address": [{"state": "CA"}],
    }


def test_what_a_source_took_back_does_not_go() -> None:
    agreement = an_agreement()
    resource = a_resource(an_origin(agreement.patient), an_observation(), "carrier")
    resource.removed_at = NOON
    resource.save()

    assert not released(agreement).items


def test_other_peoples_records_are_never_looked_at() -> None:
    agreement = an_agreement()
    other = a_person("bo@example.org")
    a_resource(an_origin(other), an_observation(), "carrier")

    answer = released(agreement)

    assert not answer.items
    assert not answer.kept_back


def test_without_an_agreement_the_gate_is_shut() -> None:
    person, program = a_person(), a_program()
    a_version(program)

    with pytest.raises(gate.NoLiveAgreement) as refusal:
        gate.release(patient=person, program=program, purpose=WANTED, at=NOON)

    assert refusal.value.reasons == (Reason.NOT_ACTIVE,)


def test_i4_after_stop_the_gate_is_shut() -> None:
    agreement = an_agreement()
    services.stop(patient=agreement.patient, program=agreement.program, recall=False, at=NOON)

    with pytest.raises(gate.NoLiveAgreement):
        released(agreement)


def test_a_package_of_an_earlier_epoch_gets_nothing() -> None:
    agreement = an_agreement()
    services.change(
        patient=agreement.patient,
        program=agreement.program,
        scope=a_scope(Category.CARRIER),
        at=NOON,
    )
    old = gate.Wanted(policy.Use.PROGRAM_RESEARCH, policy.Identity.IDENTIFIED, epoch=1)

    with pytest.raises(gate.NoLiveAgreement) as refusal:
        released(agreement, purpose=old)

    assert refusal.value.reasons == (Reason.OTHER_EPOCH,)


def test_every_answer_of_the_gate_is_in_the_trail() -> None:
    agreement = an_agreement(scope=a_scope(Category.CARRIER))
    origin = an_origin(agreement.patient)
    a_resource(origin, an_observation("o1"), "carrier")
    a_resource(origin, an_observation("o2"), "tumour")

    released(agreement)

    entry = Entry.objects.about_patient(agreement.patient.pk).get(
        action=actions.CONSENT_GATE_ANSWERED
    )
    assert (entry.facts["permitted"], entry.facts["kept_back"]) == (1, 1)
    assert entry.facts["epoch"] == 1


def test_a_prescription_is_judged_by_the_medicine_it_points_to() -> None:
    agreement = an_agreement()
    origin = an_origin(agreement.patient)
    names = {"m1": "Ibuprofen 200 MG", "m2": "Sertraline 50 MG"}
    for key, name in names.items():
        a_resource(origin, {"resourceType": "Medication", "id": key, "code": {"text": name}})
        a_resource(
            origin,
            {
                "resourceType": "MedicationRequest",
                "id": f"r-{key}",
                "medicationReference": {"reference": f"Medication/{key}"},
            },
        )

    answer = released(agreement)

    assert {item.source_id for item in answer} == {"m1", "r-m1"}
    assert {kept.reasons for kept in answer.kept_back} == {(Reason.SENSITIVE_NOT_CHOSEN,)}


def test_results_that_name_each_other_are_judged_once() -> None:
    agreement = an_agreement()
    origin = an_origin(agreement.patient)
    for number, other in (("g1", "g2"), ("g2", "g1")):
        members = [{"reference": f"Observation/{other}"}]
        a_resource(origin, an_observation(number, hasMember=members), "carrier")

    assert len(released(agreement).items) == 2


REPORTS = sorted((DATA / "emerge-lab-reports").glob("*.json"))


@pytest.mark.parametrize("path", REPORTS, ids=lambda path: path.stem)
def test_of_a_real_report_only_the_medicines_go_where_only_they_were_chosen(path: Path) -> None:
    """Takes half a second: it stores and reads a whole published report."""
    agreement = an_agreement(scope=a_scope(Category.MEDICINES_PGX))
    origin = an_origin(agreement.patient, remote="")
    entries = [
        Incoming(json.dumps(entry["resource"]).encode(), entry.get("fullUrl", ""))
        for entry in json.loads(path.read_text())["entry"]
    ]
    records.store_page(origin=origin, entries=entries, at=NOON)
    records.rebuild_findings(patient=agreement.patient, at=NOON)

    answer = released(agreement)

    kinds = {item.resource_type for item in answer}
    assert kinds == {"Observation", "DiagnosticReport"}
    going = {item.key for item in answer}
    for item in answer:
        if item.resource_type == "DiagnosticReport":
            assert item.partial
            results = item.body["result"]
            assert isinstance(results, list)
            assert {one["reference"] for one in results if isinstance(one, dict)} <= going
        else:
            assert item.categories == ("medicines-pgx",)
    reasons = {reason for kept in answer.kept_back for reason in kept.reasons}
    assert Reason.OTHER_PERSON not in reasons
