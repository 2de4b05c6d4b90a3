"""Files of a person: sealed, in the storage, once each."""

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import uuid4

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from portal.accounts import sealing
from portal.records.models import File, Origin, Resource

_ENDINGS: Final = {
    "application/fhir+json": ".json",
    "application/json": ".json",
    "application/pdf": ".pdf",
    "text/plain": ".txt",
    "text/html": ".html",
    "application/xml": ".xml",
    "text/xml": ".xml",
    "text/vcf": ".vcf",
    "text/x-vcf": ".vcf",
    "text/x-bed": ".bed",
    "image/png": ".png",
    "image/jpeg": ".jpg",
}


@dataclass(frozen=True)
class Label:
    """What a source says about a file: its media type, and its name."""

    media_type: str
    name: str


def store_file(
    *, origin: Origin, resource: Resource | None, content: bytes, label: Label, at: datetime
) -> bool:
    """Seal a file and put it into the storage. Returns False when it is there already."""
    sha256 = hashlib.sha256(content).hexdigest()
    mine = File.objects.filter(patient_id=origin.patient_id, origin=origin, sha256=sha256)
    if mine.exists():
        return False
    key = f"{origin.patient_id}/{uuid4()}"
    sealed = sealing.seal(content, context=file_context(key))
    saved = default_storage.save(key, ContentFile(sealed))
    _, is_new = File.objects.get_or_create(
        patient_id=origin.patient_id,
        origin=origin,
        sha256=sha256,
        defaults={
            "resource": resource,
            "size_bytes": len(content),
            "media_type": label.media_type[:100],
            "name": safe_name(label.name, label.media_type),
            "storage_key": saved,
            "stored_at": at,
        },
    )
    return is_new


def open_file(file: File) -> bytes:
    """Return the bytes of a file as they came. Raises sealing.BrokenSeal."""
    with default_storage.open(file.storage_key) as stored:
        return sealing.unseal(stored.read(), context=file_context(file.storage_key))


def file_context(storage_key: str) -> str:
    """Return what a sealed file is bound to."""
    return f"records.file:{storage_key}"


def safe_name(name: str, media_type: str) -> str:
    """Return a file name that is safe in a folder, a zip and a header; letters of any language."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    plain = re.sub(r"[^\w. ()+-]", "_", last).strip(". _")[:110] or "file"
    ending = _ENDINGS.get(media_type.partition(";")[0].strip().lower(), "")
    return plain if re.search(r"\.[A-Za-z0-9]{1,6}\Z", plain) else plain + ending


def delete_bytes(keys: Sequence[str]) -> None:
    """Delete stored bytes."""
    for key in keys:
        default_storage.delete(key)
