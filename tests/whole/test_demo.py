"""`make demo` starts, heals and leaves nothing behind."""

import json
import signal
import subprocess
import sys

import httpx2
import psutil
import pytest

from tests.whole.running import Demo, until
from tools import plan

pytestmark = pytest.mark.fault


def test_the_demo_says_where_it_is_and_how_to_sign_in(demo: Demo) -> None:
    words = demo.words()

    assert demo.site in words
    for role in ("patient", "staff", "admin"):
        assert demo.sign_ins()[role]["email"] in words
        assert demo.sign_ins()[role]["password"] in words
    assert len(demo.sign_ins()["staff"]["recovery_codes"]) >= 5
    assert "recovery_codes" not in demo.sign_ins()["patient"]


def test_the_demo_becomes_ready(demo: Demo) -> None:
    until("ready", lambda: demo.readiness()["status"] == "ok", within_s=60)

    assert httpx2.get(f"{demo.site}/healthz").json() == {"status": "ok"}


def test_secrets_of_the_demo_are_for_their_owner_only(demo: Demo) -> None:
    for name in ("secrets.json", "sign-ins.json"):
        assert (demo.data / name).stat().st_mode & 0o077 == 0


def test_the_site_runs_as_a_role_that_cannot_rewrite_the_trail(demo: Demo) -> None:
    may = demo.rows(
        "SELECT privilege_type FROM information_schema.role_table_grants "
        "WHERE grantee = 'sync_app' AND table_name = 'audit_entry'"
    )
    web = psutil.Process(demo.marks()["web"]).environ()["DATABASE_URL"]

    assert {row[0] for row in may} == {"SELECT", "INSERT"}
    assert web.startswith("postgresql://sync_app@")


@pytest.mark.parametrize("service", ["worker", "beat", "web", "broker", "postgres", "lab"])
def test_a_process_that_is_killed_is_started_again(demo: Demo, service: str) -> None:
    killed = demo.kill(service)

    until("another one runs", lambda: demo.marks().get(service) not in {None, killed})
    until("ready", lambda: _is_ready(demo), within_s=60)

    assert demo.marks()[service] != killed


def test_ctrl_c_leaves_no_process_behind(own_demo: Demo) -> None:
    own_demo.start()
    assert len(own_demo.processes()) > 6

    own_demo.stop(signal.SIGINT)

    assert own_demo.processes() == []


def test_a_stop_in_the_middle_of_starting_is_calm(own_demo: Demo) -> None:
    begun = subprocess.Popen(
        [sys.executable, "-m", "tools.supervisor"],
        cwd=plan.ROOT,
        env={"DATA_DIR": str(own_demo.data), "PORT": "0", "PATH": "/usr/bin:/bin:/usr/sbin:/sbin"},
        stdout=subprocess.PIPE,
        text=True,
    )
    until("the first step runs", (own_demo.data / "logs" / "migrate.log").exists)

    begun.send_signal(signal.SIGINT)
    said, _ = begun.communicate(timeout=30)

    assert (said, begun.returncode) == ("Stopping.\n", 0)
    assert own_demo.processes() == []


def test_a_killed_supervisor_is_healed_by_the_next_start(own_demo: Demo) -> None:
    own_demo.start()
    before = own_demo.marks()
    assert own_demo.process is not None
    own_demo.process.kill()
    own_demo.process.wait()

    own_demo.start()

    assert "Ended what an earlier run left behind" in own_demo.words()
    assert not any(psutil.pid_exists(pid) for pid in before.values())
    assert set(own_demo.marks()) == set(before)


def test_a_second_demo_in_the_same_folder_is_refused_in_a_sentence(demo: Demo) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tools.supervisor"],
        cwd=plan.ROOT,
        env={"DATA_DIR": str(demo.data), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert done.stdout == f"A demo already runs with {demo.data}; stop it first.\n"


def test_two_demos_run_side_by_side(demo: Demo, own_demo: Demo) -> None:
    own_demo.start()

    ports = [json.loads((d.data / "ports.json").read_text()) for d in (demo, own_demo)]

    assert not set(ports[0].values()) & set(ports[1].values())
    assert httpx2.get(f"{own_demo.site}/healthz").status_code == 200
    assert httpx2.get(f"{demo.site}/healthz").status_code == 200


def _is_ready(demo: Demo) -> bool:
    try:
        return demo.readiness()["database"] == "ok" == demo.readiness()["broker"]
    except httpx2.HTTPError:
        return False
