"""What a reader of a package should know first, found in the bodies that leave."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from sharing.deidentify.systems import HGVS_SYSTEMS, is_public

LOINC: Final = "http://loinc.org"
VARIANT: Final = "69548-6"
BUILD: Final = "62374-4"
HGVS_CODES: Final = frozenset({"48004-6", "48005-3", "81290-9"})


def flags_of(bodies: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the flags of a package, each once, in a steady order."""
    return sorted({flag for body in bodies for flag in _flags(body)})


def _flags(body: Mapping[str, Any]) -> Iterator[str]:
    if body.get("status") in {"preliminary", "registered"}:
        yield "preliminary"
    if body.get("status") in {"amended", "corrected"}:
        yield "corrected"
    if VARIANT not in _codes(body):
        return
    components = [c for c in body.get("component", ()) if isinstance(c, Mapping)]
    if not any(BUILD in _codes(component) for component in components):
        yield "no-build"
    for component in components:
        if _codes(component) & HGVS_CODES and not _has_hgvs(component):
            yield "hgvs-unread"


def _codes(value: Mapping[str, Any]) -> set[str]:
    return {str(c.get("code")) for c in _codings(value.get("code")) if c.get("system") == LOINC}


def _has_hgvs(component: Mapping[str, Any]) -> bool:
    codings = _codings(component.get("valueCodeableConcept"))
    return any(
        c.get("system") in HGVS_SYSTEMS and is_public(c.get("system"), c.get("code"))
        for c in codings
    )


def _codings(concept: object) -> list[Mapping[str, Any]]:
    found = concept.get("coding") if isinstance(concept, Mapping) else None
    return [c for c in found if isinstance(c, Mapping)] if isinstance(found, list) else []
