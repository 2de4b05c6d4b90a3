"""HL7 version 2 result messages (ORU^R01) with genomics: each group of OBX as one FHIR resource.

Whatever the codes say is then read by the one reader for FHIR. Orders, referrals and everything
else that is not a result are refused in words.
Spec: HL7 v2.5.1 IG Lab Results Interface, Clinical Genomics; OBX-4 groups what belongs together.
"""

import base64
from collections.abc import Iterator

from portal.genomics.findings import Notice, Pointer, Rejected
from portal.genomics.hl7v2_groups import (
    BY_WEIGHT,
    Group,
    Order,
    about_genes,
    code_of,
    groups,
    speaks_of_genes,
)
from portal.genomics.hl7v2_segments import (
    LOINC,
    STATUS,
    Json,
    Segment,
    concept,
    moment,
    plain,
    segments,
    values,
)
from portal.genomics.jsontext import NotADocument

_ORDERS = frozenset({"ORM", "OML", "OMG", "OMI", "ORL", "ORR", "OMP"})
_SEX = {"F": "female", "M": "male", "O": "other", "A": "other", "U": "unknown"}  # table 0001
_GENETICS = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0074", "code": "GE"}]}


class NotAResult(NotADocument):
    """The message is not a result; the words say what it is instead."""


def resources(raw: bytes) -> Iterator[Json | Rejected | Notice]:
    """Yield the FHIR resources of every result message in a file, and what could not be read.

    Raises NotAResult or NotADocument.
    """
    lines = segments(raw)
    _refuse_other_messages(lines)
    _refuse_several_people(lines)
    if not any(segment.name == "OBX" for segment in lines):
        raise NotAResult("The message holds no result: it has no OBX line.")
    person = _patient(next((one for one in lines if one.name == "PID"), None))
    if person:
        yield person
    for one in _results(lines):
        if isinstance(one, dict) and person:
            one["subject"] = {"reference": f"Patient/{person['id']}"}
        yield one


def _results(lines: list[Segment]) -> Iterator[Json | Rejected | Notice]:
    orders = [Order(None, [])]
    for segment in lines:
        if segment.name == "OBR":
            orders.append(Order(segment, []))
        elif segment.name == "OBX":
            orders[-1].results.append(segment)
        elif segment.name == "NTE":
            reason = "A remark beside the order or the person is in the message and not shown."
            place = Pointer(path=f"line {segment.number}")
            yield Notice(code="remark", reason=reason, source=place)
    answered = [order for order in orders if order.results]
    for order, is_genetic in zip(answered, about_genes(answered), strict=True):
        for one in _report(order):
            if isinstance(one, dict) and is_genetic and one["resourceType"] in _CATEGORISED:
                one["category"] = [_GENETICS]
            yield one


_CATEGORISED = frozenset({"Observation", "DiagnosticReport"})


def _refuse_other_messages(lines: list[Segment]) -> None:
    for segment in lines:
        if segment.name != "MSH":
            continue
        kind = segment.parts(9)[0]
        if kind in _ORDERS:
            raise NotAResult("This message is an order for a test, not its result.")
        if kind == "REF":
            raise NotAResult("This message is a referral, not the result of a test.")
        if kind != "ORU":
            raise NotAResult("This message is of a kind that holds no results of tests.")


def _refuse_several_people(lines: list[Segment]) -> None:
    people = {segment.field(3) or segment.field(5) for segment in lines if segment.name == "PID"}
    if len(people) > 1:
        raise NotAResult(f"This file holds messages about {len(people)} people.")


def _patient(segment: Segment | None) -> Json:
    """Return whom a message names; nothing where it has only a number for the person."""
    if segment is None:
        return {}
    family, given, middle, *_ = (*segment.parts(5), "", "", "")
    name = {
        "family": family.partition("&")[0],  # what follows are the parts of a Dutch or German name
        "given": [one for one in (given, middle) if one],
    }
    said = {part: value for part, value in name.items() if value}
    born = moment(segment.field(7))[:10]
    if not said and not born:
        return {}
    person: Json = {"resourceType": "Patient", "id": f"pid-{segment.number}"}
    if said:
        person["name"] = [said]
    if born:
        person["birthDate"] = born
    if segment.field(8).upper() in _SEX:
        person["gender"] = _SEX[segment.field(8).upper()]
    return person


def _report(order: Order) -> Iterator[Json | Rejected]:
    plain_lines = []
    for segment in order.results:
        if segment.field(2) == "ED":
            yield _document(segment)
        else:
            plain_lines.append(segment)
    # Where nothing speaks of genes a name such as ALT is not that of an allele.
    parts = groups(plain_lines) if speaks_of_genes(order) else [Group("", plain_lines)]
    results = [one for group in parts for one in _observations(group, order.segment)]
    yield from results
    yield _diagnostic_report(order, results)


def _observations(group: Group, order: Segment | None) -> Iterator[Json]:
    """Yield one Observation for a group about one thing, else one for each value."""
    members, about = group.lines, group.about
    if not about:
        for one in members:
            yield from _single(one, order)
        return
    found = _head(members, {"coding": [{"system": LOINC, "code": about}]}, order)
    components: list[Json] = []
    for one in members:
        said = values(one)
        if code_of(one) == about:
            found.update(said.pop(0) | _beside(one))
        components += [{"code": concept(one.parts(3)), **value} for value in said]
    if components:
        found["component"] = components
    yield found


def _single(segment: Segment, order: Segment | None) -> Iterator[Json]:
    for number, value in enumerate(values(segment), 1):
        found = _head([segment], concept(segment.parts(3)), order) | value | _beside(segment)
        found["id"] += f"-{number}" if number > 1 else ""
        yield found


def _beside(segment: Segment) -> Json:
    """Return what a line says beside its value: how to take it, and how it was done."""
    said: Json = {}
    if flag := segment.parts(8)[0]:
        said["interpretation"] = [{"coding": [{"system": _FLAGS, "code": flag}]}]
    if any(segment.parts(17)):
        said["method"] = concept(segment.parts(17))
    return said


_FLAGS = "http://terminology.hl7.org/CodeSystem/v2-0078"


def _head(members: list[Segment], code: Json, order: Segment | None) -> Json:
    first = members[0]
    found: Json = {
        "resourceType": "Observation",
        "id": f"obx-{first.number}",
        "status": _status(members),
        "code": code,
    }
    seen = moment(first.field(14)) or (moment(order.field(7)) if order else "")
    if seen:
        found["effectiveDateTime"] = seen
    notes = [{"text": note} for one in members for note in one.notes if note]
    if notes:
        found["note"] = notes
    return found


def _status(members: list[Segment]) -> str:
    """Return the state of lines that are one result: the one that says most against taking it."""
    states = {one.status for one in members}
    return next((state for state in BY_WEIGHT if state in states), members[0].status)


def _document(segment: Segment) -> Json | Rejected:
    """Return the document that a line carries, checked to be what it says."""
    pointer = Pointer(path=f"line {segment.number}")
    parts = [*segment.field(5).split("^"), "", "", "", "", ""]
    kind, encoding = parts[2].upper(), parts[3].upper()
    data = "".join(plain(parts[4]).split())
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
        "type": concept(segment.parts(3)),
        "content": [{"attachment": attachment}],
    }


def _diagnostic_report(order: Order, results: list[Json]) -> Json:
    asked = order.segment
    report: Json = {
        "resourceType": "DiagnosticReport",
        "id": f"report-{(asked or order.results[0]).number}",
        "status": "unknown" if asked is None else STATUS.get(asked.field(25), "unknown"),
        "code": {"coding": [{"system": LOINC, "code": "51969-4"}]},
    }
    if results:
        report["result"] = [{"reference": f"Observation/{one['id']}"} for one in results]
    labs = dict.fromkeys(plain(one.parts(23)[0]) for one in order.results if one.field(23))
    if labs:
        report["performer"] = [{"display": lab} for lab in labs]
    return report if asked is None else report | _of_order(asked)


def _of_order(order: Segment) -> Json:
    """Return what the order says of the report: which test, when it was done and reported."""
    said: Json = {}
    if order.field(4):
        said["code"] = concept(order.parts(4))
    if seen := moment(order.field(7)):
        said["effectiveDateTime"] = seen
    issued = moment(order.field(22))
    if "T" in issued:  # FHIR wants an exact moment here, or none
        said["issued"] = issued
    return said
