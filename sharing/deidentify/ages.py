"""What tells that somebody is older than 89, which tells who they are. Pure.

Spec: 45 CFR 164.514(b)(2)(i)(C): no age above 89 leaves, and no date that shows one.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

Json = Mapping[str, Any]

OLDEST: Final = 89
LOINC: Final = "http://loinc.org"
SNOMED: Final = "http://snomed.info/sct"

# Codes of observations whose number is an age, in years where no unit is said.
AGES: Final = frozenset(
    {
        (LOINC, "30525-0"),  # Age
        (LOINC, "21611-9"),  # Age - estimated
        (LOINC, "21612-7"),  # Age - reported
        (LOINC, "29553-5"),  # Age calculated
        (LOINC, "35659-2"),  # Age at specimen collection
        (LOINC, "39016-1"),  # Age at release
        (LOINC, "63900-5"),  # Current age or age at death
        (SNOMED, "397669002"),  # Age
        (SNOMED, "424144002"),  # Current chronological age
        (SNOMED, "445518008"),  # Age at onset of clinical finding
    }
)

_YEARS_IN: Final = {"a": 1.0, "a_j": 1.0, "mo": 1 / 12, "mo_j": 1 / 12, "wk": 7 / 365, "d": 1 / 366}


def is_long_ago(year: int, now: int) -> bool:
    """Say whether who lived then must be older now."""
    return now - year > OLDEST


def is_great(quantity: Json, *, bare: str = "") -> bool:
    """Say whether a span of time is longer; `bare` is its unit where it says none."""
    number, unit = quantity.get("value"), quantity.get("code", bare)
    if isinstance(number, bool) or not isinstance(number, int | float | Decimal):
        return False
    return float(number) * _YEARS_IN.get(str(unit), 0.0) > OLDEST


def tells_a_great_age(observed: Json) -> bool:
    """Say whether an observation, or a part of one, states such an age."""
    said = observed.get("valueQuantity", {"value": observed.get("valueInteger")})
    is_age = bool(AGES & codes_of(observed))
    return is_age and isinstance(said, Mapping) and is_great(said, bare="a")


def codes_of(observed: Json) -> set[tuple[str, str]]:
    """Return the codes by which something says what it is, each with its system."""
    code = observed.get("code")
    codings = code.get("coding") if isinstance(code, Mapping) else None
    known = [c for c in codings if isinstance(c, Mapping)] if isinstance(codings, list) else []
    return {(str(c.get("system")), str(c.get("code"))) for c in known}
