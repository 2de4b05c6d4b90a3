"""What is about another person than the one who agreed stays, and what is the person's own goes."""

from pathlib import Path
from typing import Any

import pytest

from consent.policy import Reason
from tests.consent.builders import (
    a_resource,
    an_agreement,
    an_observation,
    an_origin,
    released,
)

pytestmark = pytest.mark.django_db
DATA = Path(__file__).parents[1] / "data" / "fhir"


@pytest.mark.parametrize("beside", ["RelatedPerson/mother", "Patient/p2", "#fetus", "Group/1"])
def test_i8_a_result_about_a_relative_or_an_unborn_child_stays(beside: str) -> None:
    agreement = an_agreement()
    body = an_observation(focus=[{"reference": beside}])
    a_resource(an_origin(agreement.patient), body, "carrier")

    answer = released(agreement)

    assert [kept.reasons for kept in answer.kept_back] == [(Reason.OTHER_PERSON,)]


@pytest.mark.parametrize("beside", ["Condition/c1", "Specimen/s1", "Patient/p1"])
def test_a_result_about_a_tumour_or_a_specimen_is_the_persons_own(beside: str) -> None:
    agreement = an_agreement()
    body = an_observation(focus=[{"reference": beside}])
    a_resource(an_origin(agreement.patient), body, "carrier")

    assert len(released(agreement).items) == 1


def test_i8_what_is_about_another_person_stays() -> None:
    agreement = an_agreement()
    origin = an_origin(agreement.patient)
    a_resource(origin, an_observation(subject={"reference": "Patient/p2"}), "carrier")

    answer = released(agreement)

    assert answer.kept_back[0].reasons == (Reason.OTHER_PERSON,)


MINE = {"system": "urn:oid:1.2.3", "value": "MRN-1"}


@pytest.mark.parametrize("remote", ["p1", ""])
@pytest.mark.parametrize(
    "identifier", [{**MINE, "value": "MRN-2"}, {**MINE, "system": "urn:oid:9"}, {"value": "MRN-1"}]
)
def test_i8_what_names_another_person_by_an_identifier_alone_stays(
    identifier: dict[str, str], remote: str
) -> None:
    agreement = an_agreement()
    origin = an_origin(agreement.patient, remote=remote)
    a_resource(origin, {"resourceType": "Patient", "id": "p1", "identifier": [MINE]})
    other = a_resource(origin, an_observation(subject={"identifier": identifier}), "carrier")

    answer = released(agreement)

    assert {kept.resource_id: kept.reasons for kept in answer.kept_back} == {
        other.pk: (Reason.OTHER_PERSON,)
    }


@pytest.mark.parametrize("patients", [[], [{"resourceType": "Patient", "id": "p1"}]])
@pytest.mark.parametrize("identifier", [MINE, {"system": MINE["system"]}, {}])
def test_i8_an_identifier_that_nobody_is_known_to_have_may_be_anybodys(
    patients: list[dict[str, Any]], identifier: dict[str, str]
) -> None:
    agreement = an_agreement()
    origin = an_origin(agreement.patient)
    for patient in patients:
        a_resource(origin, {**patient, "identifier": [{"system": MINE["system"]}, {}]})
    other = a_resource(origin, an_observation(subject={"identifier": identifier}), "carrier")

    answer = released(agreement)

    assert other.pk in {kept.resource_id for kept in answer.kept_back}


def test_i8_an_identifier_of_another_patient_or_another_origin_is_not_the_persons() -> None:
    agreement = an_agreement()
    here, there = an_origin(agreement.patient), an_origin(agreement.patient)
    a_resource(here, {"resourceType": "Patient", "id": "p1", "identifier": [MINE]})
    theirs = {"system": MINE["system"], "value": "MRN-2"}
    a_resource(here, {"resourceType": "Patient", "id": "p2", "identifier": [theirs]})
    a_resource(here, an_observation("o1", subject={"identifier": theirs}), "carrier")
    a_resource(there, an_observation("o2", subject={"identifier": MINE}), "carrier")

    assert [item.key for item in released(agreement)] == ["Patient/p1"]


@pytest.mark.parametrize("remote", ["p1", ""])
def test_what_names_the_person_by_an_identifier_alone_goes(remote: str) -> None:
    agreement = an_agreement()
    origin = an_origin(agreement.patient, remote=remote)
    a_resource(origin, {"resourceType": "Patient", "id": "p1", "identifier": [MINE]})
    a_resource(origin, an_observation(subject={"identifier": {**MINE, "use": "usual"}}), "carrier")

    assert len(released(agreement).items) == 2


def test_an_upload_about_two_people_stays() -> None:
    agreement = an_agreement()
    origin = an_origin(agreement.patient, remote="")
    a_resource(origin, an_observation("o1"), "carrier")
    a_resource(origin, an_observation("o2", subject={"reference": "Patient/p2"}), "carrier")

    assert not released(agreement).items


def test_an_upload_about_one_person_goes() -> None:
    agreement = an_agreement()
    origin = an_origin(agreement.patient, remote="")
    a_resource(origin, {"resourceType": "Patient", "id": "p1", "gender": "female"})
    a_resource(origin, an_observation("o1"), "carrier")

    answer = released(agreement)

    assert len(answer.items) == 2
    assert answer.items[1].body["subject"] == {"reference": "Patient/p1"}
