"""One program, its registered addresses, its time, and no byte more."""

import gzip
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from sharing.services.program import ProgramRefused, ProgramUnavailable
from sharing.transport import Key, Route, TokenCache, Transport

OK = json.dumps({"resourceType": "Bundle", "type": "transaction-response"}).encode()


@dataclass
class Manners:
    """How the server behaves, and what it saw."""

    status: int = 200
    body: bytes = OK
    headers: dict[str, str] = field(default_factory=dict)
    sleep_s: float = 0.0
    drop: bool = False
    token: dict[str, object] = field(
        default_factory=lambda: {"access_token": "t1", "expires_in": 300}
    )
    token_status: int = 200
    seen: list[tuple[str, str, bytes, dict[str, str]]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)


class Server:
    def __init__(self) -> None:
        self.manners = manners = Manners()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                size = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(size)
                headers = {name.lower(): value for name, value in self.headers.items()}
                manners.seen.append((self.command, self.path, body, headers))
                if self.path == "/token":
                    self._say(manners.token_status, json.dumps(manners.token).encode(), {})
                    return
                time.sleep(manners.sleep_s)
                if manners.drop:
                    self.close_connection = True
                    return
                status = manners.answers.pop(0) if manners.answers else manners.status
                self._say(status, manners.body, manners.headers)

            do_GET = do_POST  # noqa: N815  # the library's name

            def _say(self, status: int, body: bytes, headers: dict[str, str]) -> None:
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                return None

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        threading.Thread(target=self.http.serve_forever, args=(0.02,), daemon=True).start()
        self.root = f"http://127.0.0.1:{self.http.server_port}"

    def transport(self, *, key: Key | None = None, **route: str) -> Transport:
        addresses = {"base_url": f"{self.root}/fhir", "notice_url": f"{self.root}/notices"}
        signed = {"token_url": f"{self.root}/token", "client_id": "us", "scope": "system/*.c"}
        words = {**addresses, **(signed if key else {}), **route}
        return Transport(Route(**words, loopback=True), key, tokens=TokenCache())


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.http.shutdown()
    made.http.server_close()


@pytest.fixture(scope="module")
def key() -> Key:
    made = ec.generate_private_key(ec.SECP384R1())
    pem = made.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return Key("k1", "ES384", pem)


OURS = {
    "resourceType": "Consent",
    "identifier": [{"system": "https://us.example/package", "value": "abc"}],
}


def soon() -> float:
    return time.monotonic() + 5


def test_the_assertion_is_short_lived_and_meant_for_the_token_address(
    server: Server, key: Key
) -> None:
    with server.transport(key=key) as program:
        program.get_ready()

    form = dict(part.split("=") for part in server.manners.seen[0][2].decode().split("&"))
    claims = jwt.decode(form["client_assertion"], options={"verify_signature": False})
    assert claims["iss"] == claims["sub"] == "us"
    assert claims["aud"] == f"{server.root}/token"
    assert claims["exp"] - claims["iat"] <= 300
    assert jwt.get_unverified_header(form["client_assertion"])["kid"] == "k1"


def test_a_token_is_asked_for_once_and_goes_with_every_call(server: Server, key: Key) -> None:
    with server.transport(key=key) as program:
        program.transact(b"{}", key="a", ends_at=soon())
        program.transact(b"{}", key="b", ends_at=soon())

    paths = [path for _, path, _, _ in server.manners.seen]
    assert paths == ["/token", "/fhir", "/fhir"]
    assert server.manners.seen[1][3]["authorization"] == "Bearer t1"
    assert server.manners.seen[1][3]["idempotency-key"] == "a"


def test_an_ended_token_is_replaced_once(server: Server, key: Key) -> None:
    server.manners.answers = [401, 200]

    with server.transport(key=key) as program:
        receipt = program.transact(b"{}", key="a", ends_at=soon())

    assert receipt.status == 200
    assert [path for _, path, _, _ in server.manners.seen].count("/token") == 2


@pytest.mark.parametrize(
    ("token", "code"),
    [
        ({"error": "x"}, "sign-in-unreadable"),
        ({"access_token": "a\nb"}, "sign-in-unreadable"),
        ({"access_token": 7}, "sign-in-unreadable"),
    ],
)
def test_a_strange_token_is_not_used(
    server: Server, key: Key, token: dict[str, object], code: str
) -> None:
    server.manners.token = token

    with server.transport(key=key) as program, pytest.raises(ProgramUnavailable, match=code):
        program.get_ready()


@pytest.mark.parametrize("status", [400, 401])
def test_a_refused_sign_in_is_tried_again_later(server: Server, key: Key, status: int) -> None:
    server.manners.token_status = status

    with server.transport(key=key) as program, pytest.raises(ProgramUnavailable) as told:
        program.get_ready()

    assert told.value.code == "sign-in-refused"
    assert not told.value.on_wire


@pytest.mark.parametrize("lives", [10**400, -1, True, "300", None, 1.5, 10**12])
def test_a_token_with_a_strange_lifetime_is_used_and_soon_asked_for_again(
    server: Server, key: Key, lives: object
) -> None:
    server.manners.token = {"access_token": "t1", "expires_in": lives}

    with server.transport(key=key) as program:
        receipt = program.transact(b"{}", key="a", ends_at=soon())

    assert receipt.status == 200


def test_a_token_without_a_lifetime_is_held_for_seconds_only(server: Server, key: Key) -> None:
    server.manners.token = {"access_token": "t1"}
    cache = TokenCache()
    cache.keep(("a", "b"), "old", 0.0)

    with server.transport(key=key) as program:
        program.get_ready()

    assert cache.get(("a", "b")) == ""


@pytest.mark.parametrize(
    ("status", "on_wire"), [(408, False), (429, False), (503, False), (500, True), (502, True)]
)
def test_who_answers_busy_did_nothing_and_who_breaks_may_have(
    server: Server, *, status: int, on_wire: bool
) -> None:
    server.manners.status, server.manners.headers = status, {"Retry-After": "9"}

    with server.transport() as program, pytest.raises(ProgramUnavailable) as told:
        program.transact(b"{}", key="a", ends_at=soon())

    assert told.value.on_wire is on_wire
    assert told.value.status == status
    assert told.value.retry_after_s == (None if on_wire else 9)


@pytest.mark.parametrize(
    ("status", "stale"), [(400, False), (403, False), (412, True), (409, True)]
)
def test_a_no_is_a_no(server: Server, *, status: int, stale: bool) -> None:
    server.manners.status = status

    with server.transport() as program, pytest.raises(ProgramRefused) as told:
        program.transact(b"{}", key="a", ends_at=soon())

    assert told.value.is_stale is stale


def test_redirects_are_not_followed(server: Server) -> None:
    server.manners.status = 307
    server.manners.headers = {"Location": f"{server.root}/elsewhere"}

    with server.transport() as program, pytest.raises(ProgramRefused, match="moved"):
        program.transact(b"{}", key="a", ends_at=soon())

    assert [path for _, path, _, _ in server.manners.seen] == ["/fhir"]


def test_an_answer_that_never_comes_ends_with_the_time(server: Server) -> None:
    server.manners.sleep_s = 3
    start = time.monotonic()

    with server.transport() as program, pytest.raises(ProgramUnavailable) as told:
        program.transact(b"{}", key="a", ends_at=start + 0.3)

    assert (told.value.code, told.value.on_wire) == ("slow", True)
    assert time.monotonic() - start < 2


def test_a_sender_whose_time_is_over_sends_nothing(server: Server) -> None:
    with server.transport() as program, pytest.raises(ProgramUnavailable) as told:
        program.transact(b"{}", key="a", ends_at=time.monotonic() - 1)

    assert not told.value.on_wire
    assert server.manners.seen == []


def test_a_dropped_answer_leaves_it_open_whether_it_arrived(server: Server) -> None:
    server.manners.drop = True

    with server.transport() as program, pytest.raises(ProgramUnavailable) as told:
        program.transact(b"{}", key="a", ends_at=soon())

    assert (told.value.code, told.value.on_wire) == ("cut-short", True)


def test_nobody_there_means_that_nothing_left() -> None:
    with (
        Transport(Route("http://127.0.0.1:9/fhir", loopback=True)) as program,
        pytest.raises(ProgramUnavailable) as told,
    ):
        program.transact(b"{}", key="a", ends_at=soon())

    assert (told.value.code, told.value.on_wire) == ("unreachable", False)


@pytest.mark.parametrize(
    "body", [b"", b"not json", b"[]", b"[" * 100_000, b'{"resourceType": "OperationOutcome"}']
)
def test_a_yes_that_cannot_be_read_leaves_it_open(server: Server, body: bytes) -> None:
    server.manners.body = body

    with server.transport() as program, pytest.raises(ProgramUnavailable) as told:
        program.transact(b"{}", key="a", ends_at=soon())

    assert (told.value.code, told.value.on_wire) == ("answer-unreadable", True)


def test_a_bomb_is_not_unpacked(server: Server) -> None:
    server.manners.body = gzip.compress(b" " * (80 * 2**20))
    server.manners.headers = {"Content-Encoding": "gzip"}

    with server.transport() as program, pytest.raises(ProgramUnavailable, match="too-big") as told:
        program.transact(b"{}", key="a", ends_at=time.monotonic() + 20)

    assert told.value.on_wire, "who answers too much may have taken it all the same"


def test_an_endless_answer_is_cut_off(server: Server) -> None:
    server.manners.body = b" " * (65 * 2**20)

    with server.transport() as program, pytest.raises(ProgramUnavailable, match="too-big") as told:
        program.transact(b"{}", key="a", ends_at=time.monotonic() + 20)

    assert told.value.on_wire


def test_an_answer_too_big_for_a_question_is_no_answer(server: Server) -> None:
    server.manners.body = gzip.compress(b" " * (80 * 2**20))
    server.manners.headers = {"Content-Encoding": "gzip"}

    with server.transport() as program, pytest.raises(ProgramRefused, match="too-big"):
        program.find("https://us.example/package", "abc")


def answered(*statuses: object) -> bytes:
    entries = [{"response": {"status": status}} for status in statuses]
    return json.dumps({"resourceType": "Bundle", "entry": entries}).encode()


def asked(*methods: str) -> bytes:
    entries = [{"request": {"method": method, "url": "Observation/1"}} for method in methods]
    return json.dumps({"resourceType": "Bundle", "entry": entries}).encode()


@pytest.mark.parametrize("said", ["422 Unprocessable Entity", "404", "500", "304", "", "2000"])
def test_a_yes_with_a_no_inside_is_no_yes_and_a_part_may_be_there(
    server: Server, said: str
) -> None:
    server.manners.body = answered("201 Created", said)

    with server.transport() as program, pytest.raises(ProgramRefused) as told:
        program.transact(asked("PUT", "PUT"), key="a", ends_at=soon())

    assert (told.value.code, told.value.on_wire, told.value.status) == ("answer-partial", True, 200)


@pytest.mark.parametrize("said", ["204 No Content", "200", "404 Not Found", "410"])
def test_what_was_to_be_removed_and_is_not_there_is_removed(server: Server, said: str) -> None:
    server.manners.body = answered("200 OK", said)

    with server.transport() as program:
        assert program.transact(asked("PUT", "DELETE"), key="a", ends_at=soon()).status == 200


def test_an_entry_that_nobody_asked_for_cannot_be_a_removal(server: Server) -> None:
    server.manners.body = answered("200 OK", "404 Not Found")

    with server.transport() as program, pytest.raises(ProgramRefused, match="answer-partial"):
        program.transact(asked("DELETE"), key="a", ends_at=soon())


@pytest.mark.parametrize(
    ("entry", "fence"),
    [
        ({"response": {"etag": 'W/"4"'}}, 'W/"4"'),
        ({"resource": {"meta": {"versionId": "5"}}}, 'W/"5"'),
        ({"response": {"status": "201"}}, ""),
        ({"response": {"etag": '"a7f-opaque"'}}, '"a7f-opaque"'),
        ({"response": {"etag": "x" * 200}, "resource": {"meta": {"versionId": "5"}}}, 'W/"5"'),
        ({"response": {"etag": 'W/"\u0000"'}}, ""),
        ({"response": {"etag": 'W/"a b"'}}, ""),
        ({"response": {"etag": 'W/"\ud800"'}}, ""),
        ({"response": {"etag": f'W/"{"9" * 100}"'}}, ""),
        ({"resource": {"meta": {"versionId": "\u0000"}}}, ""),
        ({"resource": {"meta": {}}}, ""),
        ({"resource": {}}, ""),
        ("nonsense", ""),
    ],
)
def test_the_new_fence_is_read_where_servers_put_it(
    server: Server, entry: object, fence: str
) -> None:
    server.manners.body = json.dumps({"resourceType": "Bundle", "entry": [entry]}).encode()

    with server.transport() as program:
        receipt = program.transact(b"{}", key="a", ends_at=soon())

    assert receipt.fence == fence


@pytest.mark.parametrize(
    ("entries", "fence"),
    [
        ([{"resource": {**OURS, "meta": {"versionId": "3"}}}], 'W/"3"'),
        ([{"resource": {"resourceType": "Consent", "meta": {"versionId": "3"}}}], None),
        ([{"resource": {**OURS, "identifier": [{"value": "abc"}, 7]}}], None),
        ([{"resource": {**OURS, "resourceType": "Basic"}}], None),
        ([{"resource": {"resourceType": "OperationOutcome"}}, "x"], None),
        ([], None),
        ("x", None),
    ],
)
def test_a_lost_transaction_is_asked_for_by_its_name(
    server: Server, entries: object, fence: str | None
) -> None:
    server.manners.body = json.dumps({"resourceType": "Bundle", "entry": entries}).encode()

    with server.transport() as program:
        found = program.find("https://us.example/package", "abc")

    assert (found.fence if found else None) == fence
    path = server.manners.seen[0][1]
    assert path == "/fhir/Consent?identifier=https%3A%2F%2Fus.example%2Fpackage%7Cabc"


def test_words_that_nobody_takes_leave_time_for_the_recall_itself(server: Server) -> None:
    server.manners.sleep_s = 20
    start = time.monotonic()

    with server.transport() as program, pytest.raises(ProgramUnavailable, match="slow"):
        program.notify(b"{}", key="n", ends_at=start + 20)

    assert time.monotonic() - start < 10


def test_a_notice_goes_to_its_own_address(server: Server) -> None:
    with server.transport() as program:
        program.notify(b"{}", key="n", ends_at=soon())

    assert server.manners.seen[0][1] == "/notices"


@pytest.mark.parametrize(
    "base", ["ftp://x.example/fhir", "http://x.example/fhir", "https://u@x.example/fhir"]
)
def test_addresses_that_may_not_be_called_are_refused(base: str) -> None:
    with pytest.raises(ProgramRefused, match="address"):
        Transport(Route(base, loopback=True))


def test_without_permission_this_machine_is_not_called() -> None:
    with pytest.raises(ProgramRefused, match="address"):
        Transport(Route("http://127.0.0.1:9/fhir"))


def test_a_name_that_leads_to_a_private_address_is_not_called(server: Server) -> None:
    with (
        Transport(Route("https://localhost.localdomain/fhir", loopback=True)) as program,
        pytest.raises((ProgramRefused, ProgramUnavailable)),
    ):
        program.transact(b"{}", key="a", ends_at=soon())

    assert server.manners.seen == []
