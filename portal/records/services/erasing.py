"""Erasing a person's copies, which is the only way that a copy is ever lost."""

from django.db import connection, transaction

from portal.records.models import (
    Change,
    File,
    Finding,
    Origin,
    Quarantined,
    Rejected,
    Resource,
    ResourceVersion,
    Upload,
)
from portal.records.services import joining
from portal.records.services.files import delete_bytes


@transaction.atomic
def erase(*, origin: Origin) -> int:
    """Delete every copy that came from an origin, and say how many resources there were.

    What was read out of files that came over an account goes with it. Trails that speak of them
    keep only ids. The files' bytes go when this is committed.
    """
    erased = sum(_erase_sent(sent) for sent in Origin.objects.filter(account=origin))
    return erased + _erase_copies(origin)


def _erase_sent(sent: Origin) -> int:
    for upload in Upload.objects.filter(origin=sent):
        joining.part(upload)  # regions that the person added to it stay theirs
        upload.delete()
    erased = _erase_copies(sent)
    sent.delete()
    return erased


def _erase_copies(origin: Origin) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('records.erasing', 'yes', true)")
    mine = {"patient_id": origin.patient_id, "origin": origin}
    Finding.objects.filter(**mine).delete()
    ResourceVersion.objects.filter(resource__origin=origin).delete()
    Change.objects.filter(resource__origin=origin).delete()
    keys = list(File.objects.filter(**mine).values_list("storage_key", flat=True))
    File.objects.filter(**mine).delete()
    Rejected.objects.filter(**mine).delete()
    Quarantined.objects.filter(**mine).delete()
    erased, _ = Resource.objects.filter(**mine).delete()
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('records.erasing', '', true)")
    transaction.on_commit(lambda: delete_bytes(keys))
    return erased
