"""Answers that deny, and words where there is no answer: never told as something that was found."""

import pytest

from portal.genomics.denials import answered, denies
from portal.genomics.findings import Finding, Presence
from tests.genomics.builders import Json, a_report, a_variant, coded, component, reading_of, without


def of_code(code: Json, said: str) -> Finding:
    body = without(a_variant("b"), "component", "valueCodeableConcept")
    (found,) = reading_of(a_report("b"), body | {"code": code, "valueString": said}).findings
    return found


def a_variant_with(code: str, said: str) -> Finding:
    (found,) = reading_of(a_variant("v", component(code, valueString=said))).findings
    return found


@pytest.mark.parametrize(
    ("said", "about", "presence"),
    [
        ("c.68_69del not detected", "c.68_69del", Presence.ABSENT),
        ("c.68_69del: absent", "c.68_69del", Presence.ABSENT),
        ("BRCA1 c.68_69del (not detected)", "BRCA1 c.68_69del", Presence.ABSENT),
        ("HLA-B*57:01 negative", "HLA-B*57:01", Presence.ABSENT),
        ("NM_007294.4(BRCA1):c.5266dup Detected.", "NM_007294.4(BRCA1):c.5266dup", "present"),
    ],
)
def test_a_short_sentence_tells_what_was_asked_for_and_whether_it_was_seen(
    said: str, about: str, presence: str
) -> None:
    assert answered(said) == (about, presence)


@pytest.mark.parametrize(
    "said", ["No c.68_69del detected", "NO c.68_69del DETECTED", "No *2 or *3 detected", "*1/*2"]
)
def test_a_sentence_that_says_more_is_no_plain_answer(said: str) -> None:
    assert answered(said) is None


@pytest.mark.parametrize("said", ["*" * 100_000, "no " * 100_000, "c." * 100_000])
def test_long_texts_take_no_longer(said: str) -> None:
    assert answered(said) is None
    assert denies(said) is said.startswith("no")


@pytest.mark.parametrize("code", ["84413-4", "84414-2", "50956-2"])
def test_an_allele_that_was_not_detected_is_absent(code: str) -> None:
    found = of_code(coded(code), "HLA-B*57:01 not detected")

    assert (found.name, found.presence) == ("HLA-B*57:01", Presence.ABSENT)


def test_alleles_in_a_sentence_that_denies_them_are_no_name() -> None:
    found = of_code(coded("84413-4"), "No *2 or *3 detected")

    assert (found.name, found.value) == ("", "No *2 or *3 detected")


@pytest.mark.parametrize("code", ["48004-6", "48005-3", "81290-9", "47998-0"])
@pytest.mark.parametrize("said", ["No variant detected", "Negative", "none detected"])
def test_an_answer_that_denies_stands_for_no_change(code: str, said: str) -> None:
    found = of_code(coded(code), said)

    assert (found.presence, found.hgvs, found.name) == (Presence.ABSENT, None, "")


def test_a_change_that_was_not_seen_is_absent() -> None:
    found = of_code(coded("48004-6"), "c.68_69del not detected")

    assert found.presence is Presence.ABSENT
    assert found.hgvs
    assert found.hgvs.c == ("c.68_69del",)


def test_a_sentence_that_denies_a_change_is_kept_in_the_labs_words() -> None:
    found = a_variant_with("48004-6", "c.68_69del was not seen in this sample")

    assert found.hgvs is None
    assert found.attributes[0].text == "c.68_69del was not seen in this sample"


@pytest.mark.parametrize("said", ["N/A", "None", "Not applicable", "-", "not provided"])
@pytest.mark.parametrize(
    "code", ["48018-6", "48004-6", "48005-3", "53034-5", "48002-0", "53037-8", "81259-4", "51963-7"]
)
def test_words_for_no_answer_name_nothing(code: str, said: str) -> None:
    found = a_variant_with(code, said)

    told = (found.genes, found.hgvs, found.zygosity, found.source_class, found.significance)
    assert not any((*told, found.phenotypes, found.medicines))
    assert found.attributes[0].text == said


def test_a_sign_for_an_allele_is_kept() -> None:
    assert a_variant_with("69551-0", "-").alt == "-"


@pytest.mark.parametrize("said", ["Not tested", "see the comment", "Specimen was too small"])
@pytest.mark.parametrize(
    "code", [coded("57979-7", "HLA-B*15:02 [Presence]"), coded("X", "F5 gene p.Arg506Gln", "lab")]
)
def test_what_a_test_asks_for_is_not_found_by_asking(code: Json, said: str) -> None:
    found = of_code(code, said)

    assert found.presence is None
    assert "presence-not-understood" in found.flags


def test_what_a_test_without_a_value_asks_for_is_not_found() -> None:
    body = without(a_variant("b"), "component", "valueCodeableConcept")
    body |= {"code": coded("57979-7", "HLA-B*15:02 [Presence]")}
    (found,) = reading_of(a_report("b"), body).findings

    assert found.name == "HLA-B*15:02"
    assert "presence-not-understood" in found.flags


@pytest.mark.parametrize(
    ("said", "presence"), [("Non-carrier", Presence.ABSENT), ("Carrier", Presence.PRESENT)]
)
def test_a_carrier_of_an_allele_has_it(said: str, presence: Presence) -> None:
    found = of_code(coded("X", "HLA-B*57:01 status", "lab"), said)

    assert (found.name, found.presence) == ("HLA-B*57:01", presence)


def test_a_karyotype_that_was_not_found_is_no_name() -> None:
    assert of_code(coded("X", "Karyotype", "lab"), "47,XX,+21 not found").name == ""


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("84413-4", "*1/*1 (wild type)"),
        ("84413-4", "CYP2C19 *1/*1 (no variants detected)"),
        ("84414-2", "*1 (wild type)"),
    ],
)
def test_the_usual_alleles_are_there_though_no_variant_is(code: str, said: str) -> None:
    found = of_code(coded(code), said)

    assert (found.name, found.presence) == (said, None)


def test_one_changed_and_one_usual_copy_is_no_denial() -> None:
    found = of_code(coded("48004-6"), "c.1521_1523delCTT / wild type")

    assert found.presence is None
    assert found.hgvs


def test_a_gene_of_wild_type_names_no_change() -> None:
    found = a_variant_with("47998-0", "KRAS wild type")

    assert (found.name, found.hgvs) == ("", None)
