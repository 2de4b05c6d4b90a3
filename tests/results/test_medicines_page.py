"""My medicines: what is taken, what the tests say of it, and what must never be said."""

from typing import Any

import orjson
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from msgspec.structs import replace

from portal.accounts.models import User
from portal.genomics.findings import Concept, Gene, Kind
from portal.records.models import Origin, Resource, pack
from portal.results.models import Gate
from tests.connections.builders import a_connection, an_import
from tests.results.builders import (
    AT,
    a_finding,
    a_patient,
    a_report,
    a_slow_cyp2c19,
    an_origin,
    keep,
    open_all,
)

pytestmark = pytest.mark.django_db

PAGE = "/results/medicines/"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"


@pytest.fixture
def hospital(patient: User) -> Origin:
    return an_origin(patient, name="City Hospital")


def arrives(origin: Origin, body: dict[str, Any], **changes: object) -> Resource:
    raw = orjson.dumps(body)
    number = Resource.objects.count()
    return Resource.objects.create(
        patient=origin.patient,
        origin=origin,
        resource_type=body["resourceType"],
        source_id=body.get("id", f"m{number}"),
        sha256=f"{number:064}",
        raw=pack(raw),
        stored_at=AT,
        **changes,
    )


def a_prescription(text: str, code: str = "", **changes: object) -> dict[str, Any]:
    coding = [{"system": RXNORM, "code": code}] if code else []
    return {
        "resourceType": "MedicationRequest",
        "status": "active",
        "intent": "order",
        "medicationCodeableConcept": {"text": text, "coding": coding},
        "authoredOn": "2026-02-01",
        **changes,
    }


def test_without_anything_the_page_says_what_to_do_first(client: Client) -> None:
    page = client.get(PAGE).text

    assert "There is nothing here yet" in page
    assert "/connections/" in page


def test_the_warning_stands_before_everything_else(client: Client, hospital: Origin) -> None:
    arrives(hospital, a_prescription("Plavix"))

    page = client.get(PAGE).text

    assert page.index("Do not stop or change a medicine on your own") < page.index("<h1>")


def test_a_brand_name_meets_the_ingredient_that_a_test_names(
    client: Client, hospital: Origin
) -> None:
    arrives(hospital, a_prescription("Plavix 75 mg tablet"))
    keep(an_origin(hospital.patient), a_report(), *a_slow_cyp2c19())

    page = client.get(PAGE).text

    assert "Plavix 75 mg tablet" in page
    assert "CYP2C19" in page
    assert "*2/*2" in page
    assert "Poor metabolizer" in page
    assert "Demo Laboratory, March 3, 2026" in page
    assert "City Hospital" in page


def test_a_product_code_alone_is_enough_to_know_the_ingredient(
    client: Client, hospital: Origin
) -> None:
    gene = (Gene("SLCO1B1"),)
    arrives(hospital, a_prescription("Evening tablet", code="312961"))
    keep(
        an_origin(hospital.patient),
        a_finding("g", kind=Kind.GENOTYPE, genes=gene, name="*5/*5", presence=None),
        a_finding(
            "t",
            kind=Kind.THERAPEUTIC_IMPLICATION,
            presence=None,
            derived_from=("g",),
            effects=("Poor function",),
            medicines=(Concept("simvastatin"),),
        ),
    )

    page = client.get(PAGE).text

    assert "Evening tablet" in page
    assert "SLCO1B1" in page


def test_a_gene_without_a_named_medicine_is_crossed_by_the_guidelines(
    client: Client, hospital: Origin
) -> None:
    arrives(hospital, a_prescription("Clopidogrel 75 MG Oral Tablet"))
    genotype, implication = a_slow_cyp2c19()
    quiet = a_finding(
        "t1",
        kind=Kind.THERAPEUTIC_IMPLICATION,
        presence=None,
        derived_from=("g1",),
        effects=("Poor metabolizer",),
    )
    keep(an_origin(hospital.patient), a_report(), genotype, quiet)

    page = client.get(PAGE).text

    assert implication.medicines
    assert "Your test did not name this medicine" in page


def test_a_medicine_that_we_do_not_know_is_shown_as_not_matched(
    client: Client, hospital: Origin
) -> None:
    arrives(hospital, a_prescription("Zzyzxolol 5 MG"))

    page = client.get(PAGE).text

    assert "Zzyzxolol 5 MG" in page
    assert "We could not match it" in page


def test_a_medicine_without_a_name_is_still_shown(client: Client, hospital: Origin) -> None:
    arrives(hospital, {"resourceType": "MedicationStatement", "status": "active"})

    page = client.get(PAGE).text

    assert "A medicine without a name" in page
    assert "We could not match it" in page


def test_a_medicine_named_in_another_resource_is_found_there(
    client: Client, hospital: Origin
) -> None:
    arrives(
        hospital,
        {
            "resourceType": "Medication",
            "id": "med1",
            "code": {"text": "White tablet"},
            "ingredient": [{"itemCodeableConcept": {"text": "clopidogrel"}}],
        },
    )
    said = a_prescription("")
    del said["medicationCodeableConcept"]
    arrives(hospital, {**said, "medicationReference": {"reference": "Medication/med1"}})
    keep(an_origin(hospital.patient), a_report(), *a_slow_cyp2c19())

    page = client.get(PAGE).text

    assert "White tablet" in page
    assert "Poor metabolizer" in page.split("White tablet")[1].split("</article>")[0]


@pytest.mark.parametrize(
    ("status", "heading"),
    [
        ("active", "What you take now"),
        ("on-hold", "Not sure if you take these"),
        ("unknown", "Not sure if you take these"),
        ("stopped", "What you no longer take"),
        ("completed", "What you no longer take"),
    ],
)
def test_the_status_decides_where_a_medicine_stands(
    client: Client, hospital: Origin, status: str, heading: str
) -> None:
    arrives(hospital, a_prescription("Codeine", status=status))

    page = client.get(PAGE).text

    assert "Codeine" in page.split(heading)[1].split("</section>")[0]


def test_what_was_entered_in_error_is_counted_and_not_shown(
    client: Client, hospital: Origin
) -> None:
    arrives(hospital, a_prescription("Codeine", status="entered-in-error"))

    page = client.get(PAGE).text

    assert "Codeine" not in page
    assert "1 line was entered in error" in page


def test_an_order_not_to_give_a_medicine_is_not_one_to_take(
    client: Client, hospital: Origin
) -> None:
    arrives(hospital, a_prescription("Codeine", doNotPerform=True))

    assert "Codeine" in client.get(PAGE).text.split("What you no longer take")[1]


def test_a_code_and_words_that_name_two_medicines_are_shown_as_unclear(
    client: Client, hospital: Origin
) -> None:
    arrives(hospital, a_prescription("Warfarin", code="312961"))

    assert "its code and its words name different medicines" in client.get(PAGE).text


def test_two_labs_that_disagree_stand_side_by_side(client: Client, hospital: Origin) -> None:
    arrives(hospital, a_prescription("clopidogrel"))
    keep(an_origin(hospital.patient), a_report(), *a_slow_cyp2c19())
    other = an_origin(hospital.patient, name="Second Lab")
    gene = (Gene("CYP2C19"),)
    keep(
        other,
        a_finding("g", kind=Kind.GENOTYPE, genes=gene, name="*1/*2", presence=None, reports=()),
        a_finding(
            "t",
            kind=Kind.THERAPEUTIC_IMPLICATION,
            presence=None,
            derived_from=("g",),
            effects=("Intermediate metabolizer",),
            medicines=(Concept("clopidogrel"),),
            reports=(),
        ),
    )

    page = client.get(PAGE).text

    assert "Your tests do not agree" in page
    assert "Demo Laboratory, March 3, 2026" in page
    assert "Second Lab, March 3, 2026" in page


def test_a_medicine_that_only_a_test_names_is_shown_apart(client: Client, patient: User) -> None:
    keep(an_origin(patient), a_report(), *a_slow_cyp2c19())

    page = client.get(PAGE).text

    assert "novelonium" in page.split("Named by a test, not on your list")[1]
    assert "No hospital or doctor sent a list" in page


def tumour_advice(origin: Origin) -> None:
    keep(
        origin,
        a_finding("v", genes=(Gene("KRAS"),), source_class="somatic"),
        a_finding(
            "t",
            kind=Kind.THERAPEUTIC_IMPLICATION,
            presence=None,
            source_class="somatic",
            derived_from=("v",),
            effects=("Resistant",),
            medicines=(Concept("cetuximab"),),
        ),
    )


def test_what_a_closed_part_says_of_medicines_stays_closed(
    client: Client, hospital: Origin
) -> None:
    arrives(hospital, a_prescription("Cetuximab"))
    tumour_advice(an_origin(hospital.patient))

    page = client.get(PAGE).text

    assert "KRAS" not in page
    assert "Resistant" not in page
    assert "Some parts of your results are closed" in page


def test_a_tumour_result_that_is_open_says_that_it_is_about_the_tumour(
    client: Client, hospital: Origin
) -> None:
    arrives(hospital, a_prescription("Cetuximab"))
    tumour_advice(an_origin(hospital.patient))
    open_all(hospital.patient)

    page = client.get(PAGE).text

    assert "This is about the tumor" in page
    assert "Some parts of your results are closed" not in page


def test_not_at_all_counts_as_closed(client: Client, hospital: Origin) -> None:
    arrives(hospital, a_prescription("Cetuximab"))
    tumour_advice(an_origin(hospital.patient))
    for part in Gate.Part:
        Gate.objects.create(
            patient=hospital.patient, part=part, answer=Gate.Answer.NEVER, answered_at=AT
        )

    assert "KRAS" not in client.get(PAGE).text


def test_while_an_import_runs_the_page_says_so(client: Client, patient: User) -> None:
    an_import(a_connection(patient=patient))

    assert "Results are on their way" in client.get(PAGE).text


def test_a_hospital_that_did_not_share_its_list_is_named(client: Client, patient: User) -> None:
    an_origin(patient, name="City Hospital", gaps=["MedicationRequest forbidden"])

    assert "City Hospital did not share its list" in client.get(PAGE).text


def test_another_person_sees_nothing_of_it(hospital: Origin) -> None:
    arrives(hospital, a_prescription("Plavix"))
    other = Client()
    other.force_login(a_patient("eve@example.org"))

    assert "Plavix" not in other.get(PAGE).text


def test_the_page_asks_at_most_8_questions(client: Client, hospital: Origin) -> None:
    for number in range(30):
        arrives(hospital, a_prescription(f"Plavix {number}", id=f"p{number}"))
    keep(an_origin(hospital.patient), a_report(), *a_slow_cyp2c19())
    client.get(PAGE)

    with CaptureQueriesContext(connection) as queries:
        client.get(PAGE)

    assert len(queries) <= 8


def test_what_we_worked_out_from_a_file_is_not_called_the_labs(
    client: Client, patient: User
) -> None:
    genotype, implication = a_slow_cyp2c19()
    mark = ("not-a-clinical-test",)
    keep(
        an_origin(patient, kind="upload", name="my.vcf"),
        *(replace(one, flags=mark) for one in (genotype, implication)),
    )

    page = client.get(PAGE).text

    assert "We worked this out from your file." in page
    assert "Not a clinical test" in page
