"""A research program of the sandbox as a process of its own, and our keys published for it."""

import contextlib
import json
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from sharing.transport import TOKENS

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Jwks:
    """Publishes what it is given, as the portal's own page does."""

    def __init__(self) -> None:
        self.keys: dict[str, Any] = {"keys": []}
        jwks = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = json.dumps(jwks.keys).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                return None

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/.well-known/jwks.json"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@dataclass
class RealProgram:
    """The addresses of a running program, and its knobs."""

    port: int
    process: subprocess.Popen[bytes]
    jwks: Jwks

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def fields(self) -> dict[str, str]:
        return {
            "base_url": f"{self.root}/fhir",
            "token_url": f"{self.root}/oauth/token",
            "notice_url": f"{self.root}/notices",
            "client_id": "portal",
        }

    def get(self, path: str) -> Any:  # noqa: ANN401  # the sandbox's JSON
        return json.loads(self.raw(path))

    def raw(self, path: str) -> bytes:
        token = TOKENS.get((f"{self.root}/oauth/token", "portal"))
        request = urllib.request.Request(
            f"{self.root}{path}", headers={"Authorization": f"Bearer {token}"}
        )
        with urllib.request.urlopen(request) as answer:
            raw: bytes = answer.read()
        return raw

    def fault(self, kind: str, **fields: object) -> None:
        self._post("/_faults", {"kind": kind, **fields})

    def clear(self) -> None:
        self._post("/_faults/clear", {})

    def _post(self, path: str, body: Mapping[str, object]) -> None:
        request = urllib.request.Request(
            f"{self.root}{path}",
            json.dumps(body).encode(),
            {"Content-Type": "application/json"},
        )
        urllib.request.urlopen(request).close()

    def held(self, kind: str = "") -> list[dict[str, Any]]:
        rows = self.get("/held")
        rows = rows if isinstance(rows, list) else rows["resources"]
        return [r for r in rows if not r["deleted"] and kind in ("", r["type"])]

    def received(self) -> list[dict[str, Any]]:
        rows = self.get("/received")
        found: list[dict[str, Any]] = rows if isinstance(rows, list) else rows["transactions"]
        return found


@contextlib.contextmanager
def running(profile: str, folder: Path) -> Iterator[RealProgram]:
    jwks = Jwks()
    port = free_port()
    command = [sys.executable, "-m", "sandbox.program", "--profile", profile]
    options = ["--port", str(port), "--data", str(folder)]
    client = ["--client-id", "portal", "--jwks-url", jwks.url]
    process = subprocess.Popen([*command, *options, *client], cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        _wait(port, process)
        yield RealProgram(port, process, jwks)
    finally:
        process.terminate()
        process.wait(10)
        jwks.close()


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        assert process.poll() is None, "the program ended at its start"
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)
    raise TimeoutError
