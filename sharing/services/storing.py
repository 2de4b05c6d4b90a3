"""Packages and their bytes: sealed in the storage, frozen in the table, queued with them."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db.models import Max

from portal.accounts.sealing import BrokenSeal, seal, unseal
from sharing.bundle import Prepared
from sharing.models import Delivery, Enrolment, Package


class BytesLost(Exception):
    """The stored bytes are gone, or are not the ones that were frozen."""


@dataclass(frozen=True)
class Parcel:
    """What is to be frozen and queued."""

    kind: str
    epoch: int
    prepared: Prepared
    content_sha256: str = ""
    manifest: dict[str, Any] = field(default_factory=dict)


def next_place(enrolment: Enrolment) -> int:
    """Return the number that the next sending of this enrolment gets."""
    last = Delivery.objects.filter(enrolment=enrolment).aggregate(last=Max("place"))["last"]
    return (last or 0) + 1


def queue(enrolment: Enrolment, parcel: Parcel, *, at: datetime) -> Delivery:
    """Freeze the bytes and put them in the outbox; the same bytes are queued only once.

    The caller holds the lock on the enrolment.
    """
    key = f"{parcel.kind}:{enrolment.pk}:{parcel.epoch}:{parcel.prepared.sha256}"
    found = Delivery.objects.filter(dedupe_key=key).first()
    if found is not None:
        return found
    package = _freeze(enrolment, parcel, at)
    return Delivery.objects.create(
        enrolment=enrolment,
        package=package,
        place=next_place(enrolment),
        dedupe_key=key,
        next_attempt_at=at,
        queued_at=at,
    )


def _freeze(enrolment: Enrolment, parcel: Parcel, at: datetime) -> Package:
    package = Package(
        enrolment=enrolment,
        kind=parcel.kind,
        epoch=parcel.epoch,
        sha256=parcel.prepared.sha256,
        basis=parcel.prepared.basis,
        content_sha256=parcel.content_sha256,
        size_bytes=len(parcel.prepared.raw),
        manifest=parcel.manifest,
        created_at=at,
    )
    sealed = seal(parcel.prepared.raw, context=_context(package))
    name = f"packages/{at:%Y/%m}/{package.pk}"
    package.storage_key = default_storage.save(name, ContentFile(sealed))
    package.save(force_insert=True)
    return package


def read(package: Package) -> bytes:
    """Return the frozen bytes. Raises BytesLost."""
    try:
        with default_storage.open(package.storage_key) as stored:
            raw = unseal(stored.read(), context=_context(package))
    except (OSError, BrokenSeal) as error:
        raise BytesLost from error
    if hashlib.sha256(raw).hexdigest() != package.sha256:
        raise BytesLost
    return raw


def _context(package: Package) -> str:
    return f"sharing.package:{package.pk}"
