"""Puts the made-up people and their records into a new store, from published example files.

Only identities are changed: each resource gets the server's id, references follow, and the
subject becomes the person of this server. Everything else stays as published.
"""

import base64
import json
import sqlite3
import tomllib
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.fhir import resources, search
from sandbox.fhir.params import span
from sandbox.fhir.shapes import JsonObject, rewrite_strings
from sandbox.system import Kind, System

FILES = Path(__file__).parents[2] / "tests" / "data"
_NAMES = uuid.UUID("5b0a3c52-7d0f-4a43-9a3d-5a2f6a1f6d11")
_STEP_S = 1.0


@dataclass(frozen=True)
class Batch:
    """Resources that belong together, and where they came from."""

    origin: str
    resources: list[tuple[str, JsonObject]]


def content_of(kind: Kind) -> dict[str, Any]:
    """Read the table of people of a lab or an EHR."""
    return tomllib.loads((Path(__file__).parent / f"{kind}.toml").read_text(encoding="utf-8"))


def fill(system: System) -> None:
    """Fill a store that has no people yet."""
    content = content_of(system.kind)
    clock = span(content["loaded_at"])[0].timestamp()
    with system.store.writing() as db:
        if db.execute("SELECT 1 FROM person").fetchone():
            return
        for person in content["person"]:
            clock = _add_person(system.kind, db, person, clock)


def add_new_report(kind: Kind, db: sqlite3.Connection, patient: str, *, at_s: float) -> list[str]:
    """Add the report that is kept for this, each time with other ids; return the addresses."""
    path = content_of(kind)["new_report"]
    batch = _read_file(path)
    count = len(resources.of_owner(db, patient, "DiagnosticReport"))
    batch = Batch(f"{batch.origin}#{count}", batch.resources)
    ready = _identified(batch, f"{kind}/{patient}", patient, strangers=())
    return [resources.put(db, body, owner=patient, at_s=at_s).address for body in ready]


def _add_person(kind: Kind, db: sqlite3.Connection, person: dict[str, Any], clock: float) -> float:
    patient: str = person["patient"]
    name = " ".join([*person["given"], person["family"]])
    row = (patient, name, person["birth_date"], person["about"])
    db.execute("INSERT INTO person VALUES (?, ?, ?, ?)", row)
    batches = [_read_file(path) for path in person.get("files", ())]
    batches.append(Batch("made-up", [("", body) for body in person.get("resource", ())]))
    batches.extend(_document(part, person["documents_date"]) for part in person.get("document", ()))
    ready = [_patient(person)]
    for batch in batches:
        strangers = tuple(person.get("strangers", ()))
        ready.extend(_identified(batch, f"{kind}/{patient}", patient, strangers))
    for body in ready:
        resources.put(db, body, owner=patient, at_s=clock)
        clock += _STEP_S
    return clock


def _patient(person: dict[str, Any]) -> JsonObject:
    return {
        "resourceType": "Patient",
        "id": person["patient"],
        "identifier": [{"system": person["id_system"], "value": person["patient"]}],
        "active": True,
        "name": [{"use": "official", "family": person["family"], "given": person["given"]}],
        "gender": person["gender"],
        "birthDate": person["birth_date"],
        **person.get("patient_extra", {}),
    }


def _read_file(path: str) -> Batch:
    body = json.loads((FILES / path).read_text(encoding="utf-8"))
    if "entry" not in body:
        return Batch(path, [("", body)])
    return Batch(path, [(entry.get("fullUrl", ""), entry["resource"]) for entry in body["entry"]])


def _document(part: dict[str, Any], date: str) -> Batch:
    data = base64.b64encode((FILES / part["path"]).read_bytes()).decode()
    binary = {"resourceType": "Binary", "contentType": part["content_type"], "data": data}
    reference = {
        "resourceType": "DocumentReference",
        "status": "current",
        "type": part["type"],
        "category": part["category"],
        "subject": {"reference": "Patient/of-this-file"},
        "date": date,
        "description": part["title"],
        "content": [
            {
                "attachment": {
                    "contentType": part["content_type"],
                    "url": "urn:made-up:binary",
                    "title": part["title"],
                    "creation": date,
                }
            }
        ],
    }
    return Batch(part["path"], [("urn:made-up:binary", binary), ("", reference)])


def _identified(
    batch: Batch, owner: str, patient: str, strangers: Collection[str]
) -> list[JsonObject]:
    kept = [pair for pair in batch.resources if pair[1]["resourceType"] in search.RECORD_TYPES]
    new_ids = _new_ids(batch.origin, owner, kept)
    moved = _moves(kept, new_ids, patient, strangers)

    def change(key: str, text: str) -> str:
        if text in moved and (key == "reference" or ":" in text):
            return moved[text]
        if key == "reference" and _is_patient(text) and text not in moved:
            return f"Patient/{patient}"
        return text

    ready = []
    for (_, body), new_id in zip(kept, new_ids, strict=True):
        if not _is_self(body, strangers):
            written = {**rewrite_strings(body, change), "id": new_id}
            _drop_own_display(written, patient)
            ready.append(written)
    return ready


def _new_ids(origin: str, owner: str, kept: list[tuple[str, JsonObject]]) -> list[str]:
    return [str(uuid.uuid5(_NAMES, f"{owner}/{origin}/{place}")) for place in range(len(kept))]


def _moves(
    kept: list[tuple[str, JsonObject]], new_ids: list[str], patient: str, strangers: Collection[str]
) -> dict[str, str]:
    moved = {}
    for (full_url, body), new_id in zip(kept, new_ids, strict=True):
        resource_type = body["resourceType"]
        target = f"{resource_type}/{new_id}"
        if _is_self(body, strangers):
            target = f"Patient/{patient}"
        if full_url:
            moved[full_url] = target
        if "id" in body:
            moved[f"{resource_type}/{body['id']}"] = target
    return moved


def _is_self(body: JsonObject, strangers: Collection[str]) -> bool:
    return body["resourceType"] == "Patient" and body.get("id", "") not in strangers


def _is_patient(reference: str) -> bool:
    return reference.startswith("Patient/") or "/Patient/" in reference


def _drop_own_display(value: object, patient: str) -> None:
    """Drop the name that a published example shows beside a reference to its own patient."""
    if isinstance(value, dict):
        if value.get("reference") == f"Patient/{patient}":
            value.pop("display", None)
        for part in value.values():
            _drop_own_display(part, patient)
    if isinstance(value, list):
        for part in value:
            _drop_own_display(part, patient)
