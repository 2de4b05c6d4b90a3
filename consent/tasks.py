"""Background work of consent: ending what has ended."""

from celery import shared_task
from django.utils import timezone

from consent import services


@shared_task(name="consent.expire")
def expire() -> None:
    services.expire(at=timezone.now())
