"""Files that people hand in themselves: kept as they are, then read in the background."""

from collections.abc import Iterator
from datetime import datetime
from itertools import batched
from typing import Final

from django.db import transaction

from portal.accounts.models import User
from portal.audit import actions
from portal.audit import services as audit
from portal.genomics import files as kinds
from portal.records import fhir
from portal.records.fhir import Incoming
from portal.records.models import Origin, Upload
from portal.records.services.erasing import erase
from portal.records.services.files import Label, open_file, safe_name, store_file
from portal.records.services.findings import rebuild_findings
from portal.records.services.pages import PageCounts, reject, store_page

MOST_BYTES: Final = 64 * 1024 * 1024
AT_ONCE: Final = 500

_MEDIA_TYPES: Final = {
    kinds.Kind.FHIR: "application/fhir+json",
    kinds.Kind.VCF: "text/x-vcf",
    kinds.Kind.PDF: "application/pdf",
    kinds.Kind.HL7V2: "x-application/hl7-v2+er7",
    kinds.Kind.PHENOPACKET: "application/json",
    kinds.Kind.RAW_GENOTYPES: "text/plain",
}


class CannotTake(Exception):
    """The file is not taken in; `code` says why."""

    def __init__(self, code: str) -> None:
        """Name the rule, and never the file."""
        super().__init__(code)
        self.code = code


@transaction.atomic
def add_upload(*, patient: User, content: bytes, name: str, at: datetime) -> Upload:
    """Keep a file of a person, sealed, and queue it to be read. Its content decides what it is.

    Raises CannotTake.
    """
    if len(content) > MOST_BYTES:
        raise CannotTake("too-big")
    kind = kinds.recognise(content[: kinds.HEAD_BYTES])
    if kind not in kinds.READ:
        raise CannotTake(kind)
    title = safe_name(name, _MEDIA_TYPES[kind])
    origin = Origin.objects.create(
        patient=patient, kind=Origin.Kind.UPLOAD, name=title, created_at=at
    )
    label = Label(_MEDIA_TYPES[kind], title)
    store_file(origin=origin, resource=None, content=content, label=label, at=at)
    upload = Upload.objects.create(patient=patient, origin=origin, kind=kind, added_at=at)
    about = f"records.upload:{upload.pk}"
    audit.record(actions.UPLOADED, by=patient, patient_id=patient.pk, about=about, at=at)
    return upload


@transaction.atomic
def read_upload(*, upload_id: int, at: datetime) -> Upload | None:
    """Read a file that waits; None when it does not, or somebody else is at it."""
    waiting = Upload.objects.select_for_update(skip_locked=True, of=("self",))
    upload = (
        waiting.select_related("origin", "patient")
        .filter(pk=upload_id, state=Upload.State.WAITING)
        .first()
    )
    if upload is None:
        return None
    upload.state = Upload.State.KEPT
    if upload.kind == kinds.Kind.FHIR:
        _read_fhir(upload, at)
    upload.read_at = at
    upload.save()
    return upload


@transaction.atomic
def remove_upload(*, upload: Upload, at: datetime) -> None:
    """Erase a file that a person handed in, with all that was read from it."""
    origin, patient = upload.origin, upload.patient
    upload.delete()
    erased = erase(origin=origin)
    origin.delete()
    rebuild_findings(patient=patient, at=at)
    audit.record(
        actions.UPLOAD_REMOVED,
        by=patient,
        patient_id=patient.pk,
        facts={"erased": erased},
        at=at,
    )


def _read_fhir(upload: Upload, at: datetime) -> None:
    content = open_file(upload.origin.files.get())
    counts = PageCounts()
    try:
        for entries in batched(_entries(fhir.as_utf8(content)), AT_ONCE, strict=False):
            counts += store_page(origin=upload.origin, entries=entries, at=at)
    except fhir.NotJson:
        reject(origin=upload.origin, raw=content, reason="not-json", at=at)
        counts += PageCounts(rejected=1)
    upload.stored, upload.rejected = counts.stored + counts.changed, counts.rejected
    upload.state = Upload.State.READ if upload.stored else Upload.State.REFUSED
    rebuild_findings(patient=upload.patient, at=at)


def _entries(content: bytes) -> Iterator[Incoming]:
    """Yield the resources of a document, of a list, or of lines."""
    for document in _documents(content):
        try:
            yield from fhir.resources(document)
        except fhir.NotJson:
            yield Incoming(document)


def _documents(content: bytes) -> list[bytes]:
    if content.lstrip().startswith(b"["):
        return fhir.elements(content)
    lines = [line for line in content.splitlines() if line.strip()]
    if len(lines) > 1 and all(_is_object(line) for line in lines[:2]):
        return lines
    return [content]


def _is_object(line: bytes) -> bool:
    try:
        fhir.depth(line)
    except fhir.NotJson:
        return False
    return line.lstrip().startswith(b"{")
