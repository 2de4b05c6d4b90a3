"""The exact bytes: the same things always make the same transaction."""

import json
import random
from dataclasses import replace
from typing import Any

import fhirkit
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sharing.bundle import (
    Packed,
    Prepared,
    Sent,
    Target,
    Writing,
    announce,
    pack,
    push,
    recall,
)
from sharing.bundle.flags import flags_of
from sharing.deidentify import Disguise, Level
from tests.sharing.builders import (
    CONSENT,
    a_disguise,
    a_target,
    a_variant,
    outgoing,
    real_resources,
)

RESOURCES = real_resources()


def a_push(target: Target, packed: Packed, fence: str = 'W/"1"') -> Prepared:
    return push(target, CONSENT, packed, sequence=1, fence=fence)


def read(prepared: Prepared) -> dict[str, Any]:
    bundle: dict[str, Any] = json.loads(prepared.raw)
    return bundle


def entries_of(prepared: Prepared, kind: str) -> list[dict[str, Any]]:
    entries = read(prepared)["entry"]
    return [e for e in entries if e.get("resource", {}).get("resourceType") == kind]


@settings(deadline=None)
@given(st.lists(st.integers(0, len(RESOURCES) - 1), max_size=8), st.integers(0, 99))
def test_the_order_in_which_things_are_released_changes_no_byte(
    chosen: list[int], seed: int
) -> None:
    items = [outgoing(RESOURCES[n], origin=str(place)) for place, n in enumerate(chosen)]
    mixed = random.Random(seed).sample(items, len(items))

    first, second = (a_push(a_target(), pack(a_target(), a_disguise(), i)) for i in (items, mixed))

    assert first.raw == second.raw
    assert first.sha256 == second.sha256


def test_the_consent_comes_first_and_is_the_fence() -> None:
    target = a_target()

    prepared = a_push(target, pack(target, a_disguise(), [outgoing(a_variant())]), 'W/"7"')

    first = read(prepared)["entry"][0]
    assert first["request"] == {
        "method": "PUT",
        "url": f"Consent/{target.consent_id}",
        "ifMatch": 'W/"7"',
    }


def test_the_bundle_and_the_consent_carry_the_name_of_the_package() -> None:
    target = a_target()

    prepared = a_push(target, pack(target, a_disguise(), [outgoing(a_variant())]))

    bundle = read(prepared)
    assert bundle["identifier"]["value"] == prepared.basis
    assert bundle["identifier"] in bundle["entry"][0]["resource"]["identifier"]


def test_a_program_without_if_match_gets_none() -> None:
    target = a_target(Writing.CONDITIONAL_UPDATE)

    prepared = a_push(target, pack(target, a_disguise(), [outgoing(a_variant())]))

    assert b"ifMatch" not in prepared.raw


@pytest.mark.parametrize("writing", Writing)
def test_every_link_inside_points_at_an_entry(writing: Writing) -> None:
    target = a_target(writing)
    report = {
        "resourceType": "DiagnosticReport",
        "id": "r",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "51969-4"}]},
        "subject": {"reference": "Patient/p1"},
        "result": [{"reference": "Observation/v1"}, {"reference": "Observation/gone"}],
    }
    person = target.reference("Patient", target.patient_id)
    disguise = a_disguise_for(person)

    prepared = a_push(target, pack(target, disguise, [outgoing(report), outgoing(a_variant())]))

    names = {e["fullUrl"] for e in read(prepared)["entry"]}
    relative = {name.removeprefix(target.base_url + "/") for name in names}
    links = _links(read(prepared))
    assert len(links) == 4
    assert set(links) <= names | relative


def a_disguise_for(person: str) -> Disguise:

    return replace(a_disguise(), patient=person)


def _links(value: object) -> list[str]:
    if isinstance(value, dict):
        own = [value["reference"]] if isinstance(value.get("reference"), str) else []
        return own + [link for inner in value.values() for link in _links(inner)]
    if isinstance(value, list):
        return [link for inner in value for link in _links(inner)]
    return []


def test_a_link_to_what_stays_home_is_cut_in_every_round() -> None:
    request = {
        "resourceType": "MedicationRequest",
        "id": "m",
        "status": "active",
        "intent": "order",
        "medicationReference": {"reference": "Medication/d"},
        "subject": {"reference": "Patient/p1"},
    }
    medicine = {"resourceType": "Medication", "id": "d", "code": {"text": "only words"}}
    target = a_target()

    packed = pack(target, a_disguise(), [outgoing(request), outgoing(medicine)])

    assert packed.bodies == {}
    assert set(packed.stays) == {"1/MedicationRequest/m", "1/Medication/d"}


def test_ids_differ_between_programs_and_people_and_say_nothing_of_the_source() -> None:
    here = a_target()
    other_program = Target(here.base_url, here.site_url, here.capability, here.pseudonym, b"1" * 32)
    other_person = Target(here.base_url, here.site_url, here.capability, "P-OTHER", here.secret)

    ids = {t.sent_id("Observation", "v1") for t in (here, other_program, other_person)}

    assert len(ids) == 3
    assert all(len(one) <= 64 and "v1" not in one for one in ids)


def test_a_repeat_has_the_same_ids_and_a_changed_resource_too() -> None:
    target = a_target()

    first = pack(target, a_disguise(), [outgoing(a_variant())])
    later = pack(target, a_disguise(), [outgoing(a_variant(status="amended"))])

    assert [s.sent_id for s in first.bodies] == [s.sent_id for s in later.bodies]
    assert first.content != later.content


def test_where_only_creating_is_possible_a_changed_resource_is_a_new_one() -> None:
    target = a_target(Writing.CONDITIONAL_CREATE)
    item = outgoing(a_variant())
    changed = type(item)(item.key, item.origin, "v2", item.body, item.aliases)

    ids = [next(iter(pack(target, a_disguise(), [i]).bodies)).sent_id for i in (item, changed)]

    assert ids[0] != ids[1]
    assert b"ifNoneExist" in a_push(target, pack(target, a_disguise(), [item])).raw


def test_of_several_copies_of_the_person_one_goes_and_the_others_are_told() -> None:
    target = a_target()
    people = [
        outgoing({"resourceType": "Patient", "id": "a", "gender": "female"}, origin="1"),
        outgoing(
            {"resourceType": "Patient", "id": "b", "gender": "female", "birthDate": "1980-01-01"},
            origin="2",
        ),
    ]

    packed = pack(target, a_disguise(), people)

    assert packed.patient.body["birthDate"] == "1980"
    assert packed.stays == {"1/Patient/a": "another-copy"}
    [entry] = entries_of(a_push(target, packed), "Patient")
    assert entry["resource"]["identifier"][1]["value"] == target.pseudonym


@pytest.mark.parametrize("writing", Writing)
@pytest.mark.parametrize("level", Level)
def test_every_entry_of_real_resources_is_valid_fhir(writing: Writing, level: Level) -> None:
    target = a_target(writing)
    items = [outgoing(body) for body in RESOURCES]

    prepared = a_push(target, pack(target, a_disguise(level), items))

    issues = [i for e in read(prepared)["entry"] for i in _issues(e["resource"])]
    assert issues == []
    assert len(read(prepared)["entry"]) > 20


@pytest.mark.parametrize("writing", Writing)
@pytest.mark.parametrize("deletes", [True, False])
def test_a_recall_takes_back_everything_but_the_ended_consent(
    writing: Writing, *, deletes: bool
) -> None:
    target = a_target(writing, deletes=deletes)
    kinds = ["Observation", "Condition", "Immunization", "DocumentReference", "Patient"]
    sent = [Sent(kind, target.sent_id(kind, "1")) for kind in kinds]

    prepared = recall(target, {**CONSENT, "status": "inactive"}, [*sent, *sent], sequence=2)

    entries = read(prepared)["entry"]
    assert entries[0]["resource"]["status"] == "inactive"
    assert len(entries) == 6
    methods = {e["request"]["method"] for e in entries[2:]}
    assert methods == ({"DELETE"} if deletes else {"PUT"})
    resources = [e["resource"] for e in entries if "resource" in e]
    assert [i for body in resources for i in _issues(body)] == []


def test_a_recall_says_entered_in_error_in_the_words_of_each_type() -> None:
    target = a_target(Writing.CONDITIONAL_UPDATE)
    sent = [Sent(k, target.sent_id(k)) for k in ("Observation", "AllergyIntolerance", "Medication")]

    prepared = recall(target, CONSENT, sent, sequence=2)

    allergy, medication, observation = (e["resource"] for e in read(prepared)["entry"][2:])
    assert observation["status"] == medication["status"] == "entered-in-error"
    assert allergy["verificationStatus"]["coding"][0]["code"] == "entered-in-error"


def test_an_announcement_holds_the_consent_and_a_bare_pseudonym() -> None:
    prepared = announce(a_target(), CONSENT, sequence=0, fence="")

    bodies = [e["resource"] for e in read(prepared)["entry"]]
    assert [b["resourceType"] for b in bodies] == ["Consent", "Patient"]
    assert set(bodies[1]) == {"resourceType", "id", "identifier"}
    assert b"ifMatch" not in prepared.raw


def _issues(body: dict[str, Any]) -> list[str]:
    return [str(i) for i in fhirkit.validate(json.dumps(body)) if i.severity == "error"]


LOINC = "http://loinc.org"


def a_component(code: str, system: str, value: object) -> dict[str, Any]:
    return {
        "code": {"coding": [{"system": LOINC, "code": code}]},
        "valueCodeableConcept": {"coding": [{"system": system, "code": value}]},
    }


@pytest.mark.parametrize(
    ("body", "flags"),
    [
        (a_variant(), ["no-build"]),
        (a_variant(component=[a_component("62374-4", LOINC, "LA26806-2")]), []),
        (
            a_variant(
                component=[
                    a_component("62374-4", LOINC, "LA26806-2"),
                    a_component("48004-6", "http://varnomen.hgvs.org", "NM_000492.4:c.1521del"),
                ]
            ),
            [],
        ),
        (
            a_variant(component=[a_component("48004-6", "http://varnomen.hgvs.org", "c dot")]),
            ["hgvs-unread", "no-build"],
        ),
        (a_variant(status="preliminary", code={}), ["preliminary"]),
        (a_variant(status="corrected", code={"coding": "x"}), ["corrected"]),
    ],
)
def test_flags_say_what_a_reader_should_know_first(body: dict[str, Any], flags: list[str]) -> None:
    assert flags_of([body, body]) == flags
