"""A research program on a FHIR server that somebody else wrote, with its own strict validation."""

import contextlib
import json
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from consent import policy
from sharing.models import Delivery
from sharing.services import keys
from sharing.transport import TOKENS
from tests.consent.builders import a_resource, a_scope
from tests.sharing.builders import Sharing, a_variant, real_resources
from tests.sharing.real import Jwks, free_port
from tests.sharing.test_real_program import run

pytestmark = [pytest.mark.django_db, pytest.mark.slow]  # a process that takes seconds to start


class Foreign:
    """The addresses of the running server."""

    def __init__(self, port: int, jwks: Jwks) -> None:
        self.root = f"http://127.0.0.1:{port}"
        self.jwks = jwks

    def joined(self, sharing: Sharing) -> None:
        keys.current(sharing.endpoint.algorithm, at=sharing.now)
        self.jwks.keys = keys.published(at=sharing.now)
        TOKENS.drop((sharing.endpoint.token_url, "portal"))

    def search(self, kind: str, query: str = "") -> list[dict[str, Any]]:
        token = TOKENS.get((f"{self.root}/auth/token", "portal"))
        request = urllib.request.Request(
            f"{self.root}/fhir/{kind}?_count=200{query}",
            headers={"Authorization": f"Bearer {token}", "Accept": "application/fhir+json"},
        )
        with urllib.request.urlopen(request) as answer:
            bundle = json.loads(answer.read())
        return [entry["resource"] for entry in bundle.get("entry", ())]


def _serve(folder: Path, jwks: Jwks, port: int) -> "subprocess.Popen[bytes]":
    settings = {
        "base_url": f"http://127.0.0.1:{port}/fhir",
        "host": "127.0.0.1",
        "port": port,
        "data_dir": str(folder),
        "own_private_key_path": str(folder / "key.pem"),
        "simulator": {"enabled": False},
        "server_auth": {
            "types": ["smart"],
            "smart_clients": [{"client_id": "portal", "jwks_url": jwks.url}],
        },
    }
    (folder / "settings.yaml").write_text(yaml.safe_dump(settings))
    command = [str(Path(sys.executable).parent / "sekmet"), "serve", "--config", "settings.yaml"]
    return subprocess.Popen(
        command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


@pytest.fixture(params=["own-ids", "conditional-update", "conditional-create"])
def foreign(
    tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[tuple[Foreign, dict[str, object]]]:
    jwks, port = Jwks(), free_port()
    process = _serve(tmp_path, jwks, port)
    server = Foreign(port, jwks)
    own = request.param == "own-ids"
    try:
        _wait(port, process)
        yield (
            server,
            {
                "base_url": f"{server.root}/fhir",
                "token_url": f"{server.root}/auth/token",
                "client_id": "portal",
                "algorithm": "ES384",
                "writing": request.param,
                "if_match": own,
                "deletes": own,
            },
        )
    finally:
        process.terminate()
        process.wait(10)
        jwks.close()


def _wait(port: int, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        assert process.poll() is None, "the server ended at its start"
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.2)
    raise TimeoutError


def test_a_person_shares_updates_and_stops_with_a_foreign_server(
    foreign: tuple[Foreign, dict[str, object]],
) -> None:
    server, endpoint = foreign
    scope = a_scope(identity=policy.Identity.DEIDENTIFIED)
    sharing = Sharing(scope=scope, **endpoint)
    server.joined(sharing)
    for number, body in enumerate(_germline()):
        a_resource(sharing.origin, {**body, "id": f"r{number}"}, "hereditary-risk")

    sharing.confirm()
    first = run(sharing)
    sent = len(Delivery.objects.get(package__kind="push").package.manifest["items"])
    there = len(server.search("Observation"))
    a_resource(sharing.origin, a_variant(id="later"), "hereditary-risk")
    sharing.confirm()
    second = run(sharing)
    after = len(server.search("Observation"))
    sharing.stop()
    third = run(sharing)
    left = [b for b in server.search("Observation") if b["status"] != "entered-in-error"]

    assert (first, second, third) == (["delivered"] * 2, ["delivered"], ["delivered"])
    assert there == sent > 3
    assert after == there + 1
    assert left == []
    assert [c["status"] for c in server.search("Consent")] == ["inactive"]


def _germline() -> list[dict[str, Any]]:
    bodies = [b for b in real_resources() if b["resourceType"] == "Observation"]
    chosen = [b for b in bodies if b.get("status") == "final" and "component" in b][:6]
    return [{**b, "subject": {"reference": "Patient/p1"}} for b in chosen]
