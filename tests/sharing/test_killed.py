"""A sender is killed at any moment: nothing is there twice, and nothing leaves after a stop."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection as database

from consent import services as consent
from sharing import services
from sharing.models import Delivery, Package
from sharing.services import keys
from tests.consent.builders import a_resource, an_answer
from tests.sharing.builders import Sharing, a_variant
from tests.sharing.real import ROOT, RealProgram, running

# Each kill needs a sender that is really at work, and a program that really stores.
pytestmark = [pytest.mark.usefixtures("transactional_db"), pytest.mark.fault, pytest.mark.slow]
KILLS = 20
LEASE_S = 31


class Nursery:
    """Bears senders whose clock is ahead, and kills them."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.ahead_s = 0.0
        self.kills = 0
        self.chance = random.Random(20)

    def work(self, *, kill: bool) -> None:
        """Let one sender work, perhaps not for long."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{self.ahead_s}\n")
        self.process.stdin.flush()
        sender = int(self.process.stdout.readline())
        if kill:
            time.sleep(self.chance.uniform(0.02, 0.5))
            with suppress(ProcessLookupError):  # it was quick, and is done already
                os.kill(sender, signal.SIGKILL)
                self.kills += 1
        assert self.process.stdout.readline() == "over\n"
        self.ahead_s += LEASE_S

    @property
    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.ahead_s)


@contextmanager
def a_nursery() -> Iterator[Nursery]:
    told = database.settings_dict
    where = {"user": told["USER"], "password": told["PASSWORD"], "host": told["HOST"]}
    words = " ".join(f"{name}='{value}'" for name, value in where.items() if value)
    port = f" port='{told['PORT']}'" if told["PORT"] else ""
    url = f"{words} dbname='{told['NAME']}'{port}"
    with subprocess.Popen(
        [sys.executable, "-m", "tests.sharing.nursery"],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": url},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield Nursery(process)
        process.kill()


def joined(program: RealProgram) -> Sharing:
    sharing = Sharing(scope=None, algorithm="ES384", **program.fields)
    keys.current("ES384", at=sharing.now)
    program.jwks.keys = keys.published(at=sharing.now)
    program.fault("slow", seconds=0.15, path="/fhir", method="POST", times=0)
    return sharing


def until_settled(nursery: Nursery, *, kills: int) -> None:
    target = nursery.kills + kills
    while Delivery.objects.open().exists():
        nursery.work(kill=nursery.kills < target)


def test_twenty_kills_make_nothing_twice_and_nothing_after_a_stop(tmp_path: Path) -> None:
    with running("all-of-us", tmp_path) as program, a_nursery() as nursery:
        sharing = joined(program)
        rounds = 0
        while nursery.kills < KILLS:
            rounds += 1
            a_resource(sharing.origin, a_variant(id=f"more-{rounds}"), "hereditary-risk")
            sharing.now = nursery.now
            sharing.confirm()
            until_settled(nursery, kills=2)
            held = {row["id"] for row in program.held("Observation")}
            assert held == sent_ids(sharing)
            _stop_in_the_middle(sharing, nursery, rounds)
            assert program.held("Observation") == []
            consent.agree(
                patient=sharing.patient,
                program=sharing.program,
                answer=an_answer(sharing.agreement.version),
                at=nursery.now,
            )

        received = [row["sha256"] for row in program.received()]

    delivered = Package.objects.filter(delivery__state=Delivery.State.DELIVERED)
    in_flight = Package.objects.filter(delivery__state=Delivery.State.IN_FLIGHT)
    assert len(received) == len(set(received))
    assert set(delivered.values_list("sha256", flat=True)) <= set(received)
    known = {*delivered, *in_flight}
    assert set(received) <= {package.sha256 for package in known}
    assert nursery.kills >= KILLS


def sent_ids(sharing: Sharing) -> set[str]:
    newest = Package.objects.filter(kind="push", delivery__state="delivered").latest("created_at")
    return {item["sent_id"] for item in newest.manifest["items"]}


def _stop_in_the_middle(sharing: Sharing, nursery: Nursery, number: int) -> None:
    """Confirm one more, let a sender begin and die, stop, and let others finish."""
    a_resource(sharing.origin, a_variant(id=f"late-{number}"), "hereditary-risk")
    sharing.now = nursery.now
    sharing.confirm()
    nursery.work(kill=True)
    services.stop(
        patient=sharing.patient,
        program=sharing.program,
        recall=True,
        by=sharing.patient,
        at=nursery.now,
    )
    until_settled(nursery, kills=1)
