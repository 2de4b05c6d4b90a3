"""A research program: who may send, and what becomes of it."""

import hashlib
import json
import time
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.sandbox.senders import (
    EC_KEY,
    RSA_KEY,
    Sender,
    a_program,
    ask_token,
    assertion,
    delete,
    post,
    put,
)


@pytest.fixture
def program(tmp_path: Path) -> Flask:
    """A program that takes everything."""
    return a_program(tmp_path)


@pytest.fixture
def second(tmp_path: Path) -> Flask:
    """A program with other rules."""
    return a_program(tmp_path, "second")


def test_both_kinds_of_keys_get_a_short_token(program: Flask) -> None:
    for signed in (assertion(), assertion(RSA_KEY, "RS384")):
        answer = ask_token(program, signed)

        assert answer.status_code == 200
        assert answer.get_json()["expires_in"] <= 300
        assert "refresh_token" not in answer.get_json()


@pytest.mark.parametrize(
    "changed",
    [
        {"aud": "http://127.0.0.1:2/oauth/token"},
        {"aud": None},
        {"exp": int(time.time()) + 900},
        {"exp": int(time.time()) - 60},
        {"exp": None},
        {"exp": "soon"},
        {"jti": None},
        {"iss": "other"},
        {"sub": "nobody", "iss": "nobody"},
        {"sub": None},
    ],
)
def test_an_assertion_that_breaks_a_rule_gets_no_token(
    program: Flask, changed: dict[str, Any]
) -> None:
    answer = ask_token(program, assertion(**changed))

    assert answer.status_code in (400, 401)
    assert answer.get_json()["error"] == "invalid_client"


def test_an_assertion_with_another_algorithm_gets_no_token(program: Flask) -> None:
    answer = ask_token(program, assertion(RSA_KEY, "RS256"))

    assert answer.get_json()["error"] == "invalid_client"


def test_an_assertion_signed_by_a_stranger_gets_no_token(program: Flask) -> None:
    stranger = type(EC_KEY).generate_key("P-384", {"kid": "ec"})

    answer = ask_token(program, assertion(stranger))

    assert answer.get_json()["error"] == "invalid_client"


def test_an_assertion_works_once(program: Flask) -> None:
    signed = assertion()

    first, again = ask_token(program, signed), ask_token(program, signed)

    assert first.status_code == 200
    assert again.get_json()["error"] == "invalid_client"


def test_the_scopes_of_the_token_decide(program: Flask) -> None:
    sender = Sender.known(program, "system/Observation.cu")

    allowed = sender.send(put("Observation/a", status="final"))
    refused = sender.send(put("Observation/b", status="final"), delete("Observation/a"))

    assert allowed.status_code == 200
    assert refused.status_code == 403
    assert refused.get_json()["issue"][0]["expression"] == ["Bundle.entry[1]"]
    assert sender.held() == {"Observation/a": (1, False)}


def test_a_transaction_is_stored_whole_with_its_references_settled(program: Flask) -> None:
    sender = Sender.known(program)

    answer = sender.send(
        put("Observation/o", subject={"reference": "urn:uuid:p"}, status="final"),
        post("Patient", full_url="urn:uuid:p", gender="female"),
    )

    first, second = answer.get_json()["entry"]
    patient = second["response"]["location"].partition("/_history")[0]
    assert first["response"]["status"] == "201 Created"
    assert first["response"]["etag"] == 'W/"1"'
    read = sender.ask("GET", "/fhir/Observation/o").get_json()
    assert read["subject"]["reference"] == patient


@pytest.mark.parametrize(
    ("bad", "status"),
    [
        (put("Observation/x", if_match='W/"7"'), 412),
        (put("Spaceship/x"), 422),
        ({"request": {"method": "PUT", "url": "Observation/x"}}, 400),
        (put("Observation/a", status="final"), 400),
        ({"resource": {"resourceType": "Patient"}}, 400),
        (put("Observation/bad_id"), 400),
    ],
)
def test_one_bad_entry_and_nothing_is_stored(
    program: Flask, bad: dict[str, Any], status: int
) -> None:
    sender = Sender.known(program)

    answer = sender.send(put("Observation/a", status="final"), bad)

    assert answer.status_code == status
    assert answer.get_json()["resourceType"] == "OperationOutcome"
    assert answer.get_json()["issue"][0]["expression"] == ["Bundle.entry[1]"]
    assert sender.held() == {}
    assert program.test_client().get("/received").get_json()["transactions"] == []


@pytest.mark.parametrize(
    "body",
    [[], "text", {"resourceType": "Patient"}, {"resourceType": "Bundle", "type": "batch"}],
)
def test_what_is_not_a_transaction_is_refused(program: Flask, body: object) -> None:
    answer = Sender.known(program).ask("POST", "/fhir", body)

    assert (answer.status_code, answer.get_json()["resourceType"]) == (400, "OperationOutcome")


def test_a_fence_holds_back_whoever_woke_too_late(program: Flask) -> None:
    sender = Sender.known(program)
    sender.send(put("Consent/c", status="active"))
    sender.send(put("Consent/c", if_match='W/"1"', status="inactive"))

    late = sender.send(put("Consent/c", if_match='W/"1"', status="active"), put("Observation/late"))

    assert late.status_code == 412
    assert sender.held() == {"Consent/c": (2, False)}
    history = sender.ask("GET", "/fhir/Consent/c/_history").get_json()["entry"]
    assert [entry["resource"]["status"] for entry in history] == ["inactive", "active"]


def test_the_same_content_again_makes_no_version(program: Flask) -> None:
    sender = Sender.known(program)
    sender.send(put("Observation/a", status="final"))

    answer = sender.send(put("Observation/a", status="final"))

    assert answer.get_json()["entry"][0]["response"]["etag"] == 'W/"1"'


@pytest.mark.parametrize(
    ("identifier", "headers"), [("hash-1", {}), ("", {"Idempotency_Key": "key-1"})]
)
def test_a_repeat_gets_the_first_answer_and_is_stored_once(
    program: Flask, identifier: str, headers: dict[str, str]
) -> None:
    sender = Sender.known(program)
    entries = (post("Observation", status="final"),)

    first = sender.send(*entries, identifier=identifier, **headers)
    again = sender.send(*entries, identifier=identifier, **headers)

    assert again.data == first.data
    assert len(sender.held()) == 1
    (kept,) = program.test_client().get("/received").get_json()["transactions"]
    assert kept["repeats"] == 1


def test_a_key_with_another_content_is_refused(program: Flask) -> None:
    sender = Sender.known(program)
    sender.send(put("Observation/a"), Idempotency_Key="key-1")

    answer = sender.send(put("Observation/b"), Idempotency_Key="key-1")

    assert answer.status_code == 422
    assert list(sender.held()) == ["Observation/a"]


def test_the_very_bytes_are_kept(program: Flask) -> None:
    sender = Sender.known(program)
    body = b'{"type" :"transaction","resourceType":"Bundle",  "entry":[]}'
    sent = program.test_client().post(
        "/fhir", data=body, headers={"Authorization": f"Bearer {sender.token}"}
    )

    (kept,) = program.test_client().get("/received").get_json()["transactions"]
    assert sent.status_code == 200
    assert kept["sha256"] == hashlib.sha256(body).hexdigest()
    assert program.test_client().get(f"/received/{kept['sha256']}").data == body


def test_what_was_sent_is_found_by_its_identifier(program: Flask) -> None:
    sender = Sender.known(program)
    sender.send(post("Observation", "one", status="final"), post("Observation", "two"))

    bundle = sender.ask("GET", "/fhir/Observation?identifier=urn:us|one").get_json()

    assert bundle["total"] == 1
    assert bundle["entry"][0]["resource"]["status"] == "final"


def test_a_deleted_resource_is_gone_and_may_be_deleted_again(program: Flask) -> None:
    sender = Sender.known(program)
    sender.send(put("Observation/a"))

    first = sender.ask("DELETE", "/fhir/Observation/a")
    again = sender.send(delete("Observation/a"), delete("Observation/never"))

    assert first.status_code == 204
    assert again.status_code == 200
    assert sender.ask("GET", "/fhir/Observation/a").status_code == 410
    assert sender.held() == {"Observation/a": (2, True)}


def test_single_requests_follow_the_same_rules(program: Flask) -> None:
    sender = Sender.known(program)
    body = {"resourceType": "Observation", "id": "a", "status": "final"}

    made = sender.ask("PUT", "/fhir/Observation/a", body)
    stale = sender.ask("PUT", "/fhir/Observation/a", {**body, "status": "amended"}, If_Match='"9"')
    once = {"resourceType": "Patient", "identifier": [{"system": "urn:us", "value": "p"}]}
    first = sender.ask("POST", "/fhir/Patient", once, If_None_Exist="identifier=urn:us|p")
    again = sender.ask("POST", "/fhir/Patient", once, If_None_Exist="identifier=urn:us|p")

    assert made.status_code == 201
    assert made.location == "http://127.0.0.1:1/fhir/Observation/a/_history/1"
    assert stale.status_code == 412
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.get_json()["id"] == again.get_json()["id"]


def test_senders_do_not_see_or_touch_each_others_resources(program: Flask) -> None:
    Sender.known(program).send(put("Observation/a"))
    other = Sender.known(program, client_id="other")

    assert other.ask("GET", "/fhir/Observation/a").status_code == 404
    assert other.send(put("Observation/a", status="final")).status_code == 403
    assert other.send(delete("Observation/a")).status_code == 403


def test_a_notice_is_taken_once_per_key(program: Flask) -> None:
    sender = Sender.known(program)

    first = sender.ask("POST", "/notices", {"kind": "recall"}, Idempotency_Key="k")
    again = sender.ask("POST", "/notices", {"kind": "recall"}, Idempotency_Key="k")

    assert (first.status_code, again.status_code) == (202, 202)
    assert first.get_json() == again.get_json()
    (kept,) = program.test_client().get("/received").get_json()["notices"]
    assert json.loads(kept["body"]) == {"kind": "recall"}


def test_nothing_is_taken_without_a_token(program: Flask) -> None:
    for method, path in (("POST", "/fhir"), ("PUT", "/fhir/Patient/a"), ("POST", "/notices")):
        answer = program.test_client().open(path, method=method, data="{}")

        assert answer.status_code == 401
        assert "Bearer" in answer.headers["WWW-Authenticate"]


def test_the_statement_of_each_program_says_its_rules(program: Flask, tmp_path: Path) -> None:
    second = a_program(tmp_path / "second", "second")

    first_says = program.test_client().get("/fhir/metadata").get_json()["rest"][0]
    second_says = second.test_client().get("/fhir/metadata").get_json()["rest"][0]

    assert first_says["resource"][0]["updateCreate"] is True
    assert first_says["resource"][0]["versioning"] == "versioned-update"
    assert second_says["resource"][0]["updateCreate"] is False
    assert second_says["resource"][0]["versioning"] == "versioned"
    codes = {interaction["code"] for interaction in second_says["resource"][0]["interaction"]}
    assert "delete" not in codes


@pytest.mark.parametrize(
    ("entry", "status"),
    [
        (put("Observation/mine", status="final"), 405),
        (delete("Observation/mine"), 405),
        (
            {
                **post("Observation"),
                "request": {"method": "POST", "url": "Observation", "ifMatch": 'W/"1"'},
            },
            400,
        ),
        (post("Patient", name=[{"family": "Okafor"}]), 422),
        (post("Patient", birthDate="1986-04-09"), 422),
        (post("Observation", text={"status": "generated", "div": "<div/>"}), 422),
        (post("Observation", contained=[{"resourceType": "Practitioner"}]), 422),
        (post("Practitioner"), 422),
    ],
)
def test_the_second_program_refuses_what_it_said_it_would(
    second: Flask, entry: dict[str, Any], status: int
) -> None:
    sender = Sender.known(second)

    answer = sender.send(post("Patient", "p", birthDate="1986"), entry)

    assert answer.status_code == status
    assert sender.held() == {}


def test_the_second_program_creates_once_and_takes_back_by_status(second: Flask) -> None:
    sender = Sender.known(second)
    entries = (
        post("Patient", "p", full_url="urn:uuid:1", birthDate="1986"),
        post("Observation", "o", subject={"reference": "urn:uuid:1"}, status="final"),
    )
    first, again = sender.send(*entries), sender.send(*entries)
    recall = {
        "resource": {
            "resourceType": "Observation",
            "identifier": [{"system": "urn:us", "value": "o"}],
            "status": "entered-in-error",
        },
        "request": {"method": "PUT", "url": "Observation?identifier=urn:us|o"},
    }

    taken_back = sender.send(recall)

    assert [part["response"]["status"] for part in first.get_json()["entry"]] == [
        "201 Created",
        "201 Created",
    ]
    assert [part["response"]["status"] for part in again.get_json()["entry"]] == [
        "200 OK",
        "200 OK",
    ]
    assert taken_back.status_code == 200
    assert len(sender.held()) == 2
    found = sender.ask("GET", "/fhir/Observation?identifier=urn:us|o").get_json()
    assert found["entry"][0]["resource"]["status"] == "entered-in-error"


def test_what_was_received_outlives_the_process(program: Flask, tmp_path: Path) -> None:
    Sender.known(program).send(put("Observation/a"))

    restarted = a_program(tmp_path)

    assert Sender.known(restarted).held() == {"Observation/a": (1, False)}


def test_the_page_shows_what_is_held(program: Flask) -> None:
    sender = Sender.known(program)
    refuted = {"coding": [{"code": "entered-in-error"}]}
    sender.send(put("Consent/c", status="inactive"), put("Condition/d", verificationStatus=refuted))

    page = program.test_client().get("/")

    assert page.status_code == 200
    assert "Consent/c" in page.text
    assert "inactive" in page.text
    assert "entered-in-error" in page.text
