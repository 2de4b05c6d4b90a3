"""Resources with all their versions, in SQLite."""

import copy
import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from sandbox.fhir.shapes import JsonObject, values_at
from sandbox.system import instant

SCHEMA = """
CREATE TABLE IF NOT EXISTS resource (
  type TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, owner TEXT NOT NULL,
  updated_at TEXT NOT NULL, deleted INTEGER NOT NULL, body TEXT NOT NULL,
  PRIMARY KEY (type, id)
);
CREATE INDEX IF NOT EXISTS resource_owner ON resource (owner, type);
CREATE TABLE IF NOT EXISTS history (
  type TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, owner TEXT NOT NULL,
  updated_at TEXT NOT NULL, deleted INTEGER NOT NULL, body TEXT NOT NULL,
  PRIMARY KEY (type, id, version)
);
CREATE TABLE IF NOT EXISTS identifier (
  type TEXT NOT NULL, id TEXT NOT NULL, system TEXT NOT NULL, value TEXT NOT NULL,
  PRIMARY KEY (type, id, system, value)
);
CREATE INDEX IF NOT EXISTS identifier_value ON identifier (type, value);
"""


@dataclass(frozen=True)
class Stored:
    """One version of a resource; `owner` is the patient in whose record it lies."""

    type: str
    id: str
    version: int
    owner: str
    updated_at: str
    deleted: bool
    body: JsonObject

    @property
    def address(self) -> str:
        """Its relative address, such as `Observation/3`."""
        return f"{self.type}/{self.id}"

    @property
    def status(self) -> str:
        """What it says of itself: a status, a verification status, or deleted."""
        if self.deleted:
            return "deleted"
        codes = values_at(self.body, "verificationStatus.coding.code")
        return str(self.body.get("status") or next(codes, ""))

    @property
    def etag(self) -> str:
        """Its version as an ETag."""
        return f'W/"{self.version}"'


def find(db: sqlite3.Connection, resource_type: str, resource_id: str) -> Stored | None:
    """Return the newest version, also when that is a deletion."""
    sql = "SELECT * FROM resource WHERE type = ? AND id = ?"
    return _one(db.execute(sql, (resource_type, resource_id)).fetchone())


def find_version(db: sqlite3.Connection, address: tuple[str, str], version: int) -> Stored | None:
    """Return one version of `(type, id)`."""
    sql = "SELECT * FROM history WHERE type = ? AND id = ? AND version = ?"
    return _one(db.execute(sql, (*address, version)).fetchone())


def versions(db: sqlite3.Connection, resource_type: str, resource_id: str) -> list[Stored]:
    """Return all versions of a resource, newest first."""
    sql = "SELECT * FROM history WHERE type = ? AND id = ? ORDER BY version DESC"
    return [_stored(row) for row in db.execute(sql, (resource_type, resource_id))]


def of_owner(db: sqlite3.Connection, owner: str, resource_type: str) -> list[Stored]:
    """Return what is in one record, one type, oldest change first; deleted ones are left out."""
    sql = (
        "SELECT * FROM resource WHERE owner = ? AND type = ? AND deleted = 0"
        " ORDER BY updated_at, id"
    )
    return [_stored(row) for row in db.execute(sql, (owner, resource_type))]


def types_of(db: sqlite3.Connection, owner: str) -> set[str]:
    """Return which types there are in one record."""
    sql = "SELECT DISTINCT type FROM resource WHERE owner = ? AND deleted = 0"
    return {row["type"] for row in db.execute(sql, (owner,))}


def everything(db: sqlite3.Connection, resource_type: str = "") -> list[Stored]:
    """Return all resources (of a type), deleted ones too."""
    sql = "SELECT * FROM resource WHERE ? IN ('', type) ORDER BY updated_at, type, id"
    return [_stored(row) for row in db.execute(sql, (resource_type,))]


def by_identifier(
    db: sqlite3.Connection, resource_type: str, system: str | None, value: str
) -> list[Stored]:
    """Return the live resources with an identifier; `system` None means any."""
    sql = (
        "SELECT DISTINCT r.* FROM identifier i JOIN resource r ON r.type = i.type AND r.id = i.id"
        " WHERE i.type = ? AND i.value = ? AND (? IS NULL OR i.system = ?) AND r.deleted = 0"
        " ORDER BY r.id"
    )
    return [_stored(row) for row in db.execute(sql, (resource_type, value, system, system))]


def put(db: sqlite3.Connection, body: JsonObject, *, owner: str, at_s: float) -> Stored:
    """Write the next version of the resource that `body` names by type and id.

    A body equal to the live one writes nothing.
    """
    before = find(db, body["resourceType"], body["id"])
    if before and not before.deleted and _content(before.body) == _content(body):
        return before
    version = before.version + 1 if before else 1
    after = _stamped(body, version, instant(at_s))
    written = Stored(
        body["resourceType"], body["id"], version, owner, instant(at_s), deleted=False, body=after
    )
    _write(db, written)
    return written


def delete(db: sqlite3.Connection, stored: Stored, *, at_s: float) -> Stored:
    """Write a deletion as the next version; what is already deleted stays as it is."""
    if stored.deleted:
        return stored
    gone = Stored(
        stored.type,
        stored.id,
        stored.version + 1,
        stored.owner,
        instant(at_s),
        deleted=True,
        body={},
    )
    _write(db, gone)
    return gone


def _write(db: sqlite3.Connection, stored: Stored) -> None:
    row = (
        stored.type,
        stored.id,
        stored.version,
        stored.owner,
        stored.updated_at,
        int(stored.deleted),
        json.dumps(stored.body, ensure_ascii=False),
    )
    db.execute("INSERT OR REPLACE INTO resource VALUES (?, ?, ?, ?, ?, ?, ?)", row)
    db.execute("INSERT INTO history VALUES (?, ?, ?, ?, ?, ?, ?)", row)
    db.execute("DELETE FROM identifier WHERE type = ? AND id = ?", (stored.type, stored.id))
    db.executemany(
        "INSERT OR IGNORE INTO identifier VALUES (?, ?, ?, ?)",
        [(stored.type, stored.id, system, value) for system, value in identifiers(stored.body)],
    )


def identifiers(body: JsonObject) -> Iterable[tuple[str, str]]:
    """Return the identifiers of a resource, as system and value."""
    return [
        (str(part.get("system", "")), str(part["value"]))
        for part in values_at(body, "identifier")
        if isinstance(part, dict) and "value" in part
    ]


def _stamped(body: JsonObject, version: int, updated_at: str) -> JsonObject:
    after = copy.deepcopy(body)
    after["meta"] = {**after.get("meta", {}), "versionId": str(version), "lastUpdated": updated_at}
    return after


def _content(body: JsonObject) -> JsonObject:
    server_made = ("versionId", "lastUpdated")
    meta = {key: part for key, part in body.get("meta", {}).items() if key not in server_made}
    return {**body, "meta": meta}


def _one(row: sqlite3.Row | None) -> Stored | None:
    return None if row is None else _stored(row)


def _stored(row: sqlite3.Row) -> Stored:
    return Stored(
        type=row["type"],
        id=row["id"],
        version=row["version"],
        owner=row["owner"],
        updated_at=row["updated_at"],
        deleted=bool(row["deleted"]),
        body=json.loads(row["body"]),
    )
