"""Fetching: what is asked, by whom, and how far it is. The row is the job.

One transaction holds a page's resources, the place of the next page, and the counts. A worker
holds a lease that it renews before every call; when it dies, another one goes on from the row.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import quote, urlencode

from django.conf import settings
from django.db import transaction

from portal.audit import actions
from portal.audit import services as audit
from portal.connections import smart
from portal.connections.models import Connection, Import, ImportQuerySet, Step
from portal.connections.source_api import SourceUnavailable

LONGEST_RUN: Final = timedelta(days=1)
BETWEEN_UPDATES: Final = timedelta(days=1)
BETWEEN_FULL_LOOKS: Final = timedelta(days=30)
QUEUED_AT_ONCE: Final = 100
OVERLAP: Final = timedelta(hours=1)  # clocks differ, and what is unchanged writes nothing
PAGE_SIZE: Final = 50
MOST_TRIES: Final = 6
MOST_DEATHS: Final = 10
FIRST_WAIT_S: Final = 2
LONGEST_WAIT_S: Final = 600

# In the order in which they are fetched: results first, so that they can be read early.
RESULT_TYPES: Final = ("DiagnosticReport", "Observation", "DocumentReference")
OTHER_TYPES: Final = (
    "MolecularSequence",
    "Specimen",
    "FamilyMemberHistory",
    "Procedure",
    "Condition",
    "MedicationRequest",
    "MedicationStatement",
    "AllergyIntolerance",
    "Immunization",
    "ServiceRequest",
    "Task",
    "RiskAssessment",
    "CarePlan",
    "Encounter",
    "RelatedPerson",
    "Provenance",
)
# Some servers answer a search for these only when it names a category.
CATEGORIES: Final = {
    "Observation": (
        "laboratory",
        "genomics",
        "vital-signs",
        "social-history",
        "survey",
        "imaging",
        "procedure",
        "exam",
    ),
    "Condition": ("problem-list-item", "encounter-diagnosis", "health-concern"),
    "DiagnosticReport": ("LAB", "GE", "RAD", "PAT"),
    "DocumentReference": ("clinical-note",),
    "CarePlan": ("assess-plan",),
}
ALL_TYPES: Final = ("Patient", *RESULT_TYPES, *OTHER_TYPES)


class LeaseLost(Exception):
    """Somebody else has the import now, or the person ended it."""


@dataclass(frozen=True)
class Lease:
    """An import, and the worker who has it now."""

    run: Import
    owner: str

    def rows(self) -> ImportQuerySet:
        """Return the import, if it is still ours."""
        return Import.objects.filter(
            pk=self.run.pk, lease_owner=self.owner, state=Import.State.RUNNING
        )


@transaction.atomic
def queue(*, connection: Connection, kind: str, at: datetime) -> Import:
    """Put an import in the queue. One that is under way is the one that is returned."""
    under_way = Import.objects.filter(connection=connection).open().first()
    if under_way is not None:
        return under_way
    since = _since(connection) if kind == Import.Kind.UPDATE else None
    if kind == Import.Kind.UPDATE and since is None:
        kind = Import.Kind.FULL
    run = Import.objects.create(
        connection=connection, kind=kind, since=since, created_at=at, due_at=at
    )
    Step.objects.bulk_create(
        Step(run=run, number=number, **fields) for number, fields in enumerate(_plan(run), 1)
    )
    return run


def queue_due(*, at: datetime) -> int:
    """Queue an update for connections whose time has come; return how many were queued."""
    due = Connection.objects.due(at).select_related("source").order_by("next_import_at")
    found = list(due[:QUEUED_AT_ONCE])
    for connection in found:
        look = connection.full_look_at
        is_full = look is None or look + BETWEEN_FULL_LOOKS <= at
        kind = Import.Kind.FULL if is_full else Import.Kind.UPDATE
        with transaction.atomic():
            queue(connection=connection, kind=kind, at=at)
            Connection.objects.filter(pk=connection.pk).update(next_import_at=None)
    return len(found)


def lease_time() -> timedelta:
    """Return how long a worker that says nothing is believed to be at work."""
    return timedelta(seconds=settings.IMPORT_LEASE_S)


@transaction.atomic
def claim(*, run_id: int, owner: str, at: datetime) -> Lease | None:
    """Take the lease of an import that is due; None when it is not, or someone else was first."""
    run = (
        Import.objects.due(at)
        .select_for_update(skip_locked=True, of=("self",))
        .select_related("connection__source", "connection__origin", "connection__patient")
        .filter(pk=run_id)
        .first()
    )
    if run is None:
        return None
    if run.lease_owner:
        _worker_died(run)
    run.state = Import.State.RUNNING
    run.lease_owner = owner
    run.lease_until = at + lease_time()
    run.save(update_fields=["state", "lease_owner", "lease_until", "tries"])
    return Lease(run, owner)


def _worker_died(run: Import) -> None:
    """Count it; a step at which one worker after the other dies is given up."""
    run.tries += 1
    step = run.steps.exclude(state__in=Step.OVER).order_by("number").first()
    if run.tries >= MOST_DEATHS and step is not None:
        end_step(step, state=Step.State.FAILED, code="died")
        run.tries = 0


def hold(lease: Lease, *, at: datetime) -> None:
    """Renew a lease. Inside a transaction it also locks the import. Raises LeaseLost."""
    if not lease.rows().update(lease_until=at + lease_time()):
        raise LeaseLost


def release(lease: Lease, *, at: datetime) -> None:
    """Give the import back to the queue, for whoever is free."""
    lease.rows().update(state=Import.State.QUEUED, lease_owner="", lease_until=None, due_at=at)


@transaction.atomic
def wait(lease: Lease, step: Step, refusal: SourceUnavailable, *, at: datetime) -> None:
    """Try this step again later; after too many tries it has failed, and the next one begins."""
    hold(lease, at=at)
    tries = lease.rows().values_list("tries", flat=True).get() + 1
    pause_s = min(FIRST_WAIT_S * 2 ** (tries - 1), LONGEST_WAIT_S)
    is_enough = tries >= MOST_TRIES
    if is_enough:
        end_step(step, state=Step.State.FAILED, code=refusal.code)
    lease.rows().update(
        state=Import.State.WAITING,
        tries=0 if is_enough else tries,
        error_code=refusal.code,
        due_at=at + timedelta(seconds=max(pause_s, refusal.retry_after_s or 0)),
        lease_owner="",
        lease_until=None,
    )


def end_if_too_long(lease: Lease, *, at: datetime) -> None:
    """Ask nothing more in an import that has gone on for a day; what came is still read."""
    if at - lease.run.created_at > LONGEST_RUN:
        asking = lease.run.steps.exclude(state__in=Step.OVER).exclude(kind=Step.Kind.FINDINGS)
        asking.update(state=Step.State.FAILED, cursor="", error_code="too-long")


def end_step(step: Step, *, state: str, code: str = "") -> None:
    """Ask nothing more in this step."""
    step.state, step.cursor, step.error_code = state, "", code
    step.save(update_fields=["state", "cursor", "error_code"])


@transaction.atomic
def finish(lease: Lease, *, at: datetime) -> None:
    """Close an import whose steps are all over, and say when the next one is due."""
    hold(lease, at=at)
    run = lease.run
    has_gaps = run.steps.filter(state=Step.State.FAILED).exists()
    _close(run, Import.State.PARTLY if has_gaps else Import.State.DONE, at)
    connection = run.connection
    connection.next_import_at = at + BETWEEN_UPDATES
    if run.kind != Import.Kind.UPDATE and not has_gaps:
        connection.full_look_at = at
    connection.save(update_fields=["next_import_at", "full_look_at"])
    connection.origin.gaps = [
        f"{step.resource_type or step.kind} {step.error_code}"
        for step in run.steps.filter(state__in=[Step.State.FAILED, Step.State.REFUSED])
    ]
    connection.origin.save(update_fields=["gaps"])
    _note(run, at)


@transaction.atomic
def stop(*, connection: Connection, at: datetime, code: str = "stopped") -> None:
    """End whatever import is under way over a connection."""
    for run in Import.objects.select_for_update().filter(connection=connection).open():
        run.error_code = code
        _close(run, Import.State.STOPPED, at)
        _note(run, at)


def _close(run: Import, state: str, at: datetime) -> None:
    run.state = state
    run.finished_at = at
    run.lease_owner, run.lease_until = "", None
    run.save(update_fields=["state", "finished_at", "lease_owner", "lease_until", "error_code"])


def _note(run: Import, at: datetime) -> None:
    steps = list(run.steps.all())
    counts = ("stored", "changed", "unchanged", "rejected", "quarantined")
    audit.record(
        actions.IMPORTED,
        by=None,
        patient_id=run.connection.patient_id,
        about=f"connections.import:{run.pk}",
        facts={"state": run.state} | {c: sum(getattr(s, c) for s in steps) for c in counts},
        at=at,
    )


def _since(connection: Connection) -> datetime | None:
    last = (
        Import.objects.filter(connection=connection, state=Import.State.DONE)
        .order_by("-created_at")
        .first()
    )
    return last.created_at - OVERLAP if last else None


def _plan(run: Import) -> Iterator[dict[str, str]]:
    connection = run.connection
    offered = connection.source.types or ALL_TYPES
    wanted = smart.readable(connection.scopes, types=ALL_TYPES) & set(offered)
    person = quote(connection.remote_patient_id, safe="")
    if "Patient" in wanted:
        yield {"kind": Step.Kind.READ, "resource_type": "Patient", "query": f"Patient/{person}"}
    for kind in RESULT_TYPES:
        if kind in wanted:
            yield search(kind, run)
    yield {"kind": Step.Kind.REFERENCES}
    yield {"kind": Step.Kind.FINDINGS}
    for kind in OTHER_TYPES:
        if kind in wanted:
            yield search(kind, run)
    yield {"kind": Step.Kind.REFERENCES}
    if run.since is None:
        yield {"kind": Step.Kind.VANISHED}
    yield {"kind": Step.Kind.FILES}
    yield {"kind": Step.Kind.FINDINGS}


def by_category(kind: str, run: Import) -> str:
    """Return the searches for one type, category by category, one a line."""
    return "\n".join(search(kind, run, category=one)["query"] for one in CATEGORIES[kind])


def search(kind: str, run: Import, **more: str) -> dict[str, str]:
    """Return the fields of a step that searches for one type."""
    asked = {"patient": run.connection.remote_patient_id, "_count": str(PAGE_SIZE), **more}
    if run.since is not None:
        asked["_lastUpdated"] = f"gt{run.since:%Y-%m-%dT%H:%M:%SZ}"
    return {
        "kind": Step.Kind.SEARCH,
        "resource_type": kind,
        "query": f"{kind}?{urlencode(asked)}",
    }
