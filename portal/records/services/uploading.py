"""How files that people handed in, and those that labs sent, are read."""

from collections.abc import Iterator
from datetime import datetime
from itertools import batched
from typing import Final

from django.db import transaction

from portal.audit import actions
from portal.audit import services as audit
from portal.genomics import files as kinds
from portal.records import facts, fhir, people
from portal.records.fhir import Incoming
from portal.records.models import Change, Origin, Resource, Upload
from portal.records.services import joining
from portal.records.services.converting import (
    Answer,
    Counts,
    FileToRead,
    LeftOut,
    Question,
    Unreadable,
    convert,
)
from portal.records.services.erasing import erase
from portal.records.services.files import open_file
from portal.records.services.findings import lock_origins, rebuild_findings
from portal.records.services.pages import PageCounts, reject, store_page

AT_ONCE: Final = 500

# Read by a process of its own, and stored as the FHIR that comes out of it.
_CONVERTED: Final = frozenset(
    {
        kinds.Kind.VCF,
        kinds.Kind.RAW_GENOTYPES,
        kinds.Kind.HL7V2,
        kinds.Kind.PHENOPACKET,
        kinds.Kind.BED,
    }
)


class NothingAsked(Exception):
    """The file has no open question."""


class NotOffered(Exception):
    """The answer is not one of those that were offered."""


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
    if upload.regions == joining.UNSURE:
        joining.forget(upload, at)
        rebuild_findings(patient=upload.patient, at=at)
    elif upload.kind == kinds.Kind.FHIR or upload.kind in _CONVERTED:
        _read(upload, at)
    upload.read_at = at
    upload.save()
    return upload


@transaction.atomic
def answer_upload(*, upload: Upload, answer: Answer, at: datetime) -> None:
    """Take what a person says about a file that asked, and queue it to be read again.

    Raises NothingAsked, or NotOffered for what is not among that to choose from.
    """
    locked = Upload.objects.select_for_update(of=("self",)).get(pk=upload.pk)
    if locked.state != Upload.State.ASKING and not locked.can_be_chosen_again:
        raise NothingAsked
    if locked.question == "several-samples" and answer.sample not in locked.samples:
        raise NotOffered
    if locked.question == "whose" and answer.person not in {people.NOBODY, *locked.samples}:
        raise NotOffered
    if answer.regions and not joining.choose(locked, answer):
        raise NotOffered
    locked.person = answer.person or locked.person
    locked.sample = answer.sample or locked.sample
    locked.build = answer.build or locked.build
    joining.ask_anew(locked)
    about = f"records.upload:{locked.pk}"
    audit.record(
        actions.UPLOAD_ANSWERED, by=locked.patient, patient_id=locked.patient_id, about=about, at=at
    )


@transaction.atomic
def remove_upload(*, upload: Upload, at: datetime) -> None:
    """Erase a file that a person handed in, with all that was read from it."""
    origin, patient = upload.origin, upload.patient
    joining.part(upload)
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


def _read(upload: Upload, at: datetime) -> None:
    """Read a file; ask where it does not say what must be known."""
    store = _STORES.get(kinds.Kind(upload.kind), _store_converted)
    try:
        with transaction.atomic():  # all of the file, or nothing of it
            counts = store(upload, at)
    except Question as question:
        upload.state = Upload.State.ASKING
        upload.question, upload.samples = question.code, list(question.names)
        return
    except Unreadable as refusal:
        upload.state, upload.reason = Upload.State.REFUSED, refusal.code
        return
    upload.stored = counts.stored + counts.changed
    is_read = bool(upload.stored) or upload.kind != kinds.Kind.FHIR
    upload.state = Upload.State.READ if is_read else Upload.State.REFUSED
    rebuild_findings(patient=upload.patient, at=at)


def _store_converted(upload: Upload, at: datetime) -> PageCounts:
    """Store what a process of its own makes of a file that is not FHIR."""
    beds = joining.beds_of(upload)
    source = FileToRead(
        open_file(upload.content()),
        upload.kind,
        is_clinical=upload.is_clinical,
        regions=upload.regions,
        beds=joining.as_read(beds),
    )
    answer = Answer(sample=upload.sample, build=upload.build)
    whole, counts = Counts(), PageCounts()
    # All of it first: while a process reads, nobody else should wait for our locks.
    made = list(convert(source, answer, whole))
    _settle_whose(upload, [one for one in made if isinstance(one, bytes)])
    lock_origins(patient=upload.patient)
    for several in batched(made, AT_ONCE):
        entries = [Incoming(one) for one in several if isinstance(one, bytes)]
        counts += store_page(origin=upload.origin, entries=entries, at=at)
        for one in several:
            if isinstance(one, LeftOut):
                _list_line(beds[one.file - 1].origin if one.file else upload.origin, one, at)
    _drop_former(upload, counts, at)
    upload.rejected, upload.not_listed = whole.left_out + counts.rejected, whole.not_listed
    upload.different, upload.tested = whole.different, whole.tested
    return counts


def _store_regions(upload: Upload, at: datetime) -> PageCounts:
    """Read regions by themselves, or leave them to the file of variants that they go with."""
    joining.settle(upload)
    if upload.test_id is None:
        return _store_converted(upload, at)
    joining.join(upload, at)
    return PageCounts()


def _drop_former(upload: Upload, counts: PageCounts, at: datetime) -> None:
    """Take back what an earlier reading of the file found and this one does not.

    No news: the file is the same, only what goes with it is not.
    """
    present = Resource.objects.filter(origin=upload.origin).present()
    names = present.values_list("pk", "resource_type", "source_id")
    now = frozenset(counts.ids)
    gone = [pk for pk, kind, name in names if f"{kind}/{name}" not in now]
    Resource.objects.filter(pk__in=gone).update(removed_at=at)
    corrected = Change.objects.filter(resource__origin=upload.origin, at=at)
    corrected.filter(kind=Change.Kind.CORRECTED).delete()


def _list_line(origin: Origin, line: LeftOut, at: datetime) -> None:
    raw = f"line {line.line}: {line.code}".encode()
    reject(origin=origin, raw=raw, reason=f"line-{line.code}", at=at, detail=f"line {line.line}")


def _store_fhir(upload: Upload, at: datetime) -> PageCounts:
    content = open_file(upload.content())
    counts = PageCounts()
    try:
        found = list(_entries(fhir.as_utf8(content)))
    except fhir.NotJson:
        reject(origin=upload.origin, raw=content, reason="not-json", at=at)
        upload.rejected = 1
        return counts
    _settle_whose(upload, [one.raw for one in found])
    lock_origins(patient=upload.patient)
    for entries in batched(found, AT_ONCE):
        counts += store_page(origin=upload.origin, entries=entries, at=at)
    upload.rejected = counts.rejected
    return counts


_STORES: Final = {kinds.Kind.FHIR: _store_fhir, kinds.Kind.BED: _store_regions}


def _settle_whose(upload: Upload, raws: list[bytes]) -> None:
    """Make sure whom a file is about before anything of it is kept.

    Raises Question where it names somebody who is not surely the person, and Unreadable where
    that is somebody else, or several whom the file does not keep apart.
    """
    if upload.file_id is not None:
        return  # a lab sent it, over an account that is the person's
    if upload.person == people.NOBODY:
        raise Unreadable("other-person")
    everybody = people.patients_in(raws)
    named = [one for one in everybody if one.is_told]
    if upload.person:
        mine = [one for one in named if one.label == upload.person]
    elif not named or _is_known(upload, named):
        mine = named
    else:
        raise Question("whose", tuple(dict.fromkeys(one.label for one in named)))
    if named and len(everybody) > 1:
        _keep_to_one(upload, mine, everybody, raws)


def _is_known(upload: Upload, named: list[people.Named]) -> bool:
    """Tell that the one whom a file names is named in the person's record already."""
    own = Resource.objects.of(upload.patient).filter(resource_type="Patient", removed_at=None)
    known = people.patients_in(row.verbatim() for row in own.exclude(origin=upload.origin))
    return len(named) == 1 and any(people.is_same(named[0], one) for one in known)


def _keep_to_one(
    upload: Upload, mine: list[people.Named], everybody: list[people.Named], raws: list[bytes]
) -> None:
    """Let all that is about the others be shut away."""
    plain = {form for one in everybody for form in (one.id, f"Patient/{one.id}")}
    if len(mine) != 1 or not mine[0].id or not _whose(raws) <= plain:
        raise Unreadable("several-people")
    upload.origin.remote_patient_id = mine[0].id
    upload.origin.save(update_fields=["remote_patient_id"])


def _whose(raws: list[bytes]) -> frozenset[str]:
    found: set[str] = set()
    for raw in raws:
        try:
            found |= facts.examine(Incoming(raw)).whose
        except facts.Unreadable:
            found |= facts.patients_in(raw)
    return frozenset(found)


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
