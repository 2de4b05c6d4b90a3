"""Waiting for a process: slow is told from dead."""

import subprocess
import sys
import time
from collections.abc import Callable
from threading import Event

from tools.processes import Service, wait_until_ready


def a_process(code: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", code])


def waited(process: subprocess.Popen[bytes], ready: Callable[[], bool], within_s: float) -> bool:
    service = Service("it", [], ready=ready, ready_within_s=within_s)
    return wait_until_ready(service, process, give_up=Event(), still_waiting=lambda: None)


def test_a_process_that_ended_is_not_waited_for() -> None:
    process = a_process("raise SystemExit(3)")
    began = time.monotonic()

    assert not waited(process, lambda: False, 60)
    assert time.monotonic() - began < 30


def test_a_slow_process_is_spoken_of_until_it_answers() -> None:
    process = a_process("import time; time.sleep(60)")
    told: list[str] = []
    service = Service("it", [], ready=lambda: len(told) > 1)

    good = wait_until_ready(
        service,
        process,
        give_up=Event(),
        still_waiting=lambda: told.append("still"),
        tell_every_s=0.01,
    )

    process.kill()
    process.wait()
    assert good
    assert told == ["still", "still"]


def test_one_that_never_answers_is_given_up() -> None:
    process = a_process("import time; time.sleep(60)")

    good = waited(process, lambda: False, 0.2)

    process.kill()
    process.wait()
    assert not good
