"""What the person's record says about relatives."""

from portal.genomics.attributes import typed
from portal.genomics.draft import Draft
from portal.genomics.elements import (
    Node,
    Scan,
    concept,
    nodes,
    word,
    words,
)
from portal.genomics.findings import Attribute, Finding, Kind
from portal.genomics.graph import Graph, Item
from portal.genomics.headers import BASE, moment, read_extensions, status
from portal.genomics.surroundings import read_notes, read_surroundings

_KNOWN = BASE | {
    "status", "patient", "date", "name", "relationship", "sex", "note", "condition",
}  # fmt: skip
_AROUND = frozenset(
    {
        "identifier", "language", "dataAbsentReason", "estimatedAge", "reasonCode",
        "reasonReference", "instantiatesCanonical", "instantiatesUri",
    }
)  # fmt: skip
_CONDITION = frozenset({"code", "outcome", "contributedToDeath", "note", "id", "extension"})


def read_family_history(item: Item, graph: Graph) -> Finding:
    """Return one relative's history."""
    scan = Scan(item.name)
    draft = Draft(item.key, item.id, scan)
    draft.kind = Kind.FAMILY_HISTORY
    body, path = item.body, "FamilyMemberHistory"
    draft.put("status", status(body, scan, path))
    draft.put("relative", concept(body.get("relationship"), f"{path}.relationship", scan))
    draft.put("effective_at", moment(body.get("date"), f"{path}.date", scan))
    draft.put("name", word(body.get("name"), f"{path}.name", scan))
    read_notes(body, path, draft)
    read_surroundings(body, path, draft, _AROUND)
    sex = concept(body.get("sex"), f"{path}.sex", scan)
    draft.add("attributes", Attribute("Sex", words(sex), codings=sex.codings) if sex else None)
    for at, condition in nodes(body, "condition", path, scan):
        _condition(condition, at, draft)
    rest = _ages(body, draft, path, ("born", "age", "deceased"), "")
    scan.only(body, _KNOWN | _AROUND | rest, path)
    read_extensions(item, graph, draft)
    draft.add("members", *draft.lists.pop("related", []))
    draft.lists.pop("conclusions", None)
    return draft.finding()


def _condition(condition: Node, path: str, draft: Draft) -> None:
    scan = draft.scan
    code = concept(condition.get("code"), f"{path}.code", scan)
    draft.add("phenotypes", code)
    scan.point(path, "phenotypes")
    name = words(code)
    outcome = concept(condition.get("outcome"), f"{path}.outcome", scan)
    if outcome:
        said = Attribute(f"{name}: outcome", words(outcome), codings=outcome.codings)
        draft.add("attributes", said)
    died = condition.get("contributedToDeath")
    if isinstance(died, bool):
        draft.add("attributes", Attribute(f"{name}: contributed to death", value=died))
    read_notes(condition, path, draft)
    rest = _ages(condition, draft, path, ("onset",), f"{name}: ")
    scan.only(condition, _CONDITION | rest, path)


def _ages(
    parent: Node, draft: Draft, path: str, names: tuple[str, ...], label: str
) -> frozenset[str]:
    """Keep born[x], age[x], onset[x], deceased[x] in words; return the elements that were read."""
    seen = set()
    for key in parent:
        name = next(
            (one for one in names if key.startswith(one) and key[len(one) :][:1].isupper()), ""
        )
        if not name:
            continue
        seen.add(key)
        kind = key[len(name) :]
        said = typed(
            f"{label}{name} age" if kind == "Age" else f"{label}{name}",
            f"value{kind}",
            parent[key],
            f"{path}.{key}",
            draft.scan,
        )
        draft.add("attributes", said)
    return frozenset(seen)
