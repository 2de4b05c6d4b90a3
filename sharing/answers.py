"""What a program's server says, read with care. Pure."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from portal.connections.clients import retry_after_s
from sharing.services.program import ProgramRefused, ProgramUnavailable

Json = Mapping[str, Any]

MOST_IN_A_FENCE: Final = 80

_BUSY: Final = frozenset({408, 425, 429, 503})
_ETAG: Final = re.compile(r'(?:W/)?"[!#-~]+"')
_DONE: Final = re.compile(r"2\d\d\b.*", re.DOTALL)
_GONE: Final = re.compile(r"(?:2\d\d|404|410)\b.*", re.DOTALL)


@dataclass(frozen=True)
class Reply:
    """One whole answer within all limits."""

    status: int
    body: bytes
    headers: Mapping[str, str]

    def json(self) -> Any:  # noqa: ANN401  # another server's JSON
        """Return the parsed body; an empty object when it is not an object."""
        try:
            parsed = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return parsed if isinstance(parsed, dict) else {}


def check(reply: Reply, *, on_wire: bool = True) -> None:
    """Raise for every answer that is not a plain yes.

    A broken server may have done the work before it broke; a busy one says that it did not.
    """
    status = reply.status
    if status in _BUSY:
        wait_s = retry_after_s(reply.headers)
        raise ProgramUnavailable(f"status-{status}", retry_after_s=wait_s, status=status)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise ProgramUnavailable(f"status-{status}", on_wire=on_wire, status=status)
    if status >= HTTPStatus.BAD_REQUEST:
        raise ProgramRefused(f"status-{status}", status=status)
    if status >= HTTPStatus.MULTIPLE_CHOICES:
        raise ProgramRefused("moved", status=status)


def is_whole(answer: Json, raw: bytes) -> bool:
    """Say whether no entry failed: some servers do a part of a transaction and say yes to it.

    Spec: https://hl7.org/fhir/R4/http.html#transaction-response
    """
    told = _each(answer, "response")
    failed = [n for n, one in enumerate(told) if _is_no(one.get("status"))]
    asked = _each(json.loads(raw), "request") if failed else []
    return all(n < len(asked) and _is_gone(asked[n], told[n]) for n in failed)


def _each(bundle: Json, part: str) -> list[Json]:
    return [_object(_object(entry).get(part)) for entry in _list(bundle.get("entry"))]


def _is_no(status: object) -> bool:
    return isinstance(status, str) and not _DONE.fullmatch(status)


def _is_gone(asked: Json, told: Json) -> bool:
    """Say whether it was to be removed and is not there: what we wanted."""
    return asked.get("method") == "DELETE" and bool(_GONE.fullmatch(str(told.get("status"))))


def fence_of_consent(answer: Json, system: str, value: str) -> str | None:
    """Return the version of the consent that has this name; None where it is not in the answer.

    Some servers take no notice of what they do not know in a question, and answer with any.
    """
    for entry in _list(answer.get("entry")):
        resource = _object(_object(entry).get("resource"))
        if resource.get("resourceType") == "Consent" and _has_name(resource, system, value):
            return _version(resource)
    return None


def first_fence(answer: Json) -> str:
    """Return the version of what the first entry of a transaction became; empty when unsaid."""
    first = _object(next(iter(_list(answer.get("entry"))), None))
    etag = _fence(_object(first.get("response")).get("etag"))
    return etag or _version(_object(first.get("resource")))


def _has_name(resource: Json, system: str, value: str) -> bool:
    names = [_object(one) for one in _list(resource.get("identifier"))]
    return any((one.get("system"), one.get("value")) == (system, value) for one in names)


def _version(resource: Json) -> str:
    version = _object(resource.get("meta")).get("versionId")
    return _fence(f'W/"{version}"') if isinstance(version, str) else ""


def _fence(etag: object) -> str:
    """Return a version as it can be asked for again; empty for what is no such thing."""
    is_one = isinstance(etag, str) and len(etag) <= MOST_IN_A_FENCE and _ETAG.fullmatch(etag)
    return str(etag) if is_one else ""


def _object(value: object) -> Json:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
