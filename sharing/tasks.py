"""Shells: ids in, one call. The row is the job, and a message is only a hint."""

import uuid
from collections.abc import Callable
from datetime import datetime

import structlog
from celery import shared_task
from django.utils import timezone
from kombu.exceptions import OperationalError

from sharing import clients, services
from sharing.models import Endpoint

log = structlog.get_logger(__name__)

HINT_LIVES_S = 60

type Clock = Callable[[], datetime]
type Hint = Callable[[str], None]


def ask_workers(delivery_id: str) -> None:
    """Hint at one delivery."""
    send_delivery.apply_async(
        kwargs={"delivery_id": delivery_id}, expires=HINT_LIVES_S, retry=False
    )


@shared_task(name="sharing.sweep")
def sweep() -> None:
    sweep_at(timezone.now(), ask_workers)


def sweep_at(at: datetime, hint: Hint) -> None:
    """Follow the agreements, keep up to date, forget what must go, and hint at what is due."""
    services.follow_all(at=at)
    services.keep_up(at=at)
    services.forget()
    for delivery_id in services.hints(at=at):
        hint(str(delivery_id))


@shared_task(name="sharing.send_delivery")
def send_delivery(*, delivery_id: str) -> None:
    deliver(uuid.UUID(delivery_id), clock=timezone.now)


def deliver(delivery_id: uuid.UUID, *, clock: Clock) -> str:
    """Send one delivery through its program's own server; one that is closed gets nothing."""
    servers = Endpoint.objects.filter(active=True)
    endpoint = servers.filter(program__enrolments__deliveries=delivery_id).first()
    if endpoint is None:
        return ""
    with clients.for_program(endpoint, at=clock()) as program:
        try:
            return services.send(delivery_id=delivery_id, program=program, clock=clock)
        except services.NothingToClaim:
            return ""


def hint_soon(hint: Hint = ask_workers) -> None:
    """Make it prompt, after something was queued; the sweep does it anyway."""
    try:
        for delivery_id in services.hints(at=timezone.now()):
            hint(str(delivery_id))
    except OperationalError:
        log.warning("broker-unreachable")
