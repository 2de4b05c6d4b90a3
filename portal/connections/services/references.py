"""What resources point to and we do not have yet: names of labs and doctors, parts of results."""

import re
from collections.abc import Iterator
from typing import Final

from portal.connections import smart
from portal.connections.models import Connection
from portal.records.models import Resource

MOST_AT_ONCE: Final = 300
# Nobody's own record stands in these, or the check of whose it is holds for them too.
FOLLOWED: Final = (
    "Organization",
    "Practitioner",
    "PractitionerRole",
    "Location",
    "Medication",
    "Device",
    "Substance",
    "DiagnosticReport",
    "Observation",
    "Specimen",
    "ServiceRequest",
    "Procedure",
    "Condition",
    "MolecularSequence",
    "Media",
    "ResearchStudy",
    "PlanDefinition",
    "BodyStructure",
)

_REFERENCE = re.compile(
    rb'"reference"\s*:\s*"((?:https?://[^"\\\s]{1,400}/)?)'
    rb"(" + "|".join(FOLLOWED).encode() + rb')/([A-Za-z0-9.-]{1,64})(?:/_history/[^"\\]{1,64})?"'
)


def missing(connection: Connection) -> list[str]:
    """Return "Type/id" of what is pointed to at this source, may be read, and is not here."""
    may = smart.readable(connection.scopes, types=FOLLOWED)
    held = Resource.objects.filter(patient_id=connection.patient_id, origin=connection.origin)
    known = {f"{kind}/{name}" for kind, name in held.values_list("resource_type", "source_id")}
    found = dict.fromkeys(
        f"{kind}/{name}"
        for row in held.present().only("raw").iterator(chunk_size=200)
        for kind, name in _named(row.verbatim(), connection.source.base_url)
        if kind in may
    )
    return [name for name in found if name not in known][:MOST_AT_ONCE]


def _named(raw: bytes, base_url: str) -> Iterator[tuple[str, str]]:
    for base, kind, name in _REFERENCE.findall(raw):
        if not base or base.decode("ascii", "replace") == f"{base_url}/":
            yield kind.decode(), name.decode()
