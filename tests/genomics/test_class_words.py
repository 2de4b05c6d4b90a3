"""The class that a lab's words mean, and the words that have none."""

import pytest

from portal.genomics.class_words import class_of
from portal.genomics.phrases.classes import metabolism_class, significance_class
from tests.genomics.builders import a_variant, coded, component, reading_of


@pytest.mark.parametrize(
    ("said", "class_"),
    [
        ("Pathogenic", "pathogenic"),
        ("Pathogenic (Class 5)", "pathogenic"),
        ("Class 5 - Pathogenic", "pathogenic"),
        ("Pathogenic, class 5", "pathogenic"),
        ("ACMG class 4: Likely pathogenic", "likely-pathogenic"),
        ("LIKELY_PATHOGENIC", "likely-pathogenic"),
        ("Likely-pathogenic", "likely-pathogenic"),
        ("Likely Pathogenic (LP)", "likely-pathogenic"),
        ("Pathogenic variant", "pathogenic"),
        ("Variant of Uncertain Significance (VUS)", "uncertain"),
        ("Uncertain clinical significance", "uncertain"),
        ("Benign/Likely benign", "likely-benign"),
        ("Not pathogenic", ""),
        ("Pathogenic (low penetrance)", ""),
        ("Pathogenic, low penetrance", ""),
        ("Class 4", ""),
        ("Tier I", ""),
        ("P", ""),
        ("", ""),
    ],
)
def test_a_class_is_known_with_the_marks_beside_it(said: str, class_: str) -> None:
    assert class_of(said) == class_


def test_the_words_of_the_lab_stay_and_do_not_contradict_its_code() -> None:
    value = coded("LA6668-3", "Pathogenic", text="Pathogenic (Class 5)")

    found = reading_of(a_variant("v", component("53037-8", valueCodeableConcept=value))).findings[0]

    assert (found.significance, found.flags) == (("Pathogenic (Class 5)",), ())


def test_phrases_know_the_class_with_its_marks() -> None:
    assert significance_class("Pathogenic (Class 5)") == "raises"
    assert significance_class("Variant of Uncertain Significance (VUS)") == "uncertain"
    assert significance_class("Pathogenic", "Benign (B)") == "conflicting"


@pytest.mark.parametrize(
    ("code", "class_"), [("LA10315-2", "fast"), ("LA10316-0", "usual"), ("LA10317-8", "slower")]
)
def test_metabolisers_are_known_by_their_codes(code: str, class_: str) -> None:
    assert metabolism_class("CYP2D6", code) == class_


@pytest.mark.parametrize(
    ("code", "said", "is_conflict"),
    [
        ("LA14029-5", "GRCh38", True),
        ("LA26806-2", "hg19", True),
        ("LA14029-5", "GRCh37.p13", False),
        ("LA14029-5", "hg19", False),
        ("LA14030-3", "NCBI36", False),
    ],
)
def test_a_build_whose_code_and_words_differ_is_a_conflict(
    code: str, said: str, *, is_conflict: bool
) -> None:
    value = component("62374-4", valueCodeableConcept=coded(code, said))

    found = reading_of(a_variant("v", value)).findings[0]

    assert found.position
    assert found.position.build == said
    assert ("conflict:build" in found.flags) == is_conflict


@pytest.mark.parametrize(
    ("said", "changes"),
    [("V600E", ("V600E",)), ("BRAF V600E", ("BRAF V600E",)), ("NTRK1 fusion", ()), ("R2D2", ())],
)
def test_a_change_of_a_protein_in_short_is_the_answer(said: str, changes: tuple[str, ...]) -> None:
    found = reading_of(a_variant("v", valueCodeableConcept={"text": said})).findings[0]

    assert (found.hgvs.p if found.hgvs else ()) == changes
    assert found.value == said
