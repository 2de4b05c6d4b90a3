"""Steps that read one thing after the other from a list: what is pointed to, what may be gone."""

from typing import Final

from django.db import transaction

from portal.connections import pages
from portal.connections.models import Page, Step
from portal.connections.services import imports, references, vanished, working
from portal.connections.services.working import Worker
from portal.connections.source_api import SourceRefused

KINDS: Final = frozenset({Step.Kind.REFERENCES, Step.Kind.VANISHED})

_GONE: Final = frozenset({404, 410})


def take(worker: Worker, step: Step) -> None:
    """Read the next thing on the list of a step; the cursor holds the rest of it."""
    if step.state == Step.State.WAITING:
        _plan(worker, step)
        return
    name, _, rest = step.cursor.partition("\n")
    if not name:
        working.end(worker, step)
        return
    page, is_gone = _read(worker, name)
    with transaction.atomic():
        working.take_in(worker, step, _address(worker, name), page)
        if is_gone and step.kind == Step.Kind.VANISHED:
            vanished.bury(worker.connection, name, at=worker.clock())
            step.changed += 1
        step.cursor = rest
        step.save()


def _read(worker: Worker, name: str) -> tuple[pages.SearchPage, bool]:
    """Return what is there, and whether the source says that there is nothing."""
    address = _address(worker, name)
    try:
        return pages.read_page(working.get(worker, address).body, address=address), False
    except SourceRefused as refusal:
        return pages.SearchPage(()), refusal.status in _GONE
    except pages.PageRefused:
        return pages.SearchPage(()), False


@transaction.atomic
def _plan(worker: Worker, step: Step) -> None:
    imports.hold(worker.lease, at=worker.clock())
    run = worker.lease.run
    if step.kind == Step.Kind.VANISHED:
        wanted = vanished.candidates(run)
    else:
        wanted = references.missing(worker.connection)
    asked = set(Page.objects.filter(step__run=run).values_list("address_sha256", flat=True))
    names = [name for name in wanted if working.sha256(_address(worker, name)) not in asked]
    step.cursor, step.state, step.total = "\n".join(names), Step.State.RUNNING, len(names)
    step.save(update_fields=["cursor", "state", "total"])


def _address(worker: Worker, name: str) -> str:
    return f"{worker.connection.source.base.url}/{name}"
