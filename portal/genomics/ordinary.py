"""What has nothing to do with genes, told from the face of a resource without reading the rest."""

import re
from functools import lru_cache
from sys import intern

import msgspec
import orjson

from portal.genomics import answers as a
from portal.genomics import codes as c
from portal.genomics.elements import Node
from portal.genomics.fields import FIELD_OF_CODE
from portal.genomics.findings import Kind

PERSON_FIELDS = ("subject", "patient", "for")
REPORT = "DiagnosticReport"
RESULTS = frozenset({"Observation", "Task", "RiskAssessment", "Procedure", "GenomicStudy"})

KINDS: dict[str, Kind] = {
    **dict.fromkeys(c.BIOMARKER_CODES, Kind.BIOMARKER),
    **dict.fromkeys(c.HLA_TYPE_CODES, Kind.GENOTYPE),
    **dict.fromkeys(c.HLA_PRESENCE_CODES, Kind.HAPLOTYPE),
    **c.KIND_OF_CODE,
}

# These are read whatever is in them; all others only when something in them leads further.
_READ = frozenset(
    {"Task", "RiskAssessment", "FamilyMemberHistory", "Parameters",
     "MolecularSequence", "GenomicStudy", "Patient", "Bundle"}
)  # fmt: skip
_LEADS_FURTHER = frozenset({"modifierExtension", "hasMember", "derivedFrom"})
_RESULT_LEADS_FURTHER = _LEADS_FURTHER | {
    "extension", "result", "reasonReference", "parent", "basis",
}  # fmt: skip
_FURTHER = {
    **dict.fromkeys(RESULTS, _RESULT_LEADS_FURTHER),
    REPORT: _LEADS_FURTHER | {"extension", "contained"},
}
_REMEMBERED = 4096
_LONGEST_REMEMBERED = 200
_LONGEST_TEXT = 1000
_UNREADABLE = b"!"

# How the names of genetic tests sound that have a code of their own: BRCA1 gene mutations found.
GENES = re.compile(
    r"\bgenes?\b|\bgenetic|\bgenotyp|\bhaplotyp|\bkaryotyp|\bchromosom|\bcytogenetic|\bexome"
    r"|\bgenom[ei]|\bpharmacogen|\bpolygenic|\bmicrodeletion|\bmicrosatellite|\bmutation|\bmetaboli[sz]er",
    re.IGNORECASE,
)
_GENETICS_CODES = frozenset({c.GENETICS, c.BIOMARKER})
_GENETICS_WORDS = frozenset({"genetics", "genomics", "molecular genetics", "cytogenetics"})


class Face(msgspec.Struct, frozen=True, gc=False):
    """All that a reading needs of a resource which is no genomic result."""

    type: str
    id: str
    name: str  # Type/id
    person: str  # the reference to the person that it is about, as sent
    status: str
    contained: tuple["Face", ...] = ()
    results: tuple[str, ...] = ()  # of a report: what it points to, which may be about genes

    @property
    def told(self) -> "Told":
        """All parts in their order."""
        return (
            self.type, self.id, self.name, self.person, self.status, self.contained, self.results
        )  # fmt: skip


type Told = tuple[str, str, str, str, str, tuple[Face, ...], tuple[str, ...]]


def face_of(body: Node) -> Face | None:
    """Return the face of a resource when a reading needs no more of it, else None.

    Whatever is unusual about who or what it is needs more.
    """
    kind, local = body.get("resourceType"), body.get("id")
    if not isinstance(kind, str) or not isinstance(local, str) or kind in _READ:
        return None
    further = _FURTHER.get(kind, _LEADS_FURTHER)
    if not further.isdisjoint(body) or (kind == "Observation" and not is_ordinary(body)):
        return None
    person = _person(body)
    inner = _faces(body["contained"]) if "contained" in body else ()
    results = _results(body) if kind == REPORT else ()
    if person is None or inner is None or results is None or (kind == REPORT and not person):
        return None
    if not local or local != local.strip() or kind != kind.strip():
        return None
    return Face(kind, local, f"{kind}/{local}", person, status_of(body), inner, results)


def _results(body: Node) -> tuple[str, ...] | None:
    """Return what a report with an ordinary name points to; None where it needs more."""
    if not _is_ordinary_name(body) or in_genetics(body):
        return None
    listed = body.get("result", [])
    if not isinstance(listed, list):
        return None
    found = [one.get("reference") if isinstance(one, dict) else None for one in listed]
    plain = [one for one in found if isinstance(one, str) and one == one.strip()]
    return tuple(plain) if all(plain) and len(plain) == len(found) else None


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
    extension: msgspec.Raw = _ABSENT
    result: msgspec.Raw = _ABSENT
    reasonReference: msgspec.Raw = _ABSENT  # noqa: N815  # as FHIR has it
    parent: msgspec.Raw = _ABSENT
    basis: msgspec.Raw = _ABSENT


_see = msgspec.json.Decoder(_Seen).decode
_links = msgspec.json.Decoder(list[_Person]).decode


def told_in(raw: bytes) -> Told | None:
    """Return the parts of what `face_of` returns of the parsed text, where few elements tell it.

    None also means that the long way must tell: the text is broken, or anything is unusual.
    """
    try:
        seen = _see(raw)
    except (msgspec.DecodeError, RecursionError):
        return None
    return _told(seen)


def _told(seen: _Seen) -> Told | None:
    kind, local = seen.resourceType, seen.id
    if kind in _READ or not local or local != local.strip() or kind != kind.strip():
        return None
    results: tuple[str, ...] | None = ()
    if kind in RESULTS:
        if _leads_further(seen) or (kind == "Observation" and not _is_seen_ordinary(seen)):
            return None
    elif kind == REPORT:
        results = _seen_results(seen)
    stated = seen.subject or seen.patient or seen.for_
    person = stated.reference if stated else ""
    if stated and (not person or person != person.strip()):
        return None
    inner = _seen_faces(seen.contained) if seen.contained else ()
    if inner is None or results is None or (kind == REPORT and not person):
        return None
    status = _STATUSES.get(seen.status) or _plain_status(seen.status)
    # Interned: few kinds and people come again and again, and a record holds each once.
    return intern(kind), local, f"{kind}/{local}", intern(person), status, inner, results


def _seen_results(seen: _Seen) -> tuple[str, ...] | None:
    if seen.extension or seen.contained is not msgspec.UNSET:
        return None
    if not _is_ordinary_name_of(_text(seen.code)) or _is_in_genetics(_text(seen.category)):
        return None
    try:
        found = _links(seen.result) if seen.result else []
    except msgspec.DecodeError:
        return None
    plain = [one.reference for one in found if one.reference == one.reference.strip()]
    return tuple(plain) if all(plain) and len(plain) == len(found) else None


def _seen_faces(contained: tuple[_Seen, ...]) -> tuple[Face, ...] | None:
    found = [_told(seen) for seen in contained if seen.contained is msgspec.UNSET]
    faces = [Face(*told) for told in found if told is not None]
    return _as_contained(faces) if len(faces) == len(contained) else None


def _leads_further(seen: _Seen) -> bool:
    return bool(seen.extension or seen.result or seen.reasonReference or seen.parent or seen.basis)


def _is_seen_ordinary(seen: _Seen) -> bool:
    if not _is_ordinary_code(_text(seen.code)) or _is_in_genetics(_text(seen.category)):
        return False
    if not seen.component:
        return True
    return all(_is_ordinary_code(_text(one.code)) for one in seen.component)


def _text(element: msgspec.Raw) -> bytes:
    """Return the text of an element; of one too long to be remembered some that ends this way."""
    text = bytes(element)
    return text if len(text) <= _LONGEST_TEXT else _UNREADABLE


@lru_cache(maxsize=_REMEMBERED)
def _is_ordinary_code(raw: bytes) -> bool:
    """Tell of the text of a code what is told of the parsed one. The same codes come again."""
    try:
        return _is_ordinary_piece({"code": orjson.loads(raw)})
    except orjson.JSONDecodeError:
        return False


@lru_cache(maxsize=_REMEMBERED)
def _is_ordinary_name_of(raw: bytes) -> bool:
    """Tell of the text of a report's code what is told of the parsed one."""
    try:
        return _is_ordinary_name({"code": orjson.loads(raw)})
    except orjson.JSONDecodeError:
        return False


@lru_cache(maxsize=_REMEMBERED)
def _is_in_genetics(raw: bytes) -> bool:
    """Tell of the text of a category what is told of the parsed one."""
    try:
        return bool(raw) and in_genetics({"category": orjson.loads(raw)})
    except orjson.JSONDecodeError:
        return True


def _faces(contained: object) -> tuple[Face, ...] | None:
    """Return the faces of contained resources, or None when one of them is unusual."""
    found: list[Face] = []
    for body in contained if isinstance(contained, list) else [None]:
        face = face_of(body) if isinstance(body, dict) and "contained" not in body else None
        if face is None:
            return None
        found.append(face)
    return _as_contained(found)


def _as_contained(faces: list[Face]) -> tuple[Face, ...] | None:
    """Return the faces of contained resources where each is plainly another one."""
    if any("#" in face.id or "#" in face.person or face.type == REPORT for face in faces):
        return None
    return tuple(faces) if len({face.id for face in faces}) == len(faces) else None


def _person(body: Node) -> str | None:
    """Return the reference to a person, or nothing; None when the person is named another way."""
    for name in PERSON_FIELDS:
        if name in body:
            raw = body[name]
            reference = raw.get("reference") if isinstance(raw, dict) else None
            if not isinstance(reference, str) or not reference or reference != reference.strip():
                return None
            return reference
    return ""


def status_of(body: Node) -> str:
    """Return the status of a resource, without stray blanks."""
    raw = body.get("status")
    return _plain_status(raw) if isinstance(raw, str) else ""


def _plain_status(said: str) -> str:
    return said.strip().lower()


# Most statuses are one of these, and a reading then holds them only once.
_STATUSES = {
    one: one
    for one in (
        *a.KNOWN_STATUSES, *a.WITHDRAWN, *a.CANCELLED, "active", "completed", "finished", "stopped"
    )
}  # fmt: skip


def is_ordinary(body: Node) -> bool:
    """Tell fast an ordinary result: all of its codes are known for something else than genes."""
    if not _is_ordinary_piece(body) or in_genetics(body):
        return False
    components = body.get("component", ())
    return isinstance(components, list | tuple) and all(map(_is_ordinary_piece, components))


def _is_ordinary_piece(body: object) -> bool:
    raw = body.get("code") if isinstance(body, dict) else None
    codings = raw.get("coding") if isinstance(raw, dict) else None
    if not isinstance(raw, dict) or not isinstance(codings, list):
        return False
    for coding in codings:
        if not isinstance(coding, dict) or not _is_of_something_else(coding):
            return False
    said = raw.get("text")
    quiet = said is None or (isinstance(said, str) and not _speaks_of_genes(said))
    return bool(codings) and quiet


def _is_ordinary_name(body: Node) -> bool:
    """Tell that a report is named after something else than genes."""
    if not _is_ordinary_piece(body):
        return False
    codings = body["code"]["coding"]  # type: ignore[index]  # an ordinary piece has them
    return all(one["code"].strip() not in c.REPORT_CODES for one in codings)


def _is_of_something_else(coding: Node) -> bool:
    """Tell that a code is well known to have nothing to do with genes: it can be looked up."""
    code, system, said = coding.get("code"), coding.get("system", ""), coding.get("display", "")
    if not isinstance(code, str) or not isinstance(system, str) or not isinstance(said, str):
        return False
    if len(code) + len(system) > _LONGEST_REMEMBERED:
        return False
    return _is_another_test(code, system) and not _speaks_of_genes(said)


@lru_cache(maxsize=_REMEMBERED)
def _is_another_test(code: str, system: str) -> bool:
    known = code.strip()
    genetic = known in KINDS or known in FIELD_OF_CODE or known in c.GENETIC_PANELS
    return not genetic and c.GTR_SYSTEM_PART not in system


def _speaks_of_genes(said: str) -> bool:
    if len(said) > _LONGEST_REMEMBERED:
        return GENES.search(said) is not None
    return _names_genes(said)


@lru_cache(maxsize=_REMEMBERED)
def _names_genes(said: str) -> bool:
    return GENES.search(said) is not None


def in_genetics(body: Node) -> bool:
    """Tell whether the source files a resource under genetics."""
    raw = body.get("category")
    for category in raw if isinstance(raw, list) else (raw,):
        if isinstance(category, dict) and _is_genetics(category):
            return True
    return False


def _is_genetics(category: Node) -> bool:
    raw = category.get("coding")
    for coding in raw if isinstance(raw, list) else (raw,):
        if isinstance(coding, dict):
            code, said = coding.get("code"), coding.get("display")
            if _is_genetics_word(said) or _is_genetics_word(code):
                return True
            if isinstance(code, str) and code.strip() in _GENETICS_CODES:
                return True
    return _is_genetics_word(category.get("text"))


def _is_genetics_word(said: object) -> bool:
    return isinstance(said, str) and said.strip().lower() in _GENETICS_WORDS
