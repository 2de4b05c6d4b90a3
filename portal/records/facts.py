"""What the record must know of a resource to keep and find it. Pure.

Nothing is repaired: a resource is either kept as it came, or refused with a reason that says
what is wrong with it and quotes none of it.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any, Final

import orjson

from portal.records import fhir

MOST_BYTES: Final = 32 * 1024 * 1024
MOST_ADDRESS: Final = 500

_TYPE = re.compile(r"[A-Z][A-Za-z]{1,63}")
_ID = re.compile(r"[^\s\x00-\x1f\x7f]{1,200}")
_HISTORY = re.compile(r"/_history/[A-Za-z0-9.-]{1,64}\Z")
_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?")
# Where a resource says whose it is, in the order in which we believe it.
_WHOSE: Final = ("subject", "patient", "beneficiary", "for", "individual")
_WHEN: Final = (
    "effectiveDateTime",
    "effectiveInstant",
    "effectivePeriod",
    "performedDateTime",
    "performedPeriod",
    "occurrenceDateTime",
    "onsetDateTime",
    "authoredOn",
    "started",
    "collection",
    "period",
    "date",
    "issued",
    "recordedDate",
)


class Unreadable(ValueError):
    """A resource cannot be kept; `code` names the rule, and says nothing of its content."""

    def __init__(self, code: str) -> None:
        """Name the rule that is broken."""
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Facts:
    """What is drawn out of a resource, to find it again."""

    resource_type: str
    source_id: str
    full_url: str = ""  # the address in its document, which others may refer to
    code: str = ""
    category: str = ""
    status: str = ""
    effective_at: datetime | None = None
    last_updated_at: datetime | None = None
    whose: frozenset[str] = field(default_factory=frozenset)  # patients it names


def examine(incoming: fhir.Incoming) -> Facts:
    """Return what must be known to keep a resource.

    Raises Unreadable.
    """
    bodies = parse(incoming.raw)
    body = bodies[0]
    kind = body.get("resourceType")
    if not isinstance(kind, str) or not _TYPE.fullmatch(kind):
        raise Unreadable("no-type")
    if kind == "OperationOutcome":
        raise Unreadable("remark")
    return Facts(
        resource_type=kind,
        source_id=_source_id(body, incoming),
        full_url=incoming.full_url if len(incoming.full_url) <= MOST_ADDRESS else "",
        code=_token(body.get("code")),
        category=_token(_first(body.get("category"))),
        status=_word(body.get("status"), 40),
        effective_at=_effective(body),
        last_updated_at=_moment(_mapping(body.get("meta")).get("lastUpdated")),
        whose=frozenset(name for each in bodies for name in _whose(each, kind)),
    )


def parse(raw: bytes) -> list[Mapping[str, Any]]:
    """Return the object; twice, by first and by last, where a name is doubled in it.

    Raises Unreadable when it is too big, too deep, no strict JSON, or no object.
    """
    if len(raw) > MOST_BYTES:
        raise Unreadable("too-big")
    try:
        fhir.depth(raw)
        body = orjson.loads(raw)
        doubled, first = _first_names(raw)
    except fhir.TooDeep:
        raise Unreadable("too-deep") from None
    except ValueError:
        raise Unreadable("not-json") from None
    if not isinstance(body, dict):
        raise Unreadable("no-object")
    if b"\\u0000" in raw and _has_nul(body):
        raise Unreadable("forbidden-character")
    return [body, first] if doubled else [body]


def says_the_same(one: bytes, other: bytes) -> bool:
    """Return whether two texts are the same JSON but for blanks and the order of names.

    Numbers are compared as they are written: 1.0 is not 1.00. A doubled name counts each time.
    """
    return _as_written(one) == _as_written(other)


def _as_written(raw: bytes) -> object:
    # Numbers become bytes, which no string is equal to, and objects tuples, as no list is.
    return json.loads(
        raw, object_pairs_hook=_in_order, parse_float=str.encode, parse_int=str.encode
    )


def _in_order(pairs: list[tuple[str, Any]]) -> tuple[tuple[str, Any], ...]:
    return tuple(sorted(pairs, key=itemgetter(0)))


def patients_in(raw: bytes) -> frozenset[str]:
    """Return the patients that bytes name which cannot be kept; none where that cannot be seen."""
    if len(raw) > MOST_BYTES:
        return frozenset()
    text = raw.decode("utf-8", "replace")
    try:  # more is read here than may be kept: any number, any letter, and deeper
        bodies = [*_each(json.loads(text)), *_each(_first_names(text)[1])]
        return frozenset(name for body in bodies for name in _whose(body, body.get("resourceType")))
    except (ValueError, RecursionError):
        return frozenset()


def is_about(whose: frozenset[str], patient_id: str, base_url: str) -> bool:
    """Return whether everything that a resource says about "whose" names this patient."""
    mine = {patient_id, f"Patient/{patient_id}", f"{base_url}/Patient/{patient_id}"}
    return all(_unversioned(name) in mine for name in whose)


def _first_names(raw: bytes | str) -> tuple[bool, dict[str, Any]]:
    doubled = False

    def keep_first(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal doubled
        found: dict[str, Any] = {}
        for name, value in pairs:
            doubled = doubled or name in found
            found.setdefault(name, value)
        return found

    first: dict[str, Any] = json.loads(raw, object_pairs_hook=keep_first)
    return doubled, first


def _has_nul(value: object) -> bool:
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any(_has_nul(part) for pair in value.items() for part in pair)
    return isinstance(value, list) and any(_has_nul(part) for part in value)


def _source_id(body: Mapping[str, Any], incoming: fhir.Incoming) -> str:
    own = body.get("id", incoming.full_url or None)
    if own is None:  # a file of one resource often has no id; its content tells it from others
        own = f"sha256-{hashlib.sha256(incoming.raw).hexdigest()[:40]}"
    if not isinstance(own, str) or not _ID.fullmatch(own):
        raise Unreadable("bad-id")
    return own


def _whose(body: Mapping[str, Any], kind: object) -> Iterator[str]:
    if kind == "Patient":
        yield f"Patient/{body.get('id')}"
        return
    for name in _WHOSE:
        for link in _each(body.get(name)):
            yield from _named(link)
    for inner in _each(body.get("contained")):
        if inner.get("resourceType") != "Patient":
            yield from _whose(inner, "")


def _named(link: Mapping[str, Any]) -> Iterator[str]:
    """Yield the patient that a reference names; a place inside the same resource names none."""
    reference = link.get("reference")
    if isinstance(reference, str) and not reference.startswith("#"):
        parts = _unversioned(reference).split("/")
        if len(parts) == 1 or parts[-2] == "Patient":
            yield reference


def _unversioned(reference: str) -> str:
    return _HISTORY.sub("", reference)


def _each(value: object) -> Iterator[Mapping[str, Any]]:
    items = value if isinstance(value, list) else [value]
    yield from (item for item in items if isinstance(item, dict))


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _first(value: object) -> object:
    return value[0] if isinstance(value, list) and value else value


def _word(value: object, most: int) -> str:
    return value[:most] if isinstance(value, str) else ""


def _token(concept: object) -> str:
    """Return "system|code" of the first coding of a concept."""
    coding = _mapping(_first(_mapping(concept).get("coding")))
    code = _word(coding.get("code"), 100)
    return f"{_word(coding.get('system'), 150)}|{code}" if code else ""


def _effective(body: Mapping[str, Any]) -> datetime | None:
    for name in _WHEN:
        value = body.get(name)
        period = _mapping(value)
        value = period.get("start") or period.get("collectedDateTime") if period else value
        moment = _moment(value)
        if moment:
            return moment
    return None


def _moment(value: object) -> datetime | None:
    """Return the start of a FHIR date, dateTime or instant; None where it is none."""
    if not isinstance(value, str):
        return None
    date = _DATE.fullmatch(value)
    try:
        if date:
            return datetime(int(date[1]), int(date[2] or 1), int(date[3] or 1), tzinfo=UTC)
        moment = datetime.fromisoformat(value)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
