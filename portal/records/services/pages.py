"""Keeping what sources send: every resource once, every change of it, and every refusal."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Final

from django.db import connection, transaction
from django.db.models import Max
from psycopg import sql

from portal.accounts import sealing
from portal.records import facts, fhir
from portal.records.fhir import Incoming
from portal.records.models import (
    Change,
    Origin,
    Quarantined,
    Rejected,
    Resource,
    ResourceVersion,
    pack,
)

WITHDRAWN: Final = "entered-in-error"

type Key = tuple[str, str]


@dataclass(frozen=True)
class PageCounts:
    """What became of the entries of a page."""

    stored: int = 0
    unchanged: int = 0
    changed: int = 0
    rejected: int = 0
    quarantined: int = 0
    ids: tuple[str, ...] = ()  # "Observation/abc" of each entry, or the hash of one without a name

    def __add__(self, other: "PageCounts") -> "PageCounts":
        """Return both together."""
        return PageCounts(
            **{f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(self)}
        )


@dataclass(frozen=True)
class _Kept:
    """An entry that can be kept."""

    facts: facts.Facts
    raw: bytes
    sha256: str

    @property
    def key(self) -> Key:
        return (self.facts.resource_type, self.facts.source_id)


@transaction.atomic
def store_page(*, origin: Origin, entries: Sequence[Incoming], at: datetime) -> PageCounts:
    """Keep the entries of a page; what cannot be kept is listed with its reason.

    The same again writes nothing, also when it is laid out another way. Runs in the transaction
    of the caller, so that a page, its cursor and its counts are one.
    """
    Origin.objects.select_for_update().get(pk=origin.pk)
    counts = PageCounts()
    kept: list[_Kept] = []
    for entry in entries:
        try:
            one = _Kept(facts.examine(entry), entry.raw, hashlib.sha256(entry.raw).hexdigest())
        except facts.Unreadable as refusal:
            counts += _refuse(origin, entry.raw, refusal.code, at)
            continue
        if _is_mine(origin, one.facts.whose):
            kept.append(one)
        else:
            _quarantine(origin, one.key, one.raw, at)
            counts += PageCounts(quarantined=1, ids=("/".join(one.key),))
    for unlike in _rounds(kept):
        counts += _store_round(origin, unlike, at)
    return counts


def reject(*, origin: Origin, raw: bytes, reason: str, at: datetime, detail: str = "") -> None:
    """List bytes that could not be kept, once."""
    kind, name = _guess(raw)
    Rejected.objects.get_or_create(
        patient=origin.patient,
        origin=origin,
        sha256=hashlib.sha256(raw).hexdigest(),
        reason=reason,
        defaults={
            "detail": detail,
            "resource_type": kind,
            "source_id": name,
            "raw": pack(raw),
            "received_at": at,
        },
    )


@transaction.atomic
def mark_removed(*, resources: Iterable[Resource], at: datetime) -> int:
    """Put a tombstone on resources that their source no longer has; the copies stay."""
    gone = [resource for resource in resources if resource.removed_at is None]
    for resource in gone:
        resource.removed_at = at
    Resource.objects.bulk_update(gone, ["removed_at"])
    Change.objects.bulk_create(
        Change(patient_id=r.patient_id, resource=r, kind=Change.Kind.REMOVED, at=at) for r in gone
    )
    return len(gone)


def quarantine_context(patient_id: object, sha256: str) -> str:
    """Return what a sealed stranger is bound to."""
    return f"records.quarantined:{patient_id}:{sha256}"


def _hash_name(raw: bytes) -> str:
    return f"sha256-{hashlib.sha256(raw).hexdigest()}"


def _refuse(origin: Origin, raw: bytes, reason: str, at: datetime) -> PageCounts:
    """List what cannot be kept; but what names somebody else is shut away, readable or not."""
    ids = (_hash_name(raw),)
    if _is_mine(origin, facts.patients_in(raw)):
        reject(origin=origin, raw=raw, reason=reason, at=at)
        return PageCounts(rejected=1, ids=ids)
    _quarantine(origin, _guess(raw), raw, at)
    return PageCounts(quarantined=1, ids=ids)


def _is_mine(origin: Origin, whose: frozenset[str]) -> bool:
    if not origin.remote_patient_id:
        return True
    return facts.is_about(whose, origin.remote_patient_id, origin.base_url)


def _guess(raw: bytes) -> Key:
    """Return type and id of bytes that could not be read, where they can be seen."""
    try:
        parts = dict(fhir.members(raw))
    except fhir.NotJson:
        return ("", "")
    kind, name = (
        fhir.text(parts.get(part, b"")).replace("\0", "") for part in ("resourceType", "id")
    )
    return (kind[:64], name[:255])


def _quarantine(origin: Origin, key: Key, raw: bytes, at: datetime) -> None:
    kind, name = key
    sha256 = hashlib.sha256(raw).hexdigest()
    context = quarantine_context(origin.patient_id, sha256)
    Quarantined.objects.get_or_create(
        patient=origin.patient,
        origin=origin,
        resource_type=kind,
        source_id=name,
        sha256=sha256,
        defaults={
            "reason": "someone-else",
            "sealed": sealing.seal(pack(raw), context=context),
            "received_at": at,
        },
    )


def _rounds(kept: Sequence[_Kept]) -> Iterator[list[_Kept]]:
    """Yield the entries so that no round has a resource twice; later copies come later."""
    rest = list(kept)
    while rest:
        first: dict[Key, _Kept] = {}
        later: list[_Kept] = []
        for one in rest:
            if one.key in first:
                later.append(one)
            else:
                first[one.key] = one
        yield list(first.values())
        rest = later


def _store_round(origin: Origin, kept: Sequence[_Kept], at: datetime) -> PageCounts:
    known = _known(origin, kept)
    new = [one for one in kept if one.key not in known]
    _insert([_resource(origin, one, at) for one in new])
    changed = [
        (known[one.key], one)
        for one in kept
        if one.key in known
        and (known[one.key].sha256 != one.sha256 or known[one.key].removed_at is not None)
    ]
    former = Resource.objects.in_bulk([resource.pk for resource, _ in changed])
    changed = [(old, one) for old, one in changed if not _is_laid_out_anew(former[old.pk], one)]
    _store_changes(changed, former, at)
    return PageCounts(
        stored=len(new),
        changed=len(changed),
        unchanged=len(kept) - len(new) - len(changed),
        ids=tuple("/".join(one.key) for one in kept),
    )


def _is_laid_out_anew(former: Resource, one: _Kept) -> bool:
    """Tell a copy that differs in blanks and in the order of names alone: nothing was changed."""
    return former.removed_at is None and facts.says_the_same(former.verbatim(), one.raw)


def _insert(resources: Sequence[Resource]) -> None:
    """Add rows by COPY: a page of 500 goes in twice as fast as by INSERT."""
    if not resources:
        return
    names = ("patient_id", "origin_id", "resource_type", "source_id", *_TAKEN)
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier("records_resource"), sql.SQL(", ").join(map(sql.Identifier, names))
    )
    with (
        connection.cursor() as cursor,
        connection.wrap_database_errors,
        cursor.copy(statement) as copy,
    ):
        for resource in resources:
            copy.write_row([getattr(resource, name) for name in names])


def _known(origin: Origin, kept: Sequence[_Kept]) -> dict[Key, Resource]:
    ids_by_type: dict[str, list[str]] = {}
    for one in kept:
        ids_by_type.setdefault(one.facts.resource_type, []).append(one.facts.source_id)
    return {
        (resource.resource_type, resource.source_id): resource
        for kind, ids in ids_by_type.items()
        for resource in Resource.objects.filter(
            patient_id=origin.patient_id, origin=origin, resource_type=kind, source_id__in=ids
        ).defer("raw")
    }


def _resource(origin: Origin, one: _Kept, at: datetime) -> Resource:
    resource = Resource(
        patient_id=origin.patient_id,
        origin=origin,
        resource_type=one.facts.resource_type,
        source_id=one.facts.source_id,
    )
    _take_over(resource, one, at)
    return resource


def _take_over(resource: Resource, one: _Kept, at: datetime) -> None:
    resource.sha256 = one.sha256
    resource.raw = pack(one.raw)
    for name in ("full_url", "code", "category", "status", "effective_at", "last_updated_at"):
        setattr(resource, name, getattr(one.facts, name))
    resource.stored_at = at
    resource.removed_at = None


_TAKEN = [
    "sha256",
    "raw",
    "full_url",
    "code",
    "category",
    "status",
    "effective_at",
    "last_updated_at",
    "stored_at",
    "removed_at",
]


def _store_changes(
    changed: Sequence[tuple[Resource, _Kept]], former: Mapping[int, Resource], at: datetime
) -> None:
    """Put the former copies with the versions, and the new ones in their place."""
    _append_versions(
        [former[resource.pk] for resource, one in changed if resource.sha256 != one.sha256]
    )
    Change.objects.bulk_create(
        Change(
            patient_id=resource.patient_id,
            resource=resource,
            kind=_kind_of_change(resource, one),
            at=at,
        )
        for resource, one in changed
    )
    for resource, one in changed:
        _take_over(resource, one, at)
    Resource.objects.bulk_update([resource for resource, _ in changed], _TAKEN)


def _append_versions(former: Sequence[Resource]) -> None:
    ids = [copy.pk for copy in former]
    newest = dict(
        ResourceVersion.objects.filter(resource_id__in=ids)
        .values_list("resource_id")
        .annotate(Max("seq"))
    )
    ResourceVersion.objects.bulk_create(
        ResourceVersion(
            resource=copy,
            seq=newest.get(copy.pk, 0) + 1,
            sha256=copy.sha256,
            raw=copy.raw,
            status=copy.status,
            received_at=copy.stored_at,
        )
        for copy in former
    )


def _kind_of_change(resource: Resource, one: _Kept) -> str:
    if one.facts.status == WITHDRAWN and resource.status != WITHDRAWN:
        return Change.Kind.WITHDRAWN
    if resource.removed_at is not None:
        return Change.Kind.BACK
    return Change.Kind.CORRECTED
