"""Where a finding stands on the page, and which choices of consent it needs."""

import pytest

from portal.genomics.categories import Category, categories_of, classify_all
from portal.genomics.findings import Finding, Reading
from portal.genomics.groups import Group, Placed, group_all, group_of
from portal.genomics.links import Links
from tests.genomics.builders import (
    Json,
    a_report,
    a_variant,
    an_implication,
    answer,
    coded,
    component,
    reading_of,
)
from tests.genomics.files import finding, read_file

GERMLINE = answer("48002-0", "LA6683-2", "Germline")
SOMATIC = answer("48002-0", "LA6684-0", "Somatic")
ONE_COPY = answer("53034-5", "LA6706-1")
PATHOGENIC = answer("53037-8", "LA6668-3", "Pathogenic")
RECESSIVE = component(
    "condition-inheritance",
    valueCodeableConcept=coded("HP:0000007", "Autosomal recessive inheritance", "http://hpo"),
)


def gene(symbol: str) -> Json:
    return component("48018-6", valueCodeableConcept={"text": symbol})


def place(reading: Reading, own_id: str) -> Placed:
    one, links = finding(reading, own_id), Links(reading.findings)
    return group_of(one, links, categories_of(one, links))


def test_the_change_of_a_germ_stands_apart_whatever_its_class() -> None:
    germ = component("81290-9", valueString="NC_000962.3:g.6798G>C")

    assert place(reading_of(a_variant("v", germ, PATHOGENIC)), "v").group is Group.OTHER


def kinds(reading: Reading, own_id: str) -> frozenset[Category]:
    return categories_of(finding(reading, own_id), Links(reading.findings))


@pytest.mark.parametrize(
    ("code", "group"),
    [
        ("LA6668-3", Group.SOON),
        ("LA26332-9", Group.SOON),
        ("LA26333-7", Group.NOT_CLEAR),
        ("LA6682-4", Group.NOT_CLEAR),
        ("LA26334-5", Group.NOTHING_FOUND),
        ("LA6675-8", Group.NOTHING_FOUND),
    ],
)
def test_a_variant_stands_where_its_class_puts_it(code: str, group: Group) -> None:
    reading = reading_of(a_variant("v", GERMLINE), an_implication("i", answer("53037-8", code)))

    assert place(reading, "v").group is group
    assert place(reading, "i").group is group


@pytest.mark.parametrize(
    ("symbol", "condition", "group"),
    [
        ("CYP2D6", "Debrisoquine adverse reaction", Group.MEDICINES),
        ("TPMT", "Thiopurine toxicity", Group.MEDICINES),
        ("DPYD", "Dihydropyrimidine dehydrogenase deficiency", Group.SOON),
        ("BRCA1", "Olaparib response", Group.SOON),
        ("CYP2D6", "", Group.SOON),
        ("", "Debrisoquine adverse reaction (disorder)", Group.MEDICINES),
        ("", "Insulin resistance", Group.SOON),
    ],
)
def test_a_class_that_names_only_how_a_medicine_acts_stands_with_the_medicines(
    symbol: str, condition: str, group: Group
) -> None:
    named = [component("81259-4", valueCodeableConcept={"text": condition})] if condition else []
    reading = reading_of(
        a_variant("v", GERMLINE, gene(symbol)), an_implication("i", PATHOGENIC, *named)
    )

    assert place(reading, "v").group is group
    assert place(reading, "i").group is group


def test_one_copy_of_a_recessive_change_can_be_passed_on() -> None:
    reading = reading_of(
        a_variant("v", GERMLINE, ONE_COPY), an_implication("i", PATHOGENIC, RECESSIVE)
    )

    assert place(reading, "v") == Placed(Group.PASS_ON, "carrier")


def test_two_copies_of_a_recessive_change_are_to_talk_about_soon() -> None:
    reading = reading_of(
        a_variant("v", GERMLINE, answer("53034-5", "LA6705-3")),
        an_implication("i", PATHOGENIC, RECESSIVE),
    )

    assert place(reading, "v").group is Group.SOON


def test_one_copy_without_a_stated_inheritance_is_never_called_carrier() -> None:
    reading = reading_of(a_variant("v", GERMLINE, ONE_COPY), an_implication("i", PATHOGENIC))

    assert place(reading, "v").group is Group.SOON


@pytest.mark.parametrize(
    ("value", "group"),
    [
        ("LA9634-2", Group.NOTHING_FOUND),
        ("LA18198-4", Group.NOT_CLEAR),
        ("LA11884-6", Group.NOT_CLEAR),
    ],
)
def test_absent_and_not_read_are_different_groups(value: str, group: Group) -> None:
    reading = reading_of(a_variant(valueCodeableConcept=coded(value)))

    assert place(reading, "v").group is group


def test_a_contradiction_is_not_clear() -> None:
    reading = reading_of(
        a_variant("v", GERMLINE),
        an_implication("i", PATHOGENIC),
        an_implication("j", answer("53037-8", "LA6675-8")),
    )

    assert place(reading, "v").group is Group.NOT_CLEAR
    assert place(reading, "i") == Placed(Group.NOT_CLEAR, "conflict")


def test_tumour_and_inherited_never_mix() -> None:
    reading = reading_of(
        a_variant("v", GERMLINE), an_implication("i", PATHOGENIC),
        a_variant("t", SOMATIC), an_implication("u", PATHOGENIC, of="t"),
    )  # fmt: skip

    assert not place(reading, "i").tumour
    assert place(reading, "u").tumour
    assert kinds(reading, "i") == {Category.HEREDITARY_RISK}
    assert kinds(reading, "u") == {Category.TUMOUR}


def test_what_cannot_be_told_is_unclassified() -> None:
    reading = reading_of(a_variant())

    assert kinds(reading, "v") == {Category.UNCLASSIFIED}
    assert place(reading, "v").group is Group.OTHER


def test_an_hla_allele_with_a_medicine_needs_both_choices() -> None:
    reading = read_file("fhir/ig-stu3/pgx-hla-b-carbamazepine/_collection.bundle.json")

    assert kinds(reading, "GenotypeExample1") == {Category.HLA, Category.MEDICINES_PGX}
    assert place(reading, "GenotypeExample1").group is Group.MEDICINES


def test_words_about_a_whole_report_need_every_choice_of_the_report() -> None:
    comment = a_variant("c", code=coded("86467-8"), valueCodeableConcept={"text": "see above"})
    reading = reading_of(
        a_report("v", "t", "c"), a_variant("v", GERMLINE, gene("BRCA1")),
        a_variant("t", SOMATIC), comment,
    )  # fmt: skip

    assert kinds(reading, "c") == {Category.HEREDITARY_RISK, Category.TUMOUR}


@pytest.mark.parametrize(
    ("title", "category"),
    [("Expanded carrier screening", Category.CARRIER), ("Newborn sequencing", Category.NEWBORN)],
)
def test_the_kind_of_test_adds_its_category(title: str, category: Category) -> None:
    report = a_report("v", code={"coding": coded("51969-4")["coding"], "text": title})

    assert category in kinds(reading_of(report, a_variant("v", GERMLINE)), "v")


def test_a_secondary_finding_is_both_secondary_and_hereditary() -> None:
    url = "http://hl7.org/fhir/StructureDefinition/observation-secondaryFinding"
    extension = {"url": url, "valueCodeableConcept": {"text": "secondary"}}
    reading = reading_of(a_variant("v", GERMLINE), an_implication("i", extension=[extension]))

    assert kinds(reading, "i") == {Category.SECONDARY_FINDINGS, Category.HEREDITARY_RISK}


def test_every_finding_of_every_scenario_has_a_group_and_a_category() -> None:
    for name in ("emerge-lab-reports/standard-GenomicReportFHIRBundlePositive1.json",
                 "ig-stu3/somatic-full-report/_collection.bundle.json",
                 "mcode/jenny-m/Bundle-mcode-patient-bundle-jenny-m.json"):  # fmt: skip
        found: tuple[Finding, ...] = read_file(f"fhir/{name}").findings
        links = Links(found)
        classified = classify_all(links)
        assert all(classified[one.key] for one in found)
        placed = group_all(links, classified)
        assert all(isinstance(placed[one.key], Placed) for one in found)


def test_no_somatic_finding_of_the_full_tumour_report_counts_as_inherited() -> None:
    reading = read_file("fhir/ig-stu3/somatic-full-report/_collection.bundle.json")
    links = Links(reading.findings)

    for one in reading.findings:
        if one.source_class == "somatic":
            categories = categories_of(one, links)
            assert Category.HEREDITARY_RISK not in categories
            assert group_of(one, links, categories).tumour


@pytest.mark.parametrize(
    ("answers", "group"),
    [
        (["LA9634-2"], Group.NOTHING_FOUND),
        (["LA11884-6"], Group.NOT_CLEAR),
        (["LA9634-2", "LA9633-4"], Group.SOON),
    ],
)
def test_the_class_of_a_change_that_was_not_seen_is_nothing_to_talk_about(
    answers: list[str], group: Group
) -> None:
    ids = [f"v{number}" for number, _ in enumerate(answers)]
    seen = [
        a_variant(own_id, valueCodeableConcept=coded(code))
        for own_id, code in zip(ids, answers, strict=True)
    ]
    links = [{"reference": f"Observation/{own_id}"} for own_id in ids]
    implication = an_implication("i", PATHOGENIC, derivedFrom=links)

    assert place(reading_of(a_report(*ids, "i"), *seen, implication), "i").group is group


def test_a_change_that_has_no_value_is_not_clear_whatever_its_class() -> None:
    body = a_variant("v", PATHOGENIC, dataAbsentReason={"text": "The test failed."})
    del body["valueCodeableConcept"]

    assert place(reading_of(body), "v").group is Group.NOT_CLEAR
