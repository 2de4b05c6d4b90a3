"""What a resource is about: genomic kinds from findings, clinical ones from codes, else none."""

from typing import Any

import pytest

from consent.categories import Category
from consent.classification import Facts, classify_resource
from consent.sensitive import ACT_CODE, CONFIDENTIALITY

ICD = "http://hl7.org/fhir/sid/icd-10-cm"
ICD9 = "http://hl7.org/fhir/sid/icd-9-cm"
SNOMED = "http://snomed.info/sct"
LOINC = "http://loinc.org"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
KINDS = "http://terminology.hl7.org/CodeSystem/observation-category"
MENTAL, SUBSTANCE = Category.MENTAL_HEALTH, Category.SUBSTANCE_USE
SEXUAL, HIV = Category.SEXUAL_REPRODUCTIVE, Category.HIV


def a_concept(system: str = "", code: str = "", words: str = "") -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code, "display": words}]}


def a_thing(kind: str, **fields: Any) -> dict[str, Any]:  # noqa: ANN401  # JSON of any shape
    return {"resourceType": kind, "id": "x", **fields}


def a_lab(words: str = "Glucose", code: str = "2345-7", *kinds: str) -> dict[str, Any]:
    named = [a_concept(KINDS, kind) for kind in kinds or ("laboratory",)]
    return a_thing("Observation", category=named, code=a_concept(LOINC, code, words))


@pytest.mark.parametrize(
    ("kind", "main", "category"),
    [
        ("Condition", "code", Category.CONDITIONS),
        ("MedicationRequest", "medicationCodeableConcept", Category.MEDICATIONS),
        ("MedicationStatement", "medicationCodeableConcept", Category.MEDICATIONS),
        ("MedicationDispense", "medicationCodeableConcept", Category.MEDICATIONS),
        ("MedicationAdministration", "medicationCodeableConcept", Category.MEDICATIONS),
        ("Medication", "code", Category.MEDICATIONS),
        ("AllergyIntolerance", "code", Category.ALLERGIES),
        ("Procedure", "code", Category.PROCEDURES),
        ("Immunization", "vaccineCode", Category.IMMUNIZATIONS),
        ("DocumentReference", "type", Category.DOCUMENTS),
    ],
)
def test_clinical_kinds_come_from_the_type(kind: str, main: str, category: Category) -> None:
    facts = classify_resource(a_thing(kind, **{main: {"text": "plain words"}}), [])
    unsaid = classify_resource(a_thing(kind), [])

    assert facts == Facts(frozenset({category}))
    assert not unsaid.understood


@pytest.mark.parametrize(
    ("kind", "category"),
    [
        ("Patient", Category.DEMOGRAPHICS),
        ("FamilyMemberHistory", Category.FAMILY_HISTORY),
        ("Specimen", Category.TEST_QUALITY),
    ],
)
def test_some_types_need_no_words(kind: str, category: Category) -> None:
    facts = classify_resource(a_thing(kind), [])

    assert facts == Facts(frozenset({category}))


@pytest.mark.parametrize(
    "kind",
    [
        "Encounter",
        "Claim",
        "Provenance",
        "Binary",
        "Coverage",
        "CarePlan",
        "Nonsense",
        "Organization",
        "Device",
        "MolecularSequence",
    ],
)
def test_other_types_are_nothing_that_can_be_chosen(kind: str) -> None:
    assert classify_resource(a_thing(kind), []).categories == frozenset()


def test_a_resource_without_a_type_is_nothing() -> None:
    assert classify_resource({}, []).categories == frozenset()
    assert classify_resource({"resourceType": 3}, []).categories == frozenset()


@pytest.mark.parametrize(
    ("kinds", "categories"),
    [
        (("laboratory",), {Category.LABS}),
        (("vital-signs",), {Category.VITALS}),
        (("procedure",), {Category.PROCEDURES}),
        (("laboratory", "vital-signs"), {Category.LABS, Category.VITALS}),
        (("social-history",), set()),
        (("laboratory", "social-history"), set()),
        (("survey",), set()),
    ],
)
def test_an_observation_is_what_its_categories_say(
    kinds: tuple[str, ...], categories: set[Category]
) -> None:
    assert classify_resource(a_lab("Glucose", "2345-7", *kinds), []).categories == categories


def test_a_local_category_beside_a_standard_one_does_not_matter() -> None:
    lab = a_lab()
    lab["category"].append(a_concept("urn:local", "chem"))
    lab["category"].append({"text": "Lab"})

    assert classify_resource(lab, []).categories == {Category.LABS}


def test_an_observation_without_a_category_is_nothing() -> None:
    plain = a_thing("Observation", code=a_concept(LOINC, "2345-7", "Glucose"))

    assert classify_resource(plain, []).categories == frozenset()


@pytest.mark.parametrize(
    ("code", "category"),
    [("LAB", Category.LABS), ("RAD", Category.DOCUMENTS), ("LP29684-5", Category.DOCUMENTS)],
)
def test_a_report_is_a_frame_of_its_kind(code: str, category: Category) -> None:
    report = a_thing("DiagnosticReport", category=[a_concept("", code)], code={"text": "Panel"})

    facts = classify_resource(report, [])

    assert facts == Facts(frozenset({category}), container=True)


def test_a_group_of_results_is_a_frame_and_a_result_is_not() -> None:
    group = a_lab() | {"hasMember": [{"reference": "Observation/1"}]}

    assert classify_resource(group, []).container
    assert not classify_resource(group | {"valueString": "x"}, []).container
    assert not classify_resource(group | {"component": [{}]}, []).container


def test_genomic_kinds_are_those_of_the_findings() -> None:
    variant = a_thing("Observation", code=a_concept(LOINC, "69548-6"))

    facts = classify_resource(variant, ["carrier", "hereditary-risk"])

    assert facts.categories == {Category.CARRIER, Category.HEREDITARY_RISK}
    assert facts.understood


@pytest.mark.parametrize("name", ["unclassified", "", "hiv", "conditions"])
def test_a_finding_of_no_kind_we_know_is_not_understood(name: str) -> None:
    variant = a_thing("Observation", code=a_concept(LOINC, "69548-6"))

    assert not classify_resource(variant, ["carrier", name]).understood


@pytest.mark.parametrize(
    "lab",
    [
        a_lab("BRCA1 c.68_69del"),
        a_lab("Factor V genotype"),
        a_lab("CYP2C19 *1/*2"),
        a_lab("rs6025"),
        a_lab("Karyotype"),
        a_lab("HLA-B*57:01"),
        a_lab() | {"valueString": "NM_007294.3 pathogenic"},
        a_lab() | {"component": [{"code": a_concept(LOINC, "48018-6")}]},
        a_lab() | {"category": [a_concept("", "GE")]},
        a_lab("p.Arg117His"),
    ],
    ids=str,
)
def test_a_genetic_result_is_never_taken_for_a_plain_lab(lab: dict[str, Any]) -> None:
    assert classify_resource(lab, []).categories == frozenset()


def test_what_a_test_looked_at_is_about_its_quality() -> None:
    region = a_thing("Observation", code=a_concept(LOINC, "53041-0"))

    assert classify_resource(region, []).categories == {Category.TEST_QUALITY}


@pytest.mark.parametrize(
    "content",
    [
        [{"attachment": {"contentType": "application/vcf"}}],
        [{"attachment": {"title": "sample.g.vcf.gz"}}],
        [{"attachment": {"url": "https://x/sample.bam"}}],
    ],
)
def test_a_file_of_genes_is_not_a_letter(content: list[Any]) -> None:
    document = a_thing("DocumentReference", type={"text": "file"}, content=content)

    assert classify_resource(document, []).categories == {Category.SEQUENCE_FILES}


def test_a_letter_is_a_letter() -> None:
    document = a_thing("DocumentReference", description="Visit", content=[{"attachment": {}}])

    facts = classify_resource(document, [])

    assert facts == Facts(frozenset({Category.DOCUMENTS}))


@pytest.mark.parametrize(
    ("system", "code", "label"),
    [
        (ICD, "F32.9", MENTAL),
        (ICD, "F10.20", SUBSTANCE),
        (ICD, "T40.1X1A", SUBSTANCE),
        (ICD, "B20", HIV),
        (ICD, "Z21", HIV),
        (ICD, "O80", SEXUAL),
        (ICD, "A54.9", SEXUAL),
        (ICD, "N97.9", SEXUAL),
        (ICD9, "296.2", MENTAL),
        (ICD9, "305.1", SUBSTANCE),
        (ICD9, "042", HIV),
        (ICD9, "650", SEXUAL),
        (SNOMED, "370143000", MENTAL),
        (SNOMED, "7200002", SUBSTANCE),
        (SNOMED, "86406008", HIV),
        (SNOMED, "72892002", SEXUAL),
    ],
)
def test_codes_carry_their_labels(system: str, code: str, label: Category) -> None:
    condition = a_thing("Condition", code={"coding": [{"system": system, "code": f" {code}"}]})

    assert label in classify_resource(condition, []).labels


@pytest.mark.parametrize(
    ("words", "label"),
    [
        ("Major depressive disorder", MENTAL),
        ("Trastorno de ansiedad", MENTAL),
        ("Suicide attempt", MENTAL),
        ("Smokes tobacco daily", SUBSTANCE),
        ("Fumador", SUBSTANCE),
        ("Misuses drugs", SUBSTANCE),
        ("HIV positive", HIV),
        ("Infección por VIH", HIV),
        ("Normal pregnancy", SEXUAL),
        ("Embarazo", SEXUAL),
        ("Chlamydia trachomatis infection", SEXUAL),
    ],
)
def test_words_carry_their_labels(words: str, label: Category) -> None:
    assert label in classify_resource(a_thing("Condition", code={"text": words}), []).labels


@pytest.mark.parametrize(
    "words",
    ["Hispanic heritage study", "Environmental allergy", "Supplemental oxygen", "Quetelet index"],
)
def test_innocent_words_carry_none(words: str) -> None:
    assert classify_resource(a_thing("Condition", code={"text": words}), []).labels == frozenset()


@pytest.mark.parametrize(
    ("words", "label"),
    [
        ("sertraline 50 MG Oral Tablet", MENTAL),
        ("Buprenorphine 8 MG Sublingual Film", SUBSTANCE),
        ("dolutegravir 50 MG", HIV),
        ("Levonorgestrel 1.5 MG", SEXUAL),
    ],
)
def test_medicines_carry_their_labels_by_name(words: str, label: Category) -> None:
    request = a_thing("MedicationRequest", medicationCodeableConcept={"text": words})

    assert classify_resource(request, []).labels == {label}


def test_medicines_carry_their_labels_by_ingredient() -> None:
    request = a_thing("MedicationRequest", medicationCodeableConcept=a_concept(RXNORM, "36437"))

    assert classify_resource(request, []).labels == {MENTAL}


@pytest.mark.parametrize("words", ["Bisoprolol fumarate 5 MG", "ferrous fumarate", "Ibuprofen"])
def test_a_salt_is_not_a_smoker(words: str) -> None:
    request = a_thing("MedicationRequest", medicationCodeableConcept={"text": words})

    assert classify_resource(request, []).labels == frozenset()


def test_a_medicine_that_only_a_reference_names_is_judged_through_it() -> None:
    request = a_thing("MedicationRequest", medicationReference={"reference": "Medication/m"})
    medicine = a_thing("Medication", code={"text": "sertraline"})

    assert not classify_resource(request, []).understood
    assert classify_resource(request, [], [medicine]).labels == {MENTAL}
    assert classify_resource(request, [], [medicine]).understood


def test_the_medicines_a_gene_test_speaks_of_are_not_the_persons() -> None:
    implication = a_thing(
        "Observation",
        code=a_concept(LOINC, "69548-6"),
        component=[
            {"code": a_concept(LOINC, "51963-7"), "valueCodeableConcept": {"text": "citalopram"}},
            {"code": a_concept(LOINC, "81259-4"), "valueCodeableConcept": {"text": "Epilepsy"}},
            "broken",
        ],
    )

    assert classify_resource(implication, ["medicines-pgx"]).labels == frozenset()


def test_a_phenotype_of_a_gene_test_carries_its_label() -> None:
    implication = a_thing(
        "Observation",
        code=a_concept(LOINC, "69548-6"),
        component=[
            {"code": a_concept(LOINC, "81259-4"), "valueCodeableConcept": {"text": "Autism"}}
        ],
    )

    assert classify_resource(implication, ["hereditary-risk"]).labels == {MENTAL}


@pytest.mark.parametrize(
    ("system", "code", "labels", "understood"),
    [
        (ACT_CODE, "PSY", {MENTAL}, True),
        (ACT_CODE, "ETH", {SUBSTANCE}, True),
        (ACT_CODE, "HIV", {HIV}, True),
        (ACT_CODE, "SDV", {SEXUAL}, True),
        (ACT_CODE, "GDIS", set(), True),
        (ACT_CODE, "TABOO", set(), False),
        (CONFIDENTIALITY, "N", set(), True),
        (CONFIDENTIALITY, "R", set(), False),
        (CONFIDENTIALITY, "V", set(), False),
        ("urn:local", "x", set(), True),
    ],
)
def test_the_labels_of_the_source_are_obeyed(
    system: str, code: str, labels: set[Category], *, understood: bool
) -> None:
    label = {"security": [{"system": system, "code": code}]}
    condition = a_thing("Condition", code={"text": "Asthma"}, meta=label)

    facts = classify_resource(condition, [])

    assert facts.labels == labels
    assert facts.understood is understood


def test_restricted_with_its_reason_is_understood() -> None:
    both = [{"system": CONFIDENTIALITY, "code": "R"}, {"system": ACT_CODE, "code": "PSY"}]
    condition = a_thing("Condition", code={"text": "Asthma"}, meta={"security": both})

    facts = classify_resource(condition, [])

    assert facts.labels == {MENTAL}
    assert facts.understood


def test_a_code_of_a_complete_system_needs_no_words() -> None:
    bare = {"coding": [{"system": ICD, "code": "J45.909"}]}
    unknown = {"coding": [{"system": SNOMED, "code": "195967001"}]}

    assert classify_resource(a_thing("Condition", code=bare), []).understood
    assert not classify_resource(a_thing("Condition", code=unknown), []).understood


def test_notes_and_narratives_do_not_count_as_words() -> None:
    hidden = a_thing("Condition", note=[{"text": "depression"}], text={"div": "HIV"})

    facts = classify_resource(hidden | {"code": {"text": "Asthma"}}, [])

    assert facts.labels == frozenset()
