"""Small builders for what the tests of this room need."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sharing.bundle import Capability, Outgoing, Target, Writing
from sharing.deidentify import Disguise, Level

CONSENT: dict[str, Any] = {
    "resourceType": "Consent",
    "status": "active",
    "scope": {
        "coding": [
            {"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "research"}
        ]
    },
    "category": [{"coding": [{"system": "http://loinc.org", "code": "59284-0"}]}],
    "dateTime": "2026-11-01",
    "policy": [{"uri": "https://portal.example/policy/1"}],
}


def a_target(writing: Writing = Writing.OWN_IDS, **capability: bool) -> Target:
    has = Capability(
        writing=writing,
        if_match=capability.get("if_match", writing is Writing.OWN_IDS),
        deletes=capability.get("deletes", writing is Writing.OWN_IDS),
    )
    return Target(
        base_url="http://127.0.0.1:9/fhir",
        site_url="https://portal.example",
        capability=has,
        pseudonym="P-TEST-0001",
        secret=b"0" * 32,
    )


def a_disguise(
    level: Level = Level.DEIDENTIFIED,
    *,
    shift_days: int = -40,
    references: Mapping[str, str] | None = None,
    consented: frozenset[str] = frozenset(),
) -> Disguise:
    return Disguise(
        level=level,
        patient="Patient/them",
        shift_days=shift_days,
        year=2026,
        references=references or {},
        consented=consented,
    )


def a_variant(**words: object) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "id": "v1",
        "status": "final",
        "category": [
            {
                "coding": [
                    {
                        "system": "http://terminology.hl7.org/CodeSystem/observation-category",
                        "code": "laboratory",
                    }
                ]
            }
        ],
        "code": {"coding": [{"system": "http://loinc.org", "code": "69548-6"}]},
        "subject": {"reference": "Patient/p1"},
        "effectiveDateTime": "2025-03-04T10:00:00Z",
        "valueCodeableConcept": {"coding": [{"system": "http://loinc.org", "code": "LA9633-4"}]},
        "component": [
            {
                "code": {"coding": [{"system": "http://loinc.org", "code": "48018-6"}]},
                "valueCodeableConcept": {
                    "coding": [{"system": "http://www.genenames.org", "code": "HGNC:1884"}]
                },
            },
            {
                "code": {"coding": [{"system": "http://loinc.org", "code": "69547-8"}]},
                "valueString": "A",
            },
        ],
        **words,
    }


def outgoing(body: dict[str, Any], *, origin: str = "1") -> Outgoing:
    name = f"{body['resourceType']}/{body.get('id', 'x')}"
    return Outgoing(key=f"{origin}/{name}", origin=origin, version="v", body=body, aliases=(name,))


def real_resources() -> list[dict[str, Any]]:
    """Every resource of the published examples that are kept with these tests."""
    found: list[dict[str, Any]] = []
    for path in sorted((Path(__file__).parent / "data").glob("*.json")):
        body = json.loads(path.read_text())
        entries = [e["resource"] for e in body.get("entry", []) if "resource" in e]
        found.extend(entries or [body])
    return found
