"""Every knob, by URL and by page."""

import time
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from sandbox.gateway import Gateway
from sandbox.system import System
from tests.sandbox.senders import Sender, a_program, put
from tests.sandbox.visitors import MAYA, Visitor


def _turn(app: Flask, **knob: object) -> TestResponse:
    answer = app.test_client().post("/_faults", json=knob)
    assert answer.status_code == 201, answer.text
    return answer


def _left(app: Flask) -> list[Any]:
    found = app.test_client().get("/_faults").get_json()
    assert isinstance(found, list)
    return found


@pytest.mark.parametrize("status", [401, 403, 429, 500, 503])
def test_a_status_is_answered_as_often_as_asked_and_then_no_more(lab: Flask, status: int) -> None:
    visitor = Visitor.signed_in(lab)
    _turn(lab, kind="status", status=status, times=2, retry_after=7)

    spoiled = [visitor.get("/fhir/Patient") for _ in range(2)]
    after = visitor.get("/fhir/Patient")

    assert [answer.status_code for answer in spoiled] == [status, status]
    assert spoiled[0].get_json()["resourceType"] == "OperationOutcome"
    assert spoiled[0].headers["Retry-After"] == "7"
    assert after.status_code == 200
    assert _left(lab) == []


def test_a_knob_fires_on_its_path_and_method_only(lab: Flask) -> None:
    visitor = Visitor.signed_in(lab)
    _turn(lab, kind="status", status=403, path="/fhir/Observation*", times=0)
    _turn(lab, kind="status", status=500, path="/fhir/*", method="POST", times=0)

    assert visitor.get("/fhir/Patient").status_code == 200
    assert visitor.get("/fhir/Observation").status_code == 403
    assert visitor.get("/fhir/Observation/1").status_code == 403
    assert len(_left(lab)) == 2


def test_the_token_endpoint_can_be_spoiled_too(lab: Flask) -> None:
    visitor = Visitor.signed_in(lab)
    _turn(lab, kind="status", status=503, path="/oauth/token")

    spoiled = visitor.refresh(visitor.token["refresh_token"])
    after = visitor.refresh(visitor.token["refresh_token"])

    assert (spoiled.status_code, after.status_code) == (503, 200)


def test_a_slow_answer_comes_whole(lab: Flask) -> None:
    visitor = Visitor.signed_in(lab)
    _turn(lab, kind="slow", seconds=0.2)

    began = time.monotonic()
    answer = visitor.get("/fhir/Patient")

    assert answer.status_code == 200
    assert time.monotonic() - began >= 0.2


def test_somebody_else_appears_in_one_page(lab: Flask) -> None:
    visitor = Visitor.signed_in(lab)
    _turn(lab, kind="wrong_patient", patient="L-1002")

    spoiled = visitor.get("/fhir/Observation").get_json()
    after = visitor.get("/fhir/Observation").get_json()

    subjects = [entry["resource"]["subject"]["reference"] for entry in spoiled["entry"]]
    assert subjects.count("Patient/L-1002") == 1
    assert subjects.count(f"Patient/{MAYA}") == len(subjects) - 1
    assert {entry["resource"]["subject"]["reference"] for entry in after["entry"]} == {
        f"Patient/{MAYA}"
    }


def test_pages_without_end_always_have_a_next_one(lab: Flask) -> None:
    visitor = Visitor.signed_in(lab)
    _turn(lab, kind="endless_next", times=0)
    seen, path = set(), "/fhir/DiagnosticReport"

    for _ in range(12):
        links = {link["relation"]: link["url"] for link in visitor.get(path).get_json()["link"]}
        seen.add(links["next"])
        path = links["next"].partition("http://127.0.0.1:1")[2] or path

    assert len(seen) == 12


def test_a_next_link_can_point_elsewhere(lab: Flask) -> None:
    visitor = Visitor.signed_in(lab)
    _turn(lab, kind="next_elsewhere", url="http://127.0.0.1:2/fhir/Observation")

    bundle = visitor.get("/fhir/Observation").get_json()

    assert [link["url"] for link in bundle["link"] if link["relation"] == "next"] == [
        "http://127.0.0.1:2/fhir/Observation"
    ]


def test_odd_entries_stand_beside_the_good_ones(lab: Flask) -> None:
    visitor = Visitor.signed_in(lab)
    good = visitor.get("/fhir/Observation").get_json()["entry"]
    _turn(lab, kind="odd_entries")

    spoiled = visitor.get("/fhir/Observation").get_json()["entry"]

    assert spoiled[: len(good)] == good
    assert spoiled[len(good)]["resource"]["resourceType"] == "OperationOutcome"
    assert "resource" not in spoiled[len(good) + 1]


def test_a_page_knob_waits_for_a_page(lab: Flask) -> None:
    visitor = Visitor.signed_in(lab)
    _turn(lab, kind="wrong_patient")

    visitor.get(f"/fhir/Patient/{MAYA}")

    assert len(_left(lab)) == 1


def test_access_tokens_end_at_once_and_refresh_tokens_live(lab: Flask) -> None:
    visitor = Visitor.signed_in(lab)

    told = _turn(lab, kind="expire_tokens").get_json()

    assert told["ended"] == 1
    assert visitor.get("/fhir/Patient").status_code == 401
    assert visitor.refresh(visitor.token["refresh_token"]).status_code == 200


def test_all_tokens_end_at_once(lab: Flask) -> None:
    visitor = Visitor.signed_in(lab)

    _turn(lab, kind="revoke_tokens")

    assert visitor.get("/fhir/Patient").status_code == 401
    assert visitor.refresh(visitor.token["refresh_token"]).status_code == 400


@pytest.mark.parametrize(
    ("kind", "status"), [("amend_report", "amended"), ("retract_report", "entered-in-error")]
)
def test_a_report_changes_with_its_results_and_shows_up_as_new(
    lab: Flask, kind: str, status: str
) -> None:
    visitor = Visitor.signed_in(lab)
    report = visitor.get("/fhir/DiagnosticReport").get_json()["entry"][0]["resource"]

    told = _turn(lab, kind=kind, id=report["id"], conclusion="Looked at again.").get_json()

    after = visitor.get(f"/fhir/DiagnosticReport/{report['id']}").get_json()
    updated = visitor.pages("/fhir/Observation?_lastUpdated=gt2026-02-01")
    old = visitor.get(f"/fhir/DiagnosticReport/{report['id']}/_history/1").get_json()
    assert (after["status"], after["meta"]["versionId"]) == (status, "2")
    assert after["conclusion"] == "Looked at again."
    assert updated[0]["total"] == len(told["changed"]) - 1 > 0
    assert old["status"] == report["status"]


def test_a_new_report_appears_with_its_results(lab: Flask) -> None:
    visitor = Visitor.signed_in(lab)
    before = visitor.get("/fhir/DiagnosticReport").get_json()["total"]

    first = _turn(lab, kind="add_report", patient=MAYA).get_json()["added"]
    second = _turn(lab, kind="add_report", patient=MAYA).get_json()["added"]

    assert not set(first) & set(second)
    assert visitor.get("/fhir/DiagnosticReport").get_json()["total"] == before + 2
    assert all(visitor.get(f"/fhir/{address}").status_code == 200 for address in first)


@pytest.mark.parametrize(
    "knob",
    [
        {"kind": "explode"},
        [],
        {"kind": "status", "status": "much"},
        {"kind": "status", "times": "often"},
        {"kind": "slow", "seconds": "long"},
        {"kind": "amend_report", "id": "none"},
        {"kind": "add_report", "patient": "none"},
    ],
)
def test_a_knob_that_makes_no_sense_is_refused(lab: Flask, knob: object) -> None:
    answer = lab.test_client().post("/_faults", json=knob)

    assert answer.status_code == 400
    assert _left(lab) == []


def test_all_knobs_turn_back(lab: Flask) -> None:
    _turn(lab, kind="status", status=500, times=0)

    lab.test_client().post("/_faults/clear", json={})

    assert _left(lab) == []


def test_a_knob_is_turned_on_the_page_too(lab: Flask) -> None:
    form = {"kind": "status", "status": "503", "path": "/fhir*", "times": "1", "seconds": ""}

    answer = lab.test_client().post("/_faults", data=form)
    page = lab.test_client().get("/").text

    assert answer.status_code == 303
    assert "Times left" in page
    assert lab.test_client().post("/_faults/clear").status_code == 303


def test_the_knobs_never_lock_their_own_door(lab: Flask) -> None:
    _turn(lab, kind="status", status=500, path="*", times=0)

    for path in ("/", "/healthz", "/_faults", "/_seen"):
        assert lab.test_client().get(path).status_code == 200


def test_a_dropped_answer_was_worked_on(tmp_path: Path) -> None:
    program = a_program(tmp_path)
    sender = Sender.known(program)
    _turn(program, kind="drop", path="/fhir")

    with pytest.raises(ConnectionAbortedError):
        sender.send(put("Observation/a"), identifier="h")
    repeat = sender.send(put("Observation/a"), identifier="h")

    assert repeat.status_code == 200
    assert sender.held() == {"Observation/a": (1, False)}
    (kept,) = program.test_client().get("/received").get_json()["transactions"]
    assert kept["repeats"] == 1


def test_the_log_has_no_tokens_codes_or_bodies(lab: Flask, tmp_path: Path) -> None:
    visitor = Visitor(lab)
    code = visitor.code()
    visitor.token = visitor.exchange(code).get_json()
    visitor.get("/fhir/Observation?_count=1")

    sights = lab.test_client().get("/_seen").get_json()

    assert sights[0]["path"] == "/fhir/Observation"
    assert sights[0]["query"] == "_count=1"
    assert {sight["query"] for sight in sights if sight["path"].startswith("/oauth")} == {""}
    system = lab.extensions["sandbox_system"]
    assert isinstance(system, System)
    stored = b"".join(path.read_bytes() for path in system.store.path.parent.iterdir())
    for secret in (code, visitor.token["access_token"], visitor.token["refresh_token"]):
        assert secret.encode() not in stored


def test_the_log_tells_which_knob_fired(lab: Flask) -> None:
    _turn(lab, kind="status", status=503)
    lab.test_client().get("/fhir/Patient")

    sight = lab.test_client().get("/_seen").get_json()[0]

    assert (sight["status"], sight["fault"]) == (503, "status")
    assert isinstance(lab.wsgi_app, Gateway)
