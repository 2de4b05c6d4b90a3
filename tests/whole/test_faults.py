"""What is promised when things break, on the demo's own processes."""

import os
import random
import time
from collections.abc import Iterator

import httpx2
import psutil
import pytest
import valkey

from tests.whole.caller import Caller
from tests.whole.running import Demo, until

pytestmark = pytest.mark.fault
# Four of each in every run; `KILLS=20 make test ARGS=tests/whole/test_faults.py` before a release.
KILLS = int(os.environ.get("KILLS", "4"))
# The consent, made inactive, with the code of the person it speaks of.
STAYS = {"Consent", "Patient"}
SETTLED = {"delivered", "parked", "cancelled", "in-flight-at-stop"}
PROGRAM = "all-of-us"


@pytest.fixture(scope="module")
def maria(demo: Demo) -> Caller:
    until("ready", lambda: demo.readiness()["status"] == "ok", within_s=90)
    return Caller(demo)


@pytest.fixture(scope="module")
def lab_connection(maria: Caller) -> int:
    number = maria.connect("lab", "cedar-point")
    until("the first import is over", lambda: not maria.is_open(number), within_s=120)
    return number


@pytest.fixture(scope="module")
def agreed(demo: Demo, maria: Caller, lab_connection: int) -> str:
    """A program that she agreed to share with, and that knows of it."""
    maria.agree(PROGRAM)
    until("it was told", lambda: len(received(demo)) == 1)
    return PROGRAM


@pytest.fixture(autouse=True)
def knobs_are_cleared(demo: Demo) -> Iterator[None]:
    yield
    for name in ("lab", "ehr", "all-of-us", "second"):
        httpx2.post(f"{demo.other(name)}/_faults/clear")


def spoil(demo: Demo, name: str, **knob: object) -> None:
    assert httpx2.post(f"{demo.other(name)}/_faults", json=knob).is_success


def record(demo: Demo, connection: int) -> list[tuple[object, ...]]:
    """Return what is stored of a connection: type, id and hash of each resource."""
    return demo.rows(
        "SELECT r.resource_type, r.source_id, r.sha256 FROM records_resource r"
        " JOIN connections_connection c ON c.origin_id = r.origin_id"
        " WHERE c.id = %s ORDER BY 1, 2",
        connection,
    )


def kill_somebody_at_work(demo: Demo, chance: random.Random) -> None:
    """End, without a word, the worker or only one of the processes that it works with."""
    leader = psutil.Process(demo.marks()["worker"])
    children = leader.children()
    if children and chance.random() < 0.6:
        chance.choice(children).kill()
    else:
        demo.kill("worker")


def test_a_worker_killed_at_any_moment_of_an_import_loses_and_doubles_nothing(
    demo: Demo, maria: Caller, lab_connection: int
) -> None:
    before = record(demo, lab_connection)
    chance = random.Random(6)
    spoil(demo, "lab", kind="slow", seconds=0.1, path="/fhir/*", times=0)

    for _ in range(KILLS):
        maria.fetch_again(lab_connection)
        time.sleep(chance.uniform(0.1, 2))
        kill_somebody_at_work(demo, chance)
        until("the import is over", lambda: not maria.is_open(lab_connection), within_s=90)

    assert before
    assert record(demo, lab_connection) == before
    assert maria.get(f"/connections/{lab_connection}/").status_code == 200


def test_postgres_restarted_in_the_middle_of_an_import_costs_nothing(
    demo: Demo, maria: Caller, lab_connection: int
) -> None:
    before = record(demo, lab_connection)
    spoil(demo, "lab", kind="slow", seconds=0.2, path="/fhir/*", times=0)
    maria.fetch_again(lab_connection)
    time.sleep(1)

    demo.kill("postgres")

    until("the database is back", lambda: _answers(demo), within_s=90)
    until("the import is over", lambda: not maria.is_open(lab_connection), within_s=90)
    assert record(demo, lab_connection) == before


def test_a_wiped_broker_loses_no_work(demo: Demo, maria: Caller, lab_connection: int) -> None:
    leader = psutil.Process(demo.marks()["worker"])
    for child in leader.children():
        child.suspend()
    maria.fetch_again(lab_connection)

    wipe_broker(demo)
    for child in leader.children():
        child.resume()

    until("the import is over", lambda: not maria.is_open(lab_connection), within_s=30)

    assert "All of it is here" in maria.get(f"/connections/{lab_connection}/").text


def test_an_answer_that_the_program_drops_makes_no_second_sending(
    demo: Demo, maria: Caller, agreed: str
) -> None:
    spoil(demo, agreed, kind="drop", path="/fhir", method="POST", times=1)

    fingerprint = maria.send(agreed)

    until("it is delivered", lambda: state_of(demo, fingerprint) == "delivered", within_s=90)
    of_it = [one for one in received(demo) if one["sha256"] == fingerprint]
    assert len(of_it) == 1


def test_a_sender_killed_at_any_moment_sends_each_package_once_in_effect(
    demo: Demo, maria: Caller, agreed: str
) -> None:
    chance = random.Random(20)
    sent = []
    spoil(demo, agreed, kind="slow", seconds=0.3, path="/fhir", times=0)
    for number in range(KILLS):
        change_a_choice(maria, on=bool(number % 2))
        sent.append(maria.send(agreed))
        time.sleep(chance.uniform(0, 1.2))
        kill_somebody_at_work(demo, chance)
        until("it is settled", lambda: state_of(demo, sent[-1]) in SETTLED, within_s=120)
        assert state_of(demo, sent[-1]) == "delivered", deliveries(demo)

    arrived = [str(one["sha256"]) for one in received(demo)]
    assert len(set(sent)) == KILLS
    assert [arrived.count(fingerprint) for fingerprint in sent] == [1] * KILLS


def test_after_the_stop_nothing_new_arrives_and_all_of_it_is_taken_back(
    demo: Demo, maria: Caller, agreed: str
) -> None:
    change_a_choice(maria, on=KILLS % 2 == 1)
    spoil(demo, agreed, kind="slow", seconds=0.5, path="/fhir", times=0)
    before = {str(one["sha256"]) for one in received(demo)}
    on_its_way = maria.send(agreed)
    maria.stop(agreed)

    kill_somebody_at_work(demo, random.Random(3))

    until("the recall is confirmed", lambda: recalled(demo), within_s=90)
    held = httpx2.get(f"{demo.other(PROGRAM)}/held").json()
    assert [row for row in held if not row["deleted"] and row["type"] not in STAYS] == []
    new = {str(one["sha256"]) for one in received(demo)} - before
    pushed = {row[0] for row in demo.rows("SELECT sha256 FROM sharing_package WHERE kind = 'push'")}
    assert new & pushed <= {on_its_way}


def change_a_choice(maria: Caller, *, on: bool) -> None:
    """Turn one kind of data on or off, so that there is something new to send."""
    maria.post(f"/choices/{PROGRAM}/{'more' if on else 'less'}/", what="medicines-pgx")


def received(demo: Demo) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = httpx2.get(f"{demo.other(PROGRAM)}/received").json()[
        "transactions"
    ]
    return rows


def state_of(demo: Demo, fingerprint: str) -> str:
    rows = demo.rows(
        "SELECT d.state FROM sharing_delivery d JOIN sharing_package p ON p.id = d.package_id"
        " WHERE p.sha256 = %s",
        fingerprint,
    )
    return str(rows[0][0]) if rows else "none"


def deliveries(demo: Demo) -> list[tuple[object, ...]]:
    """Return where every sending stands, for the words of a failure."""
    return demo.rows(
        "SELECT p.kind, p.sha256, d.state, d.tries, d.code, d.http_status, d.next_attempt_at"
        " FROM sharing_delivery d JOIN sharing_package p ON p.id = d.package_id ORDER BY d.place"
    )


def recalled(demo: Demo) -> bool:
    rows = demo.rows(
        "SELECT d.state FROM sharing_delivery d JOIN sharing_package p ON p.id = d.package_id"
        " WHERE p.kind = 'recall'"
    )
    return bool(rows) and all(row[0] == "delivered" for row in rows)


def wipe_broker(demo: Demo) -> None:
    """Empty the broker, as a crash of it would."""
    settings = (demo.data / "broker" / "valkey.conf").read_text()
    password = next(line.split()[1] for line in settings.splitlines() if "requirepass" in line)
    valkey.Valkey(port=demo.port("broker"), password=password).flushall()


def _answers(demo: Demo) -> bool:
    try:
        return demo.readiness()["database"] == "ok"
    except httpx2.HTTPError:
        return False
