"""Searching one patient's record, in small pages that hold still."""

import json
import secrets
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field

from sandbox.fhir import params, resources
from sandbox.fhir.resources import Stored
from sandbox.fhir.shapes import JsonObject
from sandbox.oauth.scopes import DataScope
from sandbox.system import System, instant, now_s

SCHEMA = """
CREATE TABLE IF NOT EXISTS page (
  token TEXT PRIMARY KEY, owner TEXT NOT NULL, made_at REAL NOT NULL, state TEXT NOT NULL
);
"""
RECORD_TYPES = (
    "Patient",
    "DiagnosticReport",
    "Observation",
    "Specimen",
    "ServiceRequest",
    "Task",
    "Procedure",
    "DocumentReference",
    "Binary",
    "Condition",
    "MedicationRequest",
    "MedicationStatement",
    "AllergyIntolerance",
    "Immunization",
    "Encounter",
    "CarePlan",
    "FamilyMemberHistory",
    "RelatedPerson",
    "RiskAssessment",
    "MolecularSequence",
    "Organization",
    "Practitioner",
    "PractitionerRole",
    "PlanDefinition",
    "Medication",
    "Provenance",
)
_PAGE_LIFETIME_S = 3600
_CONTROLS = ("_count", "_total", "_sort", "_include", "_revinclude", "_summary", "_format")


class NoSuchPage(Exception):
    """The page was never made, is too old, or belongs to somebody else."""


@dataclass(frozen=True)
class Access:
    """What the bearer may see: one patient's record, by scopes."""

    patient: str
    scopes: tuple[DataScope, ...]

    def allows_type(self, resource_type: str, letter: str) -> bool:
        """Say whether anything of the type may be read (`r`) or searched (`s`)."""
        return any(scope.covers(resource_type, letter) for scope in self.scopes)

    def allows(self, stored: Stored, letter: str) -> bool:
        """Say whether this resource is in the record and within a scope's `?` limits."""
        return stored.owner == self.patient and any(
            scope.covers(stored.type, letter)
            and all(params.matches(stored, *limit) for limit in scope.query)
            for scope in self.scopes
        )


@dataclass(frozen=True)
class Query:
    """A search: filters, and how to answer."""

    resource_type: str
    filters: tuple[tuple[str, str], ...] = ()
    count: int = 10
    includes: tuple[tuple[str, str], ...] = ()
    total: bool = True
    sort: tuple[str, ...] = ()
    ignored: tuple[str, ...] = field(default=())


def read_query(resource_type: str, arguments: Iterable[tuple[str, str]], page_size: int) -> Query:
    """Read the arguments of a search address.

    Raises params.BadParameter.
    """
    pairs = [(name, value) for name, value in arguments if value]
    names = dict(pairs)
    known = params.known_for(resource_type)
    bare_names = [name.partition(":")[0] for name, _ in pairs]
    return Query(
        resource_type=resource_type,
        filters=tuple(pair for pair in pairs if pair[0].partition(":")[0] in known),
        count=_page_size(names, page_size),
        includes=tuple(
            (name.partition(":")[0], value)
            for name, value in pairs
            if name.partition(":")[0] in ("_include", "_revinclude")
        ),
        total=names.get("_total") != "none",
        sort=tuple(names.get("_sort", "").split(",")) if "_sort" in names else (),
        ignored=tuple(name for name in bare_names if name not in known and name not in _CONTROLS),
    )


def _page_size(names: dict[str, str], page_size: int) -> int:
    if names.get("_summary") == "count":
        return 0
    text = names.get("_count", str(page_size))
    if not text.isdecimal():
        raise params.BadParameter(f"'{text}' is not a count.")
    return min(int(text), page_size)


def run(db: sqlite3.Connection, system: System, access: Access, query: Query) -> JsonObject:
    """Search, and answer with the first page.

    Raises params.BadParameter.
    """
    candidates = resources.of_owner(db, access.patient, query.resource_type)
    found = [
        stored
        for stored in candidates
        if access.allows(stored, "s")
        and all(params.matches(stored, *pair) for pair in query.filters)
    ]
    ids = [stored.id for stored in _sorted(found, query.sort)]
    state = {
        "type": query.resource_type,
        "ids": ids,
        "count": query.count,
        "includes": query.includes,
        "total": query.total,
        "start": 0,
    }
    return _page(db, system, access, state)


def run_page(db: sqlite3.Connection, system: System, access: Access, token: str) -> JsonObject:
    """Answer with the page that a `next` link stands for.

    Raises NoSuchPage.
    """
    row = db.execute("SELECT * FROM page WHERE token = ?", (token,)).fetchone()
    if row is None or row["owner"] != access.patient:
        raise NoSuchPage
    return _page(db, system, access, json.loads(row["state"]))


def _page(db: sqlite3.Connection, system: System, access: Access, state: JsonObject) -> JsonObject:
    start, end = state["start"], state["start"] + state["count"]
    here = [resources.find(db, state["type"], one) for one in state["ids"][start:end]]
    found = [stored for stored in here if stored and not stored.deleted]
    extra = _included(db, access, found, state["includes"])
    bundle: JsonObject = {
        "resourceType": "Bundle",
        "id": secrets.token_hex(16),
        "meta": {"lastUpdated": instant(now_s())},
        "type": "searchset",
        "link": [],
        "entry": [_entry(system, stored, "match") for stored in found]
        + [_entry(system, stored, "include") for stored in extra],
    }
    if state["total"]:
        bundle["total"] = len(state["ids"])
    if state["count"] and end < len(state["ids"]):
        token = _remember(db, access, {**state, "start": end})
        url = f"{system.fhir_base}/{state['type']}?_page={token}"
        bundle["link"].append({"relation": "next", "url": url})
    if not bundle["entry"]:
        del bundle["entry"]  # FHIR has no empty lists
    return bundle


def _remember(db: sqlite3.Connection, access: Access, state: JsonObject) -> str:
    token = secrets.token_urlsafe(18)
    at = now_s()
    db.execute("DELETE FROM page WHERE made_at < ?", (at - _PAGE_LIFETIME_S,))
    row = (token, access.patient, at, json.dumps(state))
    db.execute("INSERT INTO page VALUES (?, ?, ?, ?)", row)
    return token


def _entry(system: System, stored: Stored, mode: str) -> JsonObject:
    return {
        "fullUrl": f"{system.fhir_base}/{stored.address}",
        "resource": stored.body,
        "search": {"mode": mode},
    }


def _sorted(found: list[Stored], sort: tuple[str, ...]) -> list[Stored]:
    for name in reversed(sort):
        key = name.lstrip("-")
        if key == "_lastUpdated":
            found = sorted(found, key=lambda stored: stored.updated_at, reverse=name[0] == "-")
        elif key in params.DATES:
            found = sorted(found, key=lambda stored: _date(stored, key), reverse=name[0] == "-")
    return found


def _date(stored: Stored, key: str) -> str:
    values = (stored.body.get(path) for path in params.DATES[key])
    return next((value for value in values if isinstance(value, str)), "")


def _included(
    db: sqlite3.Connection,
    access: Access,
    found: list[Stored],
    includes: Iterable[tuple[str, str]],
) -> list[Stored]:
    seen = {stored.address for stored in found}
    extra: list[Stored] = []
    for how, what in includes:
        source_type, _, name = what.partition(":")
        name = name.partition(":")[0]
        if how == "_include":
            more = _pointed_at(db, found, source_type, name)
        else:
            more = _pointing(db, access, found, (source_type, name))
        for stored in more:
            if stored.address not in seen and access.allows(stored, "r"):
                seen.add(stored.address)
                extra.append(stored)
    return extra


def _pointed_at(
    db: sqlite3.Connection, found: list[Stored], source_type: str, name: str
) -> list[Stored]:
    more = []
    for stored in found:
        for reference in params.references(stored.body, name) if stored.type == source_type else ():
            resource_type, slash, resource_id = reference.partition("/")
            target = resources.find(db, resource_type, resource_id) if slash else None
            if target and not target.deleted:
                more.append(target)
    return more


def _pointing(
    db: sqlite3.Connection, access: Access, found: list[Stored], source: tuple[str, str]
) -> list[Stored]:
    source_type, name = source
    here = {stored.address for stored in found}
    return [
        stored
        for stored in resources.of_owner(db, access.patient, source_type)
        if here & set(params.references(stored.body, name))
    ]
