"""The whole demo as a test sees it: real processes, a folder of its own, free ports."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import psutil
import psycopg

from tools import plan

STARTS_WITHIN_S = 300
STOPS_WITHIN_S = 60
# Of the tests' own environment, which would lead the demo to the tests' database.
NOT_INHERITED = {"DATABASE_URL", "BROKER_URL", "SECRET_KEY", "SEAL_KEYS", "STATIC_STORAGE", "PORT"}


# Short, so that a test need not wait long for the work of somebody who was killed.
LEASES = {"IMPORT_LEASE_S": "8", "SHARING_LEASE_S": "12", "SHARING_DEADLINE_S": "10"}


def until(what: str, is_so: Callable[[], bool], *, within_s: float = 60) -> None:
    """Wait until something is so; fail with its name when it does not become so."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if is_so():
            return
        time.sleep(0.1)
    raise AssertionError(f"not within {within_s} s: {what}")


@dataclass
class Demo:
    """One demo in a folder of its own."""

    data: Path
    process: subprocess.Popen[str] | None = None
    said: list[str] = field(default_factory=list)

    def start(self) -> None:
        """Start everything and wait until it says where it is."""
        keep = {k: v for k, v in os.environ.items() if k not in NOT_INHERITED}
        static = plan.ROOT / ".data" / "static-of-tests"
        own = {"DATA_DIR": str(self.data), "PORT": "0", "STATIC_ROOT": str(static), **LEASES}
        with (self.data / "said.log").open("w") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tools.supervisor"],
                cwd=plan.ROOT,
                env={**keep, **own},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            )
        until("the demo runs", self._has_started, within_s=STARTS_WITHIN_S)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """Ask the supervisor to end everything."""
        if self.process is not None:
            self.process.send_signal(number)
            self.process.wait(timeout=STOPS_WITHIN_S)
            self.process = None

    def words(self) -> str:
        """Return what the supervisor has said so far."""
        return (self.data / "said.log").read_text()

    def marks(self) -> dict[str, int]:
        """Return the process number of each service."""
        text = (self.data / "processes.json").read_text()
        return {mark["name"]: mark["pid"] for mark in json.loads(text)}

    def kill(self, service: str) -> int:
        """End a service and all of its children at once, without a word; return its number."""
        leader = self.marks()[service]
        os.killpg(leader, signal.SIGKILL)
        return leader

    def processes(self) -> list[psutil.Process]:
        """Return every living process of this demo, found by its folder."""
        found = []
        for process in psutil.process_iter():
            try:
                environment = process.environ()
                command = " ".join(process.cmdline())
            except psutil.Error:
                continue
            if process.pid == os.getpid() or process.status() == psutil.STATUS_ZOMBIE:
                continue
            if environment.get("DATA_DIR") == str(self.data) or str(self.data) in command:
                found.append(process)
        return found

    @property
    def site(self) -> str:
        """Where the site is reached."""
        return f"http://localhost:{self.port('web')}"

    def port(self, name: str) -> int:
        """Return the port of one of the services."""
        ports: dict[str, int] = json.loads((self.data / "ports.json").read_text())
        return ports[name]

    def other(self, name: str) -> str:
        """Where the lab, the EHR or a program is reached."""
        return f"http://127.0.0.1:{self.port(name)}"

    def sign_ins(self) -> dict[str, dict[str, Any]]:
        """Return how each role signs in; `second admin` is the one who is not shown."""
        rows = json.loads((self.data / "sign-ins.json").read_text())
        return {row["role"] if row["shown"] else f"second {row['role']}": row for row in rows}

    def readiness(self) -> dict[str, str]:
        """Return what the site says of its own readiness."""
        answer: dict[str, str] = httpx2.get(f"{self.site}/readyz", timeout=10).json()
        return answer

    def rows(self, question: str, *values: object) -> list[tuple[Any, ...]]:
        """Ask the demo's database as its owner."""
        address = f"postgresql://sync_owner@/{plan.DATABASE}?host={self._socket()}"
        with psycopg.connect(address, autocommit=True) as connection:
            return connection.execute(question.encode(), values).fetchall()

    def _socket(self) -> str:
        command = psutil.Process(self.marks()["postgres"]).cmdline()
        setting = next(part for part in command if part.startswith("unix_socket_directories="))
        return str(setting.partition("=")[2])

    def _has_started(self) -> bool:
        if self.process is not None and self.process.poll() is not None:
            raise AssertionError(f"the demo ended:\n{self.words()}")
        return "Ctrl-C stops everything" in self.words()
