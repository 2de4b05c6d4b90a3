"""What is about a relative or donor, another change or another class is never told as one's own."""

import pytest

from portal.genomics.categories import categories_of
from portal.genomics.findings import Finding, Kind, Reading
from portal.genomics.flags import ANOTHER_PERSON
from portal.genomics.groups import Group, group_of
from portal.genomics.links import Links
from portal.genomics.sameness import same_change
from portal.genomics.somebody_else import says_somebody_else
from tests.genomics.builders import (
    ME,
    Json,
    a_report,
    a_variant,
    answer,
    coded,
    component,
    reading_of,
    without,
)

PATHOGENIC = answer("53037-8", "LA6668-3", "Pathogenic")
CHANGE = component("48004-6", valueString="c.68_69del")
LAB = "http://lab.example/codes"


def a_test(name: str, said: str) -> Finding:
    body = without(a_variant("b"), "component", "valueCodeableConcept")
    body |= {"code": coded("X1", name, LAB), "valueString": said}
    (found,) = reading_of(a_report("b"), body).findings
    return found


def noted(note: str) -> Finding:
    (found,) = reading_of(a_variant("v", CHANGE, note=[{"text": note}])).findings
    return found


def group(reading: Reading) -> Group:
    (one,) = reading.findings
    links = Links(reading.findings)
    return group_of(one, links, categories_of(one, links)).group


# --- other people ------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "name", ["Mother's BRCA1 genotype", "Paternal variant", "Donor HLA-A", "Fetal RHD genotype"]
)
def test_a_name_that_tells_of_another_person_is_noticed(name: str) -> None:
    assert says_somebody_else(name)
    assert ANOTHER_PERSON in a_test(name, "c.68_69del").flags


@pytest.mark.parametrize(
    "name",
    [
        "Maternal uniparental disomy of chromosome 15",
        "Splice donor variant",
        "Parental origin of the change",
        "Relative read depth",
        "Hereditary persistence of fetal hemoglobin",
    ],
)
def test_what_is_the_persons_own_is_not_taken_for_anothers(name: str) -> None:
    assert not says_somebody_else(name)


@pytest.mark.parametrize("focus", ["RelatedPerson/mum", "Patient/mum"])
def test_what_looks_at_another_person_is_not_something_to_talk_about_soon(focus: str) -> None:
    own = reading_of(a_variant("v", CHANGE, PATHOGENIC))
    others = reading_of(a_variant("v", CHANGE, PATHOGENIC, focus=[{"reference": focus}]))

    assert group(own) is Group.SOON
    assert group(others) is Group.OTHER


@pytest.mark.parametrize(
    "said",
    [
        {"component": [CHANGE, PATHOGENIC, answer("48002-0", "LA10429-1", "Fetal")]},
        {"component": [CHANGE, PATHOGENIC], "specimen": {"display": "Blood of the father"}},
        {"component": [CHANGE, PATHOGENIC], "specimen": {"display": "Amniotic fluid"}},
    ],
)
def test_what_was_seen_in_somebody_else_is_not_something_to_talk_about_soon(said: Json) -> None:
    reading = reading_of(a_variant("v") | said)

    assert ANOTHER_PERSON in reading.findings[0].flags
    assert group(reading) is Group.OTHER


@pytest.mark.parametrize("focus", [ME, "Condition/tumour", "Specimen/s"])
def test_a_focus_that_is_no_other_person_changes_nothing(focus: str) -> None:
    (found,) = reading_of(a_variant("v", CHANGE, focus=[{"reference": focus}])).findings

    assert ANOTHER_PERSON not in found.flags


def test_the_change_of_a_relative_is_not_the_same_result() -> None:
    place = component("81290-9", valueString="NC_000017.11:g.43124028_43124029del")
    (own,) = reading_of(a_variant("v", place)).findings
    mum = a_variant("v", place, focus=[{"reference": "Patient/mum"}])
    (others,) = reading_of(mum).findings

    assert same_change(own, own)
    assert not same_change(own, others)


@pytest.mark.parametrize(
    ("code", "said"), [("53034-5", "Heterozygous in mother"), ("48002-0", "Maternal")]
)
def test_the_state_of_a_relative_is_kept_in_words_alone(code: str, said: str) -> None:
    (found,) = reading_of(a_variant("v", component(code, valueString=said))).findings

    assert (found.zygosity, found.source_class) == ("", "")
    assert found.attributes[0].text == said


# --- other changes and classes -------------------------------------------------------------------
@pytest.mark.parametrize(
    "name",
    [
        "BRAF V600E or V600K mutation",
        "EGFR T790M and L858R mutations",
        "HFE gene p.Cys282Tyr and p.His63Asp [Presence]",
        "HFE gene c.845G>A + c.187C>G",
    ],
)
def test_a_test_for_several_changes_names_none_of_them(name: str) -> None:
    found = a_test(name, "Detected")

    assert (found.kind, found.hgvs, found.presence) == (Kind.OTHER, None, None)


def test_a_test_for_one_change_may_write_it_in_two_ways() -> None:
    found = a_test("F5 gene c.1691G>A p.Arg506Gln [Presence]", "Detected")

    assert found.hgvs
    assert found.hgvs.c == ("c.1691G>A",)


@pytest.mark.parametrize(
    "note",
    [
        "Father: classification: benign.",
        "Classification: pathogenic in the mother.",
        "c.5266dup classification: Pathogenic.",
        "In silico interpretation: benign.",
        "This variant lacks evidence to be classified as pathogenic.",
        "Evidence is insufficient for it to be classified as pathogenic.",
    ],
)
def test_a_class_of_something_else_is_not_read_from_a_sentence(note: str) -> None:
    assert noted(note).significance == ()


@pytest.mark.parametrize(
    "note",
    [
        "Classification: pathogenic.",
        "c.68_69del, classification: pathogenic.",
        "The c.68_69delAG variant (p.Glu23fs) is classified as pathogenic.",
        "NM_007294.4:c.68_69del: classification: pathogenic.",
    ],
)
def test_the_class_of_this_change_is_read_from_a_sentence(note: str) -> None:
    assert noted(note).significance == ("pathogenic",)


@pytest.mark.parametrize("label", ["Allele frequency", "Variant frequency"])
def test_how_common_a_change_is_among_people_is_no_share_of_reads(label: str) -> None:
    share = {"code": {"text": label}, "valueQuantity": {"value": 0.0001}}
    (found,) = reading_of(a_variant("v", CHANGE, share)).findings

    assert found.allele_fraction is None
    assert found.attributes[0].value == 0.0001


def test_copies_with_a_comma_are_kept_as_they_were_sent() -> None:
    (found,) = reading_of(a_variant("v", component("82155-3", valueString="1,950"))).findings

    assert found.copy_number is None
    assert found.attributes[0].text == "1,950"


def test_an_answer_that_denies_in_other_words_is_not_clear() -> None:
    body: Json = a_variant("v", CHANGE, PATHOGENIC, valueCodeableConcept={"text": "Never seen"})

    assert group(reading_of(body)) is Group.NOT_CLEAR


@pytest.mark.parametrize(
    "name", ["HLA-A2 Ab [Presence] in Serum", "Anti-HLA-A2", "Antibodies to HLA-B27", "HLA-A2 DSA"]
)
def test_an_antibody_against_an_allele_is_no_allele(name: str) -> None:
    found = a_test(name, "Positive")

    assert (found.kind, found.name, found.presence) == (Kind.OTHER, "", None)


@pytest.mark.parametrize(
    "name", ["HLA-B*57:01 or HLA-B*58:01", "HLA-DQ2/DQ8", "HLA-B27 and HLA-B51"]
)
def test_a_test_for_several_alleles_names_none_of_them(name: str) -> None:
    found = a_test(name, "Positive")

    assert (found.name, found.presence) == ("", None)
