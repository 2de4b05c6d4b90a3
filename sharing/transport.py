"""The only HTTP of this room: one program, pinned, bounded, signed in, and never led elsewhere."""

import threading
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final
from urllib.parse import quote, urlencode

import httpcore2
import jwt

from portal.connections import guard
from portal.connections.clients import AGENT, Limits, PinnedBackend, resolve, unpack
from portal.connections.source_api import SourceRefused, SourceUnavailable
from sharing import answers
from sharing.answers import Reply
from sharing.services.program import ProgramRefused, ProgramUnavailable, Receipt

FHIR_JSON: Final = "application/fhir+json"
FORM: Final = "application/x-www-form-urlencoded"
ASSERTION: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_LIVES_S: Final = 240
CHUNK_BYTES: Final = 64 * 1024
QUESTION_S: Final = 10.0
TOKEN_MARGIN_S: Final = 20.0
SHORTEST_TOKEN_S: Final = 5.0
LONGEST_TOKEN_S: Final = 3600.0
NOTICE_S: Final = 5.0  # words must not use up the time in which the data is taken back


@dataclass(frozen=True)
class Key:
    """A private key with which we sign in."""

    kid: str
    algorithm: str
    private_pem: bytes = field(repr=False)


@dataclass(frozen=True)
class Route:
    """The registered addresses of one program, and who we are there."""

    base_url: str
    token_url: str = ""
    notice_url: str = ""
    client_id: str = ""
    scope: str = ""
    loopback: bool = False


@dataclass(frozen=True)
class Call:
    """One request: where to, with what, and until when."""

    method: str
    url: str
    ends_at: float
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


class TokenCache:
    """The access tokens of this process; they are never written anywhere."""

    def __init__(self) -> None:
        """Hold none yet."""
        self._tokens: dict[tuple[str, str], tuple[str, float]] = {}
        self._lock = threading.Lock()

    def get(self, place: tuple[str, str]) -> str:
        """Return the token for this place; empty when there is none that lives long enough."""
        with self._lock:
            token, ends_at = self._tokens.get(place, ("", 0.0))
        return token if ends_at > time.monotonic() else ""

    def keep(self, place: tuple[str, str], token: str, lives_s: float) -> None:
        """Remember a token until shortly before its end."""
        margin = min(TOKEN_MARGIN_S, lives_s / 4)
        with self._lock:
            self._tokens[place] = (token, time.monotonic() + lives_s - margin)

    def drop(self, place: tuple[str, str]) -> None:
        """Forget the token of this place."""
        with self._lock:
            self._tokens.pop(place, None)


TOKENS: Final = TokenCache()


class Transport:
    """Speaks to one program. Make one for a piece of work; close it after."""

    def __init__(
        self, route: Route, key: Key | None = None, *, tokens: TokenCache = TOKENS
    ) -> None:
        """Check the registered addresses; open nothing yet. Raises ProgramRefused."""
        self._route = route
        self._key = key
        self._tokens = tokens
        self._place = (route.token_url, route.client_id)
        with _refusing_addresses():
            self._base = guard.register(route.base_url, loopback=route.loopback)
        self._backend = PinnedBackend(loopback=self._base.is_loopback, resolver=resolve)
        self._pool = httpcore2.ConnectionPool(
            max_connections=2, keepalive_expiry=15.0, network_backend=self._backend
        )
        self._on_wire = False

    def __enter__(self) -> "Transport":
        """Return the transport."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close every connection."""
        self._pool.close()

    def get_ready(self) -> None:
        """Sign in, so that nothing slow is left when sending starts."""
        self._token(time.monotonic() + QUESTION_S)

    def find(self, system: str, basis: str) -> Receipt | None:
        """Return the program's version of the consent that came with this transaction."""
        query = urlencode({"identifier": f"{system}|{basis}"}, quote_via=quote)
        url = f"{self._base.url}/Consent?{query}"
        reply = self._signed(Call("GET", url, time.monotonic() + QUESTION_S))
        answers.check(reply)
        fence = answers.fence_of_consent(reply.json(), system, basis)
        return None if fence is None else Receipt(reply.status, fence)

    def transact(self, raw: bytes, *, key: str, ends_at: float) -> Receipt:
        """Send these bytes as one transaction."""
        headers = {"Content-Type": FHIR_JSON, "Idempotency-Key": key}
        reply = self._signed(Call("POST", self._base.url, ends_at, raw, headers))
        answers.check(reply)
        answer = reply.json()
        if answer.get("resourceType") != "Bundle":
            raise ProgramUnavailable("answer-unreadable", on_wire=True, status=reply.status)
        if not answers.is_whole(answer, raw):
            raise ProgramRefused("answer-partial", status=reply.status, on_wire=True)
        return Receipt(reply.status, answers.first_fence(answer))

    def notify(self, notice: bytes, *, key: str, ends_at: float) -> None:
        """Tell the program of a recall in plain words, where it has an address for that."""
        headers = {"Content-Type": "application/json", "Idempotency-Key": key}
        ends_at = min(ends_at, time.monotonic() + NOTICE_S)
        answers.check(self._signed(Call("POST", self._route.notice_url, ends_at, notice, headers)))

    def _signed(self, call: Call) -> Reply:
        reply = self._ask(_with_bearer(call, self._token(call.ends_at)))
        if reply.status == HTTPStatus.UNAUTHORIZED and self._key is not None:
            # A token may end early; nothing was done, so the same bytes may be tried once more.
            self._tokens.drop(self._place)
            reply = self._ask(_with_bearer(call, self._token(call.ends_at)))
        return reply

    def _token(self, ends_at: float) -> str:
        if self._key is None:
            return ""
        return self._tokens.get(self._place) or self._new_token(self._key, ends_at)

    def _new_token(self, key: Key, ends_at: float) -> str:
        fields = {
            "grant_type": "client_credentials",
            "scope": self._route.scope,
            "client_assertion_type": ASSERTION,
            "client_assertion": _assertion(self._route, key),
        }
        headers = {"Content-Type": FORM, "Accept": "application/json"}
        call = Call("POST", self._route.token_url, ends_at, urlencode(fields).encode(), headers)
        reply = self._ask(call)
        if reply.status in {HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED}:
            # The program may not have read our keys yet: that heals by itself.
            raise ProgramUnavailable("sign-in-refused", status=reply.status)
        answers.check(reply, on_wire=False)
        said = reply.json()
        token, lives_s = said.get("access_token"), said.get("expires_in")
        if not isinstance(token, str) or not token.isascii() or not token.isprintable():
            raise ProgramUnavailable("sign-in-unreadable", status=reply.status)
        lives = lives_s if isinstance(lives_s, int) else 0
        self._tokens.keep(self._place, token, max(SHORTEST_TOKEN_S, min(lives, LONGEST_TOKEN_S)))
        return token

    def _ask(self, call: Call) -> Reply:
        self._on_wire = False
        self._backend.ends_at = call.ends_at
        with _refusing_addresses():
            target = guard.under(call.url, self._bases(call.url))
        try:
            return self._exchange(_request(call, target, self._chunks(call)))
        except SourceRefused as refusal:
            if self._on_wire:  # it is the answer that we refuse: what was sent may be there
                raise ProgramUnavailable(refusal.code, on_wire=True) from None
            raise ProgramRefused(refusal.code) from None
        except SourceUnavailable as error:
            raise ProgramUnavailable(error.code, on_wire=self._on_wire) from None
        except httpcore2.TimeoutException:
            raise ProgramUnavailable("slow", on_wire=self._on_wire) from None
        except (httpcore2.ConnectError, OSError):
            raise ProgramUnavailable("unreachable", on_wire=self._on_wire) from None
        except (httpcore2.NetworkError, httpcore2.ProtocolError):
            raise ProgramUnavailable("cut-short", on_wire=self._on_wire) from None

    def _bases(self, url: str) -> Sequence[guard.Target]:
        pinned = {self._route.token_url, self._route.notice_url} - {""}
        if url in pinned:
            return (guard.register(url, loopback=self._route.loopback),)
        return (self._base,)

    def _chunks(self, call: Call) -> Iterator[bytes]:
        # The connection looks at the clock before every piece: a sender that slept past its lease
        # stops at the next one, and half a transaction is none.
        for start in range(0, len(call.body), CHUNK_BYTES):
            self._on_wire = True
            yield call.body[start : start + CHUNK_BYTES]

    def _exchange(self, request: httpcore2.Request) -> Reply:
        limits = Limits()
        times = {"connect": limits.connect_s, "read": None, "write": None, "pool": limits.connect_s}
        request.extensions = {"timeout": times}
        response = self._pool.handle_request(request)
        try:
            headers = {
                name.decode("latin-1").lower(): value.decode("latin-1")
                for name, value in response.headers
            }
            body = unpack(response.iter_stream(), headers.get("content-encoding", ""), limits)
        finally:
            response.close()
        return Reply(response.status, body, headers)


@contextmanager
def _refusing_addresses() -> Iterator[None]:
    try:
        yield
    except guard.UrlRefused:
        raise ProgramRefused("address") from None


def _with_bearer(call: Call, token: str) -> Call:
    signed = {**call.headers, **({"Authorization": f"Bearer {token}"} if token else {})}
    return Call(call.method, call.url, call.ends_at, call.body, signed)


def _assertion(route: Route, key: Key) -> str:
    now = int(time.time())
    claims = {
        "iss": route.client_id,
        "sub": route.client_id,
        "aud": route.token_url,
        "jti": str(uuid.uuid4()),
        "iat": now,
        "exp": now + ASSERTION_LIVES_S,
    }
    return jwt.encode(claims, key.private_pem, key.algorithm, headers={"kid": key.kid})


def _request(call: Call, target: guard.Target, chunks: Iterator[bytes]) -> httpcore2.Request:
    default = guard.DEFAULT_PORTS[target.scheme] == target.port
    sent = {
        "Host": target.host if default else f"{target.host}:{target.port}",
        "User-Agent": AGENT,
        "Accept": FHIR_JSON,
        "Accept-Encoding": "gzip",
        **call.headers,
    }
    if call.body:
        sent["Content-Length"] = str(len(call.body))
    return httpcore2.Request(
        method=call.method,
        url=httpcore2.URL(
            scheme=target.scheme.encode(),
            host=target.host.strip("[]").encode(),
            port=target.port,
            target=((target.path or "/") + target.query).encode(),
        ),
        headers=[(name.encode(), value.encode("latin-1")) for name, value in sent.items()],
        content=chunks if call.body else b"",
    )
