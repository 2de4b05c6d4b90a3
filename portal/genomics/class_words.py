"""The class that a lab's words mean, also with the marks that many put beside it."""

import re

from portal.genomics.answers import CLASS_OF_WORDS

_BLANKS = re.compile(r"[\s_]+|(?<=likely)-(?=pathogenic|benign)")
# Abbreviations and numbers that only repeat the class: (VUS), Class 5 -, (class 3).
_MARKS = re.compile(
    r"\((?:vus|vous|lp|p|lb|b|(?:acmg )?class [1-5]|[1-5])\)"
    r"|^(?:acmg )?class [1-5]\s?[:,\u2013-]?\s|[,:\u2013-]?\s(?:acmg )?class [1-5]$"
)
_NOUN = re.compile(r" (?:variant|mutation)$")


def bare(said: str) -> str:
    """Return the words of a class in lower case, without marks."""
    plain = _BLANKS.sub(" ", said.strip().lower())
    without = _BLANKS.sub(" ", _MARKS.sub("", plain)).strip(" .:")
    return _NOUN.sub("", without) or plain


def class_of(said: str) -> str:
    """Return pathogenic, likely-pathogenic, uncertain, likely-benign or benign; else nothing."""
    return CLASS_OF_WORDS.get(bare(said), "")
