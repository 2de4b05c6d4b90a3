"""Files that people hand in, kept as they are. What is packed is taken out first."""

from datetime import datetime
from typing import Final, NamedTuple

from django.db import transaction

from portal.accounts.models import User
from portal.audit import actions
from portal.audit import services as audit
from portal.genomics import archives
from portal.genomics.files import HEAD_BYTES, READ, Kind, recognise
from portal.records.models import Origin, Upload
from portal.records.services import joining
from portal.records.services.files import Label, safe_name, store_file

MOST_BYTES: Final = 64 * 1024 * 1024

_MEDIA_TYPES: Final = {
    Kind.FHIR: "application/fhir+json",
    Kind.VCF: "text/x-vcf",
    Kind.PDF: "application/pdf",
    Kind.HL7V2: "x-application/hl7-v2+er7",
    Kind.PHENOPACKET: "application/json",
    Kind.RAW_GENOTYPES: "text/plain",
    Kind.BED: "text/x-bed",
}


class CannotTake(Exception):
    """The file is not taken in; `code` says why."""

    def __init__(self, code: str) -> None:
        """Name the rule, and never the file."""
        super().__init__(code)
        self.code = code


class _Given(NamedTuple):
    name: str
    content: bytes

    @property
    def kind(self) -> Kind:
        return recognise(self.content[:HEAD_BYTES])


@transaction.atomic
def add_upload(*, patient: User, content: bytes, name: str, at: datetime) -> Upload:
    """Keep a file of a person, sealed, and queue it to be read. Its content decides what it is.

    Of what is packed the one file inside is taken, or a file of variants with the regions of its
    test. Raises CannotTake.
    """
    if len(content) > MOST_BYTES:
        raise CannotTake("too-big")
    test, *regions = _unpacked(_Given(name, content))
    # The regions go first in line, so that the test is read once, with them.
    beds = [_keep(patient, one, at) for one in regions]
    upload = _keep(patient, test, at)
    for bed in beds:
        joining.pair(bed, upload)
    return upload


def _unpacked(given: _Given) -> list[_Given]:
    """Return what was handed in; of several files that were packed the one of variants first."""
    kind = given.kind
    try:
        if kind is Kind.ZIP:
            return _of_one_test([_Given(*one) for one in archives.files(given.content, MOST_BYTES)])
        if kind is Kind.COMPRESSED and given.content.startswith(archives.GZIP):
            inside = archives.gunzipped(given.content, MOST_BYTES)
            return [_Given(given.name.removesuffix(".gz"), inside)]
    except archives.NotUnpacked:
        raise CannotTake(kind) from None
    except archives.TooBig:
        raise CannotTake("too-big") from None
    return [given]


def _of_one_test(files: list[_Given]) -> list[_Given]:
    """Return the one file of an archive, or the variants and the regions that go with them.

    Raises CannotTake for files that nothing holds together.
    """
    told = [one for one in files if one.kind is not Kind.INDEX]
    if len(told) == 1:
        return told
    tests = [one for one in told if one.kind is Kind.VCF]
    regions = [one for one in told if one.kind is Kind.BED]
    if len(tests) != 1 or len(regions) != len(told) - 1:
        raise CannotTake(Kind.ZIP)
    return [*tests, *regions]


def _keep(patient: User, given: _Given, at: datetime) -> Upload:
    kind = given.kind
    if kind not in READ:
        raise CannotTake(kind)
    title = safe_name(given.name, _MEDIA_TYPES[kind])
    origin = Origin.objects.create(
        patient=patient, kind=Origin.Kind.UPLOAD, name=title, created_at=at
    )
    label = Label(_MEDIA_TYPES[kind], title)
    store_file(origin=origin, resource=None, content=given.content, label=label, at=at)
    upload = Upload.objects.create(patient=patient, origin=origin, kind=kind, added_at=at)
    about = f"records.upload:{upload.pk}"
    audit.record(actions.UPLOADED, by=patient, patient_id=patient.pk, about=about, at=at)
    return upload
