"""Doing the entries of a transaction: all of them, or none.

Spec: http://hl7.org/fhir/R4/http.html#transaction
"""

import sqlite3
import uuid
from dataclasses import dataclass, replace

from sandbox.fhir import resources
from sandbox.fhir.answers import Refused
from sandbox.fhir.resources import Stored
from sandbox.fhir.shapes import JsonObject, rewrite_strings
from sandbox.research.entries import Entry
from sandbox.research.rules import Rules

_ORDER = ("DELETE", "POST", "PUT")


@dataclass(frozen=True)
class Done:
    """What became of an entry."""

    status: str
    stored: Stored | None


@dataclass(frozen=True)
class Work:
    """The moment and the sender of a transaction, within a database that is being written."""

    db: sqlite3.Connection
    rules: Rules
    sender: str
    at_s: float


def carry_out(work: Work, entries: list[Entry]) -> list[Done]:
    """Do all entries; the caller's transaction must be rolled back when this raises.

    Raises Refused.
    """
    targets = [_target(work, entry) for entry in entries]
    _refuse_twins(entries, targets)
    moved = {
        entry.full_url: f"{entry.resource_type}/{target}"
        for entry, target in zip(entries, targets, strict=True)
        if entry.full_url
    }
    done: dict[int, Done] = {}
    for place in sorted(range(len(entries)), key=lambda n: _ORDER.index(entries[n].method)):
        entry = replace(entries[place], resource_id=targets[place])
        done[place] = _do(work, entry, moved)
    return [done[place] for place in range(len(entries))]


def _target(work: Work, entry: Entry) -> str:
    """Return the id that an entry is about: given, found, or new."""
    if entry.search:
        found = _found(work, entry)
        if found:
            return found.id
        return "" if entry.method == "DELETE" else str(uuid.uuid4())
    if entry.method == "POST":
        return str(uuid.uuid4())
    if not entry.resource_id:
        raise Refused(400, "required", "The address has no id.", entry.place)
    body_id = (entry.body or {}).get("id", entry.resource_id)
    if body_id != entry.resource_id:
        raise Refused(400, "invalid", "The id in the resource is another one.", entry.place)
    return entry.resource_id


def _found(work: Work, entry: Entry) -> Stored | None:
    system, value = entry.search or ("", "")
    found = [
        stored
        for stored in resources.by_identifier(work.db, entry.resource_type, system, value)
        if stored.owner == work.sender
    ]
    if len(found) > 1:
        raise Refused(412, "multiple-matches", "The condition fits several.", entry.place)
    return found[0] if found else None


def _refuse_twins(entries: list[Entry], targets: list[str]) -> None:
    seen: set[tuple[str, str]] = set()
    for entry, target in zip(entries, targets, strict=True):
        key = (entry.resource_type, target)
        if target and key in seen:
            raise Refused(400, "duplicate", "Two entries are about one resource.", entry.place)
        seen.add(key)


def _do(work: Work, entry: Entry, moved: dict[str, str]) -> Done:
    before = resources.find(work.db, entry.resource_type, entry.resource_id)
    if before and before.owner != work.sender:
        raise Refused(403, "forbidden", "The resource is somebody else's.", entry.place)
    _check_version(entry, before)
    if entry.method == "DELETE":
        return _delete(work, before)
    live = before if before and not before.deleted else None
    if entry.method == "POST" and live:
        return Done("200 OK", live)
    if entry.method == "PUT" and not (live or entry.search or work.rules.sender_ids):
        raise Refused(405, "not-supported", "Ids are given by this program.", entry.place)
    body = _settled(entry, moved)
    stored = resources.put(work.db, body, owner=work.sender, at_s=work.at_s)
    return Done("200 OK" if live else "201 Created", stored)


def _check_version(entry: Entry, before: Stored | None) -> None:
    if entry.if_match is None:
        return
    if before is None or before.deleted or before.version != entry.if_match:
        have = before.version if before else "none"
        raise Refused(412, "conflict", f"ifMatch: the version here is {have}.", entry.place)


def _delete(work: Work, before: Stored | None) -> Done:
    if before is None:
        return Done("204 No Content", None)
    return Done("204 No Content", resources.delete(work.db, before, at_s=work.at_s))


def _settled(entry: Entry, moved: dict[str, str]) -> JsonObject:
    body = {**(entry.body or {}), "id": entry.resource_id}
    return rewrite_strings(body, lambda _, text: moved.get(text, text))


def answer_bundle(done: list[Done]) -> JsonObject:
    """Write the answer to a transaction."""
    entries = []
    for one in done:
        response: JsonObject = {"status": one.status}
        if one.stored:
            response["etag"] = one.stored.etag
            response["lastModified"] = one.stored.updated_at
            if not one.stored.deleted:
                response["location"] = f"{one.stored.address}/_history/{one.stored.version}"
        entries.append({"response": response})
    return {"resourceType": "Bundle", "type": "transaction-response", "entry": entries}
