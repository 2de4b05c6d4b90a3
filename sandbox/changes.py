"""Knobs that act at once: tokens that end, reports that come, change or are taken back."""

import sqlite3
from typing import Any

from sandbox.content.build import add_new_report
from sandbox.faults import Fault
from sandbox.fhir import resources
from sandbox.fhir.shapes import JsonObject
from sandbox.system import System, now_s


class NothingToChange(Exception):
    """There is no such report or person here."""


def do_at_once(system: System, fault: Fault, *, at_s: float) -> dict[str, Any]:
    """Do what the knob says; return what was changed.

    Raises NothingToChange.
    """
    with system.store.writing() as db:
        if fault.kind == "expire_tokens":
            sql = "UPDATE token SET expires_at = 0 WHERE expires_at > ?"
            return {"ended": db.execute(sql, (now_s(),)).rowcount}
        if fault.kind == "revoke_tokens":
            return {"ended": db.execute("UPDATE token SET revoked = 1 WHERE revoked = 0").rowcount}
        if fault.kind == "add_report":
            return {"added": _add_report(system, db, fault, at_s)}
        status = "amended" if fault.kind == "amend_report" else "entered-in-error"
        return {"changed": _restate(db, fault, status, at_s)}


def _add_report(system: System, db: sqlite3.Connection, fault: Fault, at_s: float) -> list[str]:
    patient = fault.fields.get("patient", "")
    known = db.execute("SELECT 1 FROM person WHERE patient = ?", (patient,)).fetchone()
    if known is None:
        raise NothingToChange("There is no such person here.")
    return add_new_report(system.kind, db, patient, at_s=at_s)


def _restate(db: sqlite3.Connection, fault: Fault, status: str, at_s: float) -> list[str]:
    report = resources.find(db, "DiagnosticReport", fault.fields.get("id", ""))
    if report is None:
        raise NothingToChange("There is no such report here.")
    body = {**report.body, "status": status}
    if fault.fields.get("conclusion"):
        body["conclusion"] = fault.fields["conclusion"]
    changed = [resources.put(db, body, owner=report.owner, at_s=at_s).address]
    for reference in _results(report.body):
        result = resources.find(db, *reference)
        if result and not result.deleted:
            after = {**result.body, "status": status}
            changed.append(resources.put(db, after, owner=result.owner, at_s=at_s).address)
    return changed


def _results(report: JsonObject) -> list[tuple[str, str]]:
    references = [part.get("reference", "") for part in report.get("result", [])]
    pairs = [reference.partition("/")[::2] for reference in references]
    return [pair for pair in pairs if pair[0] == "Observation"]
