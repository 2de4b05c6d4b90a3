"""A worker at an import that it holds: how it asks, and how it takes in what came."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction

from portal.connections import pages
from portal.connections.models import Connection, Page, Step
from portal.connections.services import imports, tokens
from portal.connections.services.imports import Lease
from portal.connections.source_api import Answer, SourceApi, SourceRefused
from portal.records import services as records

_UNAUTHORIZED: Final = 401

type Clock = Callable[[], datetime]


@dataclass(frozen=True)
class Worker:
    """Who works on which import, with what."""

    lease: Lease
    api: SourceApi
    clock: Clock

    @property
    def connection(self) -> Connection:
        """The account that is read."""
        return self.lease.run.connection


def get(worker: Worker, address: str, accept: str = "application/fhir+json") -> Answer:
    """Read an address with our token, renewed once when the source takes it for spent."""
    imports.hold(worker.lease, at=worker.clock())
    bearer = tokens.bearer(connection=worker.connection, api=worker.api, at=worker.clock())
    try:
        return worker.api.get(address, bearer=bearer.token, accept=accept)
    except SourceRefused as refusal:
        if refusal.status != _UNAUTHORIZED:
            raise
    bearer = tokens.bearer(
        connection=worker.connection, api=worker.api, at=worker.clock(), refused=bearer
    )
    imports.hold(worker.lease, at=worker.clock())
    try:
        return worker.api.get(address, bearer=bearer.token, accept=accept)
    except SourceRefused as refusal:
        if refusal.status != _UNAUTHORIZED:
            raise
        tokens.needs_sign_in(worker.connection, at=worker.clock())
        raise tokens.SignInNeeded from None


def take_in(worker: Worker, step: Step, address: str, page: pages.SearchPage) -> None:
    """Keep what is on a page, and count it; the lease must still be ours."""
    at = worker.clock()
    imports.hold(worker.lease, at=at)
    counts = records.store_page(origin=worker.connection.origin, entries=page.entries, at=at)
    step.pages += 1
    for name in ("stored", "changed", "unchanged", "rejected", "quarantined"):
        setattr(step, name, getattr(step, name) + getattr(counts, name))
    Page.objects.create(
        step=step,
        number=step.pages,
        address_sha256=sha256(address),
        ids=list(counts.ids),
        taken_at=at,
    )
    worker.lease.rows().update(tries=0, error_code="")


@transaction.atomic
def end(worker: Worker, step: Step) -> None:
    """Ask nothing more in a step; the lease must still be ours."""
    imports.hold(worker.lease, at=worker.clock())
    imports.end_step(step, state=Step.State.DONE)


def sha256(address: str) -> str:
    """Return how an address is known without being kept."""
    return hashlib.sha256(address.encode("utf-8", "replace")).hexdigest()
