"""How many years of school a text asks for, in English and Spanish. Syllables come from pyphen."""

import re
from collections.abc import Callable
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from pyphen import Pyphen

_SENTENCE_END = re.compile(r"[.!?…]+(?=[\s\"'”»)\]]|$)|\n+|:\s*\n")
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*|\d[\d.,/]*")
_ENGLISH_VOWELS = re.compile(r"[aeiouy]+")
_SILENT_E = re.compile(r"(?<=[^aeiouyl])e$|(?<=[aeiouy]l)e$|(?<=[^aeiouytd])ed$")

# Ease of reading to years of school, as in Flesch's table; between two points the line is straight.
_EASE_TO_GRADE = (
    (0.0, 17.0),
    (30.0, 16.0),
    (50.0, 12.0),
    (60.0, 9.0),
    (70.0, 7.0),
    (80.0, 6.0),
    (90.0, 5.0),
    (100.0, 4.0),
    (121.0, 0.0),
)


class Counts(NamedTuple):
    """What a text is made of."""

    sentences: int
    words: int
    syllables: int


class UnknownLanguage(ValueError):
    """There is no measure for this language."""


@cache
def _hyphens(dictionary: str) -> Pyphen:
    return Pyphen(lang=dictionary, left=1, right=1)


def _parts(word: str, dictionary: str) -> int:
    return len(_hyphens(dictionary).positions(word)) + 1


@cache
def _english_syllables(word: str) -> int:
    # Hyphenation leaves out breaks that a printer dislikes, so vowel groups are the lower bound.
    groups = len(_ENGLISH_VOWELS.findall(_SILENT_E.sub("", word)))
    return max(1, groups, _parts(word, "en_US"))


@cache
def _spanish_syllables(word: str) -> int:
    return _parts(word, "es")


_SYLLABLES: dict[str, Callable[[str], int]] = {"en": _english_syllables, "es": _spanish_syllables}


def count(text: str, language: str) -> Counts:
    """Return the sentences, words and syllables; a line end also ends a sentence.

    Raises UnknownLanguage for anything but "en" and "es".
    """
    if language not in _SYLLABLES:
        raise UnknownLanguage(language)
    syllables = _SYLLABLES[language]
    words = [w.lower() for part in _WORD.findall(text) for w in re.split(r"[-/]", part) if w]
    sentences = sum(1 for part in _SENTENCE_END.split(text) if _WORD.search(part))
    return Counts(sentences, len(words), sum(syllables(word) for word in words))


def grade(text: str, language: str) -> float:
    """Return the years of school: Flesch-Kincaid in English, Fernández-Huerta in Spanish.

    Never below 0; 0 for a text without words. Raises UnknownLanguage.
    """
    counts = count(text, language)
    if not counts.words:
        return 0.0
    per_sentence = counts.words / counts.sentences
    per_word = counts.syllables / counts.words
    if language == "en":
        return max(0.0, 0.39 * per_sentence + 11.8 * per_word - 15.59)
    return _grade_of_ease(206.84 - 60 * per_word - 1.02 * per_sentence)


def _grade_of_ease(ease: float) -> float:
    for (low, grade_low), (high, grade_high) in pairwise(_EASE_TO_GRADE):
        if ease < low:
            return grade_low
        if ease < high:
            return grade_low + (grade_high - grade_low) * (ease - low) / (high - low)
    return 0.0
