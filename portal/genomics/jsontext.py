"""JSON text as it really arrives: encodings, forbidden numbers, keys given twice, depth."""

import codecs
import json
import math
from typing import Any

import msgspec
import orjson

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


class Limits(msgspec.Struct, frozen=True):
    """How much a document may hold. Everything beyond is refused by name."""

    max_bytes: int = 256 * 1024 * 1024
    max_depth: int = 64
    max_resources: int = 2_000_000
    max_nested_bundles: int = 4


class NotADocument(ValueError):
    """The bytes are not FHIR JSON at all."""


class Refused(ValueError):
    """One resource cannot be read; `code` and the words say why."""

    def __init__(self, code: str, reason: str) -> None:
        """Keep the short code beside the words."""
        super().__init__(reason)
        self.code = code


def utf8(raw: bytes) -> bytes:
    """Return the text as UTF-8 without a byte order mark; the mark or zero bytes tell UTF-16."""
    for bom, encoding in _BOMS:
        if raw.startswith(bom):
            return _recoded(raw[len(bom) :], encoding)
    start = raw[:2]
    if start[1:] == b"\0":
        return _recoded(raw, "utf-16-le")
    return _recoded(raw, "utf-16-be" if start[:1] == b"\0" else "utf-8")


def _recoded(raw: bytes, encoding: str) -> bytes:
    try:
        if encoding != "utf-8":
            return raw.decode(encoding).encode("utf-8")
        if not raw.isascii():
            _refuse_broken(raw)
    except UnicodeDecodeError as fault:
        msg = "The file is not text in a known encoding."
        raise NotADocument(msg) from fault
    return raw


def _refuse_broken(raw: bytes) -> None:
    """Raise UnicodeDecodeError where the bytes are no UTF-8; no text of the whole is made."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    pieces = memoryview(raw)
    for start in range(0, len(raw), _PIECE):
        decoder.decode(pieces[start : start + _PIECE])
    decoder.decode(b"", final=True)


_PIECE = 64 * 1024


def key_count(raw: bytes) -> int:
    """Count the keys of JSON text: what stands before a colon, quotes inside strings aside."""
    plain = raw.count(b'":') - raw.count(b'\\":')
    return plain + raw.count(b'" :') - raw.count(b'\\" :')


def refuse_duplicates(raw: bytes) -> None:
    """Raise Refused when an object in the text gives one key twice."""
    json.loads(raw, object_pairs_hook=_refuse_pairs)


def refuse_doubled(body: object, raw: bytes) -> None:
    """Raise Refused when the text of a parsed value gives one key twice."""
    written = orjson.dumps(body)
    if written != raw and key_count(written) != key_count(raw):
        refuse_duplicates(raw)


def _refuse_pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Refused("duplicate-key", "The same element is given twice in one object.")
    return found


_WRITER_DEPTH = 254  # orjson writes no deeper
_NO_BRACKETS = bytes(set(range(256)) - set(b"{}[]"))


def _is_deep(body: object, compact: bytes, limit: int) -> bool:
    """Tell whether a value is nested deeper than the limit.

    Empty pairs of brackets are taken away, layer by layer. Brackets inside strings can only hide
    the bottom; then the widest indentation tells.
    """
    if compact.count(b"{") + compact.count(b"[") <= limit:
        return False
    brackets = compact.translate(None, _NO_BRACKETS)
    for _ in range(limit):
        fewer = brackets.replace(b"{}", b"").replace(b"[]", b"")
        if not fewer:
            return False
        if len(fewer) == len(brackets):
            break
        brackets = fewer
    laid_out = orjson.dumps(body, option=orjson.OPT_INDENT_2)
    return b"\n" + b"  " * (limit + 1) in laid_out


class Loader:
    """Reads resources, one after the other, under the same limits."""

    def __init__(self, limits: Limits) -> None:
        """Keep a shaft of lists: what no longer fits at its bottom is nested too deeply."""
        self._limits = limits
        self._levels = max(_WRITER_DEPTH - limits.max_depth, 1)
        self._bottom: list[object] = [None]
        self._shaft: list[object] = self._bottom
        for _ in range(self._levels - 1):
            self._shaft = [self._shaft]

    def load(self, raw: bytes) -> dict[str, Any]:
        """Return one resource from its bytes.

        Raises Refused for bad JSON, NaN, too much depth, a key given twice, or no resourceType.
        """
        try:
            body = orjson.loads(raw)
        except orjson.JSONDecodeError as fault:
            raise _why(raw, fault) from fault
        if not isinstance(body, dict):
            raise Refused("not-an-object", "The resource is not a JSON object.")
        if not self._is_written_alike(body, raw):
            _refuse_deep(body, self._limits.max_depth)
            refuse_doubled(body, raw)
        kind = body.get("resourceType")
        if not isinstance(kind, str) or not kind.strip():
            raise Refused("no-resource-type", "The entry does not say what kind of resource it is.")
        return body

    def _is_written_alike(self, body: dict[str, Any], raw: bytes) -> bool:
        """Tell whether a value is written again as it stood, and so has no key twice.

        The shaft leaves the writer no more depth than a resource may have.
        """
        self._bottom[0] = body
        try:
            written = orjson.dumps(self._shaft)
        except orjson.JSONEncodeError:
            return False
        finally:
            self._bottom[0] = None
        return written[self._levels : -self._levels] == raw


def _refuse_deep(body: dict[str, Any], limit: int) -> None:
    try:
        deep = _is_deep(body, orjson.dumps(body), limit)
    except orjson.JSONEncodeError:
        deep = True
    if deep:
        raise Refused("too-deep", "The resource is nested too deeply.")


def _why(raw: bytes, fault: orjson.JSONDecodeError) -> Refused:
    """Return the reason in our words: the parser's own may quote the text."""
    try:
        bent = _bent(raw)
    except (ValueError, RecursionError):
        place = f"line {fault.lineno}, column {fault.colno}"
        return Refused("bad-json", f"The JSON cannot be read: {place}.")
    if _HUGE in bent.numbers:
        return Refused("not-a-number", "A number is larger than a computer holds.")
    if _NAN in bent.numbers:
        return Refused("not-a-number", "A number is NaN or infinite, which JSON does not allow.")
    return Refused("bad-text", "The text holds half a character.")


_NAN = "NaN"
_HUGE = "huge"


class _Bent(msgspec.Struct):
    """JSON read with Python's forgiving parser, and the forbidden numbers that it met."""

    tree: Any
    numbers: set[str]


def _bent(raw: bytes) -> _Bent:
    numbers: set[str] = set()

    def forbidden(name: str) -> str:
        numbers.add(_NAN)
        return f"{_NAN}:{name}"

    def held(written: str) -> float:
        value = float(written)
        if math.isinf(value):
            numbers.add(_HUGE)
        return value

    return _Bent(json.loads(raw, parse_constant=forbidden, parse_float=held), numbers)


def readable_outline(data: bytes) -> bytes | None:
    """Return a Bundle whose unreadable entries became null, so that the others can be read.

    None when the file is no Bundle, or not JSON even to a forgiving parser.
    """
    try:
        top = json.loads(data, parse_constant=lambda name: {_NAN: name})
    except (ValueError, RecursionError):
        return None
    entries = top.get("entry") if isinstance(top, dict) else None
    if not isinstance(entries, list):
        return None
    top["entry"] = [entry if _readable(entry) else None for entry in entries]
    return orjson.dumps(top) if _readable(top) else None


def _readable(entry: object) -> bool:
    try:
        return b'"NaN":' not in orjson.dumps(entry)
    except TypeError:
        return False  # half characters


def has_duplicates(raw: bytes) -> bool:
    """Tell whether an object in the text gives one key twice."""
    try:
        refuse_duplicates(raw)
    except Refused:
        return True
    except (ValueError, RecursionError):
        return False  # the resource inside says more precisely what is wrong
    return False
