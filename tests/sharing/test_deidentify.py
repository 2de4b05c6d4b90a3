"""What nobody named stays home, wherever it hides."""

import copy
import datetime
import json
import random
from collections.abc import Callable
from typing import Any

import fhirkit
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consent import elements
from portal.genomics.vcf import fhir
from sharing.deidentify import ATTACHMENTS, FREE_TEXT, Level, StaysHome, strip
from sharing.deidentify.tables import TABLES
from tests.consent.builders import a_file
from tests.sharing.builders import a_disguise, a_variant, real_resources

CANARY = "DEVCANARY"
_CLOPIDOGREL: dict[str, Any] = {
    "coding": [{"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "32968"}]
}
MEDICINES: list[dict[str, Any]] = [
    {
        "resourceType": "MedicationDispense",
        "status": "completed",
        "medicationCodeableConcept": _CLOPIDOGREL,
        "subject": {"reference": "Patient/p1"},
        "quantity": {"value": 30, "unit": "tablets"},
        "whenHandedOver": "2026-03-01",
        "performer": [{"actor": {"display": CANARY}}],
        "receiver": [{"display": CANARY}],
        "location": {"display": CANARY},
    },
    {
        "resourceType": "MedicationAdministration",
        "status": "completed",
        "medicationCodeableConcept": _CLOPIDOGREL,
        "subject": {"reference": "Patient/p1"},
        "effectiveDateTime": "2026-03-01",
        "dosage": {"dose": {"value": 75, "unit": "mg"}, "text": CANARY},
        "performer": [{"actor": {"display": CANARY}}],
    },
]
RESOURCES = real_resources()


def leaves(body: dict[str, Any], level: Level = Level.DEIDENTIFIED) -> str:
    return json.dumps(strip(body, a_disguise(level)).body)


@pytest.mark.parametrize("level", Level)
@pytest.mark.parametrize(
    "place",
    [
        {"text": {"status": "generated", "div": f"<div>{CANARY}</div>"}},
        {"note": [{"text": CANARY}]},
        {"contained": [{"resourceType": "Provenance", "id": CANARY}]},
        {"extension": [{"url": "http://x.example", "valueString": CANARY}]},
        {"modifierExtension": [{"url": f"http://{CANARY}.example"}]},
        {"subject": {"reference": "Patient/p1", "display": CANARY}},
        {"subject": {"identifier": {"value": CANARY}}},
        {"identifier": [{"value": CANARY}]},
        {"meta": {"tag": [{"display": CANARY}], "source": CANARY}},
        {"performer": [{"display": CANARY}]},
        {"encounter": {"reference": f"Encounter/{CANARY}"}},
        {"derivedFrom": [{"reference": f"Observation/{CANARY}"}]},
        {"device": {"display": CANARY}},
        {"implicitRules": CANARY},
        {"language": CANARY},
        {"_status": {"extension": [{"url": "x", "valueString": CANARY}]}},
        {"status": "final", "comment": CANARY},
        {"issued": CANARY},
        {"effectiveDateTime": CANARY},
        {"bodySite": {"extension": [{"url": "x", "valueString": CANARY}]}},
        {"referenceRange": [{"extension": [{"url": CANARY}]}]},
        {"id": CANARY},
    ],
    ids=lambda place: next(iter(place)),
)
def test_a_word_leaves_from_no_place_that_the_table_does_not_name(
    place: dict[str, Any], level: Level
) -> None:
    left = leaves(a_variant(**place), level=level)

    assert CANARY not in left


@pytest.mark.parametrize(
    "place",
    [
        {"code": {"text": CANARY, "coding": [{"system": "http://loinc.org", "code": "1-8"}]}},
        {"code": {"coding": [{"system": "http://loinc.org", "code": CANARY}]}},
        {"code": {"coding": [{"system": f"http://{CANARY}", "code": "1-8"}]}},
        {"code": {"coding": [{"system": "http://loinc.org", "code": "1-8", "display": CANARY}]}},
        {"code": {"coding": [{"system": "http://hospital.example/local", "code": CANARY}]}},
        {"valueString": CANARY},
        {"valueQuantity": {"value": 1, "unit": CANARY}},
        {"valueQuantity": {"value": 1, "system": "http://unitsofmeasure.org", "code": "a " * 9}},
        {"component": [{"code": {"text": CANARY}, "valueString": CANARY}]},
        {"referenceRange": [{"text": CANARY}]},
        {"interpretation": [{"text": CANARY}]},
    ],
)
def test_free_words_stay_home_when_the_person_is_not_named(place: dict[str, Any]) -> None:
    left = leaves(a_variant(**place))

    assert CANARY not in left
    assert "a a" not in left


@pytest.mark.parametrize("level", Level)
@pytest.mark.parametrize("kind", ["DiagnosticReport", "Observation", "Procedure"])
def test_i12_that_it_was_no_clinical_test_leaves_at_every_level_and_no_other_tag(
    kind: str, level: Level
) -> None:
    ours = {"system": fhir.TAGS, "code": "not-a-clinical-test"}
    others = [{**ours, "system": CANARY}, {**ours, "display": CANARY}, {"code": CANARY}]
    body = {"resourceType": kind, "status": "final" if kind != "Procedure" else "completed"}

    marked = strip({**body, "meta": {"source": CANARY, "tag": [*others, ours]}}, a_disguise(level))
    unmarked = strip({**body, "meta": {"tag": others}}, a_disguise(level))

    assert marked.body["meta"] == {"tag": [ours]}
    assert f"{kind}.meta.tag" in marked.removed
    assert "meta" not in unmarked.body


def test_the_choices_count_what_has_a_table_and_nothing_else() -> None:
    assert set(TABLES) == elements.leaving_types()


@pytest.mark.parametrize("level", [Level.PSEUDONYMOUS, Level.DEIDENTIFIED])
def test_files_stay_home_without_the_name_as_the_choices_say(level: Level) -> None:
    assert frozenset({"DocumentReference"}) == elements.ONLY_WITH_NAME
    with pytest.raises(StaysHome):
        strip(a_file(), a_disguise(level))


SENT = sorted({body["resourceType"] for body in (*RESOURCES, *MEDICINES)} & {*TABLES})


@pytest.mark.parametrize("kind", SENT)
def test_what_the_choices_count_can_go_without_the_name(kind: str) -> None:
    bodies = [body for body in (*RESOURCES, *MEDICINES) if body["resourceType"] == kind]

    assert any(strip(body, a_disguise(Level.DEIDENTIFIED)).body for body in bodies)


@pytest.mark.parametrize("kind", sorted(TABLES))
def test_an_unknown_element_stays_home_in_every_type(kind: str) -> None:
    body = {
        **next((r for r in RESOURCES if r["resourceType"] == kind), {"resourceType": kind}),
        "somethingNew": CANARY,
        "presentedForm": [{"data": CANARY}],
        "photo": [{"data": CANARY}],
        "contact": [{"name": {"text": CANARY}}],
    }
    try:
        left = leaves(body, level=Level.IDENTIFIED)
    except StaysHome:
        left = ""

    assert CANARY not in left


@pytest.mark.parametrize("body", MEDICINES, ids=lambda body: str(body["resourceType"]))
def test_medicines_handed_over_and_given_leave_without_who_did_it(body: dict[str, Any]) -> None:
    left = strip(body, a_disguise(Level.PSEUDONYMOUS)).body

    assert left["medicationCodeableConcept"]["coding"][0]["code"] == "32968"
    assert left.get("whenHandedOver", left.get("effectiveDateTime")) == "2026-03-01"
    assert CANARY not in json.dumps(left)


def _poison(value: object, rng: Callable[[], bool]) -> object:
    if isinstance(value, dict):
        poisoned = {key: _poison(inner, rng) for key, inner in value.items()}
        if rng():
            poisoned["extension"] = [{"url": "x", "valueString": CANARY}]
            poisoned["display"] = CANARY
            poisoned["text"] = CANARY
        return poisoned
    if isinstance(value, list):
        return [_poison(inner, rng) for inner in value]
    return value


@settings(deadline=None)
@given(st.integers(0, len(RESOURCES) - 1), st.integers(0, 9999))
def test_words_put_anywhere_into_real_resources_never_leave(number: int, seed: int) -> None:
    body, rng = RESOURCES[number], random.Random(seed)
    poisoned = _poison(copy.deepcopy(body), lambda: rng.random() < 0.4)
    assert isinstance(poisoned, dict)

    try:
        left = leaves(poisoned)
    except StaysHome:
        left = ""

    assert CANARY not in left


@settings(deadline=None)
@given(st.integers(0, len(RESOURCES) - 1), st.sampled_from(list(Level)))
def test_what_leaves_is_a_part_of_what_came(number: int, level: Level) -> None:
    body = RESOURCES[number]
    try:
        kept = strip(body, a_disguise(level=level)).body
    except StaysHome:
        return

    assert set(kept) <= {"resourceType", *TABLES[body["resourceType"]].rows}


@settings(deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.floats(),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["code", "coding", "value", "x"]), inner, max_size=3)
        ),
        max_leaves=12,
    ),
    st.sampled_from(sorted(TABLES)),
    st.data(),
)
def test_nothing_a_source_sends_can_break_it(value: object, kind: str, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(TABLES[kind].rows)))
    body = {"resourceType": kind, name: value}

    try:
        kept = strip(body, a_disguise(level=data.draw(st.sampled_from(list(Level))))).body
    except StaysHome:
        kept = {"resourceType": kind}

    assert kept["resourceType"] == kind


def test_a_type_that_nobody_listed_stays_home() -> None:
    with pytest.raises(StaysHome, match="type-not-listed"):
        strip({"resourceType": "Provenance"}, a_disguise())


def test_what_a_type_needs_keeps_it_home_when_it_may_not_leave() -> None:
    with pytest.raises(StaysHome, match="needed-element-stays"):
        strip(a_variant(status=CANARY), a_disguise())


def test_the_paths_of_what_stays_are_told() -> None:
    body = a_variant(note=[{"text": "x"}], performer=[{"display": "x"}])

    removed = strip(body, a_disguise()).removed

    assert {"Observation.note", "Observation.performer", "Observation.id"} <= set(removed)


@given(
    st.dates(datetime.date(1950, 1, 1), datetime.date(2026, 1, 1)),
    st.dates(datetime.date(1950, 1, 1), datetime.date(2026, 1, 1)),
    st.integers(-364, -1),
)
def test_moved_dates_keep_their_distance(
    first: datetime.date, second: datetime.date, shift: int
) -> None:
    dates = [
        strip(a_variant(effectiveDateTime=f"{day}T23:59:00+02:00"), a_disguise(shift_days=shift))
        for day in (first, second)
    ]

    moved = [datetime.date.fromisoformat(one.body["effectiveDateTime"]) for one in dates]
    assert moved[1] - moved[0] == second - first
    assert moved[0] - first == datetime.timedelta(days=shift)


@pytest.mark.parametrize(
    ("sent", "left"),
    [("2020", "2020"), ("2020-05", "2020"), ("2020-02-31", None), ("0001-01-01", None)],
)
def test_coarse_and_impossible_dates_are_cut(sent: str, left: str | None) -> None:
    kept = strip(a_variant(effectiveDateTime=sent), a_disguise()).body

    assert kept.get("effectiveDateTime") == left


@pytest.mark.parametrize(
    ("level", "born", "left"),
    [
        (Level.IDENTIFIED, "1980-02-03", "1980-02-03"),
        (Level.PSEUDONYMOUS, "1980-02-03", "1980"),
        (Level.DEIDENTIFIED, "1980-02-03", "1980"),
        (Level.DEIDENTIFIED, "1930-02-03", None),
    ],
)
def test_a_birth_date_leaves_as_the_level_allows(level: Level, born: str, left: str | None) -> None:
    body = {"resourceType": "Patient", "birthDate": born, "name": [{"family": "Soto"}]}

    kept = strip(body, a_disguise(level=level)).body

    assert kept.get("birthDate") == left
    assert ("name" in kept) == (level is Level.IDENTIFIED)


def an_age(value: float, **unit: str) -> dict[str, Any]:
    years = {"system": "http://unitsofmeasure.org", "code": "a"}
    return {"value": value, **(unit or years)}


@pytest.mark.parametrize(
    ("old", "young"),
    [
        (an_age(90), an_age(89)),
        ({"value": 97}, {"value": 7}),
        (an_age(1100, system="http://unitsofmeasure.org", code="mo"), an_age(3)),
        (an_age(33_000, system="http://unitsofmeasure.org", code="d"), an_age(3)),
        (an_age(4_700, system="http://unitsofmeasure.org", code="wk"), an_age(3)),
    ],
)
def test_no_age_above_89_leaves_without_the_name(old: object, young: object) -> None:
    def of_a_relative(age: object) -> dict[str, Any]:
        return {
            "resourceType": "FamilyMemberHistory",
            "status": "completed",
            "condition": [
                {"code": CANCER, "onsetAge": age},
                {"code": CANCER, "onsetRange": {"high": age}},
            ],
        }

    assert "onset" not in leaves(of_a_relative(old))
    assert "onset" in leaves(of_a_relative(young))
    assert "onset" in leaves(of_a_relative(old), Level.PSEUDONYMOUS)


CANCER = {"coding": [{"system": "http://snomed.info/sct", "code": "254837009"}]}
AGE = {"coding": [{"system": "http://loinc.org", "code": "30525-0"}]}


@pytest.mark.parametrize(
    ("said", "is_told"),
    [
        ({"valueQuantity": an_age(93)}, False),
        ({"valueQuantity": {"value": 93}}, False),
        ({"valueInteger": 93}, False),
        ({"valueInteger": 47}, True),
        ({"valueQuantity": an_age(47)}, True),
    ],
)
def test_no_measured_age_above_89_leaves_without_the_name(
    said: dict[str, Any], *, is_told: bool
) -> None:
    alone = a_variant(code=AGE, **said)
    del alone["valueCodeableConcept"]
    inside = a_variant(component=[{"code": AGE, **said}])

    [name] = said
    assert (name in strip(alone, a_disguise()).body) is is_told
    [part] = strip(inside, a_disguise()).body["component"]
    assert (name in part) is is_told


@pytest.mark.parametrize("day", ["1936-05-05", "1936", "1936-05", "1937-01-02T10:00:00Z"])
def test_no_date_that_tells_an_age_above_89_leaves_without_the_name(day: str) -> None:
    body = {
        "resourceType": "Condition",
        "code": CANCER,
        "onsetDateTime": day,
        "abatementPeriod": {"start": day, "end": "2020-05-05"},
    }

    left = strip(body, a_disguise()).body

    assert "onsetDateTime" not in left
    assert left["abatementPeriod"] == {"end": "2020-03-26"}
    assert strip(body, a_disguise(Level.PSEUDONYMOUS)).body["onsetDateTime"] == day


def test_notes_and_attachments_leave_only_when_consented_by_name() -> None:
    report = {
        "resourceType": "DiagnosticReport",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "51969-4"}]},
        "conclusion": "words",
        "presentedForm": [{"contentType": "application/pdf", "data": "AAAA"}],
    }

    plain = strip(report, a_disguise(level=Level.IDENTIFIED)).body
    named = strip(report, a_disguise(consented=frozenset({FREE_TEXT, ATTACHMENTS}))).body

    assert not {"conclusion", "presentedForm"} & plain.keys()
    assert {"conclusion", "presentedForm"} <= named.keys()


def test_a_link_leaves_only_to_what_is_sent_too() -> None:
    body = a_variant(
        derivedFrom=[{"reference": "Observation/a", "display": "x"}, {"reference": "Observation/b"}]
    )

    kept = strip(body, a_disguise(references={"Observation/a": "Observation/sent"})).body

    assert kept["derivedFrom"] == [{"reference": "Observation/sent"}]
    assert kept["subject"] == {"reference": "Patient/them"}


def test_a_unit_in_words_keeps_its_number_home() -> None:
    coded = {"value": 5, "unit": "mg", "system": "http://unitsofmeasure.org", "code": "mg"}

    kept = strip(a_variant(valueQuantity=coded), a_disguise()).body
    lost = strip(a_variant(valueQuantity={"value": 5, "unit": "scoops"}), a_disguise()).body

    assert kept["valueQuantity"] == {"value": 5, "system": coded["system"], "code": "mg"}
    assert "valueQuantity" not in lost


def test_a_number_where_a_measure_belongs_stays_home() -> None:
    assert "valueQuantity" not in strip(a_variant(valueQuantity=5), a_disguise()).body


def test_alleles_leave_because_their_code_gives_them_a_shape() -> None:
    kept = strip(a_variant(), a_disguise()).body

    assert [part.get("valueString") for part in kept["component"]] == [None, "A"]


def test_every_allowed_element_names_where_it_is_defined() -> None:
    rows = [(kind, name, row) for kind, table in TABLES.items() for name, row in table.rows.items()]

    assert all(row.spec.startswith("https://hl7.org/fhir/R4/") for _, _, row in rows)
    assert len(rows) > 100


@pytest.mark.parametrize("level", Level)
def test_what_is_left_of_real_resources_is_valid_fhir(level: Level) -> None:
    broken: list[str] = []
    for body in RESOURCES:
        try:
            kept = strip(body, a_disguise(level=level)).body
        except StaysHome:
            continue
        if not _valid(body):
            continue  # the example itself is broken
        broken.extend(f"{kept['resourceType']}: {issue}" for issue in _issues(kept))

    assert broken == []


def _issues(body: dict[str, Any]) -> list[str]:
    try:
        found = fhirkit.validate(json.dumps(body))
    except fhirkit.ParseError as error:
        return [str(error)]
    return [str(issue) for issue in found if getattr(issue, "severity", "error") == "error"]


def _valid(body: dict[str, Any]) -> bool:
    return not _issues(body)


@pytest.mark.parametrize("level", Level)
def test_whose_it_is_is_said_also_where_the_source_did_not(level: Level) -> None:
    study = {"resourceType": "Procedure", "status": "completed"}
    history = {"resourceType": "FamilyMemberHistory", "status": "completed"}
    disguise = a_disguise(level)

    assert strip(study, disguise).body["subject"] == {"reference": disguise.patient}
    assert strip(history | {"relationship": {"text": "m"}}, disguise).body["patient"] == {
        "reference": disguise.patient
    }


def test_every_type_about_a_person_names_the_person() -> None:
    about_nobody = {"Medication", "Patient"}

    assert {kind for kind, table in TABLES.items() if not table.owner} == about_nobody
