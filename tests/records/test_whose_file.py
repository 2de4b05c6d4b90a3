"""A file that names a person is kept only when it is surely, or by her own word, about her."""

import json

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from portal.accounts.models import User
from portal.records import people, services
from portal.records.fhir import Incoming
from portal.records.models import Finding, Origin, Quarantined, Resource, Upload
from portal.records.people import Named, is_same, patients_in
from portal.records.services import Answer
from tests.people import sign_in
from tests.records.builders import NOW, a_patient

MARIA = "María López\t1970-02-03"


def a_person(
    own_id: str, given: str, family: str, birth_date: str = "1970-02-03"
) -> dict[str, object]:
    name = [{"given": [given], "family": family}]
    return {"resourceType": "Patient", "id": own_id, "name": name, "birthDate": birth_date}


def a_variant(own_id: str, person: str) -> dict[str, object]:
    return {
        "resourceType": "Observation",
        "id": own_id,
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "69548-6"}]},
        "subject": {"reference": person},
        "valueCodeableConcept": {"coding": [{"system": "http://loinc.org", "code": "LA9633-4"}]},
    }


def a_file(*resources: dict[str, object]) -> bytes:
    entries = [{"resource": one} for one in resources]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}).encode()


ONE = a_file(a_person("m", "María", "López"), a_variant("v1", "Patient/m"))
TWO = a_file(
    a_person("m", "María", "López"),
    a_variant("v1", "Patient/m"),
    a_person("j", "Juan", "López", "1944-12-24"),
    a_variant("v2", "Patient/j"),
)


def hand_in(content: bytes, patient: User | None = None) -> Upload:
    owner = patient or a_patient()
    upload = services.add_upload(patient=owner, content=content, name="f.json", at=NOW)
    return read_again(upload)


def read_again(upload: Upload) -> Upload:
    done = services.read_upload(upload_id=upload.pk, at=NOW)
    assert done is not None
    return done


def answer(upload: Upload, person: str) -> Upload:
    services.answer_upload(upload=upload, answer=Answer(person=person), at=NOW)
    return read_again(upload)


@pytest.mark.django_db
def test_a_file_that_names_somebody_waits_for_an_answer_and_keeps_nothing() -> None:
    upload = hand_in(ONE)

    assert (upload.state, upload.question) == (Upload.State.ASKING, "whose")
    assert upload.samples == [MARIA]
    assert not Resource.objects.exists()


@pytest.mark.django_db
def test_after_a_yes_it_is_read() -> None:
    upload = answer(hand_in(ONE), MARIA)

    assert (upload.state, upload.stored) == (Upload.State.READ, 2)
    assert Finding.objects.of(upload.patient).filter(kind="variant").count() == 1


@pytest.mark.django_db
def test_what_is_about_somebody_else_is_not_read() -> None:
    upload = answer(hand_in(ONE), people.NOBODY)

    assert (upload.state, upload.reason) == (Upload.State.REFUSED, "other-person")
    assert not Resource.objects.exists()
    assert not Finding.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("known", "state"),
    [
        (a_person("x", "Maria G.", "LOPEZ"), Upload.State.READ),
        (a_person("x", "María", "López", "1970-02-04"), Upload.State.ASKING),
        (a_person("x", "Ana", "López"), Upload.State.ASKING),
    ],
)
def test_only_who_is_surely_the_person_is_not_asked_about(
    known: dict[str, object], state: str
) -> None:
    patient = a_patient()
    origin = Origin.objects.create(
        patient=patient, kind=Origin.Kind.CONNECTION, name="Lab", created_at=NOW
    )
    entry = Incoming(json.dumps(known).encode())
    services.store_page(origin=origin, entries=[entry], at=NOW)

    assert hand_in(ONE, patient).state == state


@pytest.mark.django_db
def test_of_several_people_the_others_are_shut_away() -> None:
    upload = hand_in(TWO)
    assert upload.samples == [MARIA, "Juan López\t1944-12-24"]

    done = answer(upload, MARIA)

    assert done.state == Upload.State.READ
    assert set(Resource.objects.values_list("source_id", flat=True)) == {"m", "v1"}
    assert set(Quarantined.objects.values_list("source_id", flat=True)) == {"j", "v2"}
    assert Finding.objects.filter(kind="variant").count() == 1


@pytest.mark.django_db
def test_several_people_who_cannot_be_kept_apart_are_refused_whole() -> None:
    content = TWO.replace(b'"Patient/j"', b'"urn:uuid:6a1f7a5e-0f6e-4d5b-9b0f-0d8a4c2b1e11"')

    done = answer(hand_in(content), MARIA)

    assert (done.state, done.reason) == (Upload.State.REFUSED, "several-people")
    assert not Resource.objects.exists()


@pytest.mark.django_db
def test_somebody_without_a_name_beside_the_person_is_shut_away_too() -> None:
    mother: dict[str, object] = {"resourceType": "Patient", "id": "x"}
    content = a_file(
        a_person("m", "María", "López"),
        a_variant("v1", "Patient/m"),
        mother,
        a_variant("v2", "Patient/x"),
    )

    done = answer(hand_in(content), MARIA)

    assert done.state == Upload.State.READ
    assert set(Resource.objects.values_list("source_id", flat=True)) == {"m", "v1"}
    assert set(Quarantined.objects.values_list("source_id", flat=True)) == {"x", "v2"}


@pytest.mark.django_db
def test_two_people_who_have_no_ids_are_not_mixed() -> None:
    content = TWO.replace(b'"id": "m", ', b"").replace(b'"id": "j", ', b"")

    assert answer(hand_in(content), MARIA).reason == "several-people"
    assert not Resource.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("said", ["Eva\t", ""])
def test_only_those_whom_the_file_names_can_be_chosen(said: str) -> None:
    with pytest.raises(services.NotOffered):
        services.answer_upload(upload=hand_in(ONE), answer=Answer(person=said), at=NOW)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            ["Who is this file about?", "Me: María López, born February 3, 1970", "somebody else"],
        ),
        ("es", ["¿De quién es este archivo?", "De mí: María López", "De otra persona"]),
    ],
)
def test_the_question_names_who_it_is_and_offers_a_no(
    client: Client, language: str, words: list[str]
) -> None:
    patient = a_patient()
    sign_in(client, patient)
    upload = hand_in(ONE, patient)
    address = reverse("records:answer_upload", args=[upload.pk])

    page = client.get(address, headers={"accept-language": language}).text
    client.post(address, {"person": people.NOBODY})

    upload.refresh_from_db()
    assert all(one in page for one in words)
    assert upload.person == people.NOBODY


JSON = st.recursive(
    st.none() | st.booleans() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["resourceType", "name", "given", "family", "birthDate", "id", "contained"]
            ),
            inner | st.just("Patient"),
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(JSON)
def test_no_shape_of_a_patient_breaks_the_question(body: object) -> None:
    for one in patients_in([json.dumps(body).encode(), b'"Patient" broken']):
        assert one.is_told == (one.label != "\t")
        assert one.label.count("\t") == 1


@given(st.text(max_size=12), st.text(max_size=12), st.sampled_from(["", "1970-02-03"]))
def test_sameness_is_mutual_and_needs_a_day_of_birth(one: str, other: str, born: str) -> None:
    first, second = Named("1", one, born), Named("2", other, born)

    assert is_same(first, second) == is_same(second, first)
    assert born or not is_same(first, second)


@pytest.mark.django_db
def test_a_message_of_a_lab_that_names_somebody_asks_too() -> None:
    lines = (
        r"MSH|^~\&|LAB|X|EHR|Y|20260101||ORU^R01|1|P|2.5.1",
        "PID|1||7^^^MRN||DOE^JANE||19700203|F",
        "OBR|1||||||20260101",
        "OBX|1|ST|48018-6^Gene^LN|1|BRCA2||||||F",
        "OBX|2|ST|48004-6^c.HGVS^LN|1|NM_000059.3:c.9976A>T||||||F",
    )
    upload = hand_in("\r".join(lines).encode())

    assert (upload.state, upload.samples) == (Upload.State.ASKING, ["JANE DOE\t1970-02-03"])
    assert answer(upload, "JANE DOE\t1970-02-03").state == Upload.State.READ
    assert Finding.objects.filter(kind="variant").count() == 1
