"""Findings: what the resources say, read anew whenever something changed. Always rebuildable."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from portal.accounts.models import User
from portal.genomics import findings as facts
from portal.genomics import reader
from portal.genomics.categories import Category, classify_all
from portal.genomics.documents import source_of
from portal.genomics.genes import name_of
from portal.genomics.groups import Placed, group_all
from portal.genomics.links import Links
from portal.records.models import Finding, FindingSource, Origin, Resource

MOST_KEY = 200

# What a laboratory or a clinic says about genes stands in these; the rest is not read here.
_READ_TYPES = (
    "Patient",
    "DiagnosticReport",
    "Observation",
    "DocumentReference",
    "MolecularSequence",
    "Specimen",
    "FamilyMemberHistory",
    "Procedure",
    "GenomicStudy",
    "Task",
    "RiskAssessment",
    "ServiceRequest",
    "Organization",
    "Practitioner",
    "PractitionerRole",
    "Device",
    "Media",
    "Medication",
    "Substance",
    "Composition",
    "List",
    "Group",
    "ResearchStudy",
    "PlanDefinition",
)


@transaction.atomic
def rebuild_findings(*, patient: User, at: datetime) -> int:  # noqa: ARG001  # as every verb
    """Drop what was read before and read all resources of a person again; returns how many facts.

    Two workers never do it at once for the same person.
    """
    origins = lock_origins(patient=patient)
    Finding.objects.of(patient).delete()
    return sum(_read_origin(origin) for origin in origins)


def lock_origins(*, patient: User) -> list[Origin]:
    """Lock all that a person's record comes from. Always in one order, so that nobody waits twice.

    Whoever locks one origin and later reads the findings anew must have locked all of them first.
    """
    return list(Origin.objects.select_for_update().filter(patient=patient).order_by("pk"))


def _read_origin(origin: Origin) -> int:
    rows = {
        f"{row.resource_type}/{row.source_id}": row
        for row in Resource.objects.filter(
            patient_id=origin.patient_id, origin=origin, resource_type__in=_READ_TYPES
        ).present()
    }
    if not rows:
        return 0
    known = frozenset({origin.remote_patient_id}) if origin.remote_patient_id else None
    reading = reader.read(
        [
            source_of(key=key, raw=row.verbatim(), full_url=row.full_url)
            for key, row in rows.items()
        ],
        patient_ids=known,
    )
    links = Links(reading.findings)
    categories = classify_all(links)
    places = _Places(group_all(links, categories), categories)
    said = list(_once([*reading.findings, *reading.reports, *reading.notices]))
    made = Finding.objects.bulk_create(_row(origin, key, record, places) for key, record in said)
    FindingSource.objects.bulk_create(
        FindingSource(finding=finding, resource=rows[name])
        for finding, (_, record) in zip(made, said, strict=True)
        for name in _sources(record)
        if name in rows
    )
    return len(made)


type _Said = facts.Finding | facts.Report | facts.Notice


def _once(records: Iterable[_Said]) -> Iterator[tuple[str, _Said]]:
    """Yield each record under a key of its own."""
    seen: dict[str, int] = {}
    for record in records:
        key = _key(record)
        seen[key] = seen.get(key, 0) + 1
        yield (key if seen[key] == 1 else f"{key[:190]}~{seen[key]}"), record


def _key(record: _Said) -> str:
    if isinstance(record, facts.Notice):
        key = f"notice:{record.code}:{record.source.resource}:{record.source.path}"
    else:
        key = record.key
    return key if len(key) <= MOST_KEY else f"sha256-{hashlib.sha256(key.encode()).hexdigest()}"


@dataclass(frozen=True)
class _Places:
    """Where each finding stands on the page, and which choices it needs, by its key."""

    groups: Mapping[str, Placed]
    categories: Mapping[str, frozenset[Category]]


def _row(origin: Origin, key: str, record: _Said, places: _Places) -> Finding:
    row = Finding(
        patient_id=origin.patient_id,
        origin=origin,
        key=key,
        kind="notice" if isinstance(record, facts.Notice) else "report",
        status=record.status[:40],
        body=facts.to_json(record),
    )
    if isinstance(record, facts.Report):
        row.effective_date = (record.effective_at or record.issued_at)[:40]
    if isinstance(record, facts.Finding):
        _fill(row, record)
        row.group = places.groups[record.key].group
        row.categories = sorted(places.categories[record.key])
        row.category = next(iter(row.categories), "")
    return row


def _fill(row: Finding, record: facts.Finding) -> None:
    row.kind = record.kind
    row.presence = record.presence or ""
    row.gene = ", ".join(name_of(gene) for gene in record.genes)[:100]
    row.source_class = record.source_class[:20]
    row.effective_date = (record.effective_at or record.issued_at)[:40]


def _sources(record: _Said) -> Iterator[str]:
    """Yield the rows that a record was read from, each once."""
    pointers = [record.source, *getattr(record, "sources", ())]
    names = (pointer.resource.partition("#")[0] for pointer in pointers)
    yield from dict.fromkeys(names)
