"""What changed: old and new words side by side, and nothing of what is or was closed."""

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portal.accounts.models import User
from portal.records.fhir import Incoming
from portal.records.models import Change, Origin, Resource
from portal.records.services import mark_removed, rebuild_findings, store_page
from portal.results.models import Gate
from tests.connections.builders import a_connection, an_import
from tests.results.builders import AT, a_patient, an_origin, open_all

pytestmark = pytest.mark.django_db

PAGE = "/results/changes/"
LATER = AT + timedelta(days=30)
LOINC = "http://loinc.org"


@pytest.fixture
def lab(patient: User) -> Origin:
    return an_origin(patient, name="Demo Lab", remote_patient_id="p1")


def coded(code: str, text: str = "") -> dict[str, Any]:
    return {"coding": [{"system": LOINC, "code": code}], "text": text}


def a_variant(significance: str, **changes: object) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "id": "v1",
        "status": "final",
        "subject": {"reference": "Patient/p1"},
        "category": [{"coding": [{"code": "laboratory"}]}],
        "code": coded("69548-6", "Genetic variant"),
        "valueCodeableConcept": coded("LA9633-4", "Present"),
        "component": [
            {"code": coded("48018-6"), "valueCodeableConcept": {"text": "BRCA2"}},
            {"code": coded("48002-0"), "valueCodeableConcept": coded("LA6683-2", "Germline")},
            {"code": coded("53037-8"), "valueCodeableConcept": {"text": significance}},
        ],
        **changes,
    }


def a_genotype(effect: str) -> list[dict[str, Any]]:
    subject = {"reference": "Patient/p1"}
    genotype = {
        "resourceType": "Observation",
        "id": "g1",
        "status": "final",
        "subject": subject,
        "code": coded("84413-4", "Genotype display name"),
        "valueCodeableConcept": {"text": "CYP2C19 *2/*2"},
        "component": [{"code": coded("48018-6"), "valueCodeableConcept": {"text": "CYP2C19"}}],
    }
    effect_part = {"code": coded("53040-2"), "valueCodeableConcept": {"text": effect}}
    return [{**genotype, "component": [*genotype["component"], effect_part]}]


def an_effect(effect: str, **changes: object) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "id": "e1",
        "status": "final",
        "subject": {"reference": "Patient/p1"},
        "code": coded("53040-2"),
        "valueCodeableConcept": {"text": effect},
        "derivedFrom": [{"reference": "Observation/g1"}],
        "component": [{"code": coded("51963-7"), "valueCodeableConcept": {"text": "clopidogrel"}}],
        **changes,
    }


def a_class(significance: str) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "id": "c1",
        "status": "final",
        "subject": {"reference": "Patient/p1"},
        "code": coded("53037-8"),
        "valueCodeableConcept": {"text": significance},
        "derivedFrom": [{"reference": "Observation/v1"}],
    }


def sent(lab: Origin, *bodies: dict[str, Any], at: datetime = AT) -> None:
    store_page(origin=lab, entries=[Incoming(orjson.dumps(one)) for one in bodies], at=at)
    rebuild_findings(patient=lab.patient, at=at)


def test_without_changes_the_page_says_so(client: Client) -> None:
    assert "Nothing has changed since your results came" in client.get(PAGE).text


def test_while_an_import_runs_the_page_says_so(client: Client, patient: User) -> None:
    an_import(a_connection(patient=patient))

    assert "Results are on their way" in client.get(PAGE).text


def test_a_reclassified_result_shows_old_and_new_words_side_by_side(
    client: Client, lab: Origin
) -> None:
    sent(lab, a_variant("Uncertain significance"))
    sent(lab, a_variant("Pathogenic", status="amended"), at=LATER)
    open_all(lab.patient)

    page = client.get(PAGE).text

    assert "BRCA2" in page
    assert "Uncertain significance</td>" in page.replace("<p>", "").replace("</p>", "")
    assert page.index("Uncertain significance") < page.index(">Pathogenic")
    assert "In plain words" in page
    assert ">Final</td>" in page.replace("<p>", "").replace("</p>", "")
    assert "Changed by the lab" in page
    assert ">amended<" not in page.replace("<p>", "").replace("</p>", "")
    assert "April 2, 2026" in page


def test_a_result_that_moved_into_a_closed_part_is_not_told(client: Client, lab: Origin) -> None:
    sent(lab, a_variant("Uncertain significance"))
    sent(lab, a_variant("Pathogenic", status="amended"), at=LATER)

    page = client.get(PAGE).text

    assert "BRCA2" not in page
    assert "athogenic" not in page
    assert "Other parts of your record changed too" in page
    assert "Some parts of your results are closed" in page


def test_a_result_that_moved_out_of_a_closed_part_is_not_told(client: Client, lab: Origin) -> None:
    sent(lab, a_variant("Pathogenic"))
    sent(lab, a_variant("Uncertain significance", status="amended"), at=LATER)

    page = client.get(PAGE).text

    assert "athogenic" not in page


def test_a_taken_back_result_says_so_and_what_it_was(client: Client, lab: Origin) -> None:
    sent(lab, a_variant("Pathogenic"))
    sent(lab, a_variant("Pathogenic", status="entered-in-error"), at=LATER)
    open_all(lab.patient)

    page = client.get(PAGE).text

    assert "The lab took this back" in page
    assert "BRCA2" in page
    assert "Pathogenic" in page


def test_a_taken_back_result_of_a_closed_part_has_no_words(client: Client, lab: Origin) -> None:
    sent(lab, a_variant("Pathogenic"))
    sent(lab, a_variant("Pathogenic", status="entered-in-error"), at=LATER)

    page = client.get(PAGE).text

    assert "Other parts of your record changed too" in page
    assert "BRCA2" not in page


def test_a_result_that_the_source_no_longer_has_is_told(client: Client, lab: Origin) -> None:
    sent(lab, a_variant("Pathogenic"))
    mark_removed(resources=Resource.objects.all(), at=LATER)
    rebuild_findings(patient=lab.patient, at=LATER)
    open_all(lab.patient)

    page = client.get(PAGE).text

    assert "The lab no longer has this" in page
    assert "BRCA2" in page


def test_many_results_that_are_gone_at_once_are_told_together(client: Client, lab: Origin) -> None:
    sent(lab, *(a_variant("Pathogenic", id=f"v{n}") for n in range(6)))
    mark_removed(resources=Resource.objects.all(), at=LATER)
    rebuild_findings(patient=lab.patient, at=LATER)
    open_all(lab.patient)

    page = client.get(PAGE).text

    assert "6 results that the lab no longer has" in page
    assert page.count("We keep what it had sent") == 1
    assert page.count("Classification by the lab: Pathogenic") == 6


def a_report(conclusion: str, status: str) -> dict[str, Any]:
    return {
        "resourceType": "DiagnosticReport",
        "id": "r1",
        "status": status,
        "subject": {"reference": "Patient/p1"},
        "code": coded("51969-4", "Panel test"),
        "conclusion": conclusion,
    }


def test_the_new_conclusion_of_a_report_stands_beside_the_old(client: Client, lab: Origin) -> None:
    sent(lab, a_report("Nothing was seen.", "final"))
    sent(lab, a_report("One change was seen.", "corrected"), at=LATER)
    open_all(lab.patient)

    page = client.get(PAGE).text

    assert page.index("Nothing was seen.") < page.index("One change was seen.")
    assert "Panel test" in page


def test_a_report_can_speak_of_every_part_and_waits_until_all_are_open(
    client: Client, lab: Origin
) -> None:
    sent(lab, a_report("Nothing was seen.", "final"))
    sent(lab, a_report("One change was seen.", "corrected"), at=LATER)
    for part in (Gate.Part.SOON, Gate.Part.TUMOUR):
        Gate.objects.create(patient=lab.patient, part=part, answer=Gate.Answer.NOW, answered_at=AT)

    assert "change was seen" not in client.get(PAGE).text


def test_a_change_about_medicines_only_needs_no_part_to_be_open(
    client: Client, lab: Origin
) -> None:
    sent(lab, *a_genotype("Intermediate metabolizer"))
    sent(lab, *a_genotype("Poor metabolizer"), at=LATER)

    page = client.get(PAGE).text

    assert "Intermediate metabolizer" in page
    assert "Poor metabolizer" in page


def test_of_several_versions_each_is_beside_the_one_that_followed(
    client: Client, lab: Origin
) -> None:
    sent(lab, a_variant("Uncertain significance"))
    sent(lab, a_variant("Likely pathogenic"), at=LATER)
    sent(lab, a_variant("Benign"), at=LATER + timedelta(days=1))
    open_all(lab.patient)

    page = client.get(PAGE).text

    assert page.count("<article") == 2
    newest, older = page.split("<article")[1:]
    assert "Likely pathogenic" in newest
    assert "Benign" in newest
    assert "Uncertain significance" in older
    assert "Benign" not in older


def test_the_results_page_tells_of_news_until_they_were_seen(client: Client, lab: Origin) -> None:
    sent(lab, a_variant("Uncertain significance"))
    sent(lab, a_variant("Benign"), at=LATER)

    before = client.get("/results/").text
    answer = client.post("/results/changes/seen/")

    assert "Something changed" in before
    assert answer.status_code == 302
    assert "Something changed" not in client.get("/results/").text
    assert "sent a new copy of a result" in client.get("/results/").text


def test_to_have_seen_results_leaves_other_news_new(client: Client, lab: Origin) -> None:
    problem = {"resourceType": "Condition", "id": "c", "subject": {"reference": "Patient/p1"}}
    sent(lab, problem)
    sent(lab, {**problem, "code": {"text": "High cholesterol"}}, at=LATER)

    client.post("/results/changes/seen/")

    assert Change.objects.get().seen_at is None


def test_seeing_needs_a_post(client: Client) -> None:
    assert client.get("/results/changes/seen/").status_code == 405


def test_another_person_sees_nothing_of_it(lab: Origin) -> None:
    sent(lab, a_variant("Uncertain significance"))
    sent(lab, a_variant("Benign"), at=LATER)
    eve = a_patient("eve@example.org")
    open_all(eve)
    other = Client()
    other.force_login(eve)

    page = other.get(PAGE).text
    other.post("/results/changes/seen/")

    assert "BRCA2" not in page
    assert "Nothing has changed" in page
    assert Change.objects.filter(seen_at=None).count() == 1


def test_the_page_asks_at_most_8_questions(client: Client, lab: Origin) -> None:
    for number in range(5):
        sent(lab, a_variant("Uncertain significance", id=f"v{number}"))
        sent(lab, a_variant("Benign", id=f"v{number}"), at=LATER)
    open_all(lab.patient)
    client.get(PAGE)

    with CaptureQueriesContext(connection) as queries:
        client.get(PAGE)

    assert len(queries) <= 8


def test_many_changes_are_shown_page_by_page(client: Client, lab: Origin) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    for number in range(46):
        body = {**a_report("", f"status{number}"), "conclusion": f"Words {number}"}
        store_page(
            origin=lab,
            entries=[Incoming(orjson.dumps(body))],
            at=start + timedelta(days=number),
        )
    open_all(lab.patient)

    assert "Page 1 of 2" in client.get(PAGE).text
    assert client.get(f"{PAGE}?page=2").text.count("<article") == 5


def test_what_changed_together_stands_together_and_what_says_little_is_folded(
    client: Client, lab: Origin
) -> None:
    sent(lab, a_report("Old words.", "final"), a_variant("Pathogenic"))
    sent(
        lab,
        a_variant("Pathogenic", status="amended"),
        a_report("New words.", "amended"),
        at=LATER,
    )
    open_all(lab.patient)

    page = client.get(PAGE).text

    assert page.count("<section>") == 1
    assert "1 part where only the status changed" in page
    assert page.index("New words.") < page.index("1 part where")


def test_a_class_that_changed_alone_is_never_folded(client: Client, lab: Origin) -> None:
    sent(lab, a_variant("Class A"))
    sent(lab, a_variant("Class B"), at=LATER)
    open_all(lab.patient)

    page = client.get(PAGE).text

    assert "only the status changed" not in page
    assert page.index("Class A") < page.index("Class B")


def test_what_is_said_of_a_gene_goes_by_the_gene(client: Client, lab: Origin) -> None:
    genotype = a_genotype("Poor metabolizer")[0]
    genotype["component"] = genotype["component"][:1]
    sent(lab, genotype, an_effect("Poor metabolizer"))
    sent(lab, an_effect("Normal metabolizer", status="corrected"), at=LATER)
    open_all(lab.patient)

    page = client.get(PAGE).text

    assert '<h3 class="result__title"><span translate="no">CYP2C19</span></h3>' in page
    assert "In plain words" in page


def test_a_result_whose_basis_was_taken_back_is_not_told_as_sure(
    client: Client, lab: Origin
) -> None:
    variant = a_variant("Pathogenic")
    variant["component"] = variant["component"][:2]
    sent(lab, variant, a_class("Pathogenic"))
    open_all(lab.patient)
    before = client.get("/results/").text
    sent(lab, {**variant, "status": "entered-in-error"}, at=LATER)

    page = client.get("/results/").text

    assert "The lab is sure that this change matters" in before
    assert "The lab is sure that this change matters" not in page
    assert "The lab took back what this result stands on." in page


def test_a_corrected_card_leads_to_what_changed(client: Client, lab: Origin) -> None:
    sent(lab, a_variant("Pathogenic"))
    sent(lab, a_variant("Uncertain significance", status="amended"), at=LATER)
    open_all(lab.patient)

    page = client.get("/results/").text

    assert 'What you see here is the new one. <a href="/results/changes/">' in page
