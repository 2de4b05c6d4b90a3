"""The face of a resource: what a reading needs of one that has nothing to do with genes."""

from typing import Any

import msgspec
import orjson

from portal.genomics.elements import Node
from portal.genomics.jsontext import Limits, Loader, Refused
from portal.genomics.ordinary import in_genetics, is_ordinary, is_ordinary_name

PERSON_FIELDS = ("subject", "patient", "for")
REPORT = "DiagnosticReport"
RESULTS = frozenset({"Observation", "Task", "RiskAssessment", "Procedure", "GenomicStudy"})

# These are read whatever is in them; all others only when something in them leads further.
READ = frozenset(
    {"Task", "RiskAssessment", "FamilyMemberHistory", "Parameters",
     "MolecularSequence", "GenomicStudy", "Patient", "Bundle"}
)  # fmt: skip
_LEADS_FURTHER = frozenset({"modifierExtension", "hasMember", "derivedFrom", "related"})
_RESULT_LEADS_FURTHER = _LEADS_FURTHER | {
    "extension", "result", "reasonReference", "parent", "basis",
}  # fmt: skip
_FURTHER = {
    **dict.fromkeys(RESULTS, _RESULT_LEADS_FURTHER),
    REPORT: _LEADS_FURTHER | {"extension", "contained"},
}


class FacedResource(msgspec.Struct, frozen=True, gc=False):
    """One that has nothing to do with genes: all that a reading needs of it, and its bytes."""

    type: str
    id: str
    name: str  # Type/id
    person: str  # the reference to the person that it is about, as sent
    status: str
    contained: tuple["FacedResource", ...] = ()  # without bytes of their own
    results: tuple[str, ...] = ()  # of a report: what it points to, which may be about genes
    key: str = ""
    full_url: str = ""
    path: str = ""
    text: bytes = b""  # UTF-8: its own, or the whole file of which it is a line
    start: int = 0  # in the text
    end: int | None = None

    @property
    def raw(self) -> bytes:
        """Its exact bytes."""
        return self.text if self.end is None else self.text[self.start : self.end].strip()

    @property
    def body(self) -> dict[str, Any]:
        """All of it; nothing where it turns out that it cannot be read."""
        try:
            body: dict[str, Any] = orjson.loads(self.raw)
        except orjson.JSONDecodeError:
            return {}
        return body

    @property
    def refusal(self) -> Refused | None:
        """Why no result can be read from it, if so: only now looked at."""
        try:
            Loader(Limits()).load(self.raw)
        except Refused as fault:
            return fault
        return None


def face_of(body: Node) -> FacedResource | None:
    """Return the face of a resource when a reading needs no more of it, else None.

    Whatever is unusual about who or what it is needs more.
    """
    kind, local = body.get("resourceType"), body.get("id")
    if not isinstance(kind, str) or not isinstance(local, str) or kind in READ:
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
    name = f"{kind}/{local}"
    return FacedResource(kind, local, name, person, status_of(body), inner, results, name)


def _results(body: Node) -> tuple[str, ...] | None:
    """Return what a report with an ordinary name points to; None where it needs more."""
    if not is_ordinary_name(body) or in_genetics(body):
        return None
    listed = body.get("result", [])
    if not isinstance(listed, list):
        return None
    found = [one.get("reference") if isinstance(one, dict) else None for one in listed]
    plain = [one for one in found if isinstance(one, str) and one == one.strip()]
    return tuple(plain) if all(plain) and len(plain) == len(found) else None


def _faces(contained: object) -> tuple[FacedResource, ...] | None:
    """Return the faces of contained resources, or None when one of them is unusual."""
    found: list[FacedResource] = []
    for body in contained if isinstance(contained, list) else [None]:
        face = face_of(body) if isinstance(body, dict) and "contained" not in body else None
        if face is None:
            return None
        found.append(face)
    return as_contained(found)


def as_contained(faces: list[FacedResource]) -> tuple[FacedResource, ...] | None:
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
    return plain_status(raw) if isinstance(raw, str) else ""


def plain_status(said: str) -> str:
    """Return a status without stray blanks, in lower case."""
    return said.strip().lower()
