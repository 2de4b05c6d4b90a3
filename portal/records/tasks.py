"""Shells around the reading of files that people handed in."""

from celery import shared_task
from django.utils import timezone
from kombu.exceptions import OperationalError

from portal.records import services
from portal.records.models import Upload

AT_ONCE = 50
HINT_LIVES_S = 30


@shared_task(name="records.read_upload")
def read_upload(*, upload_id: int) -> None:
    services.read_upload(upload_id=upload_id, at=timezone.now())


@shared_task(name="records.sweep")
def sweep() -> None:
    for pk in Upload.objects.waiting().values_list("pk", flat=True)[:AT_ONCE]:
        read_upload.apply_async(kwargs={"upload_id": pk}, expires=HINT_LIVES_S)


def hint(*, upload_id: int) -> None:
    """Make the reading prompt; without a broker the sweep finds it a little later."""
    try:
        read_upload.apply_async(kwargs={"upload_id": upload_id}, expires=HINT_LIVES_S, retry=False)
    except OperationalError:
        return
