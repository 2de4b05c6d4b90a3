"""What every resource of a report carries: status, dates, who did it, links, notes, extensions."""

import html
import re
from collections.abc import Iterator, Mapping

from portal.genomics import answers as a
from portal.genomics import core_genetics
from portal.genomics.attributes import described, reference_range
from portal.genomics.draft import Draft
from portal.genomics.elements import (
    Node,
    Scan,
    concept,
    concept_in,
    concepts,
    display,
    identifiers,
    node,
    nodes,
    reference,
    token,
    value_name,
    word,
    words,
)
from portal.genomics.findings import Attribute, Concept
from portal.genomics.graph import Graph, Item, identified
from portal.genomics.medication import medicine_of
from portal.genomics.surroundings import link_words, read_notes

BASE = frozenset(
    {
        "resourceType", "id", "meta", "implicitRules", "language", "text", "contained",
        "extension", "modifierExtension", "identifier",
    }
)  # fmt: skip
_MOMENT = re.compile(
    r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01])"
    r"(T([01]\d|2[0-3]):[0-5]\d(:([0-5]\d|60)(\.\d+)?)?(Z|[+-]\d\d:\d\d))?)?)?"
)
_TAG = re.compile(r"<[^<>]*>")
_BLANKS = re.compile(r"\s+")
# Names of extensions without strokes, which come and go from draft to draft.
_CITATIONS = frozenset(
    {"relatedartifact", "workflowrelatedartifact", "genomicsartifact", "artifact"}
)
_LINKED = frozenset(
    {
        "recommendedaction", "genomicstudyreference", "genomicriskassessment",
        "genomicsriskassessment", "genomicsfile", "genomicfile", "genomicstudyanalysisext",
        "supportinginfo", "workflowsupportinginfo", "bodysite",
    }
)  # fmt: skip


NOT_CLINICAL = "not-a-clinical-test"  # flag, and code of the tag that it comes from
# Coded notes of a report, read where reports are: the field that each fills.
TOLD_ELSEWHERE = {
    "test-disclaimer": "limits",
    "test-methodology": "methods",
    "result-confirmation": "notes",
}


def status(body: Node, scan: Scan, path: str) -> str:
    """Return the status in lower case; flags those that must be marked on the page."""
    found = token(body.get("status"), f"{path}.status", scan).lower()
    if not found:
        scan.flag("no-status")
    elif found in a.MARKED:
        scan.flag(a.MARKED[found])
    elif found not in _STATUSES:
        scan.flag(f"status-not-known:{found}")
    if _is_not_clinical(body):
        scan.flag(NOT_CLINICAL)
    return found


_STATUSES = a.KNOWN_STATUSES | a.WITHDRAWN | a.CANCELLED


def _is_not_clinical(body: Node) -> bool:
    """Tell whether a resource was marked when it was read out of a raw data file."""
    meta = body.get("meta")
    tags = meta.get("tag") if isinstance(meta, Mapping) else None
    return isinstance(tags, list) and any(
        isinstance(tag, Mapping) and tag.get("code") == NOT_CLINICAL for tag in tags
    )


def moment(raw: object, path: str, scan: Scan) -> str:
    """Return a date or moment as sent; one that is malformed is kept and flagged."""
    found = word(raw, path, scan)
    if found and not _MOMENT.fullmatch(found):
        scan.flag(f"date-malformed:{path}")
    return found


def period(raw: object, path: str, scan: Scan) -> str:
    """Return a Period as "start/end"; one that ends before it starts is flagged."""
    item = node(raw, path, scan)
    start = moment(item.get("start"), f"{path}.start", scan)
    end = moment(item.get("end"), f"{path}.end", scan)
    if start and end and end[: len(start)] < start[: len(end)]:
        scan.flag(f"conflict:period:{path}")
    return f"{start}/{end}" if start or end else ""


def effective(body: Node, path: str, scan: Scan) -> str:
    """Return effective[x] or performed[x] as sent."""
    for name in _WHEN:
        if name in body:
            read = period if name.endswith("Period") else moment
            return read(body[name], f"{path}.{name}", scan)
    return ""


_WHEN = tuple(
    f"{name}{kind}"
    for name in ("effective", "performed", "occurrence")
    for kind in ("DateTime", "Instant", "String", "Period")
)


def party(raw: object, path: str, item: Item, graph: Graph, scan: Scan) -> str:
    """Return the name of the organisation or person that a reference points to."""
    said = display(raw, path, scan)
    target = reference(raw, path, scan)
    is_named = isinstance(raw, dict) and bool(raw.get("display"))
    if is_named and said:
        return said
    found = graph.resolve(target or identified(raw), item)
    named = name_of(found, graph) if found else ""
    return named or said or target


def name_of(item: Item, graph: Graph, depth: int = 0) -> str:
    """Return how an Organization, Practitioner, PractitionerRole or Specimen calls itself.

    Patients and relatives have no name here: they may be somebody else.
    """
    if item.type in {"Patient", "RelatedPerson", "Person"}:
        return ""
    raw = item.body.get("name")
    if isinstance(raw, str) and raw.strip():
        return raw.strip()
    if isinstance(raw, list):
        return next((said for one in raw if (said := _person_name(one))), "")
    if item.type == "PractitionerRole" and depth == 0:
        found = [name_of(one, graph, 1) for one in graph.linked(item, _ROLE)]
        return ", ".join(name for name in found if name)
    quiet = Scan("")
    return words(concept(item.body.get("type"), "", quiet)) if item.type == "Specimen" else ""


_ROLE = ("practitioner", "organization")


def _person_name(raw: object) -> str:
    if not isinstance(raw, dict):
        return ""
    if isinstance(raw.get("text"), str) and raw["text"].strip():
        return str(raw["text"]).strip()
    parts = [*_texts(raw.get("prefix")), *_texts(raw.get("given")), *_texts([raw.get("family")])]
    return " ".join([*parts, *_texts(raw.get("suffix"))])


def _texts(raw: object) -> list[str]:
    return [one.strip() for one in raw if isinstance(one, str)] if isinstance(raw, list) else []


def parties(name: str, item: Item, graph: Graph, scan: Scan) -> tuple[str, ...]:
    """Return the names of all parties of an element."""
    raw = item.body.get(name)
    if raw is None:
        return ()
    path = f"{item.type}.{name}"
    found = [
        party(one, f"{path}[{index}]", item, graph, scan)
        for index, one in enumerate(raw if isinstance(raw, list) else [raw])
    ]
    return tuple(dict.fromkeys(one for one in found if one))


def link_ids(name: str, item: Item, graph: Graph, scan: Scan) -> tuple[str, ...]:
    """Return the ids of what an element points to; an empty reference is flagged."""
    raw = item.body.get(name)
    if raw is None:
        return ()
    found = []
    for index, one in enumerate(raw if isinstance(raw, list) else [raw]):
        path = f"{item.type}.{name}[{index}]"
        target = reference(one, path, scan)
        meant = None if target else graph.resolve(identified(one), item)
        said = link_id(target, item, graph) if target else display(one, path, scan)
        said = said if meant is None else meant.id
        if said:
            found.append(said)
        else:
            scan.flag("broken-reference")
    return tuple(dict.fromkeys(found))


def link_id(target: str, item: Item, graph: Graph) -> str:
    """Return the id of a reference's target; the id that it states when that is not here."""
    found = graph.resolve(target, item)
    if found is not None:
        return found.id
    if ":" in target or "#" in target:
        return target
    return target.split("/_history/", 1)[0].rsplit("/", 1)[-1]


# "extensions": generated, from elements and extensions. https://hl7.org/fhir/R4/valueset-narrative-status.html
_MADE_BY_MACHINE = ("generated", "extensions", "empty")


def narrative(body: Node) -> str:
    """Return the words that a person wrote; those that a machine made say nothing more."""
    text = body.get("text")
    if not isinstance(text, dict) or text.get("status") in _MADE_BY_MACHINE:
        return ""
    div = text.get("div")
    said = _TAG.sub(" ", div) if isinstance(div, str) else ""
    plain = _BLANKS.sub(" ", html.unescape(said)).strip()
    return "" if plain.startswith(("{", "[")) else plain


def read_header(item: Item, graph: Graph, draft: Draft) -> None:
    """Read what all results carry into the draft."""
    body, scan, path = item.body, draft.scan, item.type
    draft.put("status", status(body, scan, path))
    draft.put("code", concept_in(body, "code", path, scan))
    draft.put("effective_at", effective(body, path, scan))
    if "issued" in body:
        draft.put("issued_at", moment(body["issued"], f"{path}.issued", scan))
    draft.add("performers", *parties("performer", item, graph, scan))
    if "note" in body:
        read_notes(body, path, draft)
    draft.put("specimen", next(iter(parties("specimen", item, graph, scan)), ""))
    draft.add("derived_from", *link_ids("derivedFrom", item, graph, scan))
    draft.add("members", *link_ids("hasMember", item, graph, scan))
    if "identifier" in body:
        draft.add("identifiers", *identifiers(body, path, scan))
    if not _WORDED.isdisjoint(body):
        _worded(body, draft, path)
    if "extension" in body:
        read_extensions(item, graph, draft)


_WORDED = frozenset({"method", "interpretation", "bodySite", "dataAbsentReason", "referenceRange"})


def _worded(body: Node, draft: Draft, path: str) -> None:
    scan = draft.scan
    method = concept_in(body, "method", path, scan)
    draft.add("methods", draft.code("methods", method))
    for name, label in (("interpretation", "Interpretation"), ("bodySite", "Body site")):
        for item in concepts(body, name, path, scan):
            draft.add("attributes", Attribute(label, words(item), codings=item.codings))
    absent = concept_in(body, "dataAbsentReason", path, scan)
    if absent:
        said = Attribute("No value", words(absent), codings=absent.codings)
        draft.add("attributes", said)
        scan.flag("no-value")
    for at, one in nodes(body, "referenceRange", path, scan):
        draft.add("attributes", reference_range("Reference range", one, at, scan))


def read_extensions(item: Item, graph: Graph, draft: Draft) -> None:
    """Read the extensions of a resource; unknown ones are kept in words and noted."""
    scan = draft.scan
    for path, raw in nodes(item.body, "extension", item.type, scan):
        url = raw.get("url")
        name = url.rsplit("/", 1)[-1] if isinstance(url, str) else ""
        if item.type == "DiagnosticReport" and _is_told_elsewhere(name, raw):
            continue
        if item.type == "Observation" and name.startswith(core_genetics.PREFIX):
            continue  # read where an Observation is
        if "valueAnnotation" in raw:
            read_notes({"note": [raw["valueAnnotation"]]}, path, draft)
            continue
        if _plain(name) in _MEDICINES and "valueReference" in raw:
            _read_medicine(raw["valueReference"], f"{path}.valueReference", item, graph, draft)
        elif _plain(name) in _LINKED and "valueReference" in raw:
            said = link_words(name, raw["valueReference"], f"{path}.valueReference", scan)
            _keep_link(said, item, graph, draft)
        elif name.lower().startswith("interpretation-summary"):
            draft.add("conclusions", word(raw.get("valueString"), f"{path}.valueString", scan))
        else:
            _other_extension(name, raw, path, draft)


# Of STU2, on the implication itself; later guides have a component for the medicine.
_MEDICINES = frozenset({"medicationassessed", "therapyassessed"})


def _plain(name: str) -> str:
    return name.lower().replace("-", "")


def _read_medicine(raw: object, path: str, item: Item, graph: Graph, draft: Draft) -> None:
    """Read the medicine that a link leads to, else its words; the link itself is kept."""
    target = reference(raw, path, draft.scan)
    found = graph.resolve(target, item) if target else None
    shown = display(raw, path, draft.scan)
    medicine = medicine_of(found, graph) if found else None
    draft.add("medicines", medicine or (Concept(text=shown) if shown else None))
    draft.add("context", link_words("medication-assessed", raw, path, draft.scan))


def _keep_link(link: Attribute | None, item: Item, graph: Graph, draft: Draft) -> None:
    """Keep a link to another result; its words too, and all of it where it has no field."""
    if link is None:
        return
    target = link.text if link.value is None else str(link.value)
    draft.add("related", link_id(target, item, graph))
    if item.type == "DiagnosticReport" or link.value or link.codings:
        draft.add("context", link)


def _parts(name: str, raw: Node, path: str, scan: Scan) -> Iterator[Attribute]:
    """Yield the values inside an extension that has parts, each under its own name."""
    for at, one in nodes(raw, "extension", path, scan) if "extension" in raw else ():
        label = f"{name}: {one.get('url')}"
        said = described(label, one, at, scan)
        if said:
            yield said
        yield from _parts(label, one, at, scan)


def _is_told_elsewhere(name: str, raw: Node) -> bool:
    return name.lower() in TOLD_ELSEWHERE or "valueAnnotation" in raw


def _other_extension(name: str, raw: Node, path: str, draft: Draft) -> None:
    known = _plain(name) in _CITATIONS
    said = described("Citation" if known else name, raw, path, draft.scan)
    draft.add("attributes", *_parts(name, raw, path, draft.scan))
    if name.lower() in {"observation-secondaryfinding", "secondary-finding"}:
        draft.add("hints", "secondary")
        known = True
    if said:
        draft.add("attributes", said)
    if name.startswith("hla-genotyping-results"):
        return
    if not known or not said or not value_name(raw):
        draft.scan.miss(path)
