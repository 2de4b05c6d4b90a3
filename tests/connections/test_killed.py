"""A worker is killed at any moment: at most one page is lost, and nothing is there twice."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connection as database
from django.db.models import Sum
from django.utils import timezone

from portal.connections.models import Import, Page, Step
from portal.records.models import Resource, ResourceVersion
from tests.connections import rude
from tests.connections.builders import a_connection, a_source, an_import

# Each kill needs a worker that is really at work.
pytestmark = [pytest.mark.usefixtures("transactional_db"), pytest.mark.fault, pytest.mark.slow]
ROOT = Path(__file__).resolve().parents[2]
KILLS = 20
LEASE_S = 60


@contextmanager
def a_nursery() -> Iterator[subprocess.Popen[str]]:
    """Run the process that bears workers, on the database of this test."""
    told = database.settings_dict
    where = {"user": told["USER"], "password": told["PASSWORD"], "host": told["HOST"]}
    words = " ".join(f"{name}='{value}'" for name, value in where.items() if value)
    port = f" port='{told['PORT']}'" if told["PORT"] else ""
    url = f"{words} dbname='{told['NAME']}'{port}"
    with subprocess.Popen(
        [sys.executable, "-m", "tests.connections.nursery"],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": url},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield process
        process.kill()


def bear(nursery: subprocess.Popen[str], run: Import, ahead_s: float) -> int:
    assert nursery.stdin is not None
    assert nursery.stdout is not None
    nursery.stdin.write(f"{run.pk} {ahead_s}\n")
    nursery.stdin.flush()
    return int(nursery.stdout.readline())


def await_end(nursery: subprocess.Popen[str]) -> None:
    assert nursery.stdout is not None
    assert nursery.stdout.readline() == "over\n"


def wait_for_a_page(server: rude.Rude, chance: random.Random) -> None:
    """Wait until the worker is at work, however busy the machine is, and a little more."""
    before, ends_at = len(server.seen.requests), time.monotonic() + 20
    while len(server.seen.requests) <= before + 1 and time.monotonic() < ends_at:
        time.sleep(0.005)
    time.sleep(chance.uniform(0, 0.08))


def test_every_resource_is_there_once_after_twenty_kills() -> None:
    chance = random.Random(20)
    with rude.running() as server, a_nursery() as nursery:
        connection = a_connection(a_source(server.base("long")))
        run = an_import(connection, at=timezone.now())
        kills, ahead_s = 0, 0.0
        while Import.objects.filter(pk=run.pk).open().exists():
            worker = bear(nursery, run, ahead_s)
            if kills < KILLS:
                wait_for_a_page(server, chance)
                os.kill(worker, signal.SIGKILL)
                kills += 1
            await_end(nursery)
            ahead_s += LEASE_S

    step = Step.objects.get(run=run, resource_type="Observation")
    asked = [path for path in server.seen.at(server.port) if "/Observation" in path]
    numbers = list(
        Page.objects.filter(step=step).order_by("number").values_list("number", flat=True)
    )
    run.refresh_from_db()
    assert run.state == Import.State.DONE
    assert kills == KILLS
    assert numbers == list(range(1, rude.LONG + 1))
    assert Resource.objects.count() == rude.LONG * rude.A_PAGE
    assert Step.objects.aggregate(n=Sum("stored"))["n"] == rude.LONG * rude.A_PAGE
    assert not ResourceVersion.objects.exists()
    assert len(asked) <= rude.LONG + KILLS


def test_two_workers_never_hold_one_import() -> None:
    with rude.running() as server, a_nursery() as first, a_nursery() as second:
        run = an_import(a_connection(a_source(server.base("long"))), at=timezone.now())
        for nursery in (first, second):
            bear(nursery, run, 0)
        for nursery in (first, second):
            await_end(nursery)

    asked = [path for path in server.seen.at(server.port) if "/Observation" in path]
    run.refresh_from_db()
    assert run.state == Import.State.DONE
    assert len(asked) == rude.LONG
