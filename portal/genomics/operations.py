"""Answers of the genomics operations ($find-subject-variants and the like).

Spec: https://hl7.org/fhir/uv/genomics-reporting/STU3/operations.html: ranges are 0-based and
half-open.
"""

import re
from collections.abc import Iterable

from portal.genomics import hgvs
from portal.genomics.attributes import described
from portal.genomics.draft import Draft
from portal.genomics.elements import Node, Scan, concept, nodes, word
from portal.genomics.findings import Finding, Kind, Position, Presence, Region
from portal.genomics.graph import Item
from portal.genomics.headers import moment
from portal.genomics.values import build, gene_list

_RANGE = re.compile(r"^([\w.]+):(\d+)-(\d+)$")
_QUESTIONS = ("rangeItem", "variantItem", "haplotypeItem", "geneItem")
_COUNTS = frozenset({"numerator", "denominator"})


def is_about_a_population(item: Item) -> bool:
    """Tell whether an answer counts people instead of speaking of one."""
    parts = (part for _, one in _parameters(item) for _, part in _parts(one))
    return any(_name(part) in _COUNTS for part in parts)


def _name(part: Node) -> str:
    raw = part.get("name")
    return raw.strip() if isinstance(raw, str) else ""


def _parameters(item: Item) -> Iterable[tuple[str, Node]]:
    return nodes(item.body, "parameter", "Parameters", Scan(""))


def _parts(parameter: Node, path: str = "") -> Iterable[tuple[str, Node]]:
    return nodes(parameter, "part", path, Scan(""))


def read_answer(item: Item) -> list[Finding]:
    """Return what was asked and not found, and what the tests of a study covered.

    The variants and implications that were found are resources of their own.
    """
    found = []
    for path, one in _parameters(item):
        parts = list(_parts(one, path))
        names = {_name(part): part for _, part in parts}
        presence = names.get("presence")
        if presence is not None and presence.get("valueBoolean") is False:
            found.append(_absent(item, path, parts))
        elif _name(one) == "tests":
            found.append(_test(item, path, parts))
    return found


def _draft(item: Item, path: str) -> Draft:
    mark = path.removeprefix("Parameters.")
    draft = Draft(f"{item.key}#{mark}", f"{item.id}#{mark}", Scan(item.name))
    draft.scan.point(path, "presence")
    return draft


def _absent(item: Item, path: str, parts: list[tuple[str, Node]]) -> Finding:
    draft = _draft(item, path)
    draft.kind = Kind.VARIANT
    draft.put("presence", Presence.ABSENT)
    for at, part in parts:
        name = _name(part)
        if name in _QUESTIONS:
            _question(name, word(part.get("valueString"), at, draft.scan), draft)
        elif name != "presence":
            draft.scan.miss(at)
    return draft.finding()


def _question(name: str, asked: str, draft: Draft) -> None:
    if name == "rangeItem":
        draft.add("regions", region("studied", asked))
    elif name == "variantItem" and hgvs.is_expression(asked):
        draft.express(hgvs.levels(asked, "other"), asked)
    elif name == "variantItem":
        draft.add("ids", asked)
    elif asked:
        draft.kind = Kind.HAPLOTYPE if name == "haplotypeItem" else Kind.GENOTYPE
        draft.put("name", asked)


def region(state: str, text: str) -> Region | None:
    """Return a region written NC_000007.14:55019016-55019365; other texts stay words."""
    if not text:
        return None
    found = _RANGE.match(text)
    if not found:
        return Region(state=state, text=text)
    start, end = int(found.group(2)), int(found.group(3))
    place = Position(
        sequence=found.group(1),
        start=start,
        end=end,
        coordinate_system="0-based interval counting",
        start0=start,
        end0=end,
    )
    return Region(state=state, text=text, position=place)


def _test(item: Item, path: str, parts: list[tuple[str, Node]]) -> Finding:
    """Return what one test of a study looked at."""
    draft = _draft(item, path)
    draft.kind = Kind.REGION_STUDIED
    for at, part in parts:
        _test_part(_name(part), part, at, draft)
    return draft.finding()


def _test_part(name: str, part: Node, path: str, draft: Draft) -> None:
    scan = draft.scan
    if name in {"regionStudied", "uncallableRegions"}:
        state = "studied" if name == "regionStudied" else "uncalled"
        for text in _texts(part.get("valueString")):
            draft.add("regions", region(state, text))
    elif name == "testDate":
        raw = part.get("valueDateTime", part.get("valueDate"))
        draft.put("effective_at", moment(raw, path, scan))
    elif name == "genomicBuild":
        named = concept(part.get("valueCodeableConcept"), path, scan)
        draft.code("build", named)
        draft.at("build", build(named))
    elif name == "geneStudied":
        named = concept(part.get("valueCodeableConcept"), path, scan)
        draft.code("genes", named)
        draft.add("genes", *gene_list(named))
    elif name == "specimenId":
        draft.put("specimen", word(part.get("valueString"), path, scan))
    else:
        draft.add("attributes", described(name, part, path, scan))


def _texts(raw: object) -> list[str]:
    """Return region texts; some servers send a list where one string belongs, or join them."""
    if isinstance(raw, str):
        return [text for part in raw.split(",") if (text := part.strip(" []'\""))]
    if isinstance(raw, list):
        return [one.strip() for one in raw if isinstance(one, str) and one.strip()]
    return []
