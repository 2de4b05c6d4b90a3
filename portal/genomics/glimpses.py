"""Faces told from the text of a resource, of which only a few elements are looked at."""

from functools import lru_cache
from sys import intern

import msgspec
import orjson

from portal.genomics import answers as a
from portal.genomics.faces import (
    READ,
    REPORT,
    RESULTS,
    FacedResource,
    as_contained,
    plain_status,
)
from portal.genomics.ordinary import in_genetics, is_ordinary_name, is_ordinary_piece

_REMEMBERED = 4096
_LONGEST_REMEMBERED = 200
_LONGEST_TEXT = 1000
_UNREADABLE = b"!"


class _Never(msgspec.Struct):
    """What no JSON fits: an element of this type ends the short way."""

    never: "_Never"


class _Person(msgspec.Struct, gc=False):
    reference: str


class _Piece(msgspec.Struct, gc=False):
    code: msgspec.Raw


_ABSENT = msgspec.Raw(b"")


class _Seen(msgspec.Struct, gc=False, rename={"for_": "for"}):
    """The elements that a face is made of; all others are passed over without being built."""

    resourceType: str  # noqa: N815  # as FHIR has it
    id: str
    status: str = ""
    subject: _Person | msgspec.UnsetType = msgspec.UNSET
    patient: _Person | msgspec.UnsetType = msgspec.UNSET
    for_: _Person | msgspec.UnsetType = msgspec.UNSET
    code: msgspec.Raw = _ABSENT
    category: msgspec.Raw = _ABSENT
    component: tuple[_Piece, ...] = ()
    contained: "tuple[_Seen, ...] | msgspec.UnsetType" = msgspec.UNSET
    modifierExtension: _Never | msgspec.UnsetType = msgspec.UNSET  # noqa: N815  # as FHIR has it
    hasMember: _Never | msgspec.UnsetType = msgspec.UNSET  # noqa: N815  # as FHIR has it
    derivedFrom: _Never | msgspec.UnsetType = msgspec.UNSET  # noqa: N815  # as FHIR has it
    related: _Never | msgspec.UnsetType = msgspec.UNSET
    extension: msgspec.Raw = _ABSENT
    result: msgspec.Raw = _ABSENT
    reasonReference: msgspec.Raw = _ABSENT  # noqa: N815  # as FHIR has it
    parent: msgspec.Raw = _ABSENT
    basis: msgspec.Raw = _ABSENT


_see = msgspec.json.Decoder(_Seen).decode
_links = msgspec.json.Decoder(list[_Person]).decode


# What has to be looked at in a resource of one kind before a face can be made of it.
_NOTHING_MORE, _RESULT, _OBSERVATION, _REPORT, _ALL = range(5)


class _Ways(dict[str, tuple[str, int]]):
    """How resources of a kind are told. Interned: few kinds come again and again."""

    def __missing__(self, kind: str) -> tuple[str, int]:
        """Find out how a kind is told, and remember it."""
        way = intern(kind), _way_of(kind)
        if len(self) < _REMEMBERED and len(kind) < _LONGEST_REMEMBERED:
            self[kind] = way
        return way


def _way_of(kind: str) -> int:
    if kind in READ or kind != kind.strip():
        return _ALL
    if kind == "Observation":
        return _OBSERVATION
    if kind in RESULTS:
        return _RESULT
    return _REPORT if kind == REPORT else _NOTHING_MORE


_ways = _Ways()


def told_in(
    raw: bytes, path: str = "", text: bytes = b"", start: int = 0, end: int | None = None
) -> FacedResource | None:
    """Return what `face_of` returns of the parsed text, where few elements tell it.

    The other parameters are its fields. None also means that the long way must tell: the text is
    broken, or anything is unusual. A long record spends most of its time here.
    """
    try:
        seen = _see(raw)
    except (msgspec.DecodeError, RecursionError):
        return None
    return _told(seen, path, text, start, end)


def _told(
    seen: _Seen, path: str = "", text: bytes = b"", start: int = 0, end: int | None = None
) -> FacedResource | None:
    kind, way = _ways[seen.resourceType]
    results: tuple[str, ...] | None = ()
    if way != _NOTHING_MORE:
        results = _seen_results(seen) if way == _REPORT else _no_results(seen, way)
    stated = seen.subject or seen.patient or seen.for_
    person = stated.reference if stated else ""
    if stated and (not person or person != person.strip()):
        return None
    inner = _seen_faces(seen.contained) if seen.contained else ()
    local = seen.id
    if inner is None or results is None or not local or local != local.strip():
        return None
    said, name = seen.status, f"{kind}/{local}"
    status = _STATUSES[said] if said in _STATUSES else plain_status(said)
    # Interned: few people come again and again, and a record holds each once. In the order of the
    # fields, which is faster than by name.
    return FacedResource(
        kind, local, name, intern(person), status, inner, results,
        name, "", path, text, start, end,
    )  # fmt: skip


def _no_results(seen: _Seen, way: int) -> tuple[()] | None:
    """Return that a resource points to no results; None where it needs more."""
    if seen.extension or seen.result or seen.reasonReference or seen.parent or seen.basis:
        return None
    ordinary = way == _RESULT or (way == _OBSERVATION and _is_seen_ordinary(seen))
    return () if ordinary else None


def _seen_results(seen: _Seen) -> tuple[str, ...] | None:
    if seen.extension or seen.contained is not msgspec.UNSET:
        return None
    if not (seen.subject or seen.patient or seen.for_):
        return None
    if not _is_ordinary_name_of(_text(seen.code)) or _is_in_genetics(_text(seen.category)):
        return None
    try:
        found = _links(seen.result) if seen.result else []
    except msgspec.DecodeError:
        return None
    plain = [one.reference for one in found if one.reference == one.reference.strip()]
    return tuple(plain) if all(plain) and len(plain) == len(found) else None


def _seen_faces(contained: tuple[_Seen, ...]) -> tuple[FacedResource, ...] | None:
    found = [_told(seen) for seen in contained if seen.contained is msgspec.UNSET]
    faces = [one for one in found if one is not None]
    return as_contained(faces) if len(faces) == len(contained) else None


def _is_seen_ordinary(seen: _Seen) -> bool:
    said = b"".join((seen.code, seen.category))
    known = _told_tests.get(said)
    if known is None:
        known = _is_ordinary_code(_text(seen.code)) and not _is_in_genetics(_text(seen.category))
        if len(said) <= _LONGEST_TEXT and len(_told_tests) < _REMEMBERED:
            _told_tests[said] = known
    if not known or not seen.component:
        return known
    return all(_is_ordinary_code(_text(one.code)) for one in seen.component)


# Whether a test is ordinary, by the text of its code and category: the same ones come again.
_told_tests: dict[bytes, bool] = {}


def _text(element: msgspec.Raw) -> bytes:
    """Return the text of an element; of one too long to be remembered some that ends this way."""
    text = bytes(element)
    return text if len(text) <= _LONGEST_TEXT else _UNREADABLE


@lru_cache(maxsize=_REMEMBERED)
def _is_ordinary_code(raw: bytes) -> bool:
    """Tell of the text of a code what is told of the parsed one. The same codes come again."""
    try:
        return is_ordinary_piece({"code": orjson.loads(raw)})
    except orjson.JSONDecodeError:
        return False


@lru_cache(maxsize=_REMEMBERED)
def _is_ordinary_name_of(raw: bytes) -> bool:
    """Tell of the text of a report's code what is told of the parsed one."""
    try:
        return is_ordinary_name({"code": orjson.loads(raw)})
    except orjson.JSONDecodeError:
        return False


@lru_cache(maxsize=_REMEMBERED)
def _is_in_genetics(raw: bytes) -> bool:
    """Tell of the text of a category what is told of the parsed one."""
    try:
        return bool(raw) and in_genetics({"category": orjson.loads(raw)})
    except orjson.JSONDecodeError:
        return True


# Most statuses are one of these, and a reading then holds them only once.
_STATUSES = {
    one: one
    for one in (
        "", "active", "completed", "finished", "stopped",
        *a.KNOWN_STATUSES, *a.WITHDRAWN, *a.CANCELLED,
    )
}  # fmt: skip
