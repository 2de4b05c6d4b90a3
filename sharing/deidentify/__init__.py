"""The allow-list of what may leave the house, by resource type and identity level. Pure."""

from dataclasses import dataclass
from typing import Any

from sharing.deidentify.rules import ATTACHMENTS, FREE_TEXT, Disguise, Json, Level, Walk
from sharing.deidentify.tables import TABLES, Table

__all__ = [
    "ATTACHMENTS",
    "FREE_TEXT",
    "MASKED",
    "Disguise",
    "Json",
    "Level",
    "StaysHome",
    "Stripped",
    "strip",
]

MASKED = {
    "extension": [
        {
            "url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason",
            "valueCode": "masked",
        }
    ]
}


class StaysHome(ValueError):
    """Nothing of this resource may leave, for a reason that `reason` names."""

    def __init__(self, reason: str) -> None:
        """Remember why: `type-not-listed` or `needed-element-stays`."""
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Stripped:
    """What of a resource may leave, and the paths of what stays home."""

    body: dict[str, Any]
    removed: tuple[str, ...]


def strip(body: Json, disguise: Disguise) -> Stripped:
    """Return the allowed elements of a resource, without its id; the sender gives it another.

    Whose it is is always said, under the name that the program knows: files that people hand in
    often do not say it, and most types may not go without.

    Spec: https://hl7.org/fhir/R4/secpriv-module.html#deIdentification
    Raises StaysHome when its type is not listed or what its type needs may not leave.
    """
    kind = str(body.get("resourceType"))
    table = TABLES.get(kind)
    if table is None:
        raise StaysHome("type-not-listed")
    walk = Walk(disguise)
    walk.removed.extend(f"{kind}.{name}" for name in ("id",) if name in body)
    inner = {name: value for name, value in body.items() if name not in ("resourceType", "id")}
    kept = table.rule(inner, walk, kind) or {}
    _mask(table, kept)
    if table.owner:
        kept[table.owner] = {"reference": disguise.patient}
    if any(not _has(kept, needed) for needed in table.needed):
        raise StaysHome("needed-element-stays")
    return Stripped({"resourceType": kind, **kept}, tuple(sorted(walk.removed)))


def _mask(table: Table, kept: dict[str, Any]) -> None:
    for name in table.masked:
        kept.setdefault(name, MASKED)
    for component in kept.get("component", ()):
        component.setdefault("code", MASKED)


def _has(kept: Json, needed: str) -> bool:
    return any(name in kept for name in needed.split("|"))
