"""The systems as processes: started, cut off, ended and started again. Slow: each is a real one."""

import hashlib
import http.client
import json
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.sandbox.senders import ASSERTION, JWKS, assertion

pytestmark = [pytest.mark.fault, pytest.mark.slow]
ROOT = Path(__file__).parents[2]


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
    return port


def _ask(port: int, method: str, path: str, body: str = "", **headers: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body=body.encode(), headers=named)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


@contextmanager
def _running(name: str, port: int, data: Path, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", f"sandbox.{name}", "--port", str(port), "--data", str(data)]
    process = subprocess.Popen([*command, *options], cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        _wait_until_it_answers(port, process)
        yield process
    finally:
        process.kill()
        process.wait()


def _wait_until_it_answers(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        assert process.poll() is None, "it ended"
        try:
            if _ask(port, "GET", "/healthz")[0] == http.client.OK:
                return
        except OSError:
            time.sleep(0.05)
    pytest.fail("it never answered")


class _Keys(BaseHTTPRequestHandler):
    """The sender's published keys."""

    def do_GET(self) -> None:
        body = json.dumps(JWKS).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Print nothing."""


@pytest.fixture
def jwks_url() -> Iterator[str]:
    """An address with the sender's keys."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Keys) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/jwks"
        server.shutdown()


def _token(port: int) -> str:
    signed = assertion(aud=f"http://127.0.0.1:{port}/oauth/token")
    form = urlencode(
        {
            "grant_type": "client_credentials",
            "scope": "system/*.cruds",
            "client_assertion_type": ASSERTION,
            "client_assertion": signed,
        }
    )
    status, body = _ask(
        port, "POST", "/oauth/token", form, Content_Type="application/x-www-form-urlencoded"
    )
    assert status == http.client.OK, body
    return str(json.loads(body)["access_token"])


def _send(port: int, token: str, name: str) -> tuple[int, bytes]:
    entry = {
        "resource": {"resourceType": "Observation", "id": name, "status": "final"},
        "request": {"method": "PUT", "url": f"Observation/{name}"},
    }
    bundle = {
        "resourceType": "Bundle",
        "type": "transaction",
        "identifier": {"system": "urn:sha256", "value": name},
        "entry": [entry],
    }
    return _ask(
        port,
        "POST",
        "/fhir",
        json.dumps(bundle),
        Authorization=f"Bearer {token}",
        Content_Type="application/fhir+json",
    )


def _pieces(body: bytes) -> Iterator[bytes]:
    yield body[:10]
    yield body[10:]


def _turn(port: int, **knob: object) -> None:
    status, body = _ask(port, "POST", "/_faults", json.dumps(knob), Content_Type="application/json")
    assert status == http.client.CREATED, body


@pytest.mark.parametrize("name", ["lab", "ehr"])
def test_a_lab_and_a_clinic_start_and_end_on_sigterm(name: str, tmp_path: Path) -> None:
    with _running(name, _free_port(), tmp_path, "--client-id", "portal") as process:
        process.send_signal(signal.SIGTERM)
        code = process.wait(timeout=20)

    assert code == -signal.SIGTERM


@pytest.mark.parametrize("kind", ["drop", "cut"])
def test_a_lost_answer_is_stored_exactly_once_even_when_killed(
    tmp_path: Path, jwks_url: str, kind: str
) -> None:
    port, name = _free_port(), secrets.token_hex(4)
    options = ("--profile", "all-of-us", "--client-id", "portal", "--jwks-url", jwks_url)
    with _running("program", port, tmp_path, *options):
        token = _token(port)
        _turn(port, kind=kind, path="/fhir", bytes=20)
        with pytest.raises((http.client.HTTPException, ConnectionResetError)):
            _send(port, token, name)

    with _running("program", port, tmp_path, *options):
        status, _ = _send(port, token, name)
        held = json.loads(_ask(port, "GET", "/held")[1])
        received = json.loads(_ask(port, "GET", "/received")[1])["transactions"]

    assert status == http.client.OK
    assert [(row["id"], row["version"]) for row in held] == [(name, 1)]
    assert [row["repeats"] for row in received] == [1]


def test_a_cut_answer_ends_in_the_middle(tmp_path: Path) -> None:
    port = _free_port()
    with _running("lab", port, tmp_path, "--client-id", "portal"):
        whole = _ask(port, "GET", "/fhir/metadata")[1]
        _turn(port, kind="cut", path="/fhir/metadata", bytes=100)
        with pytest.raises(http.client.IncompleteRead) as cut:
            _ask(port, "GET", "/fhir/metadata")

    assert cut.value.partial == whole[:100]


def test_a_body_may_come_in_chunks_and_its_bytes_are_kept(tmp_path: Path, jwks_url: str) -> None:
    port, body = _free_port(), b'{"resourceType":"Bundle", "type":"transaction","entry":[]}'
    options = ("--profile", "all-of-us", "--client-id", "portal", "--jwks-url", jwks_url)
    with _running("program", port, tmp_path, *options):
        headers = {"Authorization": f"Bearer {_token(port)}", "Transfer-Encoding": "chunked"}
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("POST", "/fhir", _pieces(body), headers, encode_chunked=True)
        status = connection.getresponse().status
        connection.close()
        kept = _ask(port, "GET", f"/received/{hashlib.sha256(body).hexdigest()}")

    assert status == http.client.OK
    assert kept == (http.client.OK, body)


def test_many_at_once_are_each_stored_once(tmp_path: Path, jwks_url: str) -> None:
    port = _free_port()
    options = ("--profile", "all-of-us", "--client-id", "portal", "--jwks-url", jwks_url)
    with _running("program", port, tmp_path, *options):
        token = _token(port)
        names = [f"n{number}" for number in range(8)] * 3
        answers: list[int] = []
        threads = [
            threading.Thread(target=lambda one=name: answers.append(_send(port, token, one)[0]))
            for name in names
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        held = json.loads(_ask(port, "GET", "/held")[1])

    assert answers == [http.client.OK] * len(names)
    assert sorted((row["id"], row["version"]) for row in held) == [(f"n{n}", 1) for n in range(8)]
