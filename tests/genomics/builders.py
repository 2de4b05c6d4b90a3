"""Small FHIR resources for the tests."""

from typing import Any

import orjson

from portal.genomics.findings import Reading
from tests.genomics.files import read_bytes

type Json = dict[str, Any]

ME = "Patient/me"


def coded(code: str, display: str = "", system: str = "http://loinc.org", text: str = "") -> Json:
    """Return a CodeableConcept."""
    coding = {"system": system, "code": code} | ({"display": display} if display else {})
    return {"coding": [coding]} | ({"text": text} if text else {})


def component(code: str, **value: object) -> Json:
    """Return a component."""
    return {"code": coded(code), **value}


def answer(code: str, value: str, display: str = "") -> Json:
    """Return a component whose value is a LOINC answer."""
    return component(code, valueCodeableConcept=coded(value, display))


def a_variant(own_id: str = "v", *components: Json, **more: object) -> Json:
    """Return a variant that is present, about me."""
    return {
        "resourceType": "Observation",
        "id": own_id,
        "status": "final",
        "code": coded("69548-6"),
        "subject": {"reference": ME},
        "valueCodeableConcept": coded("LA9633-4", "Present"),
        "component": list(components),
        **more,
    }


def an_implication(own_id: str, *components: Json, of: str = "v", **more: object) -> Json:
    """Return a diagnostic implication of a variant."""
    code = coded("diagnostic-implication", system="http://hl7.org/…/tbd-codes-cs")
    return {
        "resourceType": "Observation",
        "id": own_id,
        "status": "final",
        "code": code,
        "subject": {"reference": ME},
        "derivedFrom": [{"reference": f"Observation/{of}"}],
        "component": list(components),
        **more,
    }


def a_report(*results: str, own_id: str = "r", **more: object) -> Json:
    """Return a genetics report with some results."""
    return {
        "resourceType": "DiagnosticReport",
        "id": own_id,
        "status": "final",
        "category": [coded("GE", system="http://terminology.hl7.org/CodeSystem/v2-0074")],
        "code": coded("51969-4"),
        "subject": {"reference": ME},
        "result": [{"reference": f"Observation/{one}"} for one in results],
        **more,
    }


def without(resource: Json, *names: str) -> Json:
    """Return a resource without some elements."""
    return {name: value for name, value in resource.items() if name not in names}


def a_bundle(*resources: Json) -> bytes:
    """Return a collection Bundle."""
    entries = [{"resource": one} for one in resources]
    return orjson.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries})


def reading_of(*resources: Json, patient_ids: frozenset[str] | None = None) -> Reading:
    """Return what some resources say."""
    return read_bytes(a_bundle(*resources), patient_ids)
