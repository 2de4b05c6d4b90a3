"""What goes into the logs: one JSON object a line, and nothing that tells about a person.

Our own code logs a constant event with ids, counts and codes. Other libraries write sentences,
so every text is searched for what looks like a secret, a person or a result. Messages of
exceptions are left out altogether: a database names the value that it refused.
"""

import logging
import re
import time
import traceback
import uuid
from collections.abc import Callable, Mapping, MutableMapping
from types import TracebackType

import structlog
from django.http import HttpRequest, HttpResponse

type Event = MutableMapping[str, object]
type ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]

HIDDEN = "[hidden]"
# What looks like a gene symbol and is not one.
_DIGESTS = ("SHA1", "SHA256", "SHA384", "RS256", "RS384", "ES256", "ES384")
KNOWN_CODES = frozenset({*_DIGESTS, "UTF8", "HTTP1", "HTTP2", "IPV4", "IPV6", "BASE64", "X509"})

_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_PATTERNS = [
    re.compile(r"\S+@\S+"),  # e-mail, or a password in an address
    re.compile(r"(?<=\?)[^\s\"'<>]*=[^\s\"'<>]*"),  # query string
    re.compile(
        r"(?i)\b(?:bearer|basic|token|secret|password|passwd|authorization|api[_-]?key|code|state|"
        r"verifier|assertion|cookie|session(?:id)?|csrf\w*|name|family|given|birth\w*|gene\w*)"
        r"[\"']?\s*[=:]\s*(?:bearer\s+|basic\s+)?[\"']?[^\s\"',;&)}\]]+"
    ),
    re.compile(r"(?i)\b(?:bearer|basic)\s+[\w.~+/=-]{6,}"),
    re.compile(r"\beyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?"),  # JWT
    re.compile(r"\b[cgnmpr]\.[\w*>_=()?+-]*\d[\w*>_=()?+-]*"),  # HGVS
    re.compile(r"\b(?:N[CGMPRTW]|X[MPR]|LRG)_\d+(?:\.\d+)?\S*"),  # reference sequence
    re.compile(r"\brs\d{3,}\b"),  # dbSNP
    re.compile(r"(?<![\w*])\*\d+[A-Z]?(?:/\*?\d+[A-Z]?)?"),  # star allele
    re.compile(r"\b(?:19|20)\d\d-?[01]\d-?[0-3]\d(?!\d)"),  # date
    re.compile(r"(?<![\w-])\d{6,}(?![\w-])"),  # long number
]
LONG = 24
_LONG_WORD = re.compile(rf"[A-Za-z0-9_~+/=-]{{{LONG},}}")
_GENE_LIKE = re.compile(r"\b(?=[A-Z0-9-]*\d)[A-Z][A-Z0-9]{1,6}(?:-[A-Z0-9]{1,4})?\b")
_IS_UUID = re.compile(_UUID)
_PLAIN_WORD = re.compile(r"[a-z][a-z_./:-]*")


def redact(text: str) -> str:
    """Return the text without what may be a secret, a person or a result."""
    for pattern in _PATTERNS:
        text = pattern.sub(HIDDEN, text)
    text = _LONG_WORD.sub(_unless_harmless, text)
    return _GENE_LIKE.sub(lambda m: m[0] if m[0] in KNOWN_CODES else HIDDEN, text)


def _unless_harmless(match: re.Match[str]) -> str:
    """Return a long word where each of its parts between slashes is harmless by itself."""
    if _IS_UUID.fullmatch(match[0]):
        return match[0]
    return "/".join(_part(part) for part in match[0].split("/"))


def _part(part: str) -> str:
    is_short = len(part) < LONG
    return part if is_short or _IS_UUID.fullmatch(part) or _PLAIN_WORD.fullmatch(part) else HIDDEN


def redact_event(_logger: object, _method: str, event: Event) -> Event:
    """Redact every text in an event, however deep; a structlog processor."""
    safe = {"timestamp", "level", "request_id", "task_id"}
    return {key: value if key in safe else _clean(value) for key, value in event.items()}


def _clean(value: object) -> object:
    match value:
        case bool() | int() | float() | None:
            return value
        case uuid.UUID():
            return str(value)
        case Mapping():
            return {redact(str(key)): _clean(item) for key, item in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_clean(item) for item in value]
        case _:
            return redact(str(value))


def describe_exception(_logger: object, _method: str, event: Event) -> Event:
    """Replace an exception by its type and the places it came through, without its message."""
    info = event.pop("exc_info", None)
    if info is True:
        info = None
    if isinstance(info, BaseException):
        info = (type(info), info, info.__traceback__)
    if isinstance(info, tuple) and info[0] is not None:
        frames = traceback.extract_tb(info[2])
        event["error"] = info[0].__qualname__
        event["through"] = [f"{_tail(f.filename)}:{f.lineno} {f.name}" for f in frames[-12:]]
    event.pop("exception", None)
    event.pop("stack_info", None)
    return event


def _tail(filename: str) -> str:
    return "/".join(filename.rsplit("/", 3)[1:])


class OnlyShape(logging.Filter):
    """Takes what tasks were given, returned or raised out of Celery's own sentences."""

    HELD = frozenset({"args", "kwargs", "return_value", "exc", "traceback", "reason", "value"})

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the record in place; every record passes."""
        if isinstance(record.args, Mapping):
            record.args = {
                key: HIDDEN if key in self.HELD else value for key, value in record.args.items()
            }
        return True


_SHARED: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def formatter() -> logging.Formatter:
    """Return the formatter for every handler; it sees our events and those of libraries."""
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*_SHARED],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            describe_exception,
            redact_event,
            structlog.processors.JSONRenderer(sort_keys=True),
        ],
        use_get_message=True,
    )


def configure() -> None:
    """Let our own loggers speak through the standard ones."""
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


class RequestLogMiddleware:
    """Gives every request an id, and writes one line about it: its route, never its address."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer as the rest of the site does, with the id in a header."""
        structlog.contextvars.clear_contextvars()
        request_id = uuid.uuid4().hex
        structlog.contextvars.bind_contextvars(request_id=request_id)
        began = time.perf_counter()
        response = self.get_response(request)
        response["X-Request-ID"] = request_id
        match = request.resolver_match
        structlog.get_logger("portal.requests").info(
            "answered",
            method=request.method,
            route=match.view_name or match.route if match else "unknown",
            status=response.status_code,
            ms=round((time.perf_counter() - began) * 1000),
        )
        return response
