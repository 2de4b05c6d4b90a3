"""What every request passes: the log, and the knobs that spoil it."""

import io
import json
import socket
import time
from collections.abc import Iterable, Iterator
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from werkzeug.wrappers import Request, Response

from sandbox import faults, seen
from sandbox.faults import Fault
from sandbox.fhir.shapes import JsonObject, outcome
from sandbox.seen import Sight
from sandbox.system import System, now_s

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_NEVER = ("/_", "/healthz", "/static", "/register", "/received", "/held")
_LARGEST_BODY = 64 * 1024 * 1024


class Gateway:
    """A WSGI application around another, which logs and misbehaves."""

    def __init__(self, inner: "WSGIApplication", system: System) -> None:
        """Stand before `inner`."""
        self.inner = inner
        self.system = system

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer, unless a knob says otherwise."""
        request = Request(environ)
        if request.path == "/" or request.path.startswith(_NEVER):
            return self.inner(environ, start_response)
        _buffer_body(environ, request)
        response, fired = self._response(environ, request)
        ends = faults.take(self.system.store, faults.AFTER, request.method, request.path)
        self._note(request, response, [*fired, *ends])
        if not ends:
            return response(environ, start_response)
        return _spoiled(environ, start_response, response, ends[0])

    def _response(
        self, environ: "WSGIEnvironment", request: Request
    ) -> tuple[Response, list[Fault]]:
        fired = faults.take(self.system.store, faults.BEFORE, request.method, request.path)
        for fault in fired:
            if fault.kind == "slow":
                time.sleep(fault.seconds())
        for fault in fired:
            if fault.kind == "status":
                return _refusal(fault, request.path), fired
        response = Response.from_app(self.inner, environ, buffered=True)
        if _is_page(response):
            kinds = faults.ON_PAGES
            on_page = faults.take(self.system.store, kinds, request.method, request.path)
            url = self.system.address_of(request.full_path)
            for fault in on_page:
                _change_page(response, fault, url)
            fired = [*fired, *on_page]
        return response, fired

    def _note(self, request: Request, response: Response, fired: list[Fault]) -> None:
        sight = Sight(
            method=request.method,
            path=request.path,
            query=request.query_string.decode("utf-8", "replace"),
            status=response.status_code,
            size=response.calculate_content_length() or 0,
            fault=", ".join(fault.kind for fault in fired),
        )
        seen.note(self.system.store, sight, now_s())


def _buffer_body(environ: "WSGIEnvironment", request: Request) -> None:
    """Read the body whole before anything answers: closing on unread bytes resets the line."""
    in_chunks = bool(environ.get("wsgi.input_terminated"))
    length = _LARGEST_BODY if in_chunks else min(request.content_length or 0, _LARGEST_BODY)
    body = environ["wsgi.input"].read(length)
    environ["wsgi.input"] = io.BytesIO(body)
    environ["CONTENT_LENGTH"] = str(len(body))
    environ.pop("HTTP_TRANSFER_ENCODING", None)


def _refusal(fault: Fault, path: str) -> Response:
    status = fault.whole("status", 500)
    if path.startswith("/oauth"):
        body: JsonObject = {"error": "temporarily_unavailable"}
        response = Response(json.dumps(body), status, content_type="application/json")
    else:
        code = {401: "login", 403: "forbidden", 429: "throttled"}.get(status, "transient")
        body = outcome(code, "A knob of the sandbox made this answer.")
        response = Response(json.dumps(body), status, content_type="application/fhir+json")
    if "retry_after" in fault.fields:
        response.headers["Retry-After"] = fault.fields["retry_after"]
    if status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = 'Bearer realm="fhir", error="invalid_token"'
    return response


def _is_page(response: Response) -> bool:
    return (
        response.status_code == HTTPStatus.OK
        and response.mimetype == "application/fhir+json"
        and b'"searchset"' in response.data
    )


def _change_page(response: Response, fault: Fault, url: str) -> None:
    bundle = json.loads(response.data)
    change = {
        "wrong_patient": _put_stranger,
        "endless_next": _turn_in_circles,
        "next_elsewhere": _point_elsewhere,
        "odd_entries": _add_oddities,
    }[fault.kind]
    change(bundle, fault, url)
    response.data = json.dumps(bundle)


def _put_stranger(bundle: JsonObject, fault: Fault, _: str) -> None:
    other = f"Patient/{fault.fields.get('patient', 'somebody-else')}"
    for entry in bundle.get("entry", []):
        resource = entry["resource"]
        for name in ("subject", "patient"):
            if name in resource:
                resource[name] = {"reference": other}
                return


def _turn_in_circles(bundle: JsonObject, _: Fault, url: str) -> None:
    turn = int(url.rpartition("_turn=")[2]) + 1 if "_turn=" in url else 1
    bare = url.partition("&_turn=")[0].partition("?_turn=")[0]
    joiner = "&" if "?" in bare else "?"
    _set_next(bundle, f"{bare}{joiner}_turn={turn}")


def _point_elsewhere(bundle: JsonObject, fault: Fault, url: str) -> None:
    parts = urlsplit(url)
    elsewhere = fault.fields.get("url") or f"http://127.0.0.1:9{parts.path}"
    _set_next(bundle, elsewhere)


def _add_oddities(bundle: JsonObject, _: Fault, __: str) -> None:
    """Add what real servers were seen to put into their pages."""
    warning = outcome("informational", "Some results may be missing.")
    warning["issue"][0]["severity"] = "warning"
    bundle.setdefault("entry", []).extend(
        [
            {"resource": warning, "search": {"mode": "outcome"}},
            {"fullUrl": "urn:uuid:0d4b1c0e-5c25-4b0e-a7a5-0f9d4f1f5a11"},
            {"resource": {"id": "no-type", "status": "final"}},
            {"resource": {"resourceType": "Observation", "status": "", "code": None}},
        ]
    )


def _set_next(bundle: JsonObject, url: str) -> None:
    links: list[dict[str, Any]] = bundle.setdefault("link", [])
    links[:] = [link for link in links if link["relation"] != "next"]
    links.append({"relation": "next", "url": url})


def _spoiled(
    environ: "WSGIEnvironment", start_response: "StartResponse", response: Response, fault: Fault
) -> Iterator[bytes]:
    body = response.data
    if fault.kind == "cut":
        start_response(response.status, list(response.headers))
        yield body[: fault.whole("bytes", len(body) // 2)]
    _hang_up(environ)
    raise ConnectionAbortedError


def _hang_up(environ: "WSGIEnvironment") -> None:
    connection = environ.get("werkzeug.socket")
    if isinstance(connection, socket.socket):
        connection.shutdown(socket.SHUT_RDWR)
