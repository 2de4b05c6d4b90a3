"""The only HTTP of this room: pinned, bounded, and deaf to the environment."""

import threading
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from portal.connections import clients, guard
from portal.connections.source_api import SourceRefused, SourceUnavailable

QUICK = clients.Limits(connect_s=1, silence_s=0.5, total_s=1, packed_bytes=2000, body_bytes=2000)


class _Page(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    asked: list[dict[str, str]] = []
    status = 200
    headers_out: dict[str, str] = {}
    body = b"{}"

    def do_GET(self) -> None:
        type(self).asked.append(
            {"path": self.path, **{k.lower(): v for k, v in self.headers.items()}}
        )
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response(self.status)
        for name, value in {**self.headers_out, "Content-Length": str(len(self.body))}.items():
            self.send_header(name, value)
        self.end_headers()
        try:
            self.wfile.write(self.body)
        except OSError:
            self.close_connection = True

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def page() -> Iterator[type[_Page]]:
    """A page whose answer each test sets."""

    class Page(_Page):
        asked: list[dict[str, str]] = []

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    Page.port = server.server_port  # type: ignore[attr-defined]  # where it is
    yield Page
    server.shutdown()
    server.server_close()


def base(page: type[_Page]) -> str:
    return f"http://127.0.0.1:{page.port}/fhir"  # type: ignore[attr-defined]  # where it is


def a_client(page: type[_Page], *pinned: str) -> clients.SourceClient:
    target = guard.register(base(page), loopback=True)
    return clients.SourceClient(clients.Reach(target, frozenset(pinned)), limits=QUICK)


def test_an_address_goes_out_as_it_was_checked(page: type[_Page]) -> None:
    path = "/Observation?code=http://loinc.org|1&_page=a%20b&x={y}"

    with a_client(page) as client:
        client.get(base(page) + path, bearer="token")

    (asked,) = page.asked
    assert asked["path"] == "/fhir" + path
    assert asked["authorization"] == "Bearer token"
    assert asked["accept"] == "application/fhir+json"
    assert "cookie" not in asked


@pytest.mark.parametrize("path", ["/../admin", "/%2e%2e/admin", "x"])
def test_nothing_outside_the_base_is_asked(page: type[_Page], path: str) -> None:
    with a_client(page) as client, pytest.raises(SourceRefused, match="address"):
        client.get(base(page) + path)

    assert page.asked == []


def test_a_form_goes_to_a_pinned_address_only(page: type[_Page]) -> None:
    token = base(page).replace("/fhir", "/oauth/token")

    with a_client(page, token) as client:
        client.post_form(token, {"a": "b c"})
        with pytest.raises(SourceRefused, match="address"):
            client.post_form(token + "2", {"a": "b"})
        with pytest.raises(SourceRefused, match="address"):
            client.post_form(token + "?x=1", {"a": "b"})

    assert [asked["path"] for asked in page.asked] == ["/oauth/token"]


def test_proxies_of_the_environment_are_not_used(
    page: type[_Page], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")

    with a_client(page) as client:
        assert client.get(base(page)).status == 200


def test_cookies_are_not_kept(page: type[_Page]) -> None:
    page.headers_out = {"Set-Cookie": "a=b"}

    with a_client(page) as client:
        for _ in range(2):
            client.get(base(page))

    assert "cookie" not in page.asked[1]


@pytest.mark.parametrize("encoding", ["br", "deflate", "zstd", "gzip, gzip"])
def test_what_was_not_asked_for_is_not_unpacked(page: type[_Page], encoding: str) -> None:
    page.headers_out = {"Content-Encoding": encoding}

    with a_client(page) as client, pytest.raises(SourceRefused, match="encoding"):
        client.get(base(page))


def test_what_says_gzip_and_is_not_is_refused(page: type[_Page]) -> None:
    page.headers_out = {"Content-Encoding": "gzip"}

    with a_client(page) as client, pytest.raises(SourceRefused, match="encoding"):
        client.get(base(page))


def test_a_body_over_the_limit_is_refused(page: type[_Page]) -> None:
    page.body = b"x" * 2001

    with a_client(page) as client, pytest.raises(SourceRefused, match="too-big"):
        client.get(base(page))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(page: type[_Page], status: int) -> None:
    page.status, page.headers_out = status, {"Location": base(page)}

    with a_client(page) as client, pytest.raises(SourceRefused, match="moved"):
        client.get(base(page))

    assert len(page.asked) == 1


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ({"Retry-After": "7"}, 7),
        ({"Retry-After": "9999999999"}, clients.LONGEST_WAIT_S),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "-1"}, None),
        ({"Retry-After": "²"}, None),
        ({"Retry-After": "1" * 5000}, clients.LONGEST_WAIT_S),
        ({"Retry-After": f"Tue, 03 Mar 2026 12:00:30 +{'9' * 30}"}, None),
        ({"Retry-After": "Tue, 03 Mar 99999 12:00:30 GMT"}, None),
        ({}, None),
        (
            {
                "Date": "Tue, 03 Mar 2026 12:00:00 GMT",
                "Retry-After": "Tue, 03 Mar 2026 12:00:30 GMT",
            },
            30,
        ),
    ],
)
def test_the_wait_that_was_told_is_kept(told: dict[str, str], seconds: int | None) -> None:
    assert clients.retry_after_s({k.lower(): v for k, v in told.items()}) == seconds


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_some_answers_mean_later(page: type[_Page], status: int) -> None:
    page.status = status

    with a_client(page) as client, pytest.raises(SourceUnavailable, match=f"status-{status}"):
        client.get(base(page))


def test_a_drip_of_bytes_ends_with_the_time_of_the_whole_call(page: type[_Page]) -> None:
    class Dripping(page):  # type: ignore[valid-type, misc]  # the class of this test
        def do_GET(self) -> None:  # noqa: N802  # the library's name
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            gate = threading.Event()
            for _ in range(30):
                try:
                    self.wfile.write(b" ")
                    self.wfile.flush()
                except OSError:
                    break
                gate.wait(0.1)
            self.close_connection = True

    server = ThreadingHTTPServer(("127.0.0.1", 0), Dripping)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    target = guard.register(f"http://127.0.0.1:{server.server_port}/fhir", loopback=True)

    with (
        clients.SourceClient(clients.Reach(target), limits=QUICK) as client,
        pytest.raises(SourceUnavailable, match="slow"),
    ):
        client.get(target.url)
    server.shutdown()
    server.server_close()


class Resolver:
    """Answers from a list, and counts."""

    def __init__(self, *answers: str) -> None:
        self.answers = answers
        self.asked: list[str] = []

    def __call__(self, host: str, _port: int) -> Sequence[str]:
        self.asked.append(host)
        return self.answers


@pytest.mark.parametrize(
    "answers", [("127.0.0.1",), ("8.8.8.8", "10.0.0.1"), ("::1",), ("169.254.169.254",)]
)
def test_a_public_name_that_leads_inside_is_not_called(answers: tuple[str, ...]) -> None:
    target = guard.register("https://fhir.lab.example/r4", loopback=False)
    resolver = Resolver(*answers)

    with (
        clients.SourceClient(clients.Reach(target), limits=QUICK, resolver=resolver) as client,
        pytest.raises(SourceRefused, match="address"),
    ):
        client.get(target.url)


def test_a_name_without_an_address_is_asked_again_later() -> None:
    target = guard.register("https://fhir.lab.example/r4", loopback=False)

    with (
        clients.SourceClient(clients.Reach(target), limits=QUICK, resolver=Resolver()) as client,
        pytest.raises(SourceUnavailable, match="no-address"),
    ):
        client.get(target.url)


def test_a_name_is_resolved_once(page: type[_Page]) -> None:
    page.headers_out = {"Connection": "close"}
    resolver = Resolver("127.0.0.1")
    target = guard.register(base(page).replace("127.0.0.1", "localhost"), loopback=True)

    with clients.SourceClient(clients.Reach(target), limits=QUICK, resolver=resolver) as client:
        for _ in range(3):
            client.get(target.url)

    assert resolver.asked == ["localhost"]
    assert len(page.asked) == 3
