"""Recommendations (Task) and risks worked out from many variants (RiskAssessment)."""

import re

from portal.genomics import answers as a
from portal.genomics.attributes import described, typed
from portal.genomics.decimals import as_sent
from portal.genomics.draft import Draft
from portal.genomics.elements import (
    Node,
    Scan,
    codes,
    concept,
    concepts,
    display,
    nodes,
    number,
    reference,
    word,
    words,
)
from portal.genomics.findings import Attribute, Finding, Kind, Trial
from portal.genomics.graph import Graph, Item, identified
from portal.genomics.headers import (
    BASE,
    effective,
    link_ids,
    moment,
    parties,
    period,
    read_extensions,
    status,
)
from portal.genomics.medication import medicine_of
from portal.genomics.surroundings import read_notes, read_surroundings

_TASK = BASE | {
    "status", "code", "description", "focus", "for", "executionPeriod", "authoredOn", "requester",
    "owner", "reasonCode", "reasonReference", "note",
}  # fmt: skip
_AROUND_TASK = frozenset(
    {
        "identifier", "language", "intent", "priority", "statusReason", "businessStatus",
        "encounter", "lastModified", "basedOn", "partOf", "groupIdentifier", "performerType",
        "location", "insurance", "relevantHistory",
    }
)  # fmt: skip
_RISK = BASE | {
    "status", "method", "code", "subject", "occurrenceDateTime", "occurrencePeriod", "performer",
    "reasonCode", "basis", "prediction", "mitigation", "note", "parent",
}  # fmt: skip
_AROUND_RISK = frozenset(
    {"identifier", "language", "encounter", "condition", "reasonReference", "basedOn"}
)
_PREDICTION = frozenset(
    {
        "outcome", "probabilityDecimal", "probabilityRange", "qualitativeRisk", "relativeRisk",
        "whenPeriod", "whenRange", "rationale", "id",
    }
)  # fmt: skip


def read_task(item: Item, graph: Graph) -> Finding:
    """Return what a Task recommends, in the lab's words."""
    scan = Scan(item.name)
    draft = Draft(item.key, item.id, scan)
    draft.kind = Kind.RECOMMENDATION
    body, path = item.body, "Task"
    scan.only(body, _TASK | _AROUND_TASK, path)
    read_surroundings(body, path, draft, _AROUND_TASK)
    draft.put("status", status(body, scan, path))
    code = concept(body.get("code"), f"{path}.code", scan)
    draft.put("code", code)
    draft.code("effects", code)
    named = next((a.ACTIONS[one] for one in codes(code) if one in a.ACTIONS), "")
    coded = next((one.display for one in code.codings if one.display), "") if code else ""
    draft.add("effects", coded or named or words(code))
    text = code.text if code else ""
    said = word(body.get("description"), f"{path}.description", scan)
    draft.put("conclusion", said or text)
    if said and text and text != said:
        draft.add("notes", text)
    read_notes(body, path, draft)
    draft.put("effective_at", moment(body.get("authoredOn"), f"{path}.authoredOn", scan))
    draft.add("performers", *parties("requester", item, graph, scan))
    draft.add("performers", *parties("owner", item, graph, scan))
    draft.add("derived_from", *link_ids("reasonReference", item, graph, scan))
    _read_task_rest(item, graph, draft)
    return draft.finding()


def _read_task_rest(item: Item, graph: Graph, draft: Draft) -> None:
    scan = draft.scan
    reason = concept(item.body.get("reasonCode"), "Task.reasonCode", scan)
    if reason:
        draft.add("attributes", Attribute("Reason", words(reason), codings=reason.codings))
    if "executionPeriod" in item.body:
        when = period(item.body["executionPeriod"], "Task.executionPeriod", scan)
        draft.add("attributes", Attribute("When", when))
    _read_focus(item, graph, draft)
    read_extensions(item, graph, draft)
    draft.add("members", *draft.lists.pop("related", []))
    draft.lists.pop("conclusions", None)


def _read_focus(item: Item, graph: Graph, draft: Draft) -> None:
    """Read the medicine or study that a recommendation is about."""
    raw = item.body.get("focus")
    target = reference(raw, "Task.focus", draft.scan)
    found = graph.resolve(target or identified(raw), item)
    if found is None:
        if target:
            draft.add("attributes", Attribute("About", target))
        return
    if found.type == "ResearchStudy":
        title = word(found.body.get("title"), "title", Scan(""))
        draft.add("trials", Trial(text=title, reference=found.name))
        return
    medicine = medicine_of(found, graph)
    draft.add("medicines", medicine)
    if medicine is None:
        draft.add("members", found.id)


def is_from_variants(body: Node) -> bool:
    """Tell whether the words of a risk's method or basis speak of variants or genes."""
    quiet = Scan("")
    told = [concept(body.get(name), "", quiet) for name in ("method", "code")]
    said = [text for one in told if one for text in (one.text, *(c.display for c in one.codings))]
    said += [display(one, "", quiet) for _, one in nodes(body, "basis", "", quiet)]
    return any(_VARIANTS.search(text) for text in said)


_VARIANTS = re.compile(
    r"\bvariants?\b|\bpolygenic|\bgenetic|\bgenes?\b|\bgenom|\bmutation", re.IGNORECASE
)


def read_risk(item: Item, graph: Graph) -> list[Finding]:
    """Return one finding for each prediction of a RiskAssessment."""
    predictions = list(nodes(item.body, "prediction", "RiskAssessment", Scan("")))
    found = [_prediction(item, graph, path, one) for path, one in predictions]
    return found or [_prediction(item, graph, "RiskAssessment", {})]


def _prediction(item: Item, graph: Graph, path: str, prediction: Node) -> Finding:
    scan = Scan(item.name)
    mark = path.removeprefix("RiskAssessment.")
    own = f"#{mark}" if prediction else ""
    draft = Draft(f"{item.key}{own}", f"{item.id}{own}", scan)
    draft.add("hints", "risk")
    _risk_header(item, graph, draft)
    scan.only(prediction, _PREDICTION, path)
    scan.point(path, "value")
    draft.add("phenotypes", concept(prediction.get("outcome"), f"{path}.outcome", scan))
    value = number(prediction.get("probabilityDecimal"), f"{path}.probabilityDecimal", scan)
    draft.measure(value, as_sent(prediction.get("probabilityDecimal")))
    for name, label in (("probabilityRange", "Probability"), ("whenRange", "When")):
        if name in prediction:
            said = typed(label, "valueRange", prediction[name], f"{path}.{name}", scan)
            draft.add("attributes", said)
    relative = number(prediction.get("relativeRisk"), f"{path}.relativeRisk", scan)
    if relative is not None:
        figures = as_sent(prediction.get("relativeRisk"))
        draft.add("attributes", Attribute("Relative risk", value=relative, as_sent=figures))
    risk = concept(prediction.get("qualitativeRisk"), f"{path}.qualitativeRisk", scan)
    draft.add("effects", draft.code("effects", risk))
    if "whenPeriod" in prediction:
        when = period(prediction["whenPeriod"], f"{path}.whenPeriod", scan)
        draft.add("attributes", Attribute("When", when))
    draft.put("conclusion", word(prediction.get("rationale"), f"{path}.rationale", scan))
    return draft.finding()


def _risk_header(item: Item, graph: Graph, draft: Draft) -> None:
    body, scan, path = item.body, draft.scan, "RiskAssessment"
    scan.only(body, _RISK | _AROUND_RISK, path)
    read_surroundings(body, path, draft, _AROUND_RISK)
    draft.put("status", status(body, scan, path))
    draft.put("code", concept(body.get("code"), f"{path}.code", scan))
    draft.put("effective_at", effective(body, path, scan))
    method = concept(body.get("method"), f"{path}.method", scan)
    draft.add("methods", draft.code("methods", method))
    draft.add("performers", *parties("performer", item, graph, scan))
    draft.add("derived_from", *link_ids("basis", item, graph, scan))
    draft.add("members", *link_ids("parent", item, graph, scan))
    read_notes(body, path, draft)
    for reason in concepts(body, "reasonCode", path, scan):
        draft.add("attributes", Attribute("Reason", words(reason), codings=reason.codings))
    mitigation = described("Mitigation", {"valueString": body.get("mitigation")}, path, scan)
    draft.add("attributes", mitigation)
    read_extensions(item, graph, draft)
    draft.add("members", *draft.lists.pop("related", []))
    draft.lists.pop("conclusions", None)
