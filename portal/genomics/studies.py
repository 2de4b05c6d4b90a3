"""How a test was done and what it looked at: genomic studies, their analyses, their files."""

from collections.abc import Callable

from portal.genomics import answers as a
from portal.genomics.attributes import described
from portal.genomics.draft import Draft
from portal.genomics.elements import (
    Node,
    Scan,
    concept,
    concepts,
    nodes,
    word,
    words,
)
from portal.genomics.findings import Attribute, Finding, Kind, Region
from portal.genomics.graph import Graph, Item
from portal.genomics.headers import (
    BASE,
    effective,
    link_id,
    link_ids,
    name_of,
    parties,
    party,
    status,
)
from portal.genomics.surroundings import read_notes, read_surroundings, target_of
from portal.genomics.values import build, gene_list, normal

_KNOWN = BASE | {
    "status", "code", "subject", "performedDateTime", "performedPeriod", "performedString",
    "asserter", "performer", "reasonCode", "reasonReference", "note",
}  # fmt: skip
_AROUND = frozenset(
    {
        "identifier", "language", "statusReason", "category", "encounter", "recorder", "location",
        "report", "instantiatesUri", "instantiatesCanonical", "basedOn", "partOf", "usedCode",
        "usedReference", "outcome", "complication", "followUp", "bodySite",
    }
)  # fmt: skip
_PERFORMER = frozenset({"actor", "id"})
_DUTY = frozenset({"function", "onBehalfOf"})
_MARK = "genomic-study"
_REGIONS = frozenset({"studied", "called", "uncalled"})


def is_genomic_study(item: Item) -> bool:
    """Tell whether a Procedure is a genomic study or an analysis of one."""
    raw = item.body.get("extension")
    urls = [one.get("url") for one in raw if isinstance(one, dict)] if isinstance(raw, list) else []
    return any(isinstance(url, str) and _MARK in url for url in urls)


def read_study(item: Item, graph: Graph) -> Finding:
    """Return what a study or analysis looked at, and how."""
    scan = Scan(item.name)
    draft = Draft(item.key, item.id, scan)
    draft.kind = Kind.REGION_STUDIED
    body, path = item.body, "Procedure"
    scan.only(body, _KNOWN | _AROUND, path)
    read_surroundings(body, path, draft, _AROUND)
    draft.put("status", status(body, scan, path))
    draft.put("code", concept(body.get("code"), f"{path}.code", scan))
    draft.put("effective_at", effective(body, path, scan))
    read_notes(body, path, draft)
    for reason in concepts(body, "reasonCode", path, scan):
        draft.add("attributes", Attribute("Reason", words(reason), codings=reason.codings))
    for at, one in nodes(body, "performer", path, scan):
        draft.add("performers", party(one.get("actor"), f"{at}.actor", item, graph, scan))
        read_surroundings(one, at, draft, _DUTY)
        scan.only(one, _PERFORMER | _DUTY, at)
    draft.add("performers", *parties("asserter", item, graph, scan))
    draft.add("members", *link_ids("reasonReference", item, graph, scan))
    for at, extension in nodes(body, "extension", path, scan):
        _read_extension(extension, at, item, graph, draft)
    read_focus(item, graph, draft)
    return draft.finding()


def _read_extension(raw: Node, path: str, item: Item, graph: Graph, draft: Draft) -> None:
    url = raw.get("url")
    name = url.rsplit("/", 1)[-1] if isinstance(url, str) else ""
    reader = _EXTENSIONS.get(name.removeprefix("genomic-study-").removeprefix("analysis-"))
    if reader is None:
        said = described(name, raw, path, draft.scan)
        draft.add("attributes", said)
        draft.scan.miss(path)
        return
    draft.scan.point(path, name)
    reader(raw, path, item, graph, draft)


type _Reader = Callable[[Node, str, Item, Graph, Draft], None]


def _regions(raw: Node, path: str, item: Item, graph: Graph, draft: Draft) -> None:
    for at, part in nodes(raw, "extension", path, draft.scan):
        state = str(part.get("url"))
        if state == "description":
            text = word(part.get("valueString"), f"{at}.valueString", draft.scan)
            draft.add("regions", Region(text=text) if text else None)
        elif state in _REGIONS:
            draft.add("regions", _region(part, at, item, graph, draft))
        else:
            draft.scan.miss(at)


def _region(part: Node, path: str, item: Item, graph: Graph, draft: Draft) -> Region | None:
    state, scan = str(part.get("url")), draft.scan
    if "valueReference" in part:
        target = _target(state, part, path, draft)
        found = graph.resolve(target, item)
        text, file = file_of(found, target) if found else ("", target)
        return Region(state=state, text=text, file=file)
    named = concept(part.get("valueCodeableConcept"), f"{path}.valueCodeableConcept", scan)
    if named is None:
        return None
    draft.code("regions", named)
    return Region(state=state, genes=gene_list(named))


def file_of(item: Item, target: str) -> tuple[str, str]:
    """Return the title and address of a file that a DocumentReference stands for."""
    quiet = Scan("")
    for path, content in nodes(item.body, "content", item.type, quiet):
        attachment = content.get("attachment")
        if isinstance(attachment, dict):
            title = word(attachment.get("title"), path, quiet)
            return title, word(attachment.get("url"), path, quiet) or target
    return word(item.body.get("description"), "", quiet), target


def _worded(field: str) -> _Reader:
    def read(raw: Node, path: str, item: Item, graph: Graph, draft: Draft) -> None:
        del item, graph
        at = f"{path}.valueCodeableConcept"
        found = concept(raw.get("valueCodeableConcept"), at, draft.scan)
        draft.add(field, draft.code(field, found))

    return read


def _build(raw: Node, path: str, item: Item, graph: Graph, draft: Draft) -> None:
    del item, graph
    at = f"{path}.valueCodeableConcept"
    found = concept(raw.get("valueCodeableConcept"), at, draft.scan)
    draft.code("build", found)
    draft.at("build", build(found))


def _source_class(raw: Node, path: str, item: Item, graph: Graph, draft: Draft) -> None:
    del item, graph
    at = f"{path}.valueCodeableConcept"
    found = concept(raw.get("valueCodeableConcept"), at, draft.scan)
    draft.code("source_class", found)
    draft.add("attributes", Attribute("Genomic source class", words(found)) if found else None)
    held = normal(found, a.SOURCE_CLASS, "source_class", draft.scan)
    draft.plain.setdefault("source_class", held)
    if draft.plain["source_class"] != held:
        draft.plain["source_class"] = ""  # a tumour-normal pair is both


def _titled(label: str) -> _Reader:
    def read(raw: Node, path: str, item: Item, graph: Graph, draft: Draft) -> None:
        if "valueReference" in raw:
            sent = _target(label, raw, path, draft)
            found = graph.resolve(sent, item)
            said = (name_of(found, graph) if found else "") or sent
            draft.add("attributes", Attribute(label, said))
            return
        draft.add("attributes", described(label, raw, path, draft.scan))

    return read


def _focus(raw: Node, path: str, item: Item, graph: Graph, draft: Draft) -> None:
    del item, graph
    draft.add("focus", _target("focus", raw, path, draft))


def read_focus(item: Item, graph: Graph, draft: Draft) -> None:
    """Tell whom an analysis looked at; one of others, such as a parent, is marked as such."""
    targets = [str(one) for one in draft.lists.pop("focus", [])]
    for target in targets:
        found = graph.resolve(target, item)
        said = (name_of(found, graph) if found else "") or target
        draft.add("attributes", Attribute("Also looked at", said))
    ids = {link_id(one, item, graph) for one in targets}
    if ids and link_id(item.person, item, graph) not in ids:
        draft.scan.flag("focus")


def _members(raw: Node, path: str, item: Item, graph: Graph, draft: Draft) -> None:
    target = _target("member", raw, path, draft)
    draft.add("members", link_id(target, item, graph) if target else "")


def _specimen(raw: Node, path: str, item: Item, graph: Graph, draft: Draft) -> None:
    target = _target("specimen", raw, path, draft)
    found = graph.resolve(target, item)
    said = (name_of(found, graph) if found else "") or target
    if "specimen" in draft.plain:
        draft.add("attributes", Attribute("Specimen", said))
    else:
        draft.put("specimen", said)


def _parts(label: str) -> _Reader:
    def read(raw: Node, path: str, item: Item, graph: Graph, draft: Draft) -> None:
        for at, part in nodes(raw, "extension", path, draft.scan):
            name = f"{label}: {part.get('url')}"
            if "valueReference" in part:
                sent = _target(name, part, at, draft)
                found = graph.resolve(sent, item)
                title, address = file_of(found, sent) if found else ("", sent)
                draft.add("attributes", Attribute(name, title or address, value=address))
            else:
                draft.add("attributes", described(name, part, at, draft.scan))

    return read


def _target(name: str, raw: Node, path: str, draft: Draft) -> str:
    return target_of(name, raw.get("valueReference"), f"{path}.valueReference", draft)


_EXTENSIONS: dict[str, _Reader] = {
    "regions": _regions,
    "method-type": _worded("methods"),
    "change-type": _titled("Change type looked for"),
    "genome-build": _build,
    "genomic-source-class": _source_class,
    "title": _titled("Title"),
    "focus": _focus,
    "ext": _members,
    "specimen": _specimen,
    "protocol-performed": _members,
    "referrer-ext": _titled("Referred by"),
    "input": _parts("Input"),
    "output": _parts("Output"),
    "metrics": _parts("Metrics"),
    "device": _parts("Device"),
}
