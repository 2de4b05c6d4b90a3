"""The phrase library is complete, plain, in two languages, and never guesses."""

import pytest

from portal.genomics.phrases.classes import metabolism_class, significance_class
from portal.genomics.phrases.library import Library, Phrase, Question, Words, library
from portal.genomics.phrases.lint import problems
from portal.genomics.phrases.medicines import effects, every_pair
from portal.genomics.phrases.numbers import risks, risks_of
from portal.genomics.reading_grade import grade

SECONDARY = [
    "ACTA2",
    "ACTC1",
    "ACVRL1",
    "APC",
    "APOB",
    "ATP7B",
    "BAG3",
    "BMPR1A",
    "BRCA1",
    "BRCA2",
    "BTD",
    "CACNA1S",
    "CASQ2",
    "COL3A1",
    "DES",
    "DSC2",
    "DSG2",
    "DSP",
    "ENG",
    "FBN1",
    "FLNC",
    "GAA",
    "GLA",
    "HFE",
    "HNF1A",
    "KCNH2",
    "KCNQ1",
    "LDLR",
    "LMNA",
    "MAX",
    "MEN1",
    "MLH1",
    "MSH2",
    "MSH6",
    "MUTYH",
    "MYBPC3",
    "MYH11",
    "MYH7",
    "MYL2",
    "MYL3",
    "NF2",
    "OTC",
    "PALB2",
    "PCSK9",
    "PKP2",
    "PMS2",
    "PRKAG2",
    "PTEN",
    "RB1",
    "RBM20",
    "RET",
    "RPE65",
    "RYR1",
    "RYR2",
    "SCN5A",
    "SDHAF2",
    "SDHB",
    "SDHC",
    "SDHD",
    "SMAD3",
    "SMAD4",
    "STK11",
    "TGFBR1",
    "TGFBR2",
    "TMEM127",
    "TMEM43",
    "TNNC1",
    "TNNI3",
    "TNNT2",
    "TP53",
    "TPM1",
    "TRDN",
    "TSC1",
    "TSC2",
    "TTN",
    "TTR",
    "VHL",
    "WT1",
]
PGX = [
    "ABCG2",
    "CACNA1S",
    "CYP2B6",
    "CYP2C19",
    "CYP2C9",
    "CYP2D6",
    "CYP3A5",
    "DPYD",
    "G6PD",
    "HLA-A",
    "HLA-B",
    "IFNL3",
    "MT-RNR1",
    "NUDT15",
    "RYR1",
    "SLCO1B1",
    "TPMT",
    "UGT1A1",
    "VKORC1",
]


def a_phrase(**changes: object) -> Phrase:
    words = {"en": Words(found="We looked."), "es": Words(found="Miramos.")}
    fields = {"kind": "x", "source": "s", "author": "a", "date": library().phrases[0].date}
    return Phrase(**{**fields, **words, **changes})  # type: ignore[arg-type]


def complaints(*phrases: Phrase) -> str:
    return " ".join(problem.what for problem in problems(Library(phrases)))


def test_nothing_is_wrong_with_the_library() -> None:
    assert list(problems(library())) == []


@pytest.mark.parametrize("gene", SECONDARY)
@pytest.mark.parametrize("language", ["en", "es"])
def test_every_secondary_findings_gene_is_explained(gene: str, language: str) -> None:
    found = library().explain(Question("variant", "raises", (gene,)), language)

    words = found.words
    assert words.gene
    assert words.means
    assert words.name
    assert words.not_means
    assert len(words.next) >= 2
    assert found.sources


@pytest.mark.parametrize("gene", PGX)
def test_every_gene_of_medicines_has_words_and_pairs(gene: str) -> None:
    classes = {class_ for name, class_ in every_pair() if name == gene}

    assert classes
    for class_ in classes - {"*57:01", "*15:02", "*58:01", "*31:01"}:
        assert not library().explain(Question("medicine", class_, (gene,)), "en").is_missing


def test_every_medicine_of_a_pair_has_a_name_and_every_effect_has_words() -> None:
    for gene, class_ in every_pair():
        for drug, effect in effects(gene, class_).items():
            assert library().find("drug", drug)
            assert library().find("effect", class_=effect)


def test_a_change_of_unknown_meaning_names_no_condition() -> None:
    words = library().explain(Question("variant", "uncertain", ("BRCA2",)), "en").words

    assert "cancer" not in f"{words.found} {words.means} {words.name}"
    assert words.gene


def test_a_gene_without_text_gets_the_general_words_and_an_unknown_class_gets_none() -> None:
    general = library().explain(Question("variant", "raises", ("NEWGENE1",)), "en")
    nothing = library().explain(Question("variant", "", ("NEWGENE1",)), "en")

    assert general.words.means
    assert not general.words.gene
    assert nothing.is_missing


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("Pathogenic",), "raises"),
        (("LA6668-3",), "raises"),
        (("likely pathogenic ",), "likely"),
        (("Uncertain significance", "LA26333-7"), "uncertain"),
        (("Pathogenic", "Likely pathogenic"), "raises"),
        (("Pathogenic", "Benign"), "conflicting"),
        (("Benign/Likely benign",), "harmless"),
        (("something new",), ""),
        ((), ""),
    ],
)
def test_lab_words_become_a_class_or_none(words: tuple[str, ...], expected: str) -> None:
    assert significance_class(*words) == expected


@pytest.mark.parametrize(
    ("gene", "words", "expected"),
    [
        ("CYP2C19", "Poor metabolizer", "slow"),
        ("CYP2C19", "CYP2C19 Intermediate Metaboliser", "slower"),
        ("SLCO1B1", "Decreased Function", "slower"),
        ("CYP2D6", "Ultra-rapid metabolizer", "fast"),
        ("VKORC1", "-1639 AA", "slow"),
        ("CYP2D6", "purple", ""),
    ],
)
def test_metaboliser_words_become_a_class_or_none(gene: str, words: str, expected: str) -> None:
    assert metabolism_class(gene, words) == expected


def test_the_linter_refuses_a_word_that_we_never_say() -> None:
    phrase = a_phrase(en=Words(found="You have a mutation."), es=Words(found="Hay un cambio."))

    assert "says 'mutation'" in complaints(phrase)


def test_the_linter_refuses_a_missing_language() -> None:
    assert "found is missing" in complaints(a_phrase(es=Words()))


def test_the_linter_refuses_a_sentence_that_begins_small() -> None:
    assert "small letter" in complaints(a_phrase(es=Words(found="hay un cambio.")))


def test_the_linter_refuses_dose_advice() -> None:
    assert "lower dose" in complaints(a_phrase(en=Words(found="Ask for a lower dose.")))


def test_the_linter_refuses_hard_words_and_long_sentences() -> None:
    hard = " ".join(["considerable deterioration notwithstanding"] * 12) + "."

    found = complaints(a_phrase(en=Words(found=hard)))

    assert "reading grade" in found
    assert "long sentence" in found


def test_two_phrases_with_one_key_are_refused() -> None:
    with pytest.raises(ValueError, match="same kind"):
        Library((a_phrase(), a_phrase()))


def test_numbers_have_a_source_and_both_sides() -> None:
    for risk in risks():
        assert risk.source
        assert 0 <= risk.without <= risk.with_ <= 100
        assert str(risk.with_) in risk.en.with_
        assert str(risk.without) in risk.es.without
        assert grade(f"{risk.en.with_} {risk.en.without}", "en") <= 6.5
    assert risks_of("TTN") == ()
