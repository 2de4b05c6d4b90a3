"""Files that a lab sends over a connection: read like those that people hand in themselves."""

import hashlib
from datetime import datetime
from typing import Final

from django.db import transaction

from portal.audit import actions
from portal.audit import services as audit
from portal.genomics import files as kinds
from portal.records.models import File, Origin, Resource, Upload
from portal.records.services import joining
from portal.records.services.files import Label, store_file
from portal.records.services.pages import mark_removed

# A document of one of these holds nothing that is valid now.
NOT_VALID: Final = frozenset({"entered-in-error", "superseded"})
# Kept in any case; what is read out of the others is stored beside them.
_READ_AS_RESULTS: Final = kinds.READ - {kinds.Kind.PDF}


@transaction.atomic
def take_sent_file(
    *, document: Resource, place: int, content: bytes, label: Label, at: datetime
) -> bool:
    """Keep a file that a document points to, and queue it to be read if results can be in it.

    What the same attachment held before is over. Returns False when the file was there already.
    """
    origin = document.origin
    is_new = store_file(origin=origin, resource=document, content=content, label=label, at=at)
    file = File.objects.get(
        patient_id=origin.patient_id, origin=origin, sha256=hashlib.sha256(content).hexdigest()
    )
    for before in Upload.objects.filter(document=document, place=place).exclude(file=file):
        _end(before, at)
    kind = kinds.recognise(content[: kinds.HEAD_BYTES])
    if kind in _READ_AS_RESULTS and document.status not in NOT_VALID:
        sent = Upload(document=document, place=place, file=file, kind=kind, added_at=at)
        _queue(sent, _shown(label.name) or file.name)
    return is_new


@transaction.atomic
def end_sent_files(*, account: Origin, at: datetime) -> None:
    """Take back what was read out of files whose document the source took back.

    Files of regions then go with the file of variants that the source says they are of.
    """
    for upload in Upload.objects.filter(origin__account=account).select_related("document"):
        document = upload.document
        if document and (document.removed_at is not None or document.status in NOT_VALID):
            _end(upload, at)
    joining.join_sent_files(account=account)


def _shown(title: str) -> str:
    """Return a title as the lab wrote it, in one line."""
    return "".join(letter if letter.isprintable() else " " for letter in title).strip()


def _queue(sent: Upload, title: str) -> None:
    """Put a file in line, unless it was read before and still counts."""
    known = Upload.objects.filter(file=sent.file).first()
    if known is None:
        _add(sent, title)
    elif known.state == Upload.State.GONE:
        known.document, known.place = sent.document, sent.place
        known.state, known.read_at, known.regions = Upload.State.WAITING, None, ""
        known.save()


def _add(sent: Upload, title: str) -> None:
    assert sent.file is not None  # noqa: S101  # `take_sent_file` has just stored it
    account = sent.file.origin
    sent.patient = account.patient
    sent.origin = Origin.objects.create(
        patient=account.patient,
        kind=Origin.Kind.FILE,
        account=account,
        name=f"{account.name[:90]}: {title[:100]}",
        remote_patient_id=account.remote_patient_id,
        base_url=account.base_url,
        created_at=sent.added_at,
    )
    sent.save()
    audit.record(
        actions.FILE_SENT,
        by=None,
        patient_id=sent.patient_id,
        about=f"records.upload:{sent.pk}",
        at=sent.added_at,
    )


def _end(upload: Upload, at: datetime) -> None:
    if upload.state == Upload.State.GONE:
        return
    joining.part(upload)
    mark_removed(resources=Resource.objects.filter(origin=upload.origin).present(), at=at)
    upload.state, upload.question, upload.samples = Upload.State.GONE, "", []
    upload.read_at = at
    upload.save()
