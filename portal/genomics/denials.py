"""Answers in a sentence: what was asked for and whether it was seen, and words that deny it."""

import re

from portal.genomics.answers import FOUND
from portal.genomics.findings import Presence
from portal.genomics.hgvs import is_expression

# What stands where there is no answer: it names no gene, no change, no illness and no medicine.
_NO_ANSWER = frozenset(
    {
        "n/a", "na", "n.a.", "not applicable", "not available", "not provided", "not specified",
        "not reported", "not known", "not given", "none", "null", "nil", "unknown", "unspecified",
        "not determined", "undetermined", "see comment", "see note", "-", "--", "---", "\u2013",
        ".", "?", "tbd", "pending",
    }
)  # fmt: skip
_SHORT, _LONGEST = 200, 1000  # letters: what is longer is no plain answer
_NOT = re.compile(
    r"\b(?:not|no|none|nor|never|unable|kein\w*|nicht)\b|n't\b|\b(?:absent|absence|undetected"
    r"|neg|negativ\w*|excluded|ruled out|ausente)\b",
    re.IGNORECASE,
)
# Beside a change "not" may say something else of it: c.1A>G (p.Met1? not predicted).
_NOT_SEEN = re.compile(
    r"\b(?:not?|none|never|non)\b.*\b(?:detect|found|identif|present|seen|observ|confirm|carr)"
    r"|\b(?:absent|absence|undetected|neg|negativ\w*|excluded|ruled out|ausente)\b",
    re.IGNORECASE,
)
_WILD = re.compile(r"\bwild[ -]?type\b", re.IGNORECASE)  # of a gene: KRAS wild type
_SPOKEN = sorted((words for words in FOUND if words.islower()), key=len, reverse=True)
# HLA-B*57:01 not detected, c.68_69del: absent, BRCA1 c.68_69del (not detected).
_ANSWERED = re.compile(
    r"((?:[A-Z][A-Z0-9-]{1,11}[:\s]\s?)?\S*?(?:[cgmnpr]\.|\*)\S*?)"
    rf"(?:\s?[:,;=]\s?|\s-\s|\s)\(?((?i:{'|'.join(map(re.escape, _SPOKEN))}))\)?\.?"
)

# Who has *1/*1 has it: that no variant was found says nothing against it.
_OF_CHANGES = re.compile(r"wild|variant|mutation|reference", re.IGNORECASE)
_PAIR = re.compile(r"[\w-]*\s?\*\d+\w*\s?/\s?[\w-]*\*\d")


def begins_with_a_pair(said: str) -> bool:
    """Tell a diplotype, whatever is said behind it: *1/*1 (no variants detected)."""
    return bool(_PAIR.match(said))


def is_no_answer(said: str) -> bool:
    """Tell words that stand where there is no answer: N/A, none, not provided."""
    return said.strip().lower() in _NO_ANSWER


def denies(said: str) -> bool:
    """Tell words that may say that something was not seen, and name nothing that was."""
    said = said[:_LONGEST]
    if is_expression(said):
        return bool(_NOT_SEEN.search(said))
    return bool(_NOT.search(said)) or ("*" not in said and bool(_WILD.search(said)))


def answered(said: str) -> tuple[str, Presence] | None:
    """Return what one short sentence is about and whether it was seen, where it says no more."""
    found = _ANSWERED.fullmatch(said.strip()) if len(said) <= _SHORT else None
    if found is None or _NOT.search(found.group(1)):
        return None
    if "*" in found.group(1) and _OF_CHANGES.search(found.group(2)):
        return None
    return found.group(1), FOUND[found.group(2).lower()]
