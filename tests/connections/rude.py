"""A FHIR server with bad manners: each of its bases misbehaves in one way. Loopback only."""

import gzip
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

PATIENT = "p1"
TOTAL, A_PAGE, LONG = 30, 10, 80


@dataclass
class Seen:
    """What both ports were asked."""

    requests: list[tuple[int, str, str]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, port: int, path: str, bearer: str) -> int:
        with self.lock:
            self.requests.append((port, path, bearer))
            return sum(path.split("/")[1] == other.split("/")[1] for _, other, _ in self.requests)

    def at(self, port: int) -> list[str]:
        return [path for where, path, _ in self.requests if where == port]


@dataclass
class Rude:
    """The running server."""

    port: int
    other_port: int
    seen: Seen

    def base(self, manner: str) -> str:
        return f"http://127.0.0.1:{self.port}/{manner}/fhir"


@dataclass(frozen=True)
class Asked:
    """One request, taken apart."""

    manner: str
    kind: str
    page: int
    count: int  # how many came for this manner
    me: str
    elsewhere: str
    bearer: str
    category: str = ""
    since: str = ""


SWELLING = gzip.compress(b" " * (90 << 20), 1, mtime=0)

type Answer = tuple[int, bytes, dict[str, str]]


def observation(number: int, patient: str = PATIENT) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "id": f"o{number}",
        "status": "final",
        "code": {"text": "something"},
        "subject": {"reference": f"Patient/{patient}"},
    }


def a_page(resources: list[dict[str, Any]], next_url: str = "") -> Answer:
    body = {
        "resourceType": "Bundle",
        "type": "searchset",
        "entry": [{"resource": one} for one in resources],
        "link": [{"relation": "next", "url": next_url}] if next_url else [],
    }
    return 200, json.dumps(body).encode(), {}


def well_mannered(asked: Asked) -> Answer:
    if asked.kind != "Observation":
        return a_page([])
    first = (asked.page - 1) * A_PAGE
    following = f"{asked.me}/Observation?page={asked.page + 1}"
    is_last = first + A_PAGE >= TOTAL
    return a_page(
        [observation(number) for number in range(first, first + A_PAGE)],
        "" if is_last else following,
    )


def _always(*resources: dict[str, Any], to: str = "") -> Callable[[Asked], Answer]:
    def answer(asked: Asked) -> Answer:
        link = to.format(me=asked.me, elsewhere=asked.elsewhere, page=asked.page + 1)
        return a_page(list(resources), link)

    return answer


def _opaque(asked: Asked) -> Answer:
    return a_page([observation(1)], f"{asked.me}/Observation?token={asked.count}")


def _redirect(asked: Asked) -> Answer:
    return 302, b"", {"Location": f"{asked.elsewhere}/moved"}


def _sleep(asked: Asked) -> Answer:
    time.sleep(8)
    return well_mannered(asked)


def _swell(asked: Asked) -> Answer:
    return 200, SWELLING, {"Content-Encoding": "gzip"}


def _nest(asked: Asked) -> Answer:
    return 200, b'{"a":' * 50_000 + b"1" + b"}" * 50_000, {}


def _tired(asked: Asked) -> Answer:
    return (503, b"{}", {"Retry-After": "1"}) if asked.count % 2 else well_mannered(asked)


def _expired(asked: Asked) -> Answer:
    return (401, b"{}", {}) if asked.bearer == "Bearer first" else well_mannered(asked)


def _never_in(asked: Asked) -> Answer:
    return 401, b"{}", {}


def _no_observations(asked: Asked) -> Answer:
    return (403, b"{}", {}) if asked.kind == "Observation" else a_page([])


def _other_person(asked: Asked) -> Answer:
    if asked.kind == "Patient":
        return 200, b'{"resourceType":"Patient","id":"somebody-else"}', {}
    return well_mannered(asked)


def _spoiled(asked: Asked) -> Answer:
    good = json.dumps({"resource": observation(1)})
    bad = '{"resource":{"resourceType":"Observation","id":"x","v":NaN}},{"fullUrl":"u"},null'
    return 200, f'{{"resourceType":"Bundle","entry":[{bad},{good}]}}'.encode(), {}


def _html(asked: Asked) -> Answer:
    return 200, b"<html>Log in again</html>", {"Content-Type": "text/html"}


def _long(asked: Asked) -> Answer:
    time.sleep(0.01)
    if asked.kind != "Observation":
        return a_page([])
    first = (asked.page - 1) * A_PAGE
    following = f"{asked.me}/Observation?page={asked.page + 1}" if asked.page < LONG else ""
    return a_page([observation(number) for number in range(first, first + A_PAGE)], following)


def _wants_category(asked: Asked) -> Answer:
    if asked.kind == "Observation" and asked.category in {"laboratory", "vital-signs"}:
        name = 1 if asked.category == "laboratory" else 2
        return a_page([observation(name)])
    return (400, b"{}", {}) if asked.kind == "Observation" else a_page([])


def _dislikes_dates(asked: Asked) -> Answer:
    return (400, b"{}", {}) if asked.since else well_mannered(asked)


MANNERS: dict[str, Callable[[Asked], Answer]] = {
    "circle": _always(observation(1), to="{me}/Observation?patient=p1"),
    "opaque_circle": _opaque,
    "other_port": _always(observation(1), to="{elsewhere}/x?page=2"),
    "other_path": _always(observation(1), to="{me}/../admin"),
    "broken_link": _always(observation(1), to="http://[bad"),
    "redirect": _redirect,
    "stranger": _always(observation(1), observation(2, "p2")),
    "sleep": _sleep,
    "swell": _swell,
    "nest": _nest,
    "tired": _tired,
    "expired": _expired,
    "never_in": _never_in,
    "no_observations": _no_observations,
    "other_person": _other_person,
    "spoiled": _spoiled,
    "html": _html,
    "long": _long,
    "wants_category": _wants_category,
    "dislikes_dates": _dislikes_dates,
    "dislikes_all": lambda _asked: (400, b"{}", {}),
}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "_Server"

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        try:
            self._answer()
        except OSError:
            self.close_connection = True

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        token = {"access_token": "second", "token_type": "Bearer", "expires_in": 300}
        self._send(200, json.dumps({**token, "scope": "patient/*.rs", "patient": PATIENT}).encode())

    def _answer(self) -> None:
        bearer = self.headers.get("Authorization", "")
        count = self.server.seen.add(self.server.server_port, self.path, bearer)
        parts = urlsplit(self.path)
        manner, _, kind = (parts.path.split("/") + [""] * 4)[1:4]
        if manner == "cut_short":
            self._cut()
            return
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        asked = Asked(
            manner,
            kind,
            int(query.get("page", "1")),
            count,
            f"http://127.0.0.1:{self.server.server_port}/{manner}/fhir",
            self.server.elsewhere,
            bearer,
            query.get("category", ""),
            query.get("_lastUpdated", ""),
        )
        self._send(*MANNERS.get(manner, well_mannered)(asked))

    def _send(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/fhir+json")
        self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _cut(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "500")
        self.end_headers()
        self.wfile.write(b'{"resourceType":')
        self.close_connection = True


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    seen: Seen
    elsewhere = ""


@contextmanager
def running() -> Iterator[Rude]:
    """Run both ports while the block lasts."""
    seen = Seen()
    first, second = (_Server(("127.0.0.1", 0), _Handler) for _ in range(2))
    first.elsewhere = f"http://127.0.0.1:{second.server_port}"
    for server in (first, second):
        server.seen = seen
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield Rude(first.server_port, second.server_port, seen)
    finally:
        for server in (first, second):
            server.shutdown()
            server.server_close()
