"""What we hold and a full look no longer met: asked for once more by name, then buried."""

import re
from datetime import datetime
from typing import Final

from portal.connections.models import Connection, Import, Page, Step
from portal.records import services as records
from portal.records.models import Resource

MOST_AT_ONCE: Final = 300

_PLAIN_ID: Final = re.compile(r"[A-Za-z0-9.-]{1,64}")


def candidates(run: Import) -> list[str]:
    """Return "Type/id" of what a full look should have met again, and did not.

    Only types count whose search ended well; of the others we know nothing.
    """
    if run.since is not None:
        return []
    searched = run.steps.filter(kind=Step.Kind.SEARCH, state=Step.State.DONE)
    whole = searched.exclude(query__contains="_lastUpdated")
    met = {name for ids in _ids(run) for name in ids}
    held = Resource.objects.filter(
        patient_id=run.connection.patient_id,
        origin=run.connection.origin,
        resource_type__in=whole.values("resource_type"),
        stored_at__lt=run.created_at,
    ).present()
    names = held.order_by("pk").values_list("resource_type", "source_id")
    missed = [f"{kind}/{name}" for kind, name in names if _PLAIN_ID.fullmatch(name)]
    return [name for name in missed if name not in met][:MOST_AT_ONCE]


def bury(connection: Connection, name: str, *, at: datetime) -> None:
    """Put a tombstone on something that the source says it does not have."""
    kind, _, source_id = name.partition("/")
    records.mark_removed(
        resources=Resource.objects.filter(
            patient_id=connection.patient_id,
            origin=connection.origin,
            resource_type=kind,
            source_id=source_id,
        ),
        at=at,
    )


def _ids(run: Import) -> list[list[str]]:
    return list(Page.objects.filter(step__run=run).values_list("ids", flat=True))
