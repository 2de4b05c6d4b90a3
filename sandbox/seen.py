"""What a system was asked: a list without bodies, tokens and the queries of sign-in."""

import sqlite3
from dataclasses import dataclass

from sandbox.store import Store
from sandbox.system import instant

SCHEMA = """
CREATE TABLE IF NOT EXISTS seen (
  number INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, method TEXT NOT NULL,
  path TEXT NOT NULL, query TEXT NOT NULL, status INTEGER NOT NULL, bytes INTEGER NOT NULL,
  fault TEXT NOT NULL
);
"""
_KEPT = 5000


@dataclass(frozen=True)
class Sight:
    """One request and how it was answered."""

    method: str
    path: str
    query: str
    status: int
    size: int
    fault: str


def note(store: Store, sight: Sight, at_s: float) -> None:
    """Write a request down; only the newest thousands are kept."""
    query = sight.query if sight.path.startswith("/fhir") else ""
    row = (instant(at_s), sight.method, sight.path, query, sight.status, sight.size, sight.fault)
    with store.writing() as db:
        added = db.execute(
            "INSERT INTO seen (at, method, path, query, status, bytes, fault)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            row,
        ).lastrowid
        db.execute("DELETE FROM seen WHERE number <= ?", ((added or 0) - _KEPT,))


def newest(db: sqlite3.Connection, limit: int) -> list[dict[str, str | int]]:
    """Return the newest requests, newest first."""
    rows = db.execute("SELECT * FROM seen ORDER BY number DESC LIMIT ?", (limit,))
    return [dict(row) for row in rows]
