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
_NOT = re.compile(
    r"\b(?:not|no|none|nor|never|unable|kein\w*|nicht)\b|n't\b|\b(?:absent|absence|undetected"
    r"|neg|negativ\w*|wild[ -]?type|excluded|ruled out|ausente)\b",
    re.IGNORECASE,
)
# Beside a change "not" may say something else of it: c.1A>G (p.Met1? not predicted).
_NOT_SEEN = re.compile(
    r"\b(?:not?|none|never|non)\b.*\b(?:detect|found|identif|present|seen|observ|confirm|carr)"
    r"|\b(?:absent|absence|undetected|neg|negativ\w*|wild[ -]?type|excluded|ruled out|ausente)\b",
    re.IGNORECASE,
)
_SPOKEN = sorted((words for words in FOUND if words.islower()), key=len, reverse=True)
# HLA-B*57:01 not detected, c.68_69del: absent, BRCA1 c.68_69del (not detected).
_ANSWERED = re.compile(
    r"((?:[A-Z][A-Z0-9-]{1,11}[:\s]\s?)?\S*?(?:[cgmnpr]\.|\*)\S*?)"
    rf"(?:\s?[:,;=]\s?|\s-\s|\s)\(?((?i:{'|'.join(map(re.escape, _SPOKEN))}))\)?\.?"
)


def is_no_answer(said: str) -> bool:
    """Tell words that stand where there is no answer: N/A, none, not provided."""
    return said.strip().lower() in _NO_ANSWER


def denies(said: str) -> bool:
    """Tell words that may say that something was not seen, and name nothing that was."""
    return bool((_NOT_SEEN if is_expression(said) else _NOT).search(said))


def answered(said: str) -> tuple[str, Presence] | None:
    """Return what one short sentence is about and whether it was seen, where it says no more."""
    found = _ANSWERED.fullmatch(said.strip())
    if found is None or _NOT.search(found.group(1)):
        return None
    return found.group(1), FOUND[found.group(2).lower()]
