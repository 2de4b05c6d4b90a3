"""How one element is let out: each rule gives the value that may leave, or None."""

import datetime
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from portal.genomics.vcf.fhir import NOT_CLINICAL_TAG
from sharing.deidentify.ages import codes_of, is_great, is_long_ago, tells_a_great_age
from sharing.deidentify.systems import STRINGS, is_public

Json = Mapping[str, Any]


class Level(StrEnum):
    """How much of a person's identity a program is given; the values are those of a consent."""

    IDENTIFIED = "identified"
    PSEUDONYMOUS = "pseudonymous"
    DEIDENTIFIED = "deidentified"


EVERYONE: Final = frozenset(Level)
KNOWN: Final = frozenset({Level.IDENTIFIED, Level.PSEUDONYMOUS})
NAMED: Final = frozenset({Level.IDENTIFIED})

FREE_TEXT: Final = "free-text"
ATTACHMENTS: Final = "attachments"


@dataclass(frozen=True)
class Disguise:
    """What one enrolment hides and how. `references` maps what the source wrote to what is sent."""

    level: Level
    patient: str
    shift_days: int
    year: int
    references: Mapping[str, str] = field(default_factory=dict)
    consented: frozenset[str] = frozenset()


@dataclass
class Walk:
    """One resource on its way through the table, and the paths that stayed home."""

    disguise: Disguise
    removed: list[str] = field(default_factory=list)

    def stays(self, path: str) -> None:
        """Note once that something at this path does not leave."""
        if path not in self.removed:
            self.removed.append(path)


Rule = Callable[[object, Walk, str], object]
Parts = Callable[[object, Walk, str], dict[str, Any] | None]


@dataclass(frozen=True)
class Row:
    """One allowed element. `consent` is what must have been consented by name besides."""

    rule: Rule
    levels: frozenset[Level] = EVERYONE
    consent: str = ""
    spec: str = ""

    def applies(self, disguise: Disguise) -> bool:
        """Say whether this element may leave under this disguise at all."""
        named = not self.consent or self.consent in disguise.consented
        return named and disguise.level in self.levels


def part(rows: Mapping[str, Row]) -> Parts:
    """Return the rule for a group of elements: those named leave, the others stay."""

    def rule(value: object, walk: Walk, path: str) -> dict[str, Any] | None:
        if not isinstance(value, Mapping):
            return None
        kept: dict[str, Any] = {}
        for name, inner in value.items():
            row = rows.get(name)
            allowed = row is not None and row.applies(walk.disguise)
            out = row.rule(inner, walk, f"{path}.{name}") if row and allowed else None
            if out is None:
                walk.stays(f"{path}.{name}")
            else:
                kept[name] = out
        return kept or None

    return rule


def each(rule: Rule) -> Rule:
    """Return the rule for a list, which keeps what its members keep."""

    def many(value: object, walk: Walk, path: str) -> list[Any] | None:
        if not isinstance(value, list):
            return None
        kept = []
        for item in value:
            out = rule(item, walk, path)
            if out is None:
                walk.stays(path)
            else:
                kept.append(out)
        return kept or None

    return many


def one_of(words: str) -> Rule:
    """Return the rule for a code from a closed list."""
    allowed = frozenset(words.split())

    def rule(value: object, _walk: Walk, _path: str) -> str | None:
        return value if isinstance(value, str) and value in allowed else None

    return rule


def number(value: object, _walk: Walk, _path: str) -> int | float | Decimal | None:
    """Let a number out."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    return value


def yes_or_no(value: object, _walk: Walk, _path: str) -> bool | None:
    """Let a boolean out."""
    return value if isinstance(value, bool) else None


def words(value: object, _walk: Walk, _path: str) -> str | None:
    """Let free text out; only rows for people who are named, or who consented to it, use this."""
    return value if isinstance(value, str) else None


def picked(value: object, _walk: Walk, _path: str) -> Json | None:
    """Let a data type out whole; only rows for people who are named, or consented, use this."""
    return value if isinstance(value, Mapping) else None


def coding(value: object, walk: Walk, path: str) -> dict[str, Any] | None:
    """Let a coding of a public system out; its words only when the person is known."""
    if not isinstance(value, Mapping):
        return None
    level = walk.disguise.level
    if level is not Level.IDENTIFIED and not is_public(value.get("system"), value.get("code")):
        return None
    names = ("system", "code", "display") if level in KNOWN else ("system", "code")
    kept = {name: value[name] for name in names if isinstance(value.get(name), str)}
    for name in value.keys() - kept.keys():
        walk.stays(f"{path}.{name}")
    return kept or None


concept: Final = part({"coding": Row(each(coding)), "text": Row(words, NAMED)})


def tags(value: object, walk: Walk, path: str) -> list[dict[str, str]] | None:
    """Let out that this was no clinical test; every other tag stays."""
    found = value if isinstance(value, list) else []
    ours = [dict(NOT_CLINICAL_TAG)] if NOT_CLINICAL_TAG in found else None
    if found != ours:
        walk.stays(path)
    return ours


meta: Final = part({"tag": Row(tags)})

_DATE: Final = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d)(T[0-9:.]+(?:Z|[+-]\d\d:\d\d))?)?)?")


def date(value: object, walk: Walk, path: str) -> str | None:
    """Let a date out; de-identified, whole days are moved and anything finer or coarser is cut."""
    found = _DATE.fullmatch(value) if isinstance(value, str) else None
    if found is None or not isinstance(value, str):
        return None
    if walk.disguise.level is not Level.DEIDENTIFIED:
        return value
    walk.stays(path)
    year, month, day, _time = found.groups()
    if day:
        return _moved(int(year), int(month), int(day), walk.disguise)
    return None if is_long_ago(int(year), walk.disguise.year) else year


def _moved(year: int, month: int, day: int, disguise: Disguise) -> str | None:
    try:
        true = datetime.date(year, month, day)
        moved = true + datetime.timedelta(days=disguise.shift_days)
    except (ValueError, OverflowError):
        return None  # the source sent a day that does not exist
    return None if is_long_ago(moved.year, disguise.year) else moved.isoformat()


def birth(value: object, walk: Walk, path: str) -> str | None:
    """Let the birth date out; only its year when the person is not named, and none above 89."""
    found = _DATE.fullmatch(value) if isinstance(value, str) else None
    if found is None or not isinstance(value, str):
        return None
    if walk.disguise.level is Level.IDENTIFIED:
        return value
    walk.stays(path)
    year = found.group(1)
    return None if is_long_ago(int(year), walk.disguise.year) else year


def subject(_value: object, walk: Walk, path: str) -> dict[str, str]:
    """Point at the person under the name that this program knows."""
    walk.stays(path)
    return {"reference": walk.disguise.patient}


def link(value: object, walk: Walk, path: str) -> dict[str, str] | None:
    """Point at another resource that is sent too; any other reference stays home."""
    if not isinstance(value, Mapping):
        return None
    sent = walk.disguise.references.get(str(value.get("reference")))
    if value.keys() != {"reference"}:
        walk.stays(path)
    return {"reference": sent} if sent else None


UCUM: Final = "http://unitsofmeasure.org"


def quantity(value: object, walk: Walk, path: str) -> dict[str, Any] | None:
    """Let a measured value out. A unit in words alone keeps the number home with it."""
    if not isinstance(value, Mapping):
        return None
    coded = is_public(value.get("system"), value.get("code")) and value.get("system") == UCUM
    bare = not ({"unit", "code", "system"} & value.keys())
    if walk.disguise.level is not Level.IDENTIFIED and not coded and not bare:
        return None
    if walk.disguise.level is Level.DEIDENTIFIED and is_great(value):
        return None
    return _quantity(value, walk, path)


def age(value: object, walk: Walk, path: str) -> dict[str, Any] | None:
    """Let an age out, in years where it does not say; de-identified, none above 89."""
    is_hidden = walk.disguise.level is Level.DEIDENTIFIED
    if is_hidden and isinstance(value, Mapping) and is_great(value, bare="a"):
        return None
    return quantity(value, walk, path)


_quantity: Final = part(
    {
        "value": Row(number),
        "comparator": Row(one_of("< <= >= >")),
        "unit": Row(words, NAMED),
        "system": Row(words),
        "code": Row(words),
    }
)
period: Final = part({"start": Row(date), "end": Row(date)})
range_: Final = part({"low": Row(quantity), "high": Row(quantity)})
age_range: Final = part({"low": Row(age), "high": Row(age)})
ratio: Final = part({"numerator": Row(quantity), "denominator": Row(quantity)})


def with_strings(rows: Mapping[str, Row]) -> Parts:
    """Return the rule for an observed value: a string leaves where its code gives it a shape."""
    plain = part(rows)

    def rule(value: object, walk: Walk, path: str) -> dict[str, Any] | None:
        is_hidden = walk.disguise.level is Level.DEIDENTIFIED
        if is_hidden and isinstance(value, Mapping) and tells_a_great_age(value):
            walk.stays(f"{path}.value")
            value = {name: inner for name, inner in value.items() if name[:5] != "value"}
        if not isinstance(value, Mapping) or not _may_say(value, walk.disguise.level):
            return plain(value, walk, path)
        rest = {name: inner for name, inner in value.items() if name != "valueString"}
        kept = plain(rest, walk, path) or {}
        return {**kept, "valueString": value["valueString"]}

    return rule


def _may_say(value: Json, level: Level) -> bool:
    text = value.get("valueString")
    return isinstance(text, str) and (level is Level.IDENTIFIED or _shaped(value, text))


def _shaped(value: Json, text: str) -> bool:
    shapes = [STRINGS.get(pair) for pair in codes_of(value)]
    return any(shape.fullmatch(text) for shape in shapes if shape)
