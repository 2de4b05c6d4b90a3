"""Knobs that make a system misbehave, so that whoever talks to it can be tried."""

import json
import sqlite3
from collections.abc import Collection
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from sandbox.store import Store

SCHEMA = """
CREATE TABLE IF NOT EXISTS fault (
  number INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, method TEXT NOT NULL,
  path TEXT NOT NULL, left_over INTEGER, fields TEXT NOT NULL
);
"""
BEFORE = ("status", "slow")
ON_PAGES = ("wrong_patient", "endless_next", "next_elsewhere", "odd_entries")
AFTER = ("cut", "drop")
LASTING = (*BEFORE, *ON_PAGES, *AFTER)
AT_ONCE = ("expire_tokens", "revoke_tokens", "add_report", "amend_report", "retract_report")
_COMMON = ("kind", "method", "path", "times")


class BadFault(Exception):
    """The knob is unknown, or a number in it cannot be read."""


@dataclass(frozen=True)
class Fault:
    """One knob as it is set; `left_over` None fires until cleared."""

    kind: str
    method: str = ""
    path: str = "/fhir*"
    left_over: int | None = 1
    fields: dict[str, str] = field(default_factory=dict)
    number: int = 0

    def whole(self, name: str, default: int) -> int:
        """Return a field as a whole number."""
        return int(self.fields.get(name) or default)

    def seconds(self) -> float:
        """Return how long to wait."""
        return float(self.fields.get("seconds") or 1)


def read_fault(asked: object) -> Fault:
    """Read a knob from JSON or a form.

    Raises BadFault.
    """
    if not isinstance(asked, dict):
        raise BadFault("A knob is an object.")
    words = {name: str(value) for name, value in asked.items() if value not in (None, "")}
    kind = words.get("kind", "")
    if kind not in (*LASTING, *AT_ONCE):
        raise BadFault(f"There is no knob '{kind}'.")
    try:
        times = int(words.get("times", "1"))
        fault = Fault(
            kind=kind,
            method=words.get("method", "").upper(),
            path=words.get("path", "/fhir*"),
            left_over=times or None,
            fields={name: value for name, value in words.items() if name not in _COMMON},
        )
        fault.whole("status", 500), fault.whole("bytes", 0), fault.seconds()
    except ValueError as error:
        raise BadFault(str(error)) from error
    return fault


def set_fault(store: Store, fault: Fault) -> None:
    """Turn a knob."""
    row = (fault.kind, fault.method, fault.path, fault.left_over, json.dumps(fault.fields))
    with store.writing() as db:
        db.execute(
            "INSERT INTO fault (kind, method, path, left_over, fields) VALUES (?, ?, ?, ?, ?)", row
        )


def clear(store: Store) -> None:
    """Turn all knobs back."""
    with store.writing() as db:
        db.execute("DELETE FROM fault")


def all_set(db: sqlite3.Connection) -> list[Fault]:
    """Return the knobs that are set, oldest first."""
    return [
        Fault(
            kind=row["kind"],
            method=row["method"],
            path=row["path"],
            left_over=row["left_over"],
            fields=json.loads(row["fields"]),
            number=row["number"],
        )
        for row in db.execute("SELECT * FROM fault ORDER BY number")
    ]


def take(store: Store, kinds: Collection[str], method: str, path: str) -> list[Fault]:
    """Return the knobs that fire on this request, at most one of a kind, and count them down."""
    with store.reading() as db:
        if not all_set(db):
            return []
    fired: dict[str, Fault] = {}
    with store.writing() as db:
        for fault in all_set(db):
            if fault.kind in kinds and fault.kind not in fired and _fits(fault, method, path):
                fired[fault.kind] = fault
                _count_down(db, fault)
    return list(fired.values())


def _fits(fault: Fault, method: str, path: str) -> bool:
    return fault.method in ("", method) and fnmatchcase(path, fault.path)


def _count_down(db: sqlite3.Connection, fault: Fault) -> None:
    if fault.left_over is None:
        return
    if fault.left_over > 1:
        sql = "UPDATE fault SET left_over = left_over - 1 WHERE number = ?"
    else:
        sql = "DELETE FROM fault WHERE number = ?"
    db.execute(sql, (fault.number,))
