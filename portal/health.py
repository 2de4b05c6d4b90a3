"""Is the site alive, and is it ready? For load balancers and for people who run it."""

from datetime import datetime, timedelta

from celery.exceptions import CeleryError
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from kombu.exceptions import KombuError

from portal.celery import app

# Sweeps run every few seconds; so long without one means that no worker or no clock runs.
SWEEP_LATE = timedelta(seconds=60)
SWEEPS = ("connections.sweep", "sharing.sweep")


@login_not_required
@never_cache
@require_safe
def alive(_request: HttpRequest) -> HttpResponse:
    """Answer that this process runs."""
    return JsonResponse({"status": "ok"})


@login_not_required
@never_cache
@require_safe
def ready(_request: HttpRequest) -> HttpResponse:
    """Answer 200 when database, broker and sweeps work, else 503 and which does not."""
    parts = {"database": _database(), "broker": _broker()}
    parts["sweeps"] = sweeps(timezone.now()) if parts["broker"] == "ok" else "unknown"
    good = all(state == "ok" for state in parts.values())
    return JsonResponse(
        {"status": "ok" if good else "not ready", **parts}, status=200 if good else 503
    )


def note_sweep(name: str, at: datetime) -> None:
    """Remember when a sweep last ran to its end."""
    cache.set(f"swept:{name}", at.isoformat(), timeout=None)


def sweeps(at: datetime) -> str:
    """Return `ok`, or what is late."""
    late = [name for name in SWEEPS if not _is_recent(cache.get(f"swept:{name}"), at)]
    return "ok" if not late else f"late: {', '.join(late)}"


def _is_recent(said: str | None, at: datetime) -> bool:
    return said is not None and at - datetime.fromisoformat(said) < SWEEP_LATE


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "does not answer"
    return "ok"


def _broker() -> str:
    if not settings.BROKER_URL:
        return "not set"
    try:
        with app.connection_for_read() as broker:
            broker.ensure_connection(max_retries=1, timeout=2)
    except (KombuError, CeleryError, OSError):
        return "does not answer"
    return "ok"
