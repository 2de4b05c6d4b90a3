"""What changed between two readings of one result, field by field, in the lab's words."""

import msgspec

from portal.genomics.elements import words
from portal.genomics.findings import Concept, Finding, Gene, Hgvs

FIELDS = (
    "status", "presence", "significance", "genes", "hgvs", "ref", "alt", "zygosity",
    "source_class", "copy_number", "name", "phenotypes", "medicines", "effects", "evidence",
    "inheritance", "value", "unit", "conclusion", "notes",
)  # fmt: skip


class Change(msgspec.Struct, frozen=True):
    """One field that differs; empty words mean that the lab did not or no longer says it."""

    field: str
    before: str
    after: str


def changes(old: Finding, new: Finding) -> tuple[Change, ...]:
    """Return what differs between an earlier and a later reading of the same result."""
    found = []
    for field in FIELDS:
        before, after = _said(getattr(old, field)), _said(getattr(new, field))
        if before != after:
            found.append(Change(field, before, after))
    return tuple(found)


def _said(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, tuple):
        return "; ".join(_said(one) for one in value)
    if isinstance(value, Concept):
        return words(value)
    if isinstance(value, Gene):
        return value.symbol or value.id
    if isinstance(value, Hgvs):
        return "; ".join((*value.g, *value.c, *value.n, *value.p, *value.other))
    return str(value)
