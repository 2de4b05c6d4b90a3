import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.genomics.reading_grade import UnknownLanguage, count, grade

EASY_EN = "You can stop at any time. We will not share more. Your care stays the same."
HARD_EN = (
    "Notwithstanding the aforementioned authorization, individually identifiable information "
    "may subsequently be redisclosed by the recipient organization and consequently would "
    "no longer necessarily be protected by applicable confidentiality regulations."
)
EASY_ES = "Usted puede parar hoy. No le va a pasar nada. Su plan de salud es igual."
HARD_ES = (
    "No obstante la autorización anteriormente mencionada, la información individualmente "
    "identificable podría ser posteriormente divulgada por la organización destinataria y "
    "consecuentemente dejaría de estar necesariamente protegida por las regulaciones aplicables."
)


def test_short_words_in_short_sentences_are_easy_in_both_languages() -> None:
    assert grade(EASY_EN, "en") < 3
    assert grade(EASY_ES, "es") < 5


def test_long_words_in_long_sentences_are_hard_in_both_languages() -> None:
    assert grade(HARD_EN, "en") > 16
    assert grade(HARD_ES, "es") > 12


@pytest.mark.parametrize(
    ("word", "syllables"),
    [("cat", 1), ("about", 2), ("medicine", 3), ("share", 1), ("people", 2), ("family", 3)],
)
def test_english_syllables_are_counted(word: str, syllables: int) -> None:
    assert count(word, "en").syllables == syllables


@pytest.mark.parametrize(("word", "syllables"), [("sol", 1), ("salud", 2), ("familia", 3)])
def test_spanish_syllables_are_counted(word: str, syllables: int) -> None:
    assert count(word, "es").syllables == syllables


def test_a_list_counts_each_line_as_a_sentence() -> None:
    assert count("We take:\n- your name\n- your age\n\nThat is all.", "en").sentences == 4


def test_a_decimal_point_does_not_end_a_sentence() -> None:
    assert count("It is 3.5 miles. Go.", "en").sentences == 2


def test_a_text_without_words_has_grade_zero() -> None:
    assert grade(" … ", "en") == 0


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(UnknownLanguage):
        grade("Bonjour.", "fr")


@given(st.text(), st.sampled_from(["en", "es"]))
def test_every_text_has_a_grade(text: str, language: str) -> None:
    assert grade(text, language) >= 0
