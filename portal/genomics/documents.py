"""From bytes to resources: every kind of FHIR JSON document, with limits, nothing in silence."""

import re
from collections.abc import Iterable, Iterator, Mapping
from io import BytesIO
from itertools import chain
from typing import Any

import msgspec
import orjson
from msgspec.structs import replace

from portal.genomics.faces import FacedResource, face_of
from portal.genomics.findings import Pointer, Rejected
from portal.genomics.glimpses import told_in
from portal.genomics.jsontext import (
    Limits,
    Loader,
    NotADocument,
    Refused,
    has_duplicates,
    key_count,
    readable_outline,
    refuse_doubled,
    refuse_duplicates,
    utf8,
)

__all__ = [
    "FacedResource", "Limits", "NotADocument", "SourceResource", "WholeResource", "source_of",
    "split",
]  # fmt: skip

Json = Mapping[str, Any]
_RawObject = dict[str, msgspec.Raw]

_object = msgspec.json.Decoder(_RawObject)
_list = msgspec.json.Decoder(list[msgspec.Raw])


class WholeResource(msgspec.Struct, frozen=True, gc=False):
    """A resource as the source sent it, under the key that the record keeps it by."""

    key: str  # unique in the reading: "Observation/abc", "urn:uuid:…", or a row's own key
    body: Json
    full_url: str = ""
    path: str = ""  # where it stood in its document: "Bundle.entry[3].resource"
    raw: bytes = b""  # its exact bytes
    refusal: Refused | None = None  # why no result is read from it, although it is kept


SourceResource = WholeResource | FacedResource


def source_of(*, key: str, raw: bytes, full_url: str = "") -> SourceResource:
    """Return a resource that is kept as JSON already; no more of it is held than is needed."""
    body = orjson.loads(raw)
    face = face_of(body)
    if face is not None:
        return replace(face, key=key, full_url=full_url, text=raw)
    return WholeResource(key, body, full_url, "", raw, _doubled(body, raw))


def _doubled(body: Json, raw: bytes) -> Refused | None:
    try:
        refuse_doubled(body, raw)
    except Refused as fault:
        return fault
    return None


def split(raw: bytes, limits: Limits | None = None) -> Iterator[SourceResource | Rejected]:
    """Yield every resource of a Bundle, NDJSON, Parameters or single resource.

    A Bundle inside a Bundle and the resources inside Parameters come out too; contained
    resources stay where they are. Raises NotADocument when nothing in it can be read.
    """
    splitter = _Splitter(limits or Limits())
    if len(raw) > splitter.limits.max_bytes:
        msg = "The file is too large."
        raise NotADocument(msg)
    data = utf8(raw).lstrip()  # a last line break stays: taking it off would copy the whole file
    if data[:1] == b"[":
        return splitter.array(data)
    if data[:1] != b"{":
        msg = "The file does not hold JSON."
        raise NotADocument(msg)
    return splitter.lines(data) if _is_ndjson(data) else splitter.document(data)


def _is_ndjson(data: bytes) -> bool:
    """Tell whether each line is a document of its own: one of the first two lines parses alone."""
    return _MORE_LINES.search(data) is not None and any(map(_parses, _first_lines(data)))


_MORE_LINES = re.compile(rb"\n\s*\S")


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


class _Splitter:
    """Walks one document; keeps the keys that were given out."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.load = Loader(limits).load
        self.bare: list[str] = []  # the keys of what came without an address
        self.urls: dict[str, str] = {}
        self.count = 0
        self.is_plain = True  # what was met last

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
        """Yield the resources of newline-delimited JSON.

        The results of a report stand together: after one of them a glimpse would mostly be lost.
        """
        end, most, keep = 0, self.limits.max_resources, self.bare.append
        for number, line in enumerate(BytesIO(data), start=1):
            start, end = end, end + len(line)
            told = None
            if self.is_plain:
                told = told_in(line, f"line {number}", data, start, end)
            if told is not None and self.count < most:
                self.count += 1
                keep(told.key)
                yield told
            elif own := line.strip():
                yield from self.whole_line(own, f"line {number}")

    def whole_line(self, raw: bytes, path: str) -> Iterable[SourceResource | Rejected]:
        """Return what one line holds. Which line stood before it makes no difference."""
        was_plain, self.is_plain = self.is_plain, True
        found = self.resource(raw, path, "", 0)
        refused = isinstance(found, tuple) and isinstance(found[0], Rejected)
        told = told_in(raw, path, raw) if refused and not was_plain else None
        if told is None or self.count > self.limits.max_resources:
            return found
        self.bare.append(told.key)
        return (told,)

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
        elif _string(top["resourceType"]) == "Bundle":
            yield from self.top_bundle(data)
        else:
            yield from self.resource(data.rstrip(), "", "", 0)

    def top_bundle(self, data: bytes) -> Iterator[SourceResource | Rejected]:
        """Yield the entries of the Bundle that a document is."""
        try:
            yield from self.nested_bundle(data, "", 0)
        except Refused as fault:
            yield _rejected(fault.code, str(fault), "")

    def outline(self, data: bytes, fault: Exception) -> Iterator[SourceResource | Rejected]:
        """Yield what can be read of a Bundle that holds forbidden numbers or half characters."""
        outline = readable_outline(data)
        if outline is None:
            msg = "The file is not JSON that can be read."
            raise NotADocument(msg) from fault
        yield from self.document(outline)

    def resource(
        self, raw: bytes, path: str, full_url: str, nested: int
    ) -> Iterable[SourceResource | Rejected]:
        """Return one resource, or the resources of a Bundle or Parameters."""
        self.count += 1
        if self.count > self.limits.max_resources:
            return (_rejected("too-many", "The file holds too many resources.", path),)
        try:
            body = self.load(raw)
        except (Refused, RecursionError) as fault:
            return (_refused(fault, raw, path),)
        if body["resourceType"] == "Bundle":
            return self.inner_bundle(raw, path, nested)
        kept = self.kept(body, raw, path, full_url)
        if body["resourceType"] != "Parameters":
            return (kept,)
        inner = self.parameters(body.get("parameter"), path or "Parameters", nested)
        return chain((kept,), inner)

    def kept(self, body: Json, raw: bytes, path: str, full_url: str) -> SourceResource:
        """Return the resource under a key that is its own."""
        face = face_of(body)
        self.is_plain = face is not None
        kind = body["resourceType"].strip() if face is None else face.type
        own = _identity(body) if face is None else face.name
        key = own or full_url or path or kind
        key = self.unshared(key, full_url)
        if face is not None:
            return replace(face, key=key, full_url=full_url, path=path or kind, text=raw)
        return WholeResource(key, body, full_url, path or kind, raw)

    def unshared(self, key: str, full_url: str) -> str:
        """Return the address instead of a key that something with another address has."""
        if not full_url:
            self.bare.append(key)
            return key
        for one in self.bare:
            self.urls.setdefault(one, "")
        self.bare.clear()
        return key if self.urls.setdefault(key, full_url) == full_url else full_url

    def inner_bundle(
        self, raw: bytes, path: str, nested: int
    ) -> Iterator[SourceResource | Rejected]:
        """Yield the entries of a Bundle inside something else, or why it cannot be read."""
        try:
            yield from self.nested_bundle(raw, path, nested)
        except (Refused, RecursionError) as fault:
            yield _refused(fault, raw, path)

    def nested_bundle(
        self, raw: bytes, path: str, nested: int
    ) -> Iterator[SourceResource | Rejected]:
        """Yield the entries of a Bundle that may stand inside another."""
        if nested > self.limits.max_nested_bundles:
            raise Refused("too-deep", "Bundles are nested too deeply.")
        top = _object.decode(raw)
        if key_count(raw) != len(top) + sum(key_count(bytes(v)) for v in top.values()):
            refuse_duplicates(raw)
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
        held = sum(key_count(bytes(value)) for value in parts.values()) + len(parts)
        if key_count(raw) != held and has_duplicates(raw):
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


def _refused(fault: Refused | RecursionError, raw: bytes, path: str) -> Rejected:
    code = fault.code if isinstance(fault, Refused) else "too-deep"
    return _rejected(code, str(fault), path, _stated_id(raw))


def _rejected(code: str, reason: str, path: str, stated_id: str = "") -> Rejected:
    return Rejected(code=code, reason=reason, id=stated_id, source=Pointer(path=path))
