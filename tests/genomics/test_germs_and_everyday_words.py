"""What is no result about the person's genes: germs, and parts of ordinary tests named alike."""

import pytest

from portal.genomics.findings import Kind
from portal.genomics.hl7v2 import resources
from tests.genomics.builders import Json, a_report, a_variant, coded, reading_of, without

LAB = "http://lab.example/codes"


def a_result(name: str, value: str = "Detected", **more: object) -> Json:
    body = without(a_variant("b"), "component", "valueCodeableConcept")
    return body | {"code": coded("X1", name, LAB), "valueString": value, **more}


def parts(**labels: object) -> Json:
    said = [{"code": {"text": label}, "valueString": value} for label, value in labels.items()]
    return without(a_result("x", component=said), "valueString") | {"code": {"text": "A test"}}


@pytest.mark.parametrize(
    "name",
    [
        "SARS-CoV-2 (COVID-19) N gene [Presence] in Respiratory specimen",
        "mecA gene [Presence]",
        "Helicobacter pylori 23S rRNA gene mutation",
        "Mycobacterium tuberculosis complex rpoB gene mutation",
        "Streptococcus pyogenes genome",
    ],
)
def test_the_genes_of_germs_are_not_the_persons(name: str) -> None:
    reading = reading_of(a_result(name))

    assert not reading.findings
    assert [one.code for one in reading.notices] == ["not-genomic"]


def test_changes_in_a_germ_are_not_the_persons_variants() -> None:
    mutation = {"code": {"text": "Mutation"}, "valueString": "M184V"}

    assert not reading_of(a_result("HIV genotype", "see parts", component=[mutation])).findings


def test_a_gene_of_people_that_decides_about_a_germ_is_theirs() -> None:
    (found,) = reading_of(a_result("IFNL3 genotype for antiviral therapy", "C/T")).findings

    assert (found.kind, found.name) == (Kind.GENOTYPE, "C/T")


@pytest.mark.parametrize(
    "body",
    [
        parts(ALT="35", AST="30"),
        parts(Variant="Omicron"),
        parts(Copies="35000"),
        parts(Drug="Cocaine", Result="Negative"),
        parts(Medication="Aspirin"),
        parts(Classification="NYHA III"),
        parts(Position="Sitting"),
    ],
)
def test_everyday_labels_make_no_ordinary_test_genetic(body: Json) -> None:
    assert not reading_of(body).findings


def test_everyday_labels_count_beside_one_that_tells() -> None:
    (found,) = reading_of(parts(Gene="BRCA1", Variant="c.68_69del")).findings

    assert found.kind is Kind.VARIANT
    assert found.hgvs
    assert found.hgvs.c == ("c.68_69del",)


def test_everyday_labels_count_in_a_genetics_report() -> None:
    (found,) = reading_of(a_report("b"), parts(Variant="c.68_69del")).findings

    assert found.kind is Kind.VARIANT


def test_a_genotype_alone_may_be_that_of_a_virus() -> None:
    body = a_result("x", "1a") | {"code": {"text": "Genotype"}}

    (found,) = reading_of(body).findings

    assert (found.kind, found.name, found.value) == (Kind.OTHER, "", "1a")


def test_a_liver_panel_of_a_message_has_no_alleles() -> None:
    raw = (
        b"MSH|^~\\&|L|L|P|P|20240101||ORU^R01|1|P|2.5.1\r"
        b"OBR|1||1|LIV^Liver panel^L\rOBX|1|NM|ALT^ALT^L||35|U/L||||||F\r"
    )

    bodies = [one for one in resources(raw) if isinstance(one, dict)]
    (result,) = (one for one in bodies if one["resourceType"] == "Observation")

    assert result["code"]["text"] == "ALT"
    assert "component" not in result
