"""The only HTTP of this room: one source, pinned, bounded, and never led elsewhere.

The lower half of the HTTP library is used on its own. Its upper half follows proxies from the
environment, keeps cookies, rewrites addresses and unpacks without a bound; here an address
goes out as it was checked, and what comes back is counted while it is unpacked.
"""

import socket
import ssl
import time
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Final
from urllib.parse import urlencode

import httpcore2
from django.conf import settings

from portal.connections import guard
from portal.connections.models import Source
from portal.connections.source_api import Answer, SourceRefused, SourceUnavailable

FHIR_JSON: Final = "application/fhir+json"
AGENT: Final = "sync-for-genes"
LONGEST_WAIT_S: Final = 86_400

_LATER: Final = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})

type Resolve = Callable[[str, int], Sequence[str]]


@dataclass(frozen=True)
class Limits:
    """How long one call may take, and how much may come back."""

    connect_s: float = 5.0
    silence_s: float = 15.0
    total_s: float = 30.0  # well under the lease of an import
    packed_bytes: int = 64 * 1024 * 1024
    body_bytes: int = 64 * 1024 * 1024
    between_s: float = 0.0  # from the start of one call to the start of the next


@dataclass(frozen=True)
class Reach:
    """What may be called for one source: all under its base, and the pinned addresses."""

    base: guard.Target
    pinned: frozenset[str] = field(default_factory=frozenset)

    def bases(self, url: str) -> Sequence[guard.Target]:
        """Return the bases for an address; a pinned one is its own base."""
        return (guard.split(url),) if url in self.pinned else (self.base,)


def resolve(host: str, port: int) -> Sequence[str]:
    """Return the addresses of a host, as the system knows them.

    Raises SourceUnavailable when there is none.
    """
    try:
        found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    except OSError:
        raise SourceUnavailable("no-address") from None
    return [str(place[0]) for *_, place in found]


class SourceClient:
    """Calls one source. Make one for a piece of work; close it after."""

    def __init__(
        self, reach: Reach, *, limits: Limits = Limits(), resolver: Resolve = resolve
    ) -> None:
        """Open nothing yet."""
        self._reach = reach
        self._limits = limits
        self._free_at = 0.0
        self._backend = PinnedBackend(loopback=reach.base.is_loopback, resolver=resolver)
        self._pool = httpcore2.ConnectionPool(
            max_connections=2, keepalive_expiry=15.0, network_backend=self._backend
        )

    def __enter__(self) -> "SourceClient":
        """Return the client."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close every connection."""
        self._pool.close()

    def get(self, url: str, *, bearer: str = "", accept: str = FHIR_JSON) -> Answer:
        """Read an address under the base. Raises SourceUnavailable, SourceRefused."""
        headers = {"Accept": accept}
        if bearer:
            headers["Authorization"] = f"Bearer {bearer}"
        return _good(*self._ask("GET", url, headers, b""))

    def post_form(
        self, url: str, fields: Mapping[str, str], *, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send a form to a pinned address. Raises SourceUnavailable, SourceRefused."""
        all_headers = {
            "Accept": "application/json",
            "Content-Type": "application/x-www-form-urlencoded",
            **(headers or {}),
        }
        answer, response_headers = self._ask("POST", url, all_headers, urlencode(fields).encode())
        if answer.status in {400, 401}:
            return answer
        return _good(answer, response_headers)

    def _ask(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[Answer, Mapping[str, str]]:
        try:
            target = guard.under(url, self._reach.bases(url))
        except guard.UrlRefused:
            raise SourceRefused("address") from None
        try:
            return self._send(_request(method, target, headers, body))
        except httpcore2.TimeoutException:
            raise SourceUnavailable("slow") from None
        except httpcore2.ConnectError:
            raise SourceUnavailable("unreachable") from None
        except (httpcore2.NetworkError, httpcore2.ProtocolError):
            raise SourceUnavailable("cut-short") from None

    def _send(self, request: httpcore2.Request) -> tuple[Answer, Mapping[str, str]]:
        limits = self._limits
        time.sleep(max(0.0, self._free_at - time.monotonic()))
        self._free_at = time.monotonic() + limits.between_s
        self._backend.ends_at = time.monotonic() + limits.total_s
        request.extensions = {
            "timeout": {
                "connect": limits.connect_s,
                "read": limits.silence_s,
                "write": limits.silence_s,
                "pool": limits.connect_s,
            }
        }
        response = self._pool.handle_request(request)
        try:
            headers = {
                name.decode("latin-1").lower(): value.decode("latin-1")
                for name, value in response.headers
            }
            body = unpack(response.iter_stream(), headers.get("content-encoding", ""), limits)
        finally:
            response.close()
        return Answer(response.status, body, headers.get("content-type", "")), headers


def for_source(source: Source, *, limits: Limits = Limits()) -> SourceClient:
    """Return a client for a registered source, at the pace that was agreed with it.

    Raises SourceRefused for one on this machine where that is no longer allowed.
    """
    if source.loopback and not settings.LOOPBACK_HOSTS_ALLOWED:
        raise SourceRefused("address")
    pace = replace(limits, between_s=60 / source.requests_per_minute)
    return SourceClient(Reach(source.base, source.pinned), limits=pace)


class PinnedBackend(httpcore2.NetworkBackend):
    """Resolves each host once, checks every address that it has, and keeps to them.

    Every wait ends at `ends_at`, in the seconds of `time.monotonic`.
    """

    def __init__(self, *, loopback: bool, resolver: Resolve) -> None:
        """Resolve nothing yet."""
        self._loopback = loopback
        self._resolver = resolver
        self._pinned: dict[tuple[str, int], Sequence[str]] = {}
        self._system = httpcore2.SyncBackend()
        self.ends_at = 0.0

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,  # noqa: ARG002  # the library's signature
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        """Open a connection to one of the pinned addresses of the host."""
        *others, last = self._addresses(host, port)
        for address in others:
            try:
                return self._open(address, port, timeout, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                continue
        return self._open(last, port, timeout, socket_options)

    def _open(
        self,
        address: str,
        port: int,
        timeout: float | None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None,
    ) -> httpcore2.NetworkStream:
        left = _left(timeout, self.ends_at, httpcore2.ConnectTimeout)
        stream = self._system.connect_tcp(address, port, left, socket_options=socket_options)
        return _TimedStream(stream, self)

    def _addresses(self, host: str, port: int) -> Sequence[str]:
        if (host, port) not in self._pinned:
            found = self._resolver(host, port)
            try:
                for address in found:
                    guard.check_address(address, loopback=self._loopback)
            except guard.UrlRefused:
                raise SourceRefused("address") from None
            if not found:
                raise SourceUnavailable("no-address")
            self._pinned[host, port] = found
        return self._pinned[host, port]


class _TimedStream(httpcore2.NetworkStream):
    """A connection on which every wait also ends with the time of the whole call."""

    def __init__(self, stream: httpcore2.NetworkStream, backend: PinnedBackend) -> None:
        self._stream = stream
        self._backend = backend

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        left = _left(timeout, self._backend.ends_at, httpcore2.ReadTimeout)
        return self._stream.read(max_bytes, left)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(timeout, self._backend.ends_at, httpcore2.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        left = _left(timeout, self._backend.ends_at, httpcore2.ConnectTimeout)
        return _TimedStream(
            self._stream.start_tls(ssl_context, server_hostname, left), self._backend
        )

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)


def _left(timeout: float | None, ends_at: float, late: type[Exception]) -> float:
    left = ends_at - time.monotonic()
    if left <= 0:
        raise late
    return left if timeout is None else min(timeout, left)


def _request(
    method: str, target: guard.Target, headers: Mapping[str, str], body: bytes
) -> httpcore2.Request:
    default = guard.DEFAULT_PORTS[target.scheme] == target.port
    sent = {
        "Host": target.host if default else f"{target.host}:{target.port}",
        "User-Agent": AGENT,
        "Accept-Encoding": "gzip",
        **headers,
    }
    if method == "POST":
        sent["Content-Length"] = str(len(body))
    return httpcore2.Request(
        method=method,
        url=httpcore2.URL(
            scheme=target.scheme.encode(),
            host=target.host.strip("[]").encode(),
            port=target.port,
            target=((target.path or "/") + target.query).encode(),
        ),
        headers=[(name.encode(), value.encode("ascii", "replace")) for name, value in sent.items()],
        content=body,
    )


def unpack(chunks: Iterable[bytes], encoding: str, limits: Limits) -> bytes:
    """Return the body, unpacked no further than it may grow."""
    if encoding not in {"", "identity", "gzip"}:
        raise SourceRefused("encoding")
    gunzip = zlib.decompressobj(wbits=31) if encoding == "gzip" else None
    body, packed = bytearray(), 0
    for chunk in chunks:
        packed += len(chunk)
        room = limits.body_bytes - len(body) + 1
        body += _gunzip(gunzip, chunk, room) if gunzip else chunk
        if packed > limits.packed_bytes or len(body) > limits.body_bytes:
            raise SourceRefused("too-big")
    if gunzip and packed and not gunzip.eof:
        raise SourceUnavailable("cut-short")
    return bytes(body)


def _gunzip(gunzip: "zlib._Decompress", chunk: bytes, room: int) -> bytes:
    try:
        return gunzip.decompress(gunzip.unconsumed_tail + chunk, room)
    except zlib.error:
        raise SourceRefused("encoding") from None


def _good(answer: Answer, headers: Mapping[str, str]) -> Answer:
    """Return an answer that is one. Raises SourceUnavailable, SourceRefused for the others."""
    status = answer.status
    if status in _LATER or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise SourceUnavailable(f"status-{status}", retry_after_s(headers))
    if status >= HTTPStatus.BAD_REQUEST:
        raise SourceRefused(f"status-{status}", status)
    if status >= HTTPStatus.MULTIPLE_CHOICES:
        raise SourceRefused("moved", status)
    return answer


def retry_after_s(headers: Mapping[str, str]) -> int | None:
    """Return the wait in seconds; a date is taken by the clock of the source itself."""
    told = headers.get("retry-after", "").strip()
    if told.isascii() and told.isdigit():
        return min(int(told[:9]), LONGEST_WAIT_S)
    until, now = _date(told), _date(headers.get("date", ""))
    if until is None or now is None:
        return None
    return max(0, min(int((until - now).total_seconds()), LONGEST_WAIT_S))


def _date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):  # a time zone may be off by more than there is time
        return None
    return moment if moment.tzinfo else None
