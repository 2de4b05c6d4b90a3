"""The lab of the sandbox as a process of its own, and somebody who signs in there."""

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from http.client import HTTPConnection, HTTPResponse
from json import dumps
from pathlib import Path
from socket import socket
from urllib.parse import parse_qsl, urlencode, urlsplit

ROOT = Path(__file__).resolve().parents[2]
STARTS_WITHIN_S = 60


@dataclass(frozen=True)
class Lab:
    """A running system: where it is, and its process."""

    port: int

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}/fhir"

    def ask(
        self, method: str, path: str, body: str = "", kind: str = "application/json"
    ) -> tuple[int, str, str]:
        """Return status, place to go to, and body."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            headers = {"Content-Type": kind} if body else {}
            connection.request(method, path, body=body or None, headers=headers)
            answer: HTTPResponse = connection.getresponse()
            return answer.status, answer.getheader("Location", ""), answer.read().decode()
        finally:
            connection.close()

    def spoil(self, **knob: object) -> None:
        """Set a fault knob."""
        status, _, body = self.ask("POST", "/_faults", dumps(knob))
        assert status < 300, body

    def sign_in(self, address: str, person: str, *, answer: str = "allow") -> str:
        """Walk the sign-in and approve pages; return the address that the browser is sent to."""
        asked = urlsplit(address)
        status, _, page = self.ask("GET", f"{asked.path}?{asked.query}")
        assert status == 200, page
        fields = [*hidden(page), ("person", person)]
        _, _, page = self.post(asked.path, fields)
        scopes = [(name, value) for name, value in ticked(page)]
        _, place, page = self.post(asked.path, [*hidden(page), *scopes, ("answer", answer)])
        assert place, page
        return place

    def post(self, path: str, fields: list[tuple[str, str]]) -> tuple[int, str, str]:
        return self.ask("POST", path, urlencode(fields), "application/x-www-form-urlencoded")


def hidden(page: str) -> list[tuple[str, str]]:
    """Return the hidden fields of a page."""
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', page)
    return [(unescape(name), unescape(value)) for name, value in found]


def ticked(page: str) -> list[tuple[str, str]]:
    """Return the ticked boxes of a page."""
    found = re.findall(r'<input type="checkbox" name="([^"]*)" value="([^"]*)" checked', page)
    return [(unescape(name), unescape(value)) for name, value in found]


def query_of(address: str) -> dict[str, str]:
    """Return what an address carries."""
    return dict(parse_qsl(urlsplit(address).query))


def free_port() -> int:
    """Return a port that is free now."""
    with socket() as place:
        place.bind(("127.0.0.1", 0))
        return int(place.getsockname()[1])


@contextmanager
def running(folder: Path, *options: str, kind: str = "lab") -> Iterator[Lab]:
    """Run a system while the block lasts."""
    lab = Lab(free_port())
    command = [sys.executable, "-m", f"sandbox.{kind}", "--port", str(lab.port)]
    with subprocess.Popen(
        [*command, "--data", str(folder), *options], cwd=ROOT, stdout=subprocess.DEVNULL
    ) as process:
        try:
            _wait(lab, process)
            yield lab
        finally:
            process.terminate()


def _wait(lab: Lab, process: subprocess.Popen[bytes]) -> None:
    ends_at = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < ends_at:
        assert process.poll() is None, "the lab ended by itself"
        try:
            if lab.ask("GET", "/healthz")[0] == 200:
                return
        except OSError:
            time.sleep(0.05)
    raise AssertionError("the lab does not answer")
