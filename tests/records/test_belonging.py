"""Which files are of one test, by what the reports and studies of an account name."""

from typing import Any

import pytest

from portal.records.belonging import Belonging

Json = dict[str, Any]
GR = "http://hl7.org/fhir/uv/genomics-reporting/StructureDefinition"


def to(name: str) -> Json:
    return {"reference": name}


def document(related: str = "") -> Json:
    return {"context": {"related": [to(related)]}} if related else {}


def an_analysis(bed: str, vcf: str, state: str = "studied") -> Json:
    return {
        "extension": [
            {
                "url": f"{GR}/genomic-study-analysis-regions",
                "extension": [{"url": state, "valueReference": to(bed)}],
            },
            {
                "url": f"{GR}/genomic-study-analysis-output",
                "extension": [{"url": "file", "valueReference": to(vcf)}],
            },
        ]
    }


def belonging(**bodies: Json) -> Belonging:
    return Belonging({name.replace("_", "/"): body for name, body in bodies.items()}, {})


def nearest(found: Belonging, *others: str) -> set[str]:
    names = frozenset(f"DocumentReference/{name}" for name in others)
    return {one.split("/")[1] for one in found.nearest("DocumentReference/bed", names)}


@pytest.mark.parametrize("state", ["studied", "called", "uncalled"])
def test_an_analysis_names_its_files_and_what_the_regions_are(state: str) -> None:
    analysis = an_analysis("DocumentReference/bed", "DocumentReference/vcf", state)

    found = belonging(Procedure_a=analysis)

    assert nearest(found, "vcf", "other") == {"vcf"}
    assert found.state("DocumentReference/bed") == state


def test_files_of_one_analysis_stand_nearer_than_files_of_one_report() -> None:
    study = {"extension": [{"url": f"{GR}/genomic-study-analysis-ext", "valueReference": to(name)}
                           for name in ("Procedure/a", "Procedure/b")]}  # fmt: skip
    found = belonging(
        Procedure_s=study,
        Procedure_a=an_analysis("DocumentReference/bed", "DocumentReference/vcf"),
        Procedure_b=an_analysis("DocumentReference/bed2", "DocumentReference/vcf2"),
    )

    assert nearest(found, "vcf", "vcf2") == {"vcf"}


def test_each_analysis_of_a_study_of_r5_stands_by_itself() -> None:
    analyses = [
        {
            "regionsStudied": [to("DocumentReference/bed")],
            "output": [{"file": to("DocumentReference/vcf")}],
        },
        {"output": [{"file": to("DocumentReference/vcf2")}]},
    ]

    found = belonging(GenomicStudy_s={"analysis": analyses})

    assert nearest(found, "vcf", "vcf2") == {"vcf"}
    assert found.state("DocumentReference/bed") == "studied"


def test_documents_that_name_the_same_report_go_together() -> None:
    found = belonging(
        DocumentReference_bed=document("DiagnosticReport/r"),
        DocumentReference_vcf=document("https://lab.example/fhir/DiagnosticReport/r/_history/2"),
        DocumentReference_other=document("DiagnosticReport/r2"),
    )

    assert nearest(found, "vcf", "other") == {"vcf"}
    assert found.state("DocumentReference/bed") == ""


def test_a_name_by_address_leads_to_its_resource() -> None:
    bodies = {"Procedure/a": an_analysis("urn:uuid:1", "urn:uuid:2")}
    found = Belonging(
        bodies, {"urn:uuid:1": "DocumentReference/bed", "urn:uuid:2": "DocumentReference/vcf"}
    )

    assert nearest(found, "vcf") == {"vcf"}


@pytest.mark.parametrize(
    "between",
    [
        {"relatesTo": [{"code": "replaces", "target": to("DocumentReference/vcf")}]},
        {"context": {"encounter": [to("Encounter/e")]}},
        {"subject": to("Patient/p")},
    ],
)
def test_what_leads_to_other_tests_joins_nothing(between: Json) -> None:
    found = belonging(DocumentReference_bed=between, DocumentReference_vcf=between)

    assert nearest(found, "vcf") == set()


def test_two_files_that_stand_alike_are_both_named() -> None:
    found = belonging(
        DiagnosticReport_r={"media": [{"link": to(f"DocumentReference/{name}")}
                                      for name in ("bed", "vcf", "vcf2")]}
    )  # fmt: skip

    assert nearest(found, "vcf", "vcf2") == {"vcf", "vcf2"}


def test_a_contradiction_of_what_the_regions_are_says_nothing() -> None:
    found = belonging(
        Procedure_a=an_analysis("DocumentReference/bed", "DocumentReference/vcf"),
        Procedure_b=an_analysis("DocumentReference/bed", "DocumentReference/vcf", "uncalled"),
    )

    assert found.state("DocumentReference/bed") == ""
