"""The demo: starts every process in order, keeps them running, and leaves none behind.

    python -m tools.supervisor            run until Ctrl-C
    python -m tools.supervisor --reset    forget all that the demo kept, then stop

DATABASE_URL and BROKER_URL replace the embedded ones, PORT chooses the site's port,
DATA_DIR the folder (default `.data`).
"""

import argparse
import contextlib
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from threading import Event
from typing import IO

import psycopg

from tools import plan, postgres
from tools.ports import Ports, PortTaken
from tools.processes import Journal, Service, start, stop, wait_until_ready
from tools.provision import LOCK, files_in, is_current, is_ours, write_stamp

RESTARTS = 5
WITHIN_S = 60
# Whoever lived so long before the end had started well.
LIVED_S = 5
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class CannotRun(Exception):
    """The demo cannot run; the message is what to tell the person."""


class Stopped(Exception):
    """Somebody asked to stop while things were still starting."""


class Supervisor:
    """Every process of one demo, in the order of starting."""

    def __init__(self, place: plan.Place) -> None:
        self.place = place
        self.journal = Journal(place.data / "processes.json")
        self.logs = place.folder("logs")
        self.running: list[tuple[Service, subprocess.Popen[bytes], Mapping[str, str]]] = []
        self.stopping = Event()
        self._ends: dict[str, list[float]] = {}
        self._began: dict[str, float] = {}

    def up(self, service: Service, environment: Mapping[str, str]) -> None:
        """Start one process and wait until it answers.

        Raises CannotRun.
        """
        self.up_together([service], environment)

    def up_together(self, services: list[Service], environment: Mapping[str, str]) -> None:
        """Start several processes at once, then wait for all of them.

        Raises CannotRun.
        """
        started = [(service, self._spawn(service, environment)) for service in services]
        self.running += [(service, process, environment) for service, process in started]
        for service, process in started:
            self._wait_for(service, process)

    def _wait_for(self, service: Service, process: subprocess.Popen[bytes]) -> None:
        name = service.name
        good = wait_until_ready(
            service,
            process,
            give_up=self.stopping,
            still_waiting=lambda: _say(f"Still waiting for {name} to answer."),
        )
        self._go_on()
        if not good:
            ended = process.poll() is not None
            raise CannotRun(
                self._why(name, f"{name} ended." if ended else f"{name} did not answer in time.")
            )

    def once(self, name: str, command: list[str], environment: Mapping[str, str]) -> None:
        """Run a command to its end.

        Raises CannotRun.
        """
        step = Service(name, command, ready=lambda: False)
        process = start(step, logs=self.logs, environment=environment, folder=plan.ROOT)
        while process.poll() is None and not self.stopping.wait(0.05):
            pass
        stop(step, process)
        self._go_on()
        if process.returncode:
            raise CannotRun(self._why(name, f"The step {name} failed."))

    def watch(self) -> None:
        """Keep every process running until told to stop.

        Raises CannotRun when one ends again and again.
        """
        while not self.stopping.wait(0.3):
            for place, (service, process, environment) in enumerate(self.running):
                if process.poll() is not None and not self.stopping.is_set():
                    self._note_end(service.name)
                    stop(service, process)
                    again = self._spawn(service, environment)
                    self.running[place] = (service, again, environment)

    def down(self) -> None:
        """End every process, the last started first."""
        for service, process, _environment in reversed(self.running):
            stop(service, process)
            self.journal.forget(service.name)
        self.running.clear()

    def _go_on(self) -> None:
        if self.stopping.is_set():
            raise Stopped

    def _spawn(self, service: Service, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
        process = start(service, logs=self.logs, environment=environment, folder=plan.ROOT)
        self._began[service.name] = time.monotonic()
        self.journal.add(service, process)
        return process

    def _note_end(self, name: str) -> None:
        now = time.monotonic()
        ends = [moment for moment in self._ends.get(name, []) if now - moment < WITHIN_S]
        if now - self._began[name] > LIVED_S:
            ends = []
        self._ends[name] = [*ends, now]
        _say(f"{name} ended and is started again.")
        if len(ends) >= RESTARTS:
            raise CannotRun(self._why(name, f"{name} ends again and again."))

    def _why(self, name: str, sentence: str) -> str:
        path = self.logs / f"{name}.log"
        lines = path.read_text(errors="replace").splitlines()[-12:] if path.is_file() else []
        said = "\n".join(f"  {name} | {line}" for line in lines)
        return f"{sentence} Its last words, from {path}:\n{said}"


def run(place: plan.Place) -> None:
    """Start the demo and keep it running.

    Raises CannotRun, PortTaken, postgres.CannotStart.
    """
    supervisor = Supervisor(place)
    for number in STOP_SIGNALS:
        signal.signal(number, lambda *_: supervisor.stopping.set())
    if left := supervisor.journal.end_leftovers():
        _say(f"Ended what an earlier run left behind: {', '.join(left)}.")
    try:
        with contextlib.suppress(Stopped):
            bring_up(supervisor)
            supervisor.watch()
    finally:
        _say("Stopping.")
        supervisor.down()


def bring_up(supervisor: Supervisor) -> None:
    """Start everything in the order in which it is needed, and say where it is."""
    place, ports = supervisor.place, Ports(supervisor.place.data / "ports.json")
    wanted = os.environ.get("PORT")
    listening = ports.listen_web(int(wanted) if wanted else None)
    site = f"http://localhost:{listening.getsockname()[1]}"
    base, kept = _plain_environment(), plan.kept_secrets(place)
    databases, urls = plan.database_services(place)
    for service in databases:
        supervisor.up(service, base)
    own = plan.site_environment(place, kept, site=site)
    own["BROKER_URL"] = _bring_up_broker(supervisor, ports, base, kept["BROKER_PASSWORD"])
    plan.keep_environment(place, {**own, "DATABASE_URL": urls["owner"]})
    owner, app = ({**base, **own, "DATABASE_URL": urls[role]} for role in ("owner", "app"))
    _prepare_database(supervisor, urls["owner"], owner)
    supervisor.up_together(plan.others(place, ports, site=site), base)
    supervisor.once("demo", _manage("demo", *_demo_arguments(place, ports)), owner)
    supervisor.up_together(plan.site_services(listening, place), app)
    _tell(place, ports, site)


def reset(place: plan.Place) -> None:
    """End leftovers and delete all that the demo kept."""
    Journal(place.data / "processes.json").end_leftovers()
    postgres.remove(place.data / "postgres")
    for path in place.data.iterdir():
        if path.name != "lock":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    _say("The demo's data is gone; make demo starts over.")


def main() -> int:
    """Run or reset; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reset", action="store_true")
    arguments = parser.parse_args()
    place = plan.Place(Path(os.environ.get("DATA_DIR", plan.ROOT / ".data")).resolve())
    place.folder()
    try:
        with _only_one(place):
            (reset if arguments.reset else run)(place)
    except (CannotRun, PortTaken, postgres.CannotStart) as problem:
        _say(str(problem))
        return 1
    return 0


def _only_one(place: plan.Place) -> IO[str]:
    """Hold the lock of this folder; the kernel lets go of it when the process ends.

    Raises CannotRun.
    """
    lock = (place.data / "lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise CannotRun(f"A demo already runs with {place.data}; stop it first.") from None
    return lock


def _bring_up_broker(
    supervisor: Supervisor, ports: Ports, base: Mapping[str, str], password: str
) -> str:
    given = os.environ.get("BROKER_URL")
    if given:
        return given
    service, url = plan.broker(supervisor.place, ports, password)
    supervisor.up(service, base)
    return url


def _prepare_database(supervisor: Supervisor, url: str, owner: Mapping[str, str]) -> None:
    if "DATABASE_URL" not in os.environ:
        postgres.make_database(postgres.prepare(supervisor.place.data / "postgres"), plan.DATABASE)
    try:
        psycopg.connect(url, connect_timeout=10).close()
    except psycopg.OperationalError as problem:
        last = str(problem).strip().splitlines()[-1]
        raise CannotRun(f"The database in DATABASE_URL does not answer: {last}") from None
    supervisor.once("migrate", _manage("migrate", "--noinput"), owner)
    supervisor.once("grants", _manage("grants"), owner)
    _collect_static_files(supervisor, owner)


def _collect_static_files(supervisor: Supervisor, environment: Mapping[str, str]) -> None:
    """Copy and compress the files that browsers fetch, when one of them may have changed."""
    rooms = [path for path in plan.ROOT.glob("*/**/static") if is_ours(path)]
    sources = [LOCK, plan.ROOT / "portal" / "static_files.py", *files_in("static_built")]
    sources += [file for room in sorted(rooms) for file in files_in(room)]
    stamp = Path(environment["STATIC_ROOT"]) / ".collected"
    stamp.parent.mkdir(parents=True, exist_ok=True)
    # Two demos may share the folder; the second waits, and finds it done.
    with stamp.parent.with_suffix(".lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if not is_current(stamp, sources):
            command = _manage("collectstatic", "--noinput", "--clear")
            supervisor.once("static", command, environment)
            write_stamp(stamp, sources)


def _demo_arguments(place: plan.Place, ports: Ports) -> list[str]:
    arguments = ["--sign-ins", str(place.data / "sign-ins.json")]
    for kind in ("lab", "ehr"):
        arguments += ["--source", f"{kind}={plan.address(ports, kind)}"]
    for name in plan.PROGRAMS:
        arguments += ["--program", f"{name}={plan.address(ports, name)}"]
    return arguments


def _manage(*arguments: str) -> list[str]:
    return [sys.executable, "manage.py", *arguments]


def _plain_environment() -> dict[str, str]:
    """Return the environment without what is meant for the site alone."""
    return {k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "BROKER_URL"}}


def _tell(place: plan.Place, ports: Ports, site: str) -> None:
    _say(f"\nSync for Genes: {site}\n")
    for name, title in plan.OTHERS.items():
        _say(f"  {title:36} {plan.address(ports, name)}")
    _say("")
    everybody = json.loads((place.data / "sign-ins.json").read_text())
    for who in (who for who in everybody if who["shown"]):
        _say(f"  {who['role']:8} {who['email']}   password: {who['password']}")
        if who.get("recovery_codes"):
            codes = "  ".join(who["recovery_codes"])
            _say(f"           recovery codes, each for one sign-in: {codes}")
            _say(f"           or, in an authenticator app, this key: {who['authenticator_key']}")
    _say(f"\n  Mails that the site sends are files in {place.data / 'mail'}.")
    _say(f"  Commands: . {place.data / 'demo.env'} && .venv/bin/python manage.py help")
    _say(f"  Logs are in {place.data / 'logs'}. Ctrl-C stops everything.\n")


def _say(sentence: str) -> None:
    # Nobody may be reading any more, which is no reason to leave processes behind.
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.write(f"{sentence}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
