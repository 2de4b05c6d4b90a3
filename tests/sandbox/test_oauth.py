"""Sign-in, approval and tokens at a lab."""

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from flask import Flask
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.sandbox.visitors import BACK, EVERYTHING, MAYA, Visitor, fields_of


def _error_back(location: str) -> dict[str, str]:
    assert location.startswith(f"{BACK}?")
    return dict(parse_qsl(urlsplit(location).query))


def test_a_launch_ends_with_a_token_for_the_person_who_signed_in(lab: Flask) -> None:
    visitor = Visitor(lab)

    back = visitor.answer(EVERYTHING)
    token = visitor.exchange(back["code"])

    assert (back["state"], back["iss"]) == (visitor.state, "http://127.0.0.1:1/fhir")
    assert token.headers["Cache-Control"] == "no-store"
    body = token.get_json()
    assert body["patient"] == MAYA
    assert body["expires_in"] == 300
    assert body["scope"] == EVERYTHING
    assert body["token_type"] == "Bearer"


def test_the_id_token_names_the_person_and_carries_the_nonce(lab: Flask) -> None:
    visitor = Visitor(lab)
    page = visitor.launch(nonce="n-0S6_WzA2Mj")
    form = {**fields_of(page).hidden, "person": MAYA}
    approve = fields_of(visitor.http.post("/oauth/authorize", data=form))
    ticked = [value for _, value in approve.choices]
    back = visitor.http.post(
        "/oauth/authorize", data={**approve.hidden, "granted": ticked, "answer": "allow"}
    )

    answer = visitor.exchange(_error_back(back.location)["code"]).get_json()

    keys = KeySet.import_key_set(visitor.http.get("/oauth/jwks").get_json())
    claims = jwt.decode(answer["id_token"], keys).claims
    assert claims["iss"] == "http://127.0.0.1:1/fhir"
    assert claims["aud"] == "portal"
    assert claims["nonce"] == "n-0S6_WzA2Mj"
    assert claims["fhirUser"] == f"http://127.0.0.1:1/fhir/Patient/{MAYA}"


@pytest.mark.parametrize(
    "changed",
    [
        {"code_challenge": None, "code_challenge_method": None},
        {"code_challenge_method": None},
        {"code_challenge_method": "plain"},
        {"aud": None},
        {"aud": "http://127.0.0.1:2/fhir"},
        {"state": None},
    ],
)
def test_a_launch_that_breaks_a_rule_goes_back_with_an_error(
    lab: Flask, changed: dict[str, str | None]
) -> None:
    answer = Visitor(lab).launch(**changed)

    assert answer.status_code == 302
    back = _error_back(answer.location)
    assert back["error"] == "invalid_request"
    assert back["iss"] == "http://127.0.0.1:1/fhir"


@pytest.mark.parametrize("redirect", [f"{BACK}/", f"{BACK}?x=1", "http://127.0.0.1:9", None])
def test_a_redirect_address_that_is_not_registered_is_never_followed(
    lab: Flask, redirect: str | None
) -> None:
    answer = Visitor(lab).launch(redirect_uri=redirect)

    assert answer.status_code == 400
    assert "Location" not in answer.headers


def test_an_unknown_application_is_not_sent_anywhere(lab: Flask) -> None:
    answer = Visitor(lab, client_id="nobody").launch()

    assert answer.status_code == 400
    assert "Location" not in answer.headers


def test_a_launch_may_be_posted(lab: Flask) -> None:
    visitor = Visitor(lab)

    page = visitor.http.post("/oauth/authorize", data=visitor.asked())

    assert page.status_code == 200
    assert (("person", MAYA)) in fields_of(page).choices


def test_an_approve_page_cannot_be_answered_without_its_ticket(lab: Flask) -> None:
    visitor = Visitor(lab)
    form = {**visitor.asked(), "granted": EVERYTHING.split(), "answer": "allow", "ticket": "x"}

    page = visitor.http.post("/oauth/authorize", data=form)

    assert page.status_code == 200
    assert "Who are you?" in page.text


def test_saying_no_goes_back_with_access_denied(lab: Flask) -> None:
    back = Visitor(lab).answer(EVERYTHING, say="deny")

    assert back["error"] == "access_denied"


def test_a_wrong_verifier_gets_nothing(lab: Flask) -> None:
    visitor = Visitor(lab)

    answer = visitor.exchange(visitor.code(), code_verifier="w" * 43)

    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_grant")


def test_a_replayed_code_gets_nothing_and_ends_the_tokens_of_the_first_use(lab: Flask) -> None:
    visitor = Visitor(lab)
    code = visitor.code()
    visitor.token = visitor.exchange(code).get_json()

    replay = visitor.exchange(code)

    assert replay.get_json()["error"] == "invalid_grant"
    assert visitor.get("/fhir/Patient").status_code == 401
    assert visitor.refresh(visitor.token["refresh_token"]).status_code == 400


def test_a_refresh_token_rotates_and_its_reuse_ends_the_family(lab: Flask) -> None:
    visitor = Visitor.signed_in(lab)
    first = visitor.token["refresh_token"]
    second = visitor.refresh(first).get_json()

    reuse = visitor.refresh(first)

    assert second["refresh_token"] != first
    assert second["patient"] == MAYA
    assert reuse.get_json()["error"] == "invalid_grant"
    assert visitor.refresh(second["refresh_token"]).get_json()["error"] == "invalid_grant"
    assert visitor.get("/fhir/Patient", token=second["access_token"]).status_code == 401


def test_no_refresh_token_without_offline_access(lab: Flask) -> None:
    visitor = Visitor.signed_in(lab, "launch/patient patient/*.rs")

    assert "refresh_token" not in visitor.token


def test_unticked_scopes_are_not_granted_and_their_types_are_refused(lab: Flask) -> None:
    visitor = Visitor(lab)
    scope = "launch/patient patient/Patient.rs patient/Observation.rs patient/DiagnosticReport.rs"

    back = visitor.answer(scope, untick=("patient/Observation.rs",))
    visitor.token = visitor.exchange(back["code"]).get_json()

    assert "patient/Observation.rs" not in visitor.token["scope"].split()
    refused = visitor.get("/fhir/Observation")
    assert refused.status_code == 403
    assert refused.get_json()["resourceType"] == "OperationOutcome"
    assert visitor.get("/fhir/DiagnosticReport").status_code == 200


def test_a_scope_on_everything_can_be_given_in_part(lab: Flask) -> None:
    visitor = Visitor(lab)
    back = visitor.answer("launch/patient patient/*.rs", untick=("patient/DocumentReference.rs",))

    visitor.token = visitor.exchange(back["code"]).get_json()

    granted = visitor.token["scope"].split()
    assert {"launch/patient", "patient/Observation.rs", "patient/Binary.rs"} <= set(granted)
    assert not {"patient/*.rs", "patient/DocumentReference.rs"} & set(granted)
    assert visitor.get("/fhir/Observation").status_code == 200
    assert visitor.get("/fhir/DocumentReference").status_code == 403


def test_scopes_that_the_server_cannot_give_are_left_out(lab: Flask) -> None:
    asked = (
        "patient/Coverage.rs patient/Specimen.rs?colour=red patient/Observation.cruds"
        " user/*.rs patient/Patient.read bogus"
    )

    visitor = Visitor.signed_in(lab, asked)

    assert visitor.token["scope"] == "patient/Observation.rs patient/Patient.read"


def test_a_scope_with_a_limit_shows_only_what_fits(lab: Flask) -> None:
    everything = Visitor.signed_in(lab).pages("/fhir/DocumentReference?_count=10")

    visitor = Visitor.signed_in(
        lab, "patient/DocumentReference.rs?type=http://loinc.org|51969-4 launch/patient"
    )
    limited = visitor.pages("/fhir/DocumentReference")

    assert everything[0]["total"] == 2
    assert [entry["resource"]["description"] for entry in limited[0]["entry"]] == [
        "Germline sequencing report (PDF)"
    ]


def test_a_revoked_refresh_token_ends_everything_at_the_next_request(lab: Flask) -> None:
    visitor = Visitor.signed_in(lab)
    form = {"token": visitor.token["refresh_token"], "client_id": "portal"}

    answer = visitor.http.post("/oauth/revoke", data=form)

    assert answer.status_code == 200
    assert visitor.get("/fhir/Patient").status_code == 401


def test_a_refresh_token_does_not_open_the_record(lab: Flask) -> None:
    visitor = Visitor.signed_in(lab)

    answer = visitor.get("/fhir/Patient", token=visitor.token["refresh_token"])

    assert answer.status_code == 401


def test_an_id_that_is_taken_is_not_given_again(lab: Flask) -> None:
    asked = {"client_id": "portal", "redirect_uris": [BACK]}

    by_json = lab.test_client().post("/register", json=asked).get_json()
    page = lab.test_client().post(
        "/register", data={"client_id": "portal", "client_name": "x", "redirect_uris": BACK}
    )

    assert by_json["client_id"] != "portal"
    assert page.status_code == 201
    assert "<code>portal</code>" not in page.text


def test_a_registered_application_with_a_secret_must_show_it(lab: Flask) -> None:
    asked = {
        "client_name": "Second",
        "client_id": "second",
        "redirect_uris": [BACK],
        "token_endpoint_auth_method": "client_secret_basic",
    }
    made = lab.test_client().post("/register", json=asked).get_json()
    visitor = Visitor(lab, client_id=made["client_id"])
    without = visitor.exchange(visitor.code())

    form: dict[str, Any] = {
        "grant_type": "authorization_code",
        "code": visitor.code(),
        "redirect_uri": BACK,
        "code_verifier": visitor.verifier,
    }
    pair = (made["client_id"], made["client_secret"])
    token = visitor.http.post("/oauth/token", data=form, auth=pair)
    introspected = visitor.http.post(
        "/oauth/introspect", data={"token": token.get_json()["access_token"]}, auth=pair
    )

    assert made["client_id"] == "second"
    assert without.get_json()["error"] == "invalid_client"
    assert token.status_code == 200
    assert introspected.get_json()["active"] is True
    assert introspected.get_json()["patient"] == MAYA
