"""Shells around the work: the row is the job, a message is only a hint."""

import os
import socket
from secrets import token_hex

from celery import shared_task
from django.utils import timezone
from kombu.exceptions import OperationalError

from portal.connections import clients
from portal.connections.models import AuthorizationAttempt, Connection, Import
from portal.connections.services import fetching, imports, telling, tokens, working
from portal.connections.source_api import SourceRefused, SourceUnavailable

AT_ONCE = 50
HINT_LIVES_S = 30


@shared_task(name="connections.sweep")
def sweep() -> None:
    """Find what is due, whoever forgot it, and hint at it."""
    at = timezone.now()
    imports.queue_due(at=at)
    for run_id in Import.objects.due(at).values_list("pk", flat=True)[:AT_ONCE]:
        fetch.apply_async(kwargs={"run_id": run_id}, expires=HINT_LIVES_S)
    for pk in Connection.objects.to_revoke().values_list("pk", flat=True)[:AT_ONCE]:
        revoke.apply_async(kwargs={"connection_id": pk}, expires=HINT_LIVES_S)
    AuthorizationAttempt.objects.filter(expires_at__lte=at).delete()
    for run_id in telling.due(at=at)[:AT_ONCE]:  # last: a mail server may be slow
        telling.tell(run_id=run_id, at=at)


@shared_task(name="connections.fetch")
def fetch(*, run_id: int) -> None:
    owner = f"{socket.gethostname()[:30]}:{os.getpid()}:{token_hex(8)}"
    lease = imports.claim(run_id=run_id, owner=owner, at=timezone.now())
    if lease is None:
        return
    with clients.for_source(lease.run.connection.source) as api:
        try:
            fetching.work(working.Worker(lease, api, timezone.now))
        except imports.LeaseLost:
            return


@shared_task(name="connections.revoke")
def revoke(*, connection_id: int) -> None:
    connection = Connection.objects.to_revoke().select_related("source").get(pk=connection_id)
    with clients.for_source(connection.source) as api:
        try:
            tokens.revoke(connection=connection, api=api, at=timezone.now())
        except (SourceUnavailable, SourceRefused):
            return  # the row stays, and the next sweep finds it


def hint(*, run_id: int) -> None:
    """Make an import prompt; without a broker the sweep finds it a little later."""
    try:
        fetch.apply_async(kwargs={"run_id": run_id}, expires=HINT_LIVES_S, retry=False)
    except OperationalError:
        return
