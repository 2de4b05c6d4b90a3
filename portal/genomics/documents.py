"""From bytes to resources: every kind of FHIR JSON document, with limits, nothing in silence."""

import codecs
import json
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
import orjson

from portal.genomics.findings import Pointer, Rejected

Json = Mapping[str, Any]
_RawObject = dict[str, msgspec.Raw]

_object = msgspec.json.Decoder(_RawObject)
_list = msgspec.json.Decoder(list[msgspec.Raw])
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


class SourceResource(msgspec.Struct, frozen=True):
    """A resource as the source sent it, under the key that the record keeps it by."""

    key: str  # unique in the reading: "Observation/abc", "urn:uuid:…", or a row's own key
    body: Json
    full_url: str = ""
    path: str = ""  # where it stood in its document: "Bundle.entry[3].resource"
    raw: bytes = b""  # its exact bytes, in UTF-8


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


def split(raw: bytes, limits: Limits | None = None) -> Iterator[SourceResource | Rejected]:
    """Yield every resource of a Bundle, NDJSON, Parameters or single resource.

    A Bundle inside a Bundle and the resources inside Parameters come out too; contained
    resources stay where they are. Raises NotADocument when nothing in it can be read.
    """
    splitter = _Splitter(limits or Limits())
    if len(raw) > splitter.limits.max_bytes:
        msg = "The file is too large."
        raise NotADocument(msg)
    data = _utf8(raw).strip()
    if data[:1] == b"[":
        return splitter.array(data)
    if data[:1] != b"{":
        msg = "The file does not hold JSON."
        raise NotADocument(msg)
    return splitter.lines(data) if _is_ndjson(data) else splitter.document(data)


def _utf8(raw: bytes) -> bytes:
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
        text = raw.decode(encoding)
    except UnicodeDecodeError as fault:
        msg = "The file is not text in a known encoding."
        raise NotADocument(msg) from fault
    return raw if encoding == "utf-8" else text.encode("utf-8")


def _is_ndjson(data: bytes) -> bool:
    """Tell whether each line is a document of its own: one of the first two lines parses alone."""
    lines = [line for line in data[:_PEEK].split(b"\n", 3) if line.strip()]
    return len(lines) > 1 and any(_parses(line) for line in _first_lines(data))


_PEEK = 64 * 1024 * 1024


def _first_lines(data: bytes) -> Iterator[bytes]:
    start = 0
    for _ in range(2):
        end = data.find(b"\n", start)
        yield data[start : end if end >= 0 else len(data)]
        if end < 0:
            return
        start = end + 1


def _parses(line: bytes) -> bool:
    try:
        return "resourceType" in _object.decode(line)
    except (msgspec.DecodeError, RecursionError):
        return False


def _key_count(raw: bytes) -> int:
    """Count the keys of JSON text: what stands before a colon, quotes inside strings aside."""
    plain = raw.count(b'":') - raw.count(b'\\":')
    return plain + raw.count(b'" :') - raw.count(b'\\" :')


def _refuse_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Refused("duplicate-key", "The same element is given twice in one object.")
    return found


def _too_deep(body: object, limit: int) -> bool:
    level: list[Any] = [body]
    for _ in range(limit):
        level = [
            child
            for item in level
            for child in (item.values() if isinstance(item, dict) else item)
            if isinstance(child, dict | list)
        ]
        if not level:
            return False
    return True


def load(raw: bytes, limits: Limits) -> dict[str, Any]:
    """Return one resource from its bytes.

    Raises Refused for bad JSON, NaN, too much depth, a key given twice, or no resourceType.
    """
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError as fault:
        raise _why(raw, fault) from fault
    if not isinstance(body, dict):
        raise Refused("not-an-object", "The resource is not a JSON object.")
    brackets = raw.count(b"{") + raw.count(b"[")
    if brackets > limits.max_depth and _too_deep(body, limits.max_depth):
        raise Refused("too-deep", "The resource is nested too deeply.")
    if _key_count(orjson.dumps(body)) != _key_count(raw):
        json.loads(raw, object_pairs_hook=_refuse_duplicates)
    if not isinstance(body.get("resourceType"), str) or not body["resourceType"].strip():
        raise Refused("no-resource-type", "The entry does not say what kind of resource it is.")
    return body


def _why(raw: bytes, fault: orjson.JSONDecodeError) -> Refused:
    """Return the reason in our words: the parser's own may quote the text."""
    try:
        bent = _bent(raw)
    except (ValueError, RecursionError):
        place = f"line {fault.lineno}, column {fault.colno}"
        return Refused("bad-json", f"The JSON cannot be read: {place}.")
    if _NAN in bent.numbers:
        return Refused("not-a-number", "A number is NaN or infinite, which JSON does not allow.")
    return Refused("bad-text", "The text holds half a character.")


_NAN = "NaN"


class _Bent(msgspec.Struct):
    """JSON read with Python's forgiving parser, and the forbidden numbers that it met."""

    tree: Any
    numbers: set[str]


def _bent(raw: bytes) -> _Bent:
    numbers: set[str] = set()

    def forbidden(name: str) -> str:
        numbers.add(_NAN)
        return f"{_NAN}:{name}"

    return _Bent(json.loads(raw, parse_constant=forbidden), numbers)


def _repaired_outline(data: bytes) -> bytes | None:
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


class _Splitter:
    """Walks one document; keeps the keys that were given out."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.urls: dict[str, str] = {}
        self.count = 0

    def array(self, data: bytes) -> Iterator[SourceResource | Rejected]:
        """Yield the resources of a bare JSON list."""
        try:
            items = _list.decode(data)
        except (msgspec.DecodeError, RecursionError) as fault:
            msg = "The file is not JSON that can be read."
            raise NotADocument(msg) from fault
        if not any(_parses(bytes(item)) for item in items):
            msg = "The list holds no FHIR resource."
            raise NotADocument(msg)
        for index, item in enumerate(items):
            yield from self.resource(bytes(item), f"[{index}]", "", 0)

    def lines(self, data: bytes) -> Iterator[SourceResource | Rejected]:
        """Yield the resources of newline-delimited JSON."""
        start, number = 0, 0
        while start < len(data):
            end = data.find(b"\n", start)
            end = len(data) if end < 0 else end
            line = data[start:end].strip()
            number += 1
            start = end + 1
            if line:
                yield from self.resource(line, f"line {number}", "", 0)

    def document(self, data: bytes) -> Iterator[SourceResource | Rejected]:
        """Yield the resources of one JSON document."""
        try:
            top = _object.decode(data)
        except (msgspec.DecodeError, RecursionError) as fault:
            yield from self.outline(data, fault)
            return
        if "resourceType" not in top and "entry" not in top:
            msg = "The file is not a FHIR resource: it does not say what kind it is."
            raise NotADocument(msg)
        if "resourceType" not in top:
            yield _rejected("no-resource-type", "A page does not say that it is a Bundle.", "")
            yield from self.bundle(top, "", 0)
            return
        yield from self.resource(data, "", "", 0)

    def outline(self, data: bytes, fault: Exception) -> Iterator[SourceResource | Rejected]:
        """Yield what can be read of a Bundle that holds forbidden numbers or half characters."""
        outline = _repaired_outline(data)
        if outline is None:
            msg = "The file is not JSON that can be read."
            raise NotADocument(msg) from fault
        yield from self.document(outline)

    def resource(
        self, raw: bytes, path: str, full_url: str, nested: int
    ) -> Iterator[SourceResource | Rejected]:
        """Yield one resource, or the resources of a Bundle or Parameters."""
        self.count += 1
        if self.count > self.limits.max_resources:
            yield _rejected("too-many", "The file holds too many resources.", path)
            return
        try:
            if _kind(raw) == "Bundle":
                yield from self.nested_bundle(raw, path, nested)
                return
            body = load(raw, self.limits)
        except (Refused, RecursionError) as fault:
            code = fault.code if isinstance(fault, Refused) else "too-deep"
            yield _rejected(code, str(fault), path, _stated_id(raw))
            return
        yield self.kept(body, raw, path, full_url)
        if body["resourceType"] == "Parameters":
            yield from self.parameters(body.get("parameter"), f"{path or 'Parameters'}", nested)

    def kept(self, body: Json, raw: bytes, path: str, full_url: str) -> SourceResource:
        """Return the resource under a key that is its own."""
        kind = str(body["resourceType"]).strip()
        key = _identity(body) or full_url or path or kind
        known = self.urls.setdefault(key, full_url)
        if known != full_url and full_url:
            key = full_url
        return SourceResource(key, body, full_url, path or kind, raw)

    def nested_bundle(
        self, raw: bytes, path: str, nested: int
    ) -> Iterator[SourceResource | Rejected]:
        """Yield the entries of a Bundle that may stand inside another."""
        if nested > self.limits.max_nested_bundles:
            raise Refused("too-deep", "Bundles are nested too deeply.")
        top = _object.decode(raw)
        if _key_count(raw) != len(top) + sum(_key_count(bytes(v)) for v in top.values()):
            json.loads(raw, object_pairs_hook=_refuse_duplicates)
        yield from self.bundle(top, path, nested)

    def bundle(
        self, top: _RawObject, path: str, nested: int
    ) -> Iterator[SourceResource | Rejected]:
        """Yield the entries of a Bundle."""
        prefix = f"{path}.Bundle" if path else "Bundle"
        if "entry" not in top:
            return
        try:
            entries = _list.decode(top["entry"])
        except msgspec.DecodeError:
            yield _rejected("bad-entry", "The entries are not a list.", f"{prefix}.entry")
            return
        for index, entry in enumerate(entries):
            yield from self.entry(bytes(entry), f"{prefix}.entry[{index}]", nested)

    def entry(self, raw: bytes, path: str, nested: int) -> Iterator[SourceResource | Rejected]:
        """Yield what one entry holds."""
        try:
            parts = _object.decode(raw)
        except (msgspec.DecodeError, RecursionError):
            why = "The entry is not an object that can be read: empty, NaN or half a character."
            yield _rejected("bad-entry", why, path)
            return
        held = sum(_key_count(bytes(value)) for value in parts.values()) + len(parts)
        if _key_count(raw) != held and _has_duplicates(raw):
            yield _rejected("duplicate-key", "The same element is given twice.", path)
            return
        if "resource" in parts and bytes(parts["resource"]) != b"null":
            url = _string(parts.get("fullUrl"))
            yield from self.resource(bytes(parts["resource"]), f"{path}.resource", url, nested + 1)
            return
        yield from self.answer(parts, path, nested)

    def answer(
        self, parts: _RawObject, path: str, nested: int
    ) -> Iterator[SourceResource | Rejected]:
        """Yield the outcome of an entry without a resource, or say that it holds none."""
        try:
            response = _object.decode(parts.get("response", msgspec.Raw(b"{}")))
        except msgspec.DecodeError:
            response = {}
        if "outcome" in response:
            outcome = bytes(response["outcome"])
            yield from self.resource(outcome, f"{path}.response.outcome", "", nested + 1)
            return
        yield _rejected("no-resource", "The entry holds no resource.", path)

    def parameters(
        self, raw: object, path: str, nested: int
    ) -> Iterator[SourceResource | Rejected]:
        """Yield the resources that stand inside Parameters, at any level of parts."""
        for index, item in enumerate(raw if isinstance(raw, list) else []):
            if not isinstance(item, dict):
                continue
            at = f"{path}.parameter[{index}]" if ".part" not in path else f"{path}[{index}]"
            if isinstance(item.get("resource"), dict):
                inner = orjson.dumps(item["resource"])
                yield from self.resource(inner, f"{at}.resource", "", nested + 1)
            yield from self.parameters(item.get("part"), f"{at}.part", nested)


def _has_duplicates(raw: bytes) -> bool:
    try:
        json.loads(raw, object_pairs_hook=_refuse_duplicates)
    except Refused:
        return True
    except (ValueError, RecursionError):
        return False  # the resource inside says more precisely what is wrong
    return False


def _kind(raw: bytes) -> str:
    """Return the resourceType without reading the rest, where it can be told."""
    if b"Bundle" not in raw:
        return ""
    try:
        return _string(_object.decode(raw).get("resourceType"))
    except msgspec.DecodeError:
        return ""


def _string(raw: msgspec.Raw | None) -> str:
    if raw is None:
        return ""
    value = msgspec.json.decode(raw)
    return value.strip() if isinstance(value, str) else ""


def _identity(body: Json) -> str:
    local = body.get("id")
    if isinstance(local, str) and local.strip():
        return f"{body['resourceType'].strip()}/{local.strip()}"
    return ""


def _stated_id(raw: bytes) -> str:
    try:
        parts = _object.decode(raw)
        return _string(parts.get("id"))
    except (msgspec.DecodeError, RecursionError):
        return ""


def _rejected(code: str, reason: str, path: str, stated_id: str = "") -> Rejected:
    return Rejected(code=code, reason=reason, id=stated_id, source=Pointer(path=path))
