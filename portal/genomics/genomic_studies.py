"""GenomicStudy: the resource that R5 has for what R4 tells in Procedures.

Spec: https://hl7.org/fhir/R5/genomicstudy.html
"""

from portal.genomics.draft import Draft
from portal.genomics.elements import Node, Scan, concept, concepts, nodes, word, words
from portal.genomics.findings import Attribute, Finding, Kind, Region
from portal.genomics.graph import Graph, Item
from portal.genomics.headers import BASE, link_id, moment, name_of, parties, party, status
from portal.genomics.studies import file_of, read_focus
from portal.genomics.surroundings import read_notes, read_surroundings, target_of
from portal.genomics.values import build

_STUDY = BASE | {
    "status", "type", "subject", "startDate", "referrer", "interpreter", "reason", "note",
    "description", "analysis",
}  # fmt: skip
_AROUND_STUDY = frozenset(
    {"identifier", "language", "encounter", "basedOn", "instantiatesCanonical", "instantiatesUri"}
)
_ANALYSIS = frozenset(
    {
        "id", "methodType", "changeType", "genomeBuild", "title", "focus", "specimen", "date",
        "note", "regionsStudied", "regionsCalled", "input", "output", "performer", "device",
    }
)  # fmt: skip
_AROUND_ANALYSIS = frozenset(
    {"identifier", "instantiatesCanonical", "instantiatesUri", "protocolPerformed"}
)
_REGIONS = {"regionsStudied": "studied", "regionsCalled": "called"}
_PARTS = {"input": "file", "output": "file", "device": "device"}
_AROUND_PART = frozenset({"type", "function", "role", "generatedByIdentifier"})


def read_genomic_study(item: Item, graph: Graph) -> list[Finding]:
    """Return what a study says of itself, and what each of its analyses looked at."""
    scan = Scan(item.name)
    found = nodes(item.body, "analysis", item.type, scan)
    analyses = [_Analysis(raw, path, item, graph).finding() for path, raw in found]
    return [_study(item, graph, analyses, scan), *analyses]


def _study(item: Item, graph: Graph, analyses: list[Finding], scan: Scan) -> Finding:
    draft = Draft(item.key, item.id, scan)
    draft.kind = Kind.REGION_STUDIED
    body, path = item.body, item.type
    scan.only(body, _STUDY | _AROUND_STUDY, path)
    if "extension" in body:
        scan.miss(f"{path}.extension")
    read_surroundings(body, path, draft, _AROUND_STUDY)
    draft.put("status", status(body, scan, path))
    draft.put("effective_at", moment(body.get("startDate"), f"{path}.startDate", scan))
    kinds = concepts(body, "type", path, scan)
    draft.put("code", kinds[0] if kinds else None)
    for kind in kinds[1:]:
        draft.add("attributes", Attribute("Type", words(kind), codings=kind.codings))
    read_notes(body, path, draft)
    said = word(body.get("description"), f"{path}.description", scan)
    draft.add("attributes", Attribute("Description", said) if said else None)
    draft.add("performers", *parties("interpreter", item, graph, scan))
    asked = parties("referrer", item, graph, scan)
    draft.add("attributes", *(Attribute("Referred by", one) for one in asked))
    for at, raw in nodes(body, "reason", path, scan):
        _reason(raw, at, item, graph, draft)
    draft.add("members", *(one.id for one in analyses))
    return draft.finding()


def _reason(raw: Node, path: str, item: Item, graph: Graph, draft: Draft) -> None:
    """Read a CodeableReference: words, a link, or both."""
    draft.scan.only(raw, frozenset({"concept", "reference", "id"}), path)
    said = concept(raw.get("concept"), f"{path}.concept", draft.scan)
    if said:
        draft.add("attributes", Attribute("Reason", words(said), codings=said.codings))
    target = target_of("reason", raw.get("reference"), f"{path}.reference", draft)
    draft.add("members", link_id(target, item, graph) if target else "")


class _Analysis:
    """One analysis of a study, being read."""

    def __init__(self, raw: Node, path: str, item: Item, graph: Graph) -> None:
        self.raw = raw
        self.path = path
        self.item = item
        self.graph = graph
        mark = path.removeprefix(f"{item.type}.")
        self.scan = Scan(item.name)
        self.draft = Draft(f"{item.key}#{mark}", f"{item.id}#{mark}", self.scan)
        self.draft.kind = Kind.REGION_STUDIED

    def finding(self) -> Finding:
        """Read all of it."""
        raw, path, draft, scan = self.raw, self.path, self.draft, self.scan
        scan.only(raw, _ANALYSIS | _AROUND_ANALYSIS, path)
        scan.point(path, "regions")
        draft.put("status", status(self.item.body, scan, self.item.type))
        draft.put("effective_at", moment(raw.get("date"), f"{path}.date", scan))
        read_surroundings(raw, path, draft, _AROUND_ANALYSIS)
        read_notes(raw, path, draft)
        self._read_method()
        self._read_regions()
        self._read_whom()
        self._read_parts()
        return draft.finding()

    def _read_method(self) -> None:
        raw, path, draft, scan = self.raw, self.path, self.draft, self.scan
        for method in concepts(raw, "methodType", path, scan):
            draft.add("methods", draft.code("methods", method))
        for change in concepts(raw, "changeType", path, scan):
            said = Attribute("Change type looked for", words(change), codings=change.codings)
            draft.add("attributes", said)
        named = concept(raw.get("genomeBuild"), f"{path}.genomeBuild", scan)
        draft.code("build", named)
        draft.at("build", build(named))
        title = word(raw.get("title"), f"{path}.title", scan)
        draft.add("attributes", Attribute("Title", title) if title else None)

    def _read_regions(self) -> None:
        for name, state in _REGIONS.items():
            for at, link in nodes(self.raw, name, self.path, self.scan):
                target = target_of(name, link, at, self.draft)
                found = self.graph.resolve(target, self.item)
                if "Observation" in {found.type if found else "", *target.split("/")}:
                    # A result of its own, which tells its regions itself.
                    own = link_id(target, self.item, self.graph)
                    self.draft.add("members", own)
                    self.draft.add("attributes", Attribute(f"Regions {state}", own))
                    continue
                text, file = file_of(found, target) if found else ("", target)
                self.draft.add("regions", Region(state=state, text=text, file=file))

    def _read_whom(self) -> None:
        """Read on whom and on which samples it was done; the names of others stay out."""
        for at, link in nodes(self.raw, "focus", self.path, self.scan):
            self.draft.add("focus", target_of("focus", link, at, self.draft))
        read_focus(self.item, self.graph, self.draft)
        for at, link in nodes(self.raw, "specimen", self.path, self.scan):
            said = self._name(target_of("specimen", link, at, self.draft))
            if "specimen" in self.draft.plain:
                self.draft.add("attributes", Attribute("Specimen", said))
            else:
                self.draft.put("specimen", said)

    def _read_parts(self) -> None:
        scan, draft = self.scan, self.draft
        for name, of in _PARTS.items():
            for at, part in nodes(self.raw, name, self.path, scan):
                self._read_part(name, of, part, at)
        for at, part in nodes(self.raw, "performer", self.path, scan):
            actor = part.get("actor")
            draft.add("performers", party(actor, f"{at}.actor", self.item, self.graph, scan))
            read_surroundings(part, at, draft, _AROUND_PART)
            scan.only(part, _AROUND_PART | {"actor", "id"}, at)

    def _read_part(self, name: str, of: str, part: Node, path: str) -> None:
        scan, draft = self.scan, self.draft
        scan.only(part, _AROUND_PART | {of, "id", "generatedByReference"}, path)
        read_surroundings(part, path, draft, _AROUND_PART | {"generatedByReference"})
        target = target_of(name, part.get(of), f"{path}.{of}", draft)
        found = self.graph.resolve(target, self.item)
        said = self._name(target)
        if of == "file" and found:
            title, target = file_of(found, target)
            said = title or target
        draft.add("attributes", Attribute(name.title(), said, value=target) if said else None)

    def _name(self, target: str) -> str:
        found = self.graph.resolve(target, self.item)
        return (name_of(found, self.graph) if found else "") or target
