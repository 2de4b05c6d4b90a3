"""FHIR JSON as it arrives: cut into its resources without changing a byte. Pure.

The bytes that a source sent are the truth. So nothing here parses and writes again: brackets
and strings are followed over the bytes, and what a resource is made of stays as it stood, with
its decimals, its order and its doubled keys. One broken entry does not spoil its neighbours.
"""

import codecs
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

MOST_DEPTH: Final = 100

# Every part is possessive, and a string that never ends runs to the end: time stays linear.
_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(")?|[\[\]{}]', re.DOTALL)
_COLON = re.compile(rb"[ \t\r\n]*:[ \t\r\n]*")
_BLANK = b" \t\r\n"


class NotJson(ValueError):
    """The bytes are not one whole JSON value; the message says why, and quotes nothing."""


class TooDeep(NotJson):
    """The value is nested deeper than we follow."""


@dataclass(frozen=True)
class Incoming:
    """One resource as it came: its bytes, and the address that its document gave it."""

    raw: bytes
    full_url: str = ""


def as_utf8(raw: bytes) -> bytes:
    """Return the bytes as UTF-8 without a mark at the start; UTF-16 and UTF-32 arrive too.

    Raises NotJson when they are no text.
    """
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            return _again(raw[len(mark) :], encoding)
    if raw[1:2] == b"\0" and raw[:1] != b"\0":
        return _again(raw, "utf-16-le")
    if raw[:1] == b"\0" and raw[1:2] != b"\0":
        return _again(raw, "utf-16-be")
    return raw


_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def _again(raw: bytes, encoding: str) -> bytes:
    if encoding == "utf-8":
        return raw
    try:
        return raw.decode(encoding).encode()
    except UnicodeError:
        raise NotJson("The text is in no encoding that we know.") from None


def depth(raw: bytes) -> int:
    """Return how deeply the value is nested; 0 for a single word or number.

    Raises NotJson when its brackets or quotes do not match, TooDeep beyond MOST_DEPTH.
    """
    now = deepest = 0
    for token in _TOKEN.finditer(raw):
        first = token.group()[:1]
        if first == b'"':
            _check_closed(token)
            continue
        now += 1 if first in b"[{" else -1
        _check_depth(now)
        deepest = max(deepest, now)
    if now:
        raise NotJson("It ends in the middle.")
    return deepest


def members(raw: bytes) -> list[tuple[str, bytes]]:
    """Return name and bytes of each member of an object, doubled names included.

    Raises NotJson when the bytes are no object.
    """
    body = raw.strip(_BLANK)
    if not (body.startswith(b"{") and body.endswith(b"}")):
        raise NotJson("It is not an object.")
    starts = list(_keys(body))
    if not starts:
        return []
    ends = [key_start for key_start, _, _ in starts[1:]] + [len(body) - 1]
    return [
        (name, _without_comma(body[value_start:end]))
        for (_, value_start, name), end in zip(starts, ends, strict=True)
    ]


def elements(raw: bytes) -> list[bytes]:
    """Return the bytes of each element of an array.

    Raises NotJson when the bytes are no array.
    """
    body = raw.strip(_BLANK)
    if not (body.startswith(b"[") and body.endswith(b"]")):
        raise NotJson("It is not a list.")
    found: list[bytes] = []
    after = 1
    for start, end in _inner(body):
        found += _plain(body[after:start])
        found.append(body[start:end])
        after = end
    return found + _plain(body[after:-1])


def text(raw: bytes) -> str:
    """Return a JSON string as text, and "" for anything else."""
    try:
        value = json.loads(raw)
    except ValueError:
        return ""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else ""


def resources(raw: bytes, *, is_bundle: bool | None = None) -> Iterator[Incoming]:
    """Yield each resource of a Bundle, or the one resource that the bytes are.

    A caller who knows says whether it is a Bundle. Raises NotJson when the bytes are neither
    whole nor an object.
    """
    depth(raw)
    parts = members(raw)
    if is_bundle is None:
        is_bundle = looks_like_bundle(parts)
    if not is_bundle:
        yield Incoming(raw.strip(_BLANK))
        return
    for name, value in parts:
        if name == "entry" and value != b"null":
            for entry in elements(value):
                yield from entry_resources(entry)


def looks_like_bundle(parts: list[tuple[str, bytes]]) -> bool:
    """Return whether an object is a Bundle, also one that forgot to say so."""
    names = {name for name, _ in parts}
    kind = next((text(value) for name, value in parts if name == "resourceType"), "")
    return kind == "Bundle" or (not kind and bool(names & {"entry", "link", "total"}))


def entry_resources(entry: bytes) -> Iterator[Incoming]:
    """Yield the resource of one entry of a Bundle; an entry without one comes as it stands."""
    try:
        parts = members(entry)
    except NotJson:
        yield Incoming(entry)
        return
    full_url = next((text(value) for name, value in parts if name == "fullUrl"), "")
    found = [value for name, value in parts if name == "resource"]
    yield from (Incoming(resource, full_url) for resource in found or [entry])


def _keys(body: bytes) -> Iterator[tuple[int, int, str]]:
    """Yield where each key of the outermost object starts, where its value starts, its name."""
    now = 0
    for token in _TOKEN.finditer(body):
        first = token.group()[:1]
        if first == b'"':
            colon = _COLON.match(body, token.end()) if now == 1 else None
            if colon:
                yield token.start(), colon.end(), text(token.group())
        else:
            now += 1 if first in b"[{" else -1
            _check_depth(now)


def _inner(body: bytes) -> Iterator[tuple[int, int]]:
    """Yield start and end of each object or list directly inside the outermost list."""
    now = start = 0
    for token in _TOKEN.finditer(body):
        first = token.group()[:1]
        if first == b'"':
            continue
        if first in b"[{":
            start = token.start() if now == 1 else start
            now += 1
        else:
            now -= 1
            if now == 1:
                yield start, token.end()
        _check_depth(now)


def _check_depth(now: int) -> None:
    if now < 0:
        raise NotJson("A bracket closes that was not opened.")
    if now > MOST_DEPTH:
        raise TooDeep("It is nested too deeply.")


def _check_closed(string: re.Match[bytes]) -> None:
    if string[1] is None:
        raise NotJson("It ends in the middle.")


def _plain(between: bytes) -> list[bytes]:
    """Return what stands between objects in a list: nulls, numbers and other strangers."""
    return [part for part in (p.strip(_BLANK) for p in between.split(b",")) if part]


def _without_comma(value: bytes) -> bytes:
    value = value.rstrip(_BLANK)
    return value[:-1].rstrip(_BLANK) if value.endswith(b",") else value
