"""Reading the datatypes of FHIR one element at a time, keeping note of what was not understood.

Nothing here trusts its input: a value of the wrong shape is noted under its path and left out.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

import msgspec

from portal.genomics.decimals import as_sent
from portal.genomics.findings import Coding, Concept, Pointer

Node = Mapping[str, object]
NOTHING: Node = {}

_CONCEPT = frozenset({"coding", "text", "id"})
_CODING = frozenset({"system", "code", "display", "version", "userSelected", "id"})
_QUANTITY = frozenset({"value", "unit", "code", "system", "comparator", "id"})
_RANGE = frozenset({"low", "high", "id"})
_REFERENCE = frozenset({"reference", "type", "identifier", "display", "id"})
_NOTE = frozenset({"text", "time", "authorString", "authorReference", "id"})
_EXACT = 1e15  # whole numbers up to here are exact in a float


class Scan:
    """What was seen while one resource is read: where facts stood, and what made no sense."""

    __slots__ = ("flags", "missed", "resource", "sources")

    def __init__(self, resource: str) -> None:
        """Start for the resource of that name ("Observation/abc")."""
        self.resource = resource
        self.missed: list[str] = []
        self.sources: list[Pointer] = []
        self.flags: list[str] = []

    def miss(self, path: str) -> None:
        """Note an element that was not understood."""
        self.missed.append(path)

    def point(self, path: str, field: str) -> None:
        """Note where a field was read."""
        self.sources.append(Pointer(self.resource, path, field))

    def flag(self, flag: str) -> None:
        """Note something that the reader of the result must see."""
        if flag not in self.flags:
            self.flags.append(flag)

    def only(self, node: Node, known: frozenset[str], path: str) -> None:
        """Note every key of a node that is not among the known ones."""
        if not (node.keys() <= known):
            self.missed.extend(f"{path}.{key}" for key in node if key not in known)


def word(raw: object, path: str, scan: Scan) -> str:
    """Return a string without blanks around it; anything else is noted."""
    if raw is None:
        return ""
    if not isinstance(raw, str):
        scan.miss(path)
        return ""
    clean = raw.strip()
    if not clean:
        scan.miss(path)
    return clean


def token(raw: object, path: str, scan: Scan) -> str:
    """Return a code; stray blanks in it are taken off and flagged."""
    clean = word(raw, path, scan)
    if clean and clean != raw:
        scan.flag(f"stray-blanks:{path}")
    return clean


def node(raw: object, path: str, scan: Scan) -> Node:
    """Return an object element, or an empty one when there is none or it is not an object."""
    if isinstance(raw, dict):
        return raw
    if raw is not None:
        scan.miss(path)
    return NOTHING


def nodes(parent: Node, name: str, path: str, scan: Scan) -> Iterable[tuple[str, Node]]:
    """Return the objects of a repeating element with their paths.

    A single object where a list belongs is read, and noted.
    """
    raw = parent.get(name)
    if raw is None:
        return ()
    if isinstance(raw, dict):
        scan.miss(f"{path}.{name}")
        return ((f"{path}.{name}", raw),)
    if not isinstance(raw, list):
        scan.miss(f"{path}.{name}")
        return ()
    return _objects(raw, f"{path}.{name}", scan)


def _objects(raw: list[object], path: str, scan: Scan) -> Iterator[tuple[str, Node]]:
    for index, item in enumerate(raw):
        if isinstance(item, dict):
            yield f"{path}[{index}]", item
        else:
            scan.miss(f"{path}[{index}]")


def _coding(raw: Node, path: str, scan: Scan) -> Coding:
    scan.only(raw, _CODING, path)
    return Coding(
        system=token(raw.get("system"), f"{path}.system", scan),
        code=token(raw.get("code"), f"{path}.code", scan),
        display=word(raw.get("display"), f"{path}.display", scan),
        version=word(raw.get("version"), f"{path}.version", scan),
    )


def concept(raw: object, path: str, scan: Scan) -> Concept | None:
    """Return a CodeableConcept, or None when it says nothing."""
    if raw is None:
        return None
    if isinstance(raw, str):
        scan.miss(path)
        return Concept(text=raw.strip()) if raw.strip() else None
    item = node(raw, path, scan)
    if not item:
        return None
    return _well_formed(item) or _any_concept(item, path, scan)


def _any_concept(item: Node, path: str, scan: Scan) -> Concept | None:
    scan.only(item, _CONCEPT, path)
    codings = tuple(_coding(one, at, scan) for at, one in nodes(item, "coding", path, scan))
    text = word(item.get("text"), f"{path}.text", scan)
    if any(not one.code and not one.display for one in codings):
        scan.miss(f"{path}.coding")
        codings = tuple(one for one in codings if one.code or one.display)
    return Concept(text, codings) if text or codings else None


def concept_in(parent: Node, name: str, path: str, scan: Scan) -> Concept | None:
    """Return the CodeableConcept of an element; its path is written only where it is noted."""
    raw = parent.get(name)
    if raw is None:
        return None
    found = _well_formed(raw) if isinstance(raw, dict) else None
    return found or concept(raw, f"{path}.{name}", scan)


class _PlainCoding(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """A coding with nothing about it that would have to be noted."""

    system: str | None = None
    code: str | None = None
    display: str | None = None
    version: str | None = None
    userSelected: object = None  # noqa: N815
    id: object = None


class _PlainConcept(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    coding: list[_PlainCoding] = []
    text: str | None = None
    id: object = None


def _well_formed(item: Node) -> Concept | None:
    """Return a concept of which nothing has to be noted, or None: the usual case, and fast."""
    listed = item.get("coding")
    if len(item) == 1 and isinstance(listed, list) and len(listed) == 1:
        try:
            one = listed[0]
            said = one["display"]
            if len(one) == _USUAL_PARTS and len(said) <= _USUAL_WORDS:
                return _usual_concept(one["system"], one["code"], said)
        except (KeyError, TypeError):
            pass  # of another shape, or not even an object
    return _plain_concept(item)


_USUAL_PARTS = 3
_USUAL_WORDS = 200  # letters; longer ones do not come again


@lru_cache(maxsize=4096)
def _usual_concept(system: str, code: str, said: str) -> Concept | None:
    """Return the concept that most are: one coding with its words. The same ones come again."""
    return _plain_concept({"coding": [{"system": system, "code": code, "display": said}]})


def _plain_concept(item: Node) -> Concept | None:
    try:
        plain = msgspec.convert(item, _PlainConcept)
    except msgspec.ValidationError:
        return None
    text = plain.text
    if text is not None and (not text or text != text.strip()):
        return None
    codings = []
    for one in plain.coding:
        system, code, said, version = one.system, one.code, one.display, one.version
        for part in (system, code, said, version):
            if part is not None and (not part or part != part.strip()):
                return None
        if code or said:
            codings.append(Coding(system or "", code or "", said or "", version or ""))
    return Concept(text or "", tuple(codings)) if text or codings else None


def concepts(parent: Node, name: str, path: str, scan: Scan) -> tuple[Concept, ...]:
    """Return every CodeableConcept of an element; one where a list belongs is read too."""
    raw = parent.get(name)
    if raw is None:
        return ()
    found: list[Concept] = []
    for index, item in enumerate(raw if isinstance(raw, list) else [raw]):
        one = concept(item, f"{path}.{name}[{index}]", scan)
        if one:
            found.append(one)
    return tuple(found)


def words(item: Concept | None) -> str:
    """Return a concept in the lab's words: its text, else a display, else a code."""
    if item is None:
        return ""
    if item.text:
        return item.text
    for coding in item.codings:
        if coding.display:
            return coding.display
    return item.codings[0].code if item.codings else ""


def codes(item: Concept | None) -> tuple[str, ...]:
    """Return the codes of a concept."""
    return tuple(coding.code for coding in item.codings if coding.code) if item else ()


def number(raw: object, path: str, scan: Scan) -> float | int | None:
    """Return a number; a whole one as an int. Text and booleans are noted and left out."""
    if raw is None:
        return None
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        scan.miss(path)
        return None
    whole = isinstance(raw, float) and raw.is_integer() and abs(raw) < _EXACT
    if whole:
        return int(raw)
    return float(raw) if isinstance(raw, float) else raw


class Amount:
    """A Quantity: value, unit in words or code, comparator.

    `as_sent` is the number as it was written, where ours looks different.
    """

    __slots__ = ("as_sent", "code", "comparator", "system", "unit", "value")

    def __init__(
        self, value: float | int, unit: str, code: str, comparator: str, system: str = ""
    ) -> None:
        """Keep the parts."""
        self.value = value
        self.unit = unit
        self.code = code
        self.comparator = comparator
        self.system = system
        self.as_sent = ""

    @property
    def figures(self) -> str:
        """The number in the lab's figures."""
        return self.as_sent or str(self.value)

    @property
    def label(self) -> str:
        """The unit in words, else its code."""
        return self.unit or self.code

    @property
    def codings(self) -> tuple[Coding, ...]:
        """The code of the unit, where it says more than the words."""
        if self.code in {"", self.unit} or not self.unit:
            return ()
        return (Coding(self.system, self.code, self.unit),)


def quantity(raw: object, path: str, scan: Scan) -> Amount | None:
    """Return a Quantity, or None when it has no number."""
    item = node(raw, path, scan)
    if not item:
        return None
    scan.only(item, _QUANTITY, path)
    value = number(item.get("value"), f"{path}.value", scan)
    if value is None:
        scan.miss(path)
        return None
    amount = Amount(
        value,
        word(item.get("unit"), f"{path}.unit", scan),
        token(item.get("code"), f"{path}.code", scan),
        token(item.get("comparator"), f"{path}.comparator", scan),
        word(item.get("system"), f"{path}.system", scan),
    )
    amount.as_sent = as_sent(item.get("value"))
    return amount


def names_a_unit(amount: Amount) -> bool:
    """Tell whether the unit says more than that this is a plain number."""
    return not {amount.unit, amount.code} <= {"", "1", "decimal"}


def span(raw: object, path: str, scan: Scan) -> tuple[Amount | None, Amount | None]:
    """Return the low and high ends of a Range."""
    item = node(raw, path, scan)
    scan.only(item, _RANGE, path)
    low = quantity(item.get("low"), f"{path}.low", scan)
    high = quantity(item.get("high"), f"{path}.high", scan)
    return low, high


def reference(raw: object, path: str, scan: Scan) -> str:
    """Return where a Reference points, as sent; nothing for one with words only."""
    if isinstance(raw, str):
        scan.miss(path)
        return raw.strip()
    item = node(raw, path, scan)
    if not item:
        return ""
    scan.only(item, _REFERENCE, path)
    return token(item.get("reference"), f"{path}.reference", scan)


def display(raw: object, path: str, scan: Scan) -> str:
    """Return the words of a Reference, or its identifier where it has no words."""
    if not isinstance(raw, dict):
        return ""
    said = word(raw.get("display"), f"{path}.display", scan)
    if said:
        return said
    identifier = raw.get("identifier")
    value = identifier.get("value") if isinstance(identifier, dict) else None
    return value.strip() if isinstance(value, str) else ""


def notes(parent: Node, name: str, path: str, scan: Scan) -> tuple[str, ...]:
    """Return the words of every Annotation."""
    found: list[str] = []
    for at, item in nodes(parent, name, path, scan):
        scan.only(item, _NOTE, at)
        said = word(item.get("text"), f"{at}.text", scan)
        if said:
            found.append(said)
    return tuple(found)


def identifiers(parent: Node, path: str, scan: Scan) -> tuple[str, ...]:
    """Return the values of the identifiers of a resource."""
    found: list[str] = []
    raw = parent.get("identifier")
    for index, item in enumerate(raw if isinstance(raw, list) else [raw]):
        if isinstance(item, dict):
            value = word(item.get("value"), f"{path}.identifier[{index}].value", scan)
            if value:
                found.append(value)
    return tuple(found)


def value_name(parent: Node) -> str:
    """Return the name of the value[x] element of a node, or nothing."""
    for name in parent:
        if name not in _NO_VALUES and name.startswith("value") and name[5:6].isupper():
            return name
    return ""


# Told fast, because most elements are one of these.
_NO_VALUES = frozenset(
    {"resourceType", "id", "meta", "text", "extension", "identifier", "status", "category", "code",
     "subject", "effectiveDateTime", "issued", "performer", "component", "interpretation", "method",
     "specimen", "derivedFrom", "hasMember", "note", "url"}
)  # fmt: skip
