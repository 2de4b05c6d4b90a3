"""Words that tell of somebody else than the person: a relative, a donor, an unborn child."""

import re

_OTHERS = re.compile(
    r"\b(?:mothers?|fathers?|maternal|paternal|parents?|parental|siblings?|sisters?|brothers?"
    r"|spouse|husband|wife|foetal|fetal|foetus|fetus|donors?|relatives|cousins?|aunts?|uncles?"
    r"|grand(?:mother|father|parent)s?|family members?)(?:['\u2019]s)?\b"
    r"|\bamnio|chorionic vill|products of conception",
    re.IGNORECASE,
)
# What is the person's own all the same: a chromosome that came from the mother, a splice donor.
_OWN = re.compile(
    r"uniparental|\bUPD|imprint|inherit|\borigin|transmi|splice|donor site"
    r"|f(?:o)?etal h(?:a)?emoglobin",
    re.IGNORECASE,
)


def says_somebody_else(said: str) -> bool:
    """Tell words about another person."""
    return bool(_OTHERS.search(said)) and not _OWN.search(said)
