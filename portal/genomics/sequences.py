"""MolecularSequence of R4 and of R5: the changes that it lists against a known sequence.

Spec: https://hl7.org/fhir/R4/molecularsequence.html, https://hl7.org/fhir/R5/molecularsequence.html
"""

from collections.abc import Mapping

from portal.genomics import answers as a
from portal.genomics.draft import Draft
from portal.genomics.elements import Node, Scan, concept, node, nodes, number, word, words
from portal.genomics.findings import Attribute, Finding, Kind
from portal.genomics.graph import Graph, Item
from portal.genomics.headers import BASE, link_id, parties
from portal.genomics.surroundings import read_surroundings, target_of
from portal.genomics.values import answer, build, chromosome

_KNOWN = BASE - {"extension"} | {
    "type", "coordinateSystem", "patient", "subject", "focus", "specimen", "device", "performer",
    "referenceSeq", "variant", "structureVariant", "relative",
}  # fmt: skip
_AROUND = frozenset({"identifier", "type", "device"})
_ALLELES = {
    "referenceAllele": "ref",
    "observedAllele": "alt",
    "replacedSequence": "ref",  # R5
    "replacementSequence": "alt",  # R5
}
_CHANGE = frozenset({*_ALLELES, "start", "end", "cigar", "variantPointer", "id"})
_STRUCTURE = frozenset({"id", "variantType", "exact", "length", "inner", "outer"})
_ENDS = frozenset({"id", "start", "end"})
_REFERENCE = frozenset(
    {
        "id", "chromosome", "genomeBuild", "genomeAssembly", "referenceSeqId",
        "sequenceCodeableConcept", "strand", "orientation",
    }
)  # fmt: skip
_RELATIVE = frozenset({"id", "coordinateSystem", "startingSequence", "edit"})
_COUNTED = {0: "0-based interval counting", 1: "1-based character counting"}  # R4


def read_sequence(item: Item, graph: Graph) -> list[Finding]:
    """Return the changes that a sequence lists. It does not say that they were seen."""
    quiet = Scan("")
    listed = nodes(item.body, "variant", item.type, quiet)
    found = [_read(item, graph, path, raw) for path, raw in listed]
    structures = nodes(item.body, "structureVariant", item.type, quiet)
    found += [_structure(item, graph, path, raw) for path, raw in structures]
    for path, one in nodes(item.body, "relative", item.type, quiet):
        edits = nodes(one, "edit", path, quiet)
        found += [_read(item, graph, at, raw, (path, one)) for at, raw in edits]
    return found


def _read(
    item: Item, graph: Graph, path: str, raw: Node, within: tuple[str, Node] | None = None
) -> Finding:
    """Return one change; `within` is what an edit of R5 stands in."""
    draft = _begun(item, graph, path)
    scan = draft.scan
    if within:
        at, frame = within
        scan.only(frame, _RELATIVE, at)
        system = concept(frame.get("coordinateSystem"), f"{at}.coordinateSystem", scan)
        draft.code("coordinate_system", system)
        known = answer(system, a.COORDINATE_SYSTEM, "coordinate_system", scan)
        draft.at("coordinate_system", known)
        if not known and system:
            draft.add("attributes", Attribute("Coordinate system", words(system)))
        _reference(frame.get("startingSequence"), f"{at}.startingSequence", draft)
    else:
        _place(item, draft)
    _change(raw, path, item, graph, draft)
    return draft.finding()


def _begun(item: Item, graph: Graph, path: str) -> Draft:
    mark = path.removeprefix(f"{item.type}.")
    scan = Scan(item.name)
    draft = Draft(f"{item.key}#{mark}", f"{item.id}#{mark}", scan)
    draft.kind = Kind.VARIANT
    scan.point(path, "position")
    _header(item, graph, draft)
    return draft


def _place(item: Item, draft: Draft) -> None:
    """Read how R4 counts, and on which sequence: said once for all changes."""
    counting = item.body.get("coordinateSystem")
    draft.at("coordinate_system", _COUNTED.get(counting) if isinstance(counting, int) else "")
    _reference(item.body.get("referenceSeq"), f"{item.type}.referenceSeq", draft)


def _structure(item: Item, graph: Graph, path: str, raw: Node) -> Finding:
    """Return a large change of R4: what kind it is, and between which ends it lies."""
    draft = _begun(item, graph, path)
    scan = draft.scan
    scan.only(raw, _STRUCTURE, path)
    _place(item, draft)
    kind = concept(raw.get("variantType"), f"{path}.variantType", scan)
    if kind:
        said = draft.code("change_type", kind)
        draft.add("attributes", Attribute("DNA change type", said, codings=kind.codings))
    for name, start, end in (("inner", "start", "end"), ("outer", "outer_start", "outer_end")):
        ends = node(raw.get(name), f"{path}.{name}", scan)
        scan.only(ends, _ENDS, f"{path}.{name}")
        draft.at(start, number(ends.get("start"), f"{path}.{name}.start", scan))
        draft.at(end, number(ends.get("end"), f"{path}.{name}.end", scan))
    length = number(raw.get("length"), f"{path}.length", scan)
    draft.add("attributes", Attribute("Length", value=length) if length is not None else None)
    if isinstance(raw.get("exact"), bool):
        draft.add("attributes", Attribute("Exact ends", value=raw["exact"] is True))
    return draft.finding()


def _header(item: Item, graph: Graph, draft: Draft) -> None:
    body, scan = item.body, draft.scan
    scan.only(body, _KNOWN, item.type)
    read_surroundings(body, item.type, draft, _AROUND)
    draft.add("performers", *parties("performer", item, graph, scan))
    draft.put("specimen", next(iter(parties("specimen", item, graph, scan)), ""))
    if "focus" in body:
        scan.flag("focus")
        for at, link in nodes(body, "focus", item.type, scan):
            draft.add("attributes", Attribute("Focus", target_of("focus", link, at, draft)))


def _reference(raw: object, path: str, draft: Draft) -> None:
    """Read against which sequence the change is told."""
    scan = draft.scan
    part: Mapping[str, object] = node(raw, path, scan)
    scan.only(part, _REFERENCE, path)
    for name in ("referenceSeqId", "sequenceCodeableConcept"):
        sequence = concept(part.get(name), f"{path}.{name}", scan)
        draft.code("sequence", sequence)
        draft.at("sequence", next((one.code for one in sequence.codings), "") if sequence else "")
    named = concept(part.get("chromosome"), f"{path}.chromosome", scan)
    draft.code("chromosome", named)
    draft.at("chromosome", chromosome(named) or words(named))
    draft.at("build", word(part.get("genomeBuild"), f"{path}.genomeBuild", scan))
    assembly = concept(part.get("genomeAssembly"), f"{path}.genomeAssembly", scan)
    draft.code("build", assembly)
    draft.at("build", build(assembly))
    for name in ("strand", "orientation"):
        said = word(part.get(name), f"{path}.{name}", scan)
        draft.add("attributes", Attribute(name.title(), said) if said else None)


def _change(raw: Node, path: str, item: Item, graph: Graph, draft: Draft) -> None:
    scan = draft.scan
    scan.only(raw, _CHANGE, path)
    start, end = (number(raw.get(name), f"{path}.{name}", scan) for name in ("start", "end"))
    draft.at("start", start)
    draft.at("end", end)
    if start is not None and end is not None and end < start:
        scan.flag("conflict:end-before-start")
    for name, field in _ALLELES.items():
        draft.put(field, word(raw.get(name), f"{path}.{name}", scan))
    cigar = word(raw.get("cigar"), f"{path}.cigar", scan)
    draft.add("attributes", Attribute("CIGAR", cigar) if cigar else None)
    target = target_of("variantPointer", raw.get("variantPointer"), f"{path}.variantPointer", draft)
    draft.add("members", link_id(target, item, graph) if target else "")
