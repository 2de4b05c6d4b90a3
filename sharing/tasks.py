"""Shells: ids in, one call. The row is the job, and a message is only a hint."""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from celery import shared_task
from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from kombu.exceptions import OperationalError

from sharing import services
from sharing.models import Delivery, Endpoint
from sharing.services import keys
from sharing.transport import Key, Route, Transport

log = structlog.get_logger(__name__)

HINT_AGAIN = timedelta(seconds=6)
MOST_HINTS = 100
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
    for delivery_id in hints(at):
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
    with open_transport(endpoint, at=clock()) as program:
        try:
            return services.send(delivery_id=delivery_id, program=program, clock=clock)
        except services.NothingToClaim:
            return ""


def open_transport(endpoint: Endpoint, *, at: datetime) -> Transport:
    """Return the way to a program's server."""
    route = Route(
        base_url=endpoint.base_url,
        token_url=endpoint.token_url,
        notice_url=endpoint.notice_url,
        client_id=endpoint.client_id,
        scope=endpoint.oauth_scope,
        loopback=settings.LOOPBACK_HOSTS_ALLOWED,
    )
    if endpoint.sign_in == Endpoint.Sign.NONE:
        return Transport(route)
    key = keys.current(endpoint.algorithm, at=at)
    return Transport(route, Key(key.kid, key.algorithm, keys.private_pem(key)))


def hint_soon(hint: Hint = ask_workers) -> None:
    """Make it prompt, after something was queued; the sweep does it anyway."""
    try:
        for delivery_id in hints(timezone.now()):
            hint(str(delivery_id))
    except OperationalError:
        log.warning("broker-unreachable")


def hints(at: datetime) -> list[uuid.UUID]:
    """Return what is due and was not hinted at lately: a lost message is repeated soon."""
    quiet = Q(hinted_at=None) | Q(hinted_at__lte=at - HINT_AGAIN)
    rows = Delivery.objects.due(at).filter(quiet, enrolment__program__endpoint__active=True)
    due = list(rows.values_list("pk", flat=True)[:MOST_HINTS])
    Delivery.objects.filter(pk__in=due).update(hinted_at=at)
    return due
