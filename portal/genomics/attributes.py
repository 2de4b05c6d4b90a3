"""A value of any type in the lab's words, beside the named fields."""

from collections.abc import Callable

import msgspec

from portal.genomics.decimals import as_sent
from portal.genomics.elements import (
    Amount,
    Node,
    Scan,
    concept,
    display,
    node,
    quantity,
    reference,
    span,
    value_name,
    word,
    words,
)
from portal.genomics.findings import Attribute, Coding

type _Shape = Callable[[str, object, str, Scan], Attribute | None]


def described(label: str, parent: Node, path: str, scan: Scan, code: str = "") -> Attribute | None:
    """Return the value[x] of a node in the lab's words, whatever its type."""
    name = value_name(parent)
    raw = parent.get(name) if name else None
    if raw is None:
        return None
    said = typed(label, name, raw, f"{path}.{name}", scan)
    return msgspec.structs.replace(said, code=code) if said and code else said


def typed(label: str, name: str, raw: object, at: str, scan: Scan) -> Attribute | None:
    """Return a value of the type that the name of its value[x] element tells."""
    if name in _QUANTITIES:
        amount = quantity(raw, at, scan)
        return _amount(label, amount) if amount else None
    if isinstance(raw, str):
        return Attribute(label, word(raw, at, scan))
    if isinstance(raw, int | float):
        value = raw if isinstance(raw, int) else float(raw)
        return Attribute(label, value=value, as_sent=as_sent(raw))
    reader = _SHAPES.get(name)
    if reader is None:
        scan.miss(at)
        return None
    return reader(label, raw, at, scan)


_QUANTITIES = frozenset(
    {"valueQuantity", "valueCount", "valueAge", "valueDuration", "valueDistance"}
)


def _amount(label: str, amount: Amount) -> Attribute:
    said = amount.comparator
    return Attribute(
        label, said, amount.value, amount.label, codings=amount.codings, as_sent=amount.as_sent
    )


def _concept(label: str, raw: object, at: str, scan: Scan) -> Attribute | None:
    item = concept(raw, at, scan)
    return Attribute(label, words(item), codings=item.codings) if item else None


def _coding_alone(label: str, raw: object, at: str, scan: Scan) -> Attribute | None:
    return _concept(label, {"coding": [raw]}, at, scan)


def _range(label: str, raw: object, at: str, scan: Scan) -> Attribute:
    low, high = span(raw, at, scan)
    ends = [one for one in (low, high) if one]
    codings = tuple(dict.fromkeys(one for end in ends for one in end.codings))
    units = {one.label for one in ends} - {"", "1"}
    if len(units) == 1:
        signs = [f"{one.comparator}{one.figures}" if one else "" for one in (low, high)]
        return Attribute(label, between(*signs), unit=units.pop(), codings=codings)
    return Attribute(label, between(_end(low), _end(high)), codings=codings)


def _ratio(label: str, raw: object, at: str, scan: Scan) -> Attribute:
    item = node(raw, at, scan)
    scan.only(item, frozenset({"numerator", "denominator", "id"}), at)
    names = ("numerator", "denominator")
    parts = (quantity(item.get(name), f"{at}.{name}", scan) for name in names)
    return Attribute(label, " : ".join(_end(one) for one in parts))


def _period(label: str, raw: object, at: str, scan: Scan) -> Attribute:
    item = node(raw, at, scan)
    scan.only(item, frozenset({"start", "end", "id"}), at)
    start = word(item.get("start"), f"{at}.start", scan)
    return Attribute(label, f"{start} - {word(item.get('end'), f'{at}.end', scan)}")


def _link(label: str, raw: object, at: str, scan: Scan) -> Attribute | None:
    target, shown = reference(raw, at, scan), display(raw, at, scan)
    if not target and not shown:
        return None
    return Attribute(label, shown or target, value=target if shown and target else None)


def _identifier(label: str, raw: object, at: str, scan: Scan) -> Attribute | None:
    item = node(raw, at, scan)
    scan.only(item, frozenset({"system", "value", "id"}), at)
    value = word(item.get("value"), f"{at}.value", scan)
    system = word(item.get("system"), f"{at}.system", scan)
    return Attribute(label, value, codings=(Coding(system, value),)) if value else None


def _titled(*names: str, address: str = "url", kind: str = "type") -> _Shape:
    """Return a reader of something with a name and an address: a citation, a file, a note."""

    def read(label: str, raw: object, at: str, scan: Scan) -> Attribute | None:
        item = node(raw, at, scan)
        scan.only(item, frozenset({*names, address, kind, "id"}), at)
        told = [word(item.get(name), f"{at}.{name}", scan) for name in names]
        told = list(dict.fromkeys(one for one in told if one))
        where = word(item.get(address), f"{at}.{address}", scan)
        if not told and not where:
            return None
        sort = word(item.get(kind), f"{at}.{kind}", scan)
        return Attribute(
            label, "; ".join(told) or where, value=where if told and where else None, code=sort
        )

    return read


_SHAPES: dict[str, _Shape] = {
    "valueCodeableConcept": _concept,
    "valueCoding": _coding_alone,
    "valueRange": _range,
    "valueRatio": _ratio,
    "valuePeriod": _period,
    "valueReference": _link,
    "valueIdentifier": _identifier,
    "valueRelatedArtifact": _titled("label", "display", "citation", "resource"),
    "valueAttachment": _titled("title", "creation", kind="contentType"),
    "valueAnnotation": _titled("text", "authorString", "time"),
}


def reference_range(label: str, raw: Node, path: str, scan: Scan) -> Attribute | None:
    """Return which values are usual, in words, or in numbers where there are no words."""
    scan.only(raw, _USUAL, path)
    text = word(raw.get("text"), f"{path}.text", scan)
    ends = (quantity(raw.get(name), f"{path}.{name}", scan) for name in ("low", "high"))
    said = "; ".join(filter(None, [text, between(*(_end(one) for one in ends))]))
    return Attribute(label, said) if said else None


_USUAL = frozenset({"text", "low", "high", "id"})


def between(low: str, high: str) -> str:
    """Return a range in signs, also one with a single end."""
    if low and high:
        return f"{low}-{high}"
    if low:
        return low if low[0] in "<>" else f"≥{low}"
    return high if not high or high[0] in "<>" else f"≤{high}"


def _end(amount: Amount | None) -> str:
    return "" if amount is None else f"{amount.comparator}{amount.figures}{_unit(amount)}"


def _unit(amount: Amount) -> str:
    return f" {amount.label}" if amount.label not in {"", "1"} else ""
