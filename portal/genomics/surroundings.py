"""What stands around a fact: its order, category, encounter, and the words beside its links.

None of it changes what a result says, so it has one field of its own instead of many.
"""

from collections.abc import Iterator

import msgspec

from portal.genomics.decimals import as_sent
from portal.genomics.draft import Draft
from portal.genomics.elements import (
    Node,
    Scan,
    concept,
    display,
    node,
    nodes,
    number,
    reference,
    token,
    word,
    words,
)
from portal.genomics.findings import Attribute, Coding

# Links whose target has a field; the words and identifiers beside it have their place here.
LINKS = frozenset(
    {
        "performer", "resultsInterpreter", "specimen", "result", "hasMember", "derivedFrom",
        "reasonReference", "basis", "parent", "requester", "owner", "asserter", "focus", "actor",
        "referrer", "interpreter",
    }
)  # fmt: skip
_BESIDE = frozenset({"display", "identifier", "type"})  # a plain reference says no more
_REFERENCE = frozenset({"reference", "type", "identifier", "display", "id"})
_IDENTIFIER = frozenset({"use", "type", "system", "value", "id"})
_NOTE = frozenset({"text", "time", "authorString", "authorReference", "extension", "id"})
_PERIOD = frozenset({"start", "end", "id"})
_EXPECTED = frozenset({"laboratory", "GE"})  # categories that every genetic result has


def read_surroundings(body: Node, path: str, draft: Draft, around: frozenset[str]) -> None:
    """Read the elements around a fact that `around` names, and the words beside its links."""
    for name in body:
        if name in around:
            for at, one in _each(body[name], f"{path}.{name}"):
                draft.add("context", _said(name, one, at, draft.scan))
        elif name in LINKS:
            for at, one in _each(body[name], f"{path}.{name}"):
                if isinstance(one, dict) and not _BESIDE.isdisjoint(one):
                    draft.add("context", link_words(name, one, at, draft.scan))


def _each(raw: object, path: str) -> Iterator[tuple[str, object]]:
    if isinstance(raw, list):
        for index, one in enumerate(raw):
            yield f"{path}[{index}]", one
    elif raw is not None:
        yield path, raw


def _said(name: str, raw: object, path: str, scan: Scan) -> Attribute | None:
    """Return an element of any of the shapes that surroundings have."""
    if isinstance(raw, dict):
        return _object(name, raw, path, scan)
    if isinstance(raw, str):
        text = word(raw, path, scan)
        return Attribute(name, text) if text else None
    value = raw if isinstance(raw, bool) else number(raw, path, scan)
    return None if value is None else Attribute(name, value=value, as_sent=as_sent(raw))


def _object(name: str, raw: Node, path: str, scan: Scan) -> Attribute | None:
    if name in {"identifier", "groupIdentifier"}:
        return _identifier(name, raw, path, scan)
    inner = raw.get("reference", raw.get("observation"))
    if isinstance(inner, dict):
        return _reasoned(name, raw, inner, path, scan)
    if raw.keys() <= _REFERENCE:
        return link_words(name, raw, path, scan)
    if raw.keys() <= _PERIOD:
        return Attribute(name, f"{raw.get('start', '')}/{raw.get('end', '')}")
    return _category(name, raw, path, scan)


def _reasoned(name: str, raw: Node, inner: Node, path: str, scan: Scan) -> Attribute | None:
    """Return a link of R5 that stands in an object which says what kind of link it is."""
    scan.only(raw, _REASONED, path)
    at = f"{path}.reference" if "reference" in raw else f"{path}.observation"
    link = link_words(name, inner, at, scan)
    sort, reason = raw.get("type"), word(raw.get("reason"), f"{path}.reason", scan)
    kind = concept({"text": sort} if isinstance(sort, str) else sort, f"{path}.type", scan)
    if link is None:
        return None
    said = "; ".join(filter(None, [link.text, words(kind), reason]))
    codings = (*link.codings, *(kind.codings if kind else ()))
    return msgspec.structs.replace(link, text=said, codings=codings)


_REASONED = frozenset({"type", "reference", "observation", "reason", "id"})


def _category(name: str, raw: Node, path: str, scan: Scan) -> Attribute | None:
    item = concept(raw, path, scan)
    if item is None or (
        name == "category" and not item.text and all(one.code in _EXPECTED for one in item.codings)
    ):
        return None
    return Attribute(name, words(item), codings=item.codings)


def link_words(name: str, raw: object, path: str, scan: Scan) -> Attribute | None:
    """Return a reference with its words and the identifier that it names its target by."""
    link = node(raw, path, scan)
    scan.only(link, _REFERENCE, path)
    target = token(link.get("reference"), f"{path}.reference", scan)
    shown = word(link.get("display"), f"{path}.display", scan)
    kind = word(link.get("type"), f"{path}.type", scan)
    at = f"{path}.identifier"
    named = _identifier(name, node(link.get("identifier"), at, scan), at, scan)
    said = shown or target or (named.text if named else "")
    if not said:
        return None
    codings = named.codings if named else ()
    if named and named.code:
        scan.miss(f"{at}.use")
    return Attribute(name, said, value=target if shown and target else None, codings=codings,
                     code=kind)  # fmt: skip


def target_of(name: str, raw: object, path: str, draft: Draft) -> str:
    """Return where a link points, or its words; the words beside it are kept too."""
    link = link_words(name, raw, path, draft.scan)
    if link is None:
        return ""
    if link.value is not None or link.codings or link.code:
        draft.add("context", link)
    return link.text if link.value is None else str(link.value)


def _identifier(name: str, raw: Node, path: str, scan: Scan) -> Attribute | None:
    """Return an identifier with its system, and its kind in words."""
    if not raw:
        return None
    value = word(raw.get("value"), f"{path}.value", scan)
    system = word(raw.get("system"), f"{path}.system", scan)
    use = word(raw.get("use"), f"{path}.use", scan)
    kind = concept(raw.get("type"), f"{path}.type", scan)
    scan.only(raw, _IDENTIFIER, path)
    codings = (Coding(system, value), *(kind.codings if kind else ()))
    return Attribute(name, value or system, codings=codings, code=use)


def read_notes(parent: Node, path: str, draft: Draft) -> None:
    """Read the words of every note, who wrote it and when, and what kind of note it is."""
    for at, one in nodes(parent, "note", path, draft.scan):
        draft.add("notes", word(one.get("text"), f"{at}.text", draft.scan))
        read_note_frame(one, at, draft)


def read_note_frame(note: Node, path: str, draft: Draft) -> None:
    """Read all of a note but its words."""
    if len(note) == 1:
        return
    scan = draft.scan
    scan.only(note, _NOTE, path)
    for name in ("time", "authorString"):
        said = word(note.get(name), f"{path}.{name}", scan)
        draft.add("context", Attribute(f"note {name}", said) if said else None)
    author = note.get("authorReference")
    said = display(author, path, scan) or reference(author, f"{path}.authorReference", scan)
    draft.add("context", Attribute("note author", said) if said else None)
    for at, one in nodes(note, "extension", path, scan):
        kind = concept(one.get("valueCodeableConcept"), f"{at}.valueCodeableConcept", scan)
        if kind is None or not str(one.get("url")).endswith("annotation-code"):
            scan.miss(at)
        else:
            draft.add("context", Attribute("note kind", words(kind), codings=kind.codings))
