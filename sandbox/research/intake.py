"""What a program received: the very bytes of each transaction, the answers, the notices."""

import hashlib
import sqlite3
from dataclasses import dataclass
from typing import Any

from sandbox.fhir.answers import Refused
from sandbox.fhir.shapes import JsonObject
from sandbox.system import instant

SCHEMA = """
CREATE TABLE IF NOT EXISTS received (
  sha256 TEXT PRIMARY KEY, sender TEXT NOT NULL, bundle_identifier TEXT NOT NULL,
  idempotency_key TEXT NOT NULL, received_at TEXT NOT NULL, entries INTEGER NOT NULL,
  repeats INTEGER NOT NULL, body BLOB NOT NULL, answer BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS received_key ON received (sender, idempotency_key);
CREATE INDEX IF NOT EXISTS received_identifier ON received (sender, bundle_identifier);
CREATE TABLE IF NOT EXISTS notice (
  id TEXT PRIMARY KEY, sender TEXT NOT NULL, idempotency_key TEXT NOT NULL,
  received_at TEXT NOT NULL, body TEXT NOT NULL
);
"""
_COLUMNS = "sha256, sender, bundle_identifier, idempotency_key, received_at, entries, repeats"


@dataclass(frozen=True)
class Arrival:
    """A transaction as it came in."""

    sender: str
    body: bytes
    idempotency_key: str
    bundle_identifier: str

    @property
    def sha256(self) -> str:
        """The hash of the bytes."""
        return hashlib.sha256(self.body).hexdigest()


def identifier_of(bundle: JsonObject) -> str:
    """Return Bundle.identifier as `system|value`, empty when there is none."""
    identifier = bundle.get("identifier")
    if not isinstance(identifier, dict) or "value" not in identifier:
        return ""
    return f"{identifier.get('system', '')}|{identifier['value']}"


def earlier_answer(db: sqlite3.Connection, arrival: Arrival) -> bytes | None:
    """Return the answer that this transaction got before, and count the repeat.

    Raises Refused when the same key comes with other bytes.
    """
    row = db.execute(
        "SELECT sha256, answer FROM received WHERE sender = ? AND ("
        " (idempotency_key = ? AND idempotency_key <> '')"
        " OR (bundle_identifier = ? AND bundle_identifier <> ''))",
        (arrival.sender, arrival.idempotency_key, arrival.bundle_identifier),
    ).fetchone()
    if row is None:
        return None
    if row["sha256"] != arrival.sha256:
        raise Refused(422, "duplicate", "This key was used with another content.")
    count_repeat(db, arrival)
    answer: bytes = row["answer"]
    return answer


def count_repeat(db: sqlite3.Connection, arrival: Arrival) -> None:
    """Note that the same bytes came once more."""
    db.execute("UPDATE received SET repeats = repeats + 1 WHERE sha256 = ?", (arrival.sha256,))


def keep(
    db: sqlite3.Connection, arrival: Arrival, answer: bytes, *, entries: int, at_s: float
) -> None:
    """Store the bytes with their answer; the same bytes again only count."""
    row = (
        arrival.sha256,
        arrival.sender,
        arrival.bundle_identifier,
        arrival.idempotency_key,
        instant(at_s),
        entries,
        0,
        arrival.body,
        answer,
    )
    sql = "INSERT OR IGNORE INTO received VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
    if not db.execute(sql, row).rowcount:
        count_repeat(db, arrival)


def all_received(db: sqlite3.Connection) -> list[dict[str, Any]]:
    """List the transactions, newest first."""
    rows = db.execute(f"SELECT {_COLUMNS} FROM received ORDER BY received_at DESC, sha256")
    return [dict(row) for row in rows]


def bytes_of(db: sqlite3.Connection, sha256: str) -> bytes | None:
    """Return the bytes of a transaction."""
    row = db.execute("SELECT body FROM received WHERE sha256 = ?", (sha256,)).fetchone()
    return row["body"] if row else None


def all_notices(db: sqlite3.Connection) -> list[dict[str, Any]]:
    """List the notices, newest first."""
    rows = db.execute("SELECT * FROM notice ORDER BY received_at DESC, id")
    return [dict(row) for row in rows]
