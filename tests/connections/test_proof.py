"""Each way to prove who we are is accepted by a real server that asks for it."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from django.core.management import call_command

from portal.connections.models import Connection
from portal.connections.services import tokens
from tests.connections.lab import Lab, query_of, running
from tests.connections.test_tokens import a_pem
from tests.connections.test_with_lab import BACK, a_visitor, go, people

# A server is started for each.
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.fault,
    pytest.mark.slow,
]
KEYS: dict[str, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey] = {
    "rsa": rsa.generate_private_key(public_exponent=65537, key_size=2048),
    "ec": ec.generate_private_key(ec.SECP384R1()),
}


class _KeyPage(BaseHTTPRequestHandler):
    keys: str = "{}"

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(type(self).keys.encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def a_key_page() -> Iterator[str]:
    """Serve what the site would show at its keys' address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _KeyPage)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/keys.json"
    server.shutdown()
    server.server_close()


def register(lab: Lab, method: str, secret: Path) -> None:
    call_command(
        "add_source",
        "lab",
        lab.base,
        "--name=Lab",
        "--client-id=sync-for-genes",
        f"--auth={method}",
        f"--secret-file={secret}",
        stdout=StringIO(),
    )
    _KeyPage.keys = json.dumps({"keys": tokens.public_keys()})


def connected(lab: Lab) -> Connection:
    _, client = a_visitor()
    place = lab.sign_in(go(client), people(lab)[0])
    answer = client.get("/connections/callback/", query_of(place))
    assert "not-connected" not in answer["Location"], answer["Location"]
    return Connection.objects.get()


def test_a_client_secret_is_accepted(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("a-long:secret/with+signs")
    options = ["--client-id", "sync-for-genes", "--redirect-uri", BACK]
    with running(tmp_path / "lab", *options, "--client-secret-file", str(secret)) as lab:
        register(lab, "basic", secret)

        connection = connected(lab)

    assert connection.state == Connection.State.LIVE


@pytest.mark.parametrize("kind", ["rsa", "ec"])
def test_a_signed_assertion_is_accepted(tmp_path: Path, kind: str) -> None:
    secret = tmp_path / "key.pem"
    secret.write_text(a_pem(KEYS[kind]))
    options = ["--client-id", "sync-for-genes", "--redirect-uri", BACK]
    with a_key_page() as keys, running(tmp_path / "lab", *options, "--jwks-url", keys) as lab:
        register(lab, "private_key_jwt", secret)

        connection = connected(lab)

    assert connection.state == Connection.State.LIVE
