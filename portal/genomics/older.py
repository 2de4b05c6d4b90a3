"""Observations and reports of FHIR 3 and 2, given the names that FHIR 4 has for the same elements.

What FHIR 4 has no name for goes into the extension that FHIR itself has for it.
Spec: https://hl7.org/fhir/STU3/observation.html, https://hl7.org/fhir/STU3/diagnosticreport.html
"""

from collections.abc import Iterable, Iterator
from typing import Any

from portal.genomics.elements import Node

_EXTENSION = "http://hl7.org/fhir/3.0/StructureDefinition/extension"
_RENAMED = {"codedDiagnosis": "conclusionCode", "context": "encounter", "image": "media"}
_LINKS = {"has-member": "hasMember", "derived-from": "derivedFrom"}
_OLDER = {
    "Observation": frozenset({"related", "comment", "comments", "context"}),
    "DiagnosticReport": frozenset({"codedDiagnosis", "context", "image", "performer"}),
}


def as_r4(body: Node) -> Node:
    """Return a resource with the names of FHIR 4; the one given where it has them already."""
    older = _OLDER.get(str(body.get("resourceType")), frozenset())
    if older.isdisjoint(body):
        return body
    found = dict(body)
    for name in sorted(older & body.keys()):
        _rename(name, found)
    return found


def _rename(name: str, found: dict[str, Any]) -> None:
    raw = found[name]
    if name in _RENAMED and _RENAMED[name] not in found:
        found[_RENAMED[name]] = found.pop(name)
    elif name in {"comment", "comments"} and isinstance(raw, str):
        found["note"] = [*_listed(found.get("note")), {"text": found.pop(name)}]
    elif name == "related" and _are_objects(raw):
        _relate(found.pop(name), found)
    elif name == "performer" and _are_objects(raw) and any("actor" in one for one in raw):
        found[name] = [one.get("actor", one) for one in raw]
        _extend(found, _roles(raw))


def _relate(related: list[dict[str, Any]], found: dict[str, Any]) -> None:
    """Sort links by their type; of those that FHIR 4 has no element for the type is kept too."""
    for one in related:
        name = _LINKS.get(str(one.get("type")))
        if name and "target" in one:
            found[name] = [*_listed(found.get(name)), one["target"]]
        else:
            _extend(found, [_other_link(one)])


def _roles(performers: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for one in performers:
        if "role" in one:
            url = f"{_EXTENSION}-DiagnosticReport.performer.role"
            yield {"url": url, "valueCodeableConcept": one["role"]}


def _other_link(link: dict[str, Any]) -> dict[str, Any]:
    shapes = {"type": "valueCode", "target": "valueReference"}
    told = [{"url": name, shapes.get(name, name): value} for name, value in link.items()]
    return {"url": f"{_EXTENSION}-Observation.related", "extension": told}


def _extend(found: dict[str, Any], more: Iterable[dict[str, Any]]) -> None:
    extensions = [*_listed(found.get("extension")), *more]
    if extensions:
        found["extension"] = extensions


def _are_objects(raw: object) -> bool:
    return isinstance(raw, list) and all(isinstance(one, dict) for one in raw)


def _listed(raw: object) -> list[Any]:
    return raw if isinstance(raw, list) else [] if raw is None else [raw]
