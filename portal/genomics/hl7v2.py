"""HL7 version 2 result messages (ORU^R01) with genomics: each group of OBX as one FHIR resource.

Whatever the codes say is then read by the one reader for FHIR. Orders, referrals and everything
else that is not a result are refused in words.
Spec: HL7 v2.5.1 IG Lab Results Interface, Clinical Genomics; OBX-4 groups what belongs together.
"""

import base64
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from portal.genomics import codes, fields
from portal.genomics.findings import Pointer, Rejected
from portal.genomics.jsontext import NotADocument

LOINC = "http://loinc.org"
_SYSTEMS = {
    "LN": LOINC,
    "SCT": "http://snomed.info/sct",
    "SNM": "http://snomed.info/sct",
    "HGNC": "http://www.genenames.org/geneId",
    "HGVS.C": "http://varnomen.hgvs.org",
    "HGVS.P": "http://varnomen.hgvs.org",
    "RXNORM": "http://www.nlm.nih.gov/research/umls/rxnorm",
}
_STATUS = {
    "F": "final",
    "C": "corrected",
    "A": "amended",
    "P": "preliminary",
    "R": "preliminary",
    "S": "preliminary",
    "I": "registered",
    "X": "cancelled",
    "D": "entered-in-error",
    "W": "entered-in-error",
}
_ORDERS = frozenset({"ORM", "OML", "OMG", "OMI", "ORL", "ORR", "OMP"})
_MAX_BYTES = 64 << 20
_VARIANT = "69548-6"
_KNOWN = fields.FIELD_OF_CODE.keys() | codes.KIND_OF_CODE.keys()
_OF_VARIANT = frozenset(
    code
    for code, field in fields.FIELD_OF_CODE.items()
    if field in {"hgvs_c", "hgvs_p", "hgvs_g", "ref", "alt", "exact", "presence"}
)
# What else a group can be about: a diplotype, or what a gene means for medicines.
_LEADING = ("84413-4", "84414-2", "53040-2", "51961-1", "83009-1")
_ESCAPES = {"F": "|", "S": "^", "T": "&", "R": "~", "E": "\\", ".br": "\n"}
_ESCAPE = re.compile(r"\\(F|S|T|R|E|\.br|X[0-9A-Fa-f]*)\\")
_NUMBER = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,15})?")
_LOINC_CODE = re.compile(r"[0-9]{1,7}-[0-9]")


class NotAResult(NotADocument):
    """The message is not a result; the words say what it is instead."""


class Segment(NamedTuple):
    """One line of a message; `fields[3]` is what HL7 calls field 3."""

    number: int
    name: str
    fields: list[str]

    def field(self, index: int) -> str:
        """Return a field, or nothing where the line ends before it."""
        return self.fields[index].strip() if index < len(self.fields) else ""

    def parts(self, index: int) -> list[str]:
        """Return the components of a field, unescaped."""
        return [_plain(part) for part in self.field(index).split("^")]


Json = dict[str, Any]


def resources(raw: bytes) -> Iterator[Json | Rejected]:
    """Yield the FHIR resources of every result message in a file, and what could not be read.

    Raises NotAResult or NotADocument.
    """
    segments = _segments(raw)
    _refuse_other_messages(segments)
    _refuse_several_people(segments)
    if not any(segment.name == "OBX" for segment in segments):
        raise NotAResult("The message holds no result: it has no OBX line.")
    order: Segment | None = None
    group: list[Segment] = []
    for segment in segments:
        if segment.name == "OBR":
            yield from _report(order, group)
            order, group = segment, []
        elif segment.name == "OBX":
            group.append(segment)
    yield from _report(order, group)


def _segments(raw: bytes) -> list[Segment]:
    if len(raw) > _MAX_BYTES:
        raise NotADocument("The file is bigger than any real message.")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    text = text.replace("\x0b", "").replace("\x1c", "")
    found = []
    for number, line in enumerate(re.split(r"\r\n|\r|\n", text), 1):
        if not line.strip():
            continue
        fields = line.split("|")
        if fields[0] == "MSH":
            fields.insert(1, "|")  # the sign itself is field 1
            if line[3:8] not in ("|^~\\&", "|^~\\&"):
                raise NotADocument("The message uses other signs between its parts than |^~\\&.")
        found.append(Segment(number, fields[0], fields))
    return found


def _refuse_other_messages(segments: list[Segment]) -> None:
    for segment in segments:
        if segment.name != "MSH":
            continue
        kind = segment.parts(9)[0]
        if kind in _ORDERS:
            raise NotAResult("This message is an order for a test, not its result.")
        if kind == "REF":
            raise NotAResult("This message is a referral, not the result of a test.")
        if kind != "ORU":
            raise NotAResult("This message is of a kind that holds no results of tests.")


def _refuse_several_people(segments: list[Segment]) -> None:
    people = {segment.field(3) or segment.field(5) for segment in segments if segment.name == "PID"}
    if len(people) > 1:
        raise NotAResult(f"This file holds messages about {len(people)} people.")


def _report(order: Segment | None, group: list[Segment]) -> Iterator[Json | Rejected]:
    if not group:
        return
    report = f"report-{order.number if order else group[0].number}"
    results: list[Json] = []
    groups: dict[str, list[Segment]] = {}
    for segment in group:
        if segment.field(2) == "ED":
            yield _document(segment)
        else:
            groups.setdefault(segment.field(4), []).append(segment)
    for members in groups.values():
        results.extend(_observations(members))
    yield from results
    yield _diagnostic_report(report, order, results)


def _observations(members: list[Segment]) -> list[Json]:
    """Return one Observation for a group about one variant, else one for each line."""
    sent = {_code(one) for one in members}
    about = _VARIANT if sent & _OF_VARIANT else next((c for c in _LEADING if c in sent), "")
    if not about:
        return [_single(one) for one in members]
    found = _head(members[0], {"coding": [{"system": LOINC, "code": about}]})
    components = []
    for one in members:
        if _code(one) == about:
            found.update(_value(one))
        else:
            components.append({"code": _concept(one.parts(3)), **_value(one)})
    found["component"] = components
    return [found]


def _single(segment: Segment) -> Json:
    return _head(segment, _concept(segment.parts(3))) | _value(segment)


def _head(segment: Segment, code: Json) -> Json:
    status = _STATUS.get(segment.field(11), "unknown")
    return {
        "resourceType": "Observation",
        "id": f"obx-{segment.number}",
        "status": status,
        "category": [
            {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0074", "code": "GE"}]}
        ],
        "code": code,
    }


def _code(segment: Segment) -> str:
    return segment.parts(3)[0]


def _concept(parts: list[str]) -> Json:
    code, words, system = (*parts, "", "", "")[:3]
    if not words and not system:
        return {"text": code}
    # Laboratories send LOINC codes under names of their own; the code itself tells.
    known = _LOINC_CODE.fullmatch(code) is not None and code in _KNOWN
    uri = LOINC if known else _SYSTEMS.get(system.upper(), "")
    coding = {"code": code, "display": words}
    if uri:
        coding["system"] = uri
    return {
        "coding": [{key: value for key, value in coding.items() if value}],
        "text": words or code,
    }


def _value(segment: Segment) -> Json:
    kind, text = segment.field(2), segment.field(5)
    parts = segment.parts(5)
    if not text:
        return {"dataAbsentReason": {"text": "No value was sent."}}
    if kind in ("CWE", "CE", "CNE"):
        return {"valueCodeableConcept": _concept(parts)}
    if kind == "NM" and _NUMBER.fullmatch(text):
        unit = segment.parts(6)[0]
        return {"valueQuantity": {"value": float(text)} | ({"unit": unit} if unit else {})}
    if kind == "NR" and all(not part or _NUMBER.fullmatch(part) for part in parts[:2]):
        ends = zip(("low", "high"), parts, strict=False)
        return {"valueRange": {name: {"value": _whole(part)} for name, part in ends if part}}
    return {"valueString": _plain(text)}


def _whole(text: str) -> int | float:
    return float(text) if "." in text else int(text)


def _plain(text: str) -> str:
    return _ESCAPE.sub(_unescape, text)


def _unescape(match: re.Match[str]) -> str:
    name = match.group(1)
    if name.startswith("X"):
        try:
            return bytes.fromhex(name[1:]).decode("latin-1")
        except ValueError:
            return match.group(0)
    return _ESCAPES[name]


def _document(segment: Segment) -> Json | Rejected:
    """Return the document that a line carries, checked to be what it says."""
    pointer = Pointer(path=f"line {segment.number}")
    parts = [*segment.field(5).split("^"), "", "", "", "", ""]
    kind, encoding, data = parts[2].upper(), parts[3].upper(), parts[4]
    if kind != "PDF" or encoding != "BASE64":
        reason = "The message carries a document that is not a PDF."
        return Rejected(code="document", reason=reason, source=pointer)
    try:
        content = base64.b64decode(data, validate=True)
    except ValueError:  # also what is not ASCII
        reason = "The PDF inside the message is not whole."
        return Rejected(code="document", reason=reason, source=pointer)
    if not content.startswith(b"%PDF"):
        reason = "The document inside the message is not the PDF that it says it is."
        return Rejected(code="document", reason=reason, source=pointer)
    title = "".join(segment.parts(3)[1:2])
    attachment = {"contentType": "application/pdf", "data": data, "title": title}
    return {
        "resourceType": "DocumentReference",
        "id": f"obx-{segment.number}",
        "status": "current",
        "type": _concept(segment.parts(3)),
        "content": [{"attachment": attachment}],
    }


def _diagnostic_report(identity: str, order: Segment | None, results: list[Json]) -> Json:
    report: Json = {
        "resourceType": "DiagnosticReport",
        "id": identity,
        "status": "unknown" if order is None else _STATUS.get(order.field(25), "unknown"),
        "category": [
            {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0074", "code": "GE"}]}
        ],
        "code": {"coding": [{"system": LOINC, "code": "51969-4"}]},
    }
    if results:
        report["result"] = [{"reference": f"Observation/{one['id']}"} for one in results]
    if order is not None and order.field(4):
        report["code"] = _concept(order.parts(4))
    issued = _instant(order.field(22)) if order is not None else ""
    if issued:
        report["issued"] = issued
    return report


def _instant(text: str) -> str:
    match = re.fullmatch(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.\d+)?([+-]\d\d)(\d\d)", text)
    if match is None:
        return ""
    year, month, day, hour, minute, second, zone, rest = match.groups()
    return f"{year}-{month}-{day}T{hour}:{minute}:{second}{zone}:{rest}"
