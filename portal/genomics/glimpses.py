"""Faces told from the text of a resource, of which only a few elements are looked at."""

from collections.abc import Callable
from functools import lru_cache
from sys import intern
from typing import Any, ClassVar, Union, cast

import msgspec
import orjson

from portal.genomics import answers as a
from portal.genomics.faces import REPORT, FacedResource, as_contained, plain_status
from portal.genomics.ordinary import in_genetics, is_ordinary_name, is_ordinary_piece

_REMEMBERED = 4096
_LONGEST_TEXT = 1000
_UNREADABLE = b"!"


class _Never(msgspec.Struct):
    """What no JSON fits: an element of this type ends the short way."""

    never: "_Never"


class _Person(msgspec.Struct, gc=False):
    reference: str


class _Piece(msgspec.Struct, gc=False):
    code: msgspec.Raw


type _None = _Never | msgspec.UnsetType
_ABSENT = msgspec.Raw(b"")


class _Seen(msgspec.Struct, gc=False, tag_field="resourceType", tag="", rename={"for_": "for"}):
    """The elements that a face is made of; all others are passed over without being built."""

    kind: ClassVar[str] = ""
    is_told_at_once: ClassVar[bool] = True  # nothing more has to be looked at

    id: str
    status: str = ""
    subject: _Person | msgspec.UnsetType = msgspec.UNSET
    patient: _Person | msgspec.UnsetType = msgspec.UNSET
    for_: _None = msgspec.UNSET
    contained: msgspec.Raw = _ABSENT
    modifierExtension: _None = msgspec.UNSET  # noqa: N815  # as FHIR has it
    hasMember: _None = msgspec.UNSET  # noqa: N815  # as FHIR has it
    derivedFrom: _None = msgspec.UNSET  # noqa: N815  # as FHIR has it
    related: _None = msgspec.UNSET  # of FHIR 3

    def results(self) -> tuple[str, ...] | None:
        """Return what it points to that may be about genes; None where that needs more."""
        return ()


class _SeenProcedure(_Seen, tag="Procedure"):
    kind: ClassVar[str] = "Procedure"

    extension: _None = msgspec.UNSET
    result: _None = msgspec.UNSET
    reasonReference: _None = msgspec.UNSET  # noqa: N815  # as FHIR has it
    parent: _None = msgspec.UNSET
    basis: _None = msgspec.UNSET


class _SeenObservation(_SeenProcedure, tag="Observation"):
    kind: ClassVar[str] = "Observation"
    is_told_at_once: ClassVar[bool] = False

    code: msgspec.Raw = _ABSENT
    category: msgspec.Raw = _ABSENT
    component: tuple[_Piece, ...] = ()

    def results(self) -> tuple[str, ...] | None:
        """Return nothing for an ordinary test, and None for any other."""
        said = b"".join((self.code, self.category))
        known = _told_tests.get(said)
        if known is None:
            known = self._is_ordinary_test()
            if len(said) <= _LONGEST_TEXT:
                if len(_told_tests) >= _REMEMBERED:
                    _told_tests.clear()
                _told_tests[said] = known
        if self.component:
            known = known and all(_is_ordinary_code(_text(one.code)) for one in self.component)
        return () if known else None

    def _is_ordinary_test(self) -> bool:
        return _is_ordinary_code(_text(self.code)) and not _is_in_genetics(_text(self.category))


# Whether a test is ordinary, by the text of its code and category: the same ones come again.
_told_tests: dict[bytes, bool] = {}


class _SeenReport(_Seen, tag=REPORT):
    kind: ClassVar[str] = REPORT
    is_told_at_once: ClassVar[bool] = False

    code: msgspec.Raw = _ABSENT
    category: msgspec.Raw = _ABSENT
    result: msgspec.Raw = _ABSENT
    extension: _None = msgspec.UNSET

    def results(self) -> tuple[str, ...] | None:
        """Return what a report with an ordinary name points to."""
        if self.contained or not (self.subject or self.patient):
            return None
        if not _is_ordinary_name_of(_text(self.code)) or _is_in_genetics(_text(self.category)):
            return None
        try:
            found = _links(self.result) if self.result else []
        except msgspec.DecodeError:
            return None
        plain = [one.reference for one in found if one.reference == one.reference.strip()]
        return tuple(plain) if all(plain) and len(plain) == len(found) else None


# Most of a record is one of these. What is of another kind is told the long way.
_KINDS = (
    "AllergyIntolerance", "Appointment", "CarePlan", "CareTeam", "Claim", "ClaimResponse",
    "Communication", "Composition", "Condition", "Consent", "Coverage", "Device", "DeviceRequest",
    "DocumentReference", "Encounter", "EpisodeOfCare", "ExplanationOfBenefit", "Goal", "Group",
    "ImagingStudy", "Immunization", "Location", "Media", "Medication", "MedicationAdministration",
    "MedicationDispense", "MedicationRequest", "MedicationStatement", "NutritionOrder",
    "Organization", "Practitioner", "PractitionerRole", "Provenance", "QuestionnaireResponse",
    "RelatedPerson", "ServiceRequest", "Specimen", "SupplyDelivery",
)  # fmt: skip


def _seen_of(kind: str) -> type[_Seen]:
    fixed = {"kind": intern(kind)}
    made = msgspec.defstruct(
        f"_Seen{kind}", [], bases=(_Seen,), namespace=fixed, tag=kind, gc=False
    )
    return cast("type[_Seen]", made)


_seen_kinds: Any = Union[(_SeenProcedure, _SeenObservation, _SeenReport, *map(_seen_of, _KINDS))]
_see: Callable[[bytes], _Seen] = msgspec.json.Decoder(_seen_kinds).decode
_see_all: Callable[[msgspec.Raw], list[_Seen]] = msgspec.json.Decoder(list[_seen_kinds]).decode
_links = msgspec.json.Decoder(list[_Person]).decode


def told_in(
    raw: bytes, path: str = "", text: bytes = b"", start: int = 0, end: int | None = None
) -> FacedResource | None:
    """Return what `face_of` returns of the parsed text, where few elements tell it.

    The other parameters are its fields. None also means that the long way must tell: the text is
    broken, or anything is unusual. A long record spends most of its time here.
    """
    try:
        return _told(_see(raw), path, text, start, end)
    except (msgspec.DecodeError, RecursionError):
        return None


def _told(
    seen: _Seen, path: str = "", text: bytes = b"", start: int = 0, end: int | None = None
) -> FacedResource | None:
    results = () if seen.is_told_at_once else seen.results()
    inner = _faces(_see_all(seen.contained)) if seen.contained else ()
    local = seen.id
    if results is None or inner is None or not local or local != local.strip():
        return None
    stated = seen.subject or seen.patient
    person = stated.reference if stated else ""
    if stated and (not person or person != person.strip()):
        return None
    kind, said = seen.kind, seen.status
    name = f"{kind}/{local}"
    status = _STATUSES[said] if said in _STATUSES else plain_status(said)
    # Interned: few people come again and again, and a record holds each once. In the order of the
    # fields, which is faster than by name.
    return FacedResource(
        kind, local, name, intern(person), status, inner, results,
        name, "", path, text, start, end,
    )  # fmt: skip


def _faces(contained: list[_Seen]) -> tuple[FacedResource, ...] | None:
    found = [None if seen.contained else _told(seen) for seen in contained]
    faces = [one for one in found if one is not None]
    return as_contained(faces) if len(faces) == len(contained) else None


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
