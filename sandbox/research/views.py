"""The FHIR API of a research program, and the pages of what it holds."""

import json
import uuid

import orjson
from authlib.integrations.flask_oauth2.requests import FlaskOAuth2Request
from flask import Blueprint, Response, current_app, jsonify, request

from sandbox.fhir import resources
from sandbox.fhir.answers import FHIR_JSON, Refused, fhir_answer
from sandbox.fhir.bearer import bearer
from sandbox.oauth.scopes import data_scopes
from sandbox.oauth.tokens import Token
from sandbox.research import intake
from sandbox.research.entries import Entry, check, read_bundle, read_wish
from sandbox.research.intake import Arrival, identifier_of
from sandbox.research.rules import Rules
from sandbox.research.transaction import Done, Work, answer_bundle, carry_out
from sandbox.system import instant, now_s, this_system

pages = Blueprint("research", __name__)


def _rules() -> Rules:
    rules: Rules = current_app.extensions["sandbox_rules"]
    return rules


def _token() -> Token:
    return bearer(FlaskOAuth2Request(request))


@pages.post("/fhir")
@pages.post("/fhir/")
def transaction() -> Response:
    """Take a transaction: all of it, or nothing."""
    token, rules, body = _token(), _rules(), request.get_data()
    bundle = _json(body)
    entries = read_bundle(bundle, rules, this_system().resource_types)
    _permit(token, entries)
    arrival = Arrival(
        sender=token.client_id,
        body=body,
        idempotency_key=request.headers.get("Idempotency-Key", ""),
        bundle_identifier=identifier_of(bundle),
    )
    return Response(_taken(arrival, entries, rules), content_type=FHIR_JSON)


def _taken(arrival: Arrival, entries: list[Entry], rules: Rules) -> bytes:
    at_s = now_s()
    with this_system().store.writing() as db:
        earlier = intake.earlier_answer(db, arrival) if rules.remembers else None
        if earlier is not None:
            return earlier
        done = carry_out(Work(db, rules, arrival.sender, at_s), entries)
        answer = orjson.dumps(answer_bundle(done))
        intake.keep(db, arrival, answer, entries=len(entries), at_s=at_s)
    return answer


@pages.post("/fhir/<resource_type>")
def create(resource_type: str) -> Response:
    """Create, unless If-None-Exist finds one."""
    return _one("POST", resource_type)


@pages.put("/fhir/<resource_type>")
def update_found(resource_type: str) -> Response:
    """Update the one that the query finds, or create it."""
    return _one("PUT", f"{resource_type}?{request.query_string.decode()}")


@pages.put("/fhir/<resource_type>/<resource_id>")
def update(resource_type: str, resource_id: str) -> Response:
    """Update, or create under this id."""
    return _one("PUT", f"{resource_type}/{resource_id}")


@pages.delete("/fhir/<resource_type>/<resource_id>")
def remove(resource_type: str, resource_id: str) -> Response:
    """Delete; deleting again is no error."""
    return _one("DELETE", f"{resource_type}/{resource_id}")


def _one(method: str, url: str) -> Response:
    token, rules = _token(), _rules()
    entry = read_wish(
        method=method,
        url=url,
        body=None if method == "DELETE" else _json(request.get_data()),
        conditions=(
            request.headers.get("If-None-Exist", ""),
            request.headers.get("If-Match", ""),
        ),
    )
    check(entry, rules, this_system().resource_types)
    _permit(token, [entry])
    with this_system().store.writing() as db:
        (done,) = carry_out(Work(db, rules, token.client_id, now_s()), [entry])
    return _answer(done)


def _answer(done: Done) -> Response:
    status = int(done.status[:3])
    if done.stored is None or done.stored.deleted:
        return Response(status=status, headers={"ETag": done.stored.etag} if done.stored else {})
    response = fhir_answer(done.stored.body, status=status, stored=done.stored)
    base, stored = this_system().fhir_base, done.stored
    response.headers["Location"] = f"{base}/{stored.address}/_history/{stored.version}"
    return response


def _permit(token: Token, entries: list[Entry]) -> None:
    scopes = data_scopes(token.scope)
    for entry in entries:
        if not any(scope.covers(entry.resource_type, entry.letter) for scope in scopes):
            words = f"The scopes do not cover {entry.method} of {entry.resource_type}."
            raise Refused(403, "forbidden", words, entry.place)


def _json(body: bytes) -> dict[str, object]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Refused(400, "structure", "The body is not JSON.") from error
    if not isinstance(found, dict):
        raise Refused(400, "structure", "The body is not a JSON object.")
    return found


@pages.post("/notices")
def notice() -> Response:
    """Take a notice, each key once."""
    token = _token()
    body, key = _json(request.get_data()), request.headers.get("Idempotency-Key", "")
    with this_system().store.writing() as db:
        known = db.execute(
            "SELECT id, received_at FROM notice"
            " WHERE sender = ? AND idempotency_key = ? AND idempotency_key <> ''",
            (token.client_id, key),
        ).fetchone()
        if known is None:
            known = {"id": str(uuid.uuid4()), "received_at": instant(now_s())}
            row = (known["id"], token.client_id, key, known["received_at"], json.dumps(body))
            db.execute("INSERT INTO notice VALUES (?, ?, ?, ?, ?)", row)
    answer = jsonify({"id": known["id"], "received_at": known["received_at"]})
    answer.status_code = 202
    return answer


@pages.get("/received")
def received() -> Response:
    """List the transactions that were stored, and the notices."""
    with this_system().store.reading() as db:
        return jsonify({"transactions": intake.all_received(db), "notices": intake.all_notices(db)})


@pages.get("/received/<sha256>")
def received_bytes(sha256: str) -> Response:
    """Give back the very bytes of one."""
    with this_system().store.reading() as db:
        body = intake.bytes_of(db, sha256)
    if body is None:
        raise Refused(404, "not-found", "There is no such transaction.")
    return Response(body, content_type=FHIR_JSON)


@pages.get("/held")
def held() -> Response:
    """List all that is held now."""
    with this_system().store.reading() as db:
        rows = resources.everything(db)
    return jsonify(
        [
            {
                "type": one.type,
                "id": one.id,
                "version": one.version,
                "updated_at": one.updated_at,
                "deleted": one.deleted,
                "status": one.status,
            }
            for one in rows
        ]
    )
