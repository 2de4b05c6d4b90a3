"""The Celery application. Tasks are hints; the rows in the database are the jobs."""

import os
from logging.config import dictConfig

import structlog
from celery import Celery, Task
from celery.signals import setup_logging, task_postrun, task_prerun

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

app = Celery("portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def _log_as_the_site_does(**_kwargs: object) -> None:
    from django.conf import settings  # noqa: PLC0415  # settings load this package's parent first

    dictConfig(settings.LOGGING)


@task_prerun.connect
def _name_the_task_in_its_logs(task_id: str, task: "Task[..., object]", **_kwargs: object) -> None:
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(task_id=task_id, task=task.name)


@task_postrun.connect
def _remember_the_sweep(task: "Task[..., object]", state: str, **_kwargs: object) -> None:
    from django.utils import timezone  # noqa: PLC0415  # as above

    from portal.health import SWEEPS, note_sweep  # noqa: PLC0415  # it needs the application above

    if task.name in SWEEPS and state == "SUCCESS":
        note_sweep(task.name, timezone.now())
