"""Diagnostic reports: the lab's own words, and which results a report gives."""

import re
from collections.abc import Iterator

from portal.genomics import codes as c
from portal.genomics.attributes import typed
from portal.genomics.draft import Draft
from portal.genomics.elements import (
    Node,
    Scan,
    concept,
    concepts,
    display,
    nodes,
    reference,
    word,
    words,
)
from portal.genomics.findings import Attribute, Concept, Finding, Kind, Pointer, Report
from portal.genomics.graph import Graph, Item, identified
from portal.genomics.headers import (
    BASE,
    TOLD_ELSEWHERE,
    narrative,
    parties,
    read_header,
)
from portal.genomics.kinds import speaks_of_genes
from portal.genomics.ordinary import in_genetics
from portal.genomics.surroundings import read_note_frame, read_surroundings

_KNOWN = BASE | {
    "status", "category", "code", "subject", "effectiveDateTime", "effectivePeriod", "issued",
    "performer", "resultsInterpreter", "specimen", "result", "conclusion", "conclusionCode",
    "presentedForm", "note",
}  # fmt: skip
_AROUND = frozenset(
    {"identifier", "language", "basedOn", "encounter", "imagingStudy", "media",
     "supportingInfo", "composition", "procedure", "study"}  # the last four: R5
)  # fmt: skip


def is_genomic_report(item: Item) -> bool:
    """Tell whether a report is about genetics by its category, code or name."""
    quiet = Scan("")
    code = concept(item.body.get("code"), "", quiet)
    if code is None:
        return in_genetics(item.body)
    stated = any(one.code in c.REPORT_CODES for one in code.codings)
    return stated or speaks_of_genes(code) or in_genetics(item.body)


def hints_of(item: Item, graph: Graph) -> tuple[str, ...]:
    """Return what the names of a report and of its order tell of the kind of test."""
    quiet = Scan("")
    ordered = [one.body.get("code") for one in graph.linked(item, ("basedOn",))]
    found = [concept(raw, "", quiet) for raw in (item.body.get("code"), *ordered)]
    codings = [coding for one in found if one for coding in one.codings]
    told = " ".join([*(one.text for one in found if one), *(one.display for one in codings)])
    hints = [hint for hint, pattern in _TESTS.items() if pattern.search(told)]
    hints += [c.HINT_OF_CODE[one.code] for one in codings if one.code in c.HINT_OF_CODE]
    return tuple(dict.fromkeys(hints))


_TESTS = {
    "carrier": re.compile(r"\bcarrier\b", re.IGNORECASE),
    "newborn": re.compile(r"\b(newborn|neonatal)\b", re.IGNORECASE),
    "secondary": re.compile(r"\b(secondary|incidental) findings?\b", re.IGNORECASE),
}


def read_report(item: Item, graph: Graph) -> Report:
    """Return what a DiagnosticReport says beside its results."""
    scan = Scan(item.name)
    draft = Draft(item.key, item.id, scan)
    _read_annotations(item, draft)
    read_header(item, graph, draft)
    read_surroundings(item.body, "DiagnosticReport", draft, _AROUND)
    scan.only(item.body, _KNOWN | _AROUND, "DiagnosticReport")
    _read_test(item, graph, draft)
    _read_words(item, draft)
    files = _files(item.body, draft)
    plain, lists = draft.plain, {name: tuple(held) for name, held in draft.lists.items()}
    title = words(plain.get("code")) if isinstance(plain.get("code"), Concept) else ""  # type: ignore[arg-type]
    return Report(
        key=item.key,
        id=item.id,
        source=Pointer(item.name),
        title=title,
        interpreters=parties("resultsInterpreter", item, graph, scan),
        specimens=parties("specimen", item, graph, scan),
        files=files,
        texts=tuple(filter(None, [narrative(item.body)])),
        flags=tuple(scan.flags),
        not_understood=tuple(dict.fromkeys(scan.missed)),
        **{name: plain[name] for name in _PLAIN if name in plain},  # type: ignore[arg-type]
        **{name: lists[name] for name in _LISTS if name in lists},  # type: ignore[arg-type]
    )


_PLAIN = ("status", "code", "effective_at", "issued_at", "conclusion")
_LISTS = (
    "categories", "performers", "conclusions", "ids", "methods", "limits", "notes", "attributes",
    "context",
)  # fmt: skip


def _read_words(item: Item, draft: Draft) -> None:
    scan = draft.scan
    said = [str(one) for one in draft.lists.pop("conclusions", [])]
    said.insert(0, word(item.body.get("conclusion"), "DiagnosticReport.conclusion", scan))
    draft.put("conclusion", "\n".join(one for one in said if one))
    draft.add("conclusions", *concepts(item.body, "conclusionCode", "DiagnosticReport", scan))
    draft.add("categories", *concepts(item.body, "category", "DiagnosticReport", scan))
    draft.add("ids", *draft.lists.pop("identifiers", []))


def _read_annotations(item: Item, draft: Draft) -> None:
    """Read the coded notes of a report: disclaimer, method, confirmation."""
    for path, raw in nodes(item.body, "extension", "DiagnosticReport", Scan("")):
        url = raw.get("url")
        name = url.rsplit("/", 1)[-1].lower() if isinstance(url, str) else ""
        annotation = raw.get("valueAnnotation")
        if isinstance(annotation, dict):
            text = word(annotation.get("text"), f"{path}.valueAnnotation.text", draft.scan)
            draft.add(_annotation_field(annotation), text)
            read_note_frame(annotation, f"{path}.valueAnnotation", draft)
        elif name in TOLD_ELSEWHERE:
            text = word(raw.get("valueString"), f"{path}.valueString", draft.scan)
            draft.add(TOLD_ELSEWHERE[name], text)


def _annotation_field(annotation: Node) -> str:
    for path, raw in nodes(annotation, "extension", "", Scan("")):
        code = concept(raw.get("valueCodeableConcept"), path, Scan(""))
        for coding in code.codings if code else ():
            if coding.code in TOLD_ELSEWHERE:
                return TOLD_ELSEWHERE[coding.code]
    return "notes"


def _read_test(item: Item, graph: Graph, draft: Draft) -> None:
    """Read how the test was done from the plan that the order names."""
    for order in graph.linked(item, ("basedOn",)):
        plans = order.body.get("instantiatesCanonical")
        for url in plans if isinstance(plans, list) else []:
            plan = graph.resolve(url, order) if isinstance(url, str) else None
            if plan is not None:
                _read_plan(plan, draft)


def _read_plan(plan: Item, draft: Draft) -> None:
    quiet = Scan(plan.name)
    for name, label in (("title", "Test"), ("version", "Test version")):
        text = word(plan.body.get(name), name, quiet)
        draft.add("attributes", Attribute(label, text) if text else None)
    draft.add("methods", word(plan.body.get("description"), "description", quiet))
    for path, action in nodes(plan.body, "action", "PlanDefinition", quiet):
        draft.add("methods", word(action.get("description"), f"{path}.description", quiet))
    for path, artifact in nodes(plan.body, "relatedArtifact", "PlanDefinition", quiet):
        text = word(artifact.get("citation"), f"{path}.citation", quiet)
        draft.add("attributes", Attribute("Citation", text) if text else None)


def _files(body: Node, draft: Draft) -> tuple[str, ...]:
    """Return how each attached form names itself; its bytes stay in the resource."""
    found = []
    for path, form in nodes(body, "presentedForm", "DiagnosticReport", draft.scan):
        names = ("title", "url", "contentType")
        told = (word(form.get(name), f"{path}.{name}", Scan("")) for name in names)
        found.append(next(filter(None, told), "file"))
        draft.add("context", typed("presentedForm", "valueAttachment", form, path, draft.scan))
    return tuple(found)


def results_in_words(item: Item, graph: Graph) -> list[Finding]:
    """Return the results that a report only names in words, in the lab's words."""
    found = []
    raw = item.body.get("result")
    for index, one in enumerate(raw if isinstance(raw, list) else []):
        said = one.get("display") if isinstance(one, dict) else None
        if not isinstance(said, str) or not said.strip() or one.get("reference"):
            continue
        if _is_here(identified(one), item, graph):
            continue
        path = f"DiagnosticReport.result[{index}]"
        found.append(
            Finding(
                key=f"{item.key}#result[{index}]",
                id=f"{item.id}#result[{index}]",
                kind=Kind.OTHER,
                source=Pointer(item.name, path),
                status=str(item.body.get("status") or "").strip().lower(),
                value=said.strip(),
                flags=("words-only",),
                reports=(item.key,),
            )
        )
    return found


def _is_here(reference: str, item: Item, graph: Graph) -> bool:
    return graph.resolve(reference, item) is not None or graph.is_hidden(reference, item)


def missing_results(item: Item, graph: Graph) -> list[tuple[str, bool]]:
    """Return what a report gives and is not among the person's resources, as it names it.

    That is its results, and the recommendations and studies that its extensions link to. The
    second part tells whether the resource is here, and about somebody else.
    """
    found = []
    for one in _given(item):
        target, shown = reference(one, "", Scan("")), display(one, "", Scan(""))
        meant = target or identified(one)
        is_hidden = graph.is_hidden(meant, item)
        is_told = graph.resolve(meant, item) is not None or ("display" in one and not target)
        if is_told and not is_hidden:
            continue
        both = f"{target} ({shown})" if target and shown else target or shown
        found.append((both or "one without a name", is_hidden))
    return found


def _given(item: Item) -> Iterator[Node]:
    """Yield the links of a report to what it gives."""
    quiet = Scan("")
    for _, one in nodes(item.body, "result", "", quiet):
        yield one
    for _, extension in nodes(item.body, "extension", "", quiet):
        link = extension.get("valueReference")
        if isinstance(link, dict) and link.get("reference"):
            yield link
