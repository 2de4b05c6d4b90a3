"""Child processes with a memory: what was started is written down for a later run to end."""

import contextlib
import json
import os
import pwd
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from threading import Event
from typing import TypedDict

import psutil

# Start times are read back from the kernel; they differ by rounding only.
SAME_START_S = 1.0
TELL_EVERY_S = 15.0


@dataclass(frozen=True)
class Service:
    """One process to keep running: its command, and how to tell that it answers."""

    name: str
    command: Sequence[str]
    ready: Callable[[], bool]
    environment: Mapping[str, str] = field(default_factory=dict)
    ready_within_s: float = 300.0  # slow is no fault: one that ended is noticed at once
    stop_signal: signal.Signals = signal.SIGTERM
    stop_within_s: float = 10.0
    user: pwd.struct_passwd | None = None
    pass_fds: tuple[int, ...] = ()


@dataclass(frozen=True)
class Mark:
    """What identifies a process beyond its number, which the system gives again."""

    name: str
    pid: int
    started: float
    stop_signal: int


class Journal:
    """The file that names every process that was started and not yet seen to end."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._marks: dict[str, Mark] = {}

    def add(self, service: Service, process: subprocess.Popen[bytes]) -> None:
        """Write a process down; one that has ended already is not worth a line."""
        with contextlib.suppress(psutil.NoSuchProcess):
            started = psutil.Process(process.pid).create_time()
            self._marks[service.name] = Mark(
                service.name, process.pid, started, int(service.stop_signal)
            )
        self._save()

    def forget(self, name: str) -> None:
        """Strike a process that has ended."""
        self._marks.pop(name, None)
        self._save()

    def end_leftovers(self) -> list[str]:
        """End what an earlier run left behind; return the names, last started first."""
        marks = self._load()
        ended = [mark.name for mark in reversed(marks) if end_group(mark)]
        self._marks.clear()
        self._save()
        return ended

    def _load(self) -> list[Mark]:
        if not self._path.is_file():
            return []
        return [Mark(**row) for row in json.loads(self._path.read_text())]

    def _save(self) -> None:
        draft = self._path.with_suffix(".new")
        draft.write_text(json.dumps([asdict(mark) for mark in self._marks.values()], indent=1))
        draft.replace(self._path)


def start(
    service: Service, *, logs: Path, environment: Mapping[str, str], folder: Path
) -> subprocess.Popen[bytes]:
    """Start a service in a session of its own, its words going to a log file of its own."""
    with (logs / f"{service.name}.log").open("ab") as log:
        return subprocess.Popen(
            list(service.command),
            cwd=folder,
            env={**environment, **service.environment},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            **as_user(service.user),
            pass_fds=service.pass_fds,
        )


class Identity(TypedDict, total=False):
    """The arguments of Popen that change whom a process runs as."""

    user: int
    group: int
    extra_groups: list[int]


def as_user(user: pwd.struct_passwd | None) -> Identity:
    """Return what makes a process run as somebody else, or nothing."""
    if user is None:
        return {}
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def wait_until_ready(
    service: Service,
    process: subprocess.Popen[bytes],
    *,
    give_up: Event,
    still_waiting: Callable[[], None],
    tell_every_s: float = TELL_EVERY_S,
) -> bool:
    """Wait for a service to answer; False when it ended, took too long, or nobody waits."""
    began = told = time.monotonic()
    while (now := time.monotonic()) < began + service.ready_within_s and process.poll() is None:
        if service.ready():
            return True
        if now > told + tell_every_s:
            told = now
            still_waiting()
        if give_up.wait(0.1):
            return False
    return False


def stop(service: Service, process: subprocess.Popen[bytes]) -> None:
    """Ask a service to end, then make it, together with all that it started."""
    if process.poll() is None:
        process.send_signal(service.stop_signal)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=service.stop_within_s)
    _signal_group(process.pid, signal.SIGKILL)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(timeout=5)


def end_group(mark: Mark) -> bool:
    """End a process of an earlier run and its group; False when nothing of it was there."""
    members = list(_members(mark))
    if not members:
        return False
    leader = [p for p in members if p.pid == mark.pid]
    for process in leader or members:
        _send(process, mark.stop_signal)
    _wait_until_gone(mark, within_s=8)
    for process in _members(mark):
        _send(process, signal.SIGKILL)
    _wait_until_gone(mark, within_s=5)
    return True


def _members(mark: Mark) -> Iterator[psutil.Process]:
    """Yield the living processes of the mark's group.

    When its number belongs to another process by now, the group is not ours either.
    """
    if _belongs_to_another(mark):
        return
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, ProcessLookupError):
            # A zombie has ended; whoever is its parent by now may be slow to notice.
            ended = process.status() == psutil.STATUS_ZOMBIE
            ours = os.getpgid(process.pid) == mark.pid
            if ours and not ended and process.create_time() >= mark.started - SAME_START_S:
                yield process


def _belongs_to_another(mark: Mark) -> bool:
    with contextlib.suppress(psutil.Error):
        started = float(psutil.Process(mark.pid).create_time())
        return abs(started - mark.started) >= SAME_START_S
    return False


def _wait_until_gone(mark: Mark, *, within_s: float) -> None:
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline and any(_members(mark)):
        time.sleep(0.05)


def _send(process: psutil.Process, number: int) -> None:
    with contextlib.suppress(psutil.Error):
        process.send_signal(number)


def _signal_group(leader: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, number)
