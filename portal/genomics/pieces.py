"""One component of an Observation: its code, its value in whatever type, and where it stands."""

import re
from collections.abc import Mapping

from portal.genomics import codes as c
from portal.genomics.attributes import described
from portal.genomics.decimals import as_sent
from portal.genomics.denials import is_no_answer
from portal.genomics.draft import Draft
from portal.genomics.elements import (
    Amount,
    Node,
    Scan,
    concept,
    concept_in,
    number,
    quantity,
    value_name,
    word,
    words,
)
from portal.genomics.fields import FIELD_OF_CODE, LABEL_OF_CODE
from portal.genomics.findings import Coding, Concept
from portal.genomics.labels import CODE_OF_LABEL

_BARE = 2


class Piece:
    """One component: its code, its value, and where it stands."""

    __slots__ = ("code", "draft", "label", "name", "node", "path", "scan", "value")

    def __init__(self, node: Node, path: str, draft: Draft) -> None:
        """Read the code and note where the value is."""
        self.node = node
        self.path = path
        self.draft = draft
        self.scan: Scan = draft.scan
        item = concept_in(node, "code", path, draft.scan)
        self.code = known_code(item, FIELD_OF_CODE, CODE_OF_LABEL)
        self.name = words(item)
        if self.code and item and all(self.code != one.code for one in item.codings):
            draft.code("questions", item)  # understood by its name: its own code is kept
        self.label = LABEL_OF_CODE.get(self.code, "") or self.name
        self.value = value_name(node)

    @property
    def is_bare(self) -> bool:
        """Whether there is nothing but a code and a value."""
        return len(self.node) == _BARE and bool(self.value) and "code" in self.node

    @property
    def at(self) -> str:
        """The path of the value."""
        return f"{self.path}.{self.value}"

    @property
    def is_unanswered(self) -> bool:
        """Whether words stand for the value that say that there is none."""
        raw = self.node.get(self.value)
        said = raw.get("text") if isinstance(raw, dict) else raw
        return isinstance(said, str) and is_no_answer(said)

    def concept(self) -> Concept | None:
        """Return the value as a concept, also when it was sent as text or as a number."""
        raw = self.node.get(self.value)
        if self.value == "valueCodeableConcept":
            return concept_in(self.node, self.value, self.path, self.scan)
        if self.value == "valueCoding":
            return concept({"coding": [raw]}, self.at, self.scan)
        if isinstance(raw, bool | int | float):
            return Concept(text=str(raw).lower() if isinstance(raw, bool) else str(raw))
        if isinstance(raw, str):
            text = word(raw, self.at, self.scan)
            return Concept(text=text) if text else None
        if raw is not None:
            self.keep()
        return None

    def amount(self) -> Amount | None:
        """Return the value as a quantity, also when it was sent as a plain number or as text."""
        raw = self.node.get(self.value)
        if self.value == "valueQuantity":
            return quantity(raw, self.at, self.scan)
        if self.value in {"valueInteger", "valueDecimal"}:
            value = number(raw, self.at, self.scan)
            amount = None if value is None else Amount(value, "", "", "")
            if amount:
                amount.as_sent = as_sent(raw)
            return amount
        return written_amount(raw) if self.value == "valueString" else None

    def keep(self, label: str = "") -> None:
        """Keep the value in the lab's words, beside the named fields."""
        said = described(label or self.label, self.node, self.path, self.scan, self.code)
        if said:
            self.draft.add("attributes", said)


def written_amount(raw: object) -> Amount | None:
    """Return a number that was sent as text, with the little unit that may follow it."""
    found = _WRITTEN.fullmatch(raw.strip()) if isinstance(raw, str) else None
    if found is None:
        return None
    value = number_of(found.group(1))
    return None if value is None else Amount(value, found.group(2) or "", "", "")


_WRITTEN = re.compile(r"(\d[\d.,]{0,30})\s?(%|x|reads?|copies|repeats)?", re.IGNORECASE)


def number_of(text: str) -> float | int | None:
    """Return the number that digits write: 12, 0.45, 0,45 or 140,453,136; of others none."""
    if _THOUSANDS.fullmatch(text):
        return int(text.replace(",", ""))
    plain = text.replace(",", ".") if text.startswith("0,") else text
    if not _PLAIN.fullmatch(plain):
        return None
    return float(plain) if "." in plain else int(plain)


_THOUSANDS = re.compile(r"[1-9]\d{0,2}(?:,\d{3})+")
_PLAIN = re.compile(r"\d{1,15}(?:\.\d{1,15})?")


def known_code(item: Concept | None, known: Mapping[str, object], labels: Mapping[str, str]) -> str:
    """Return the first code of a concept that we know; one with words only goes by its label.

    So does one of the guide's own codes for the time being, which changed from draft to draft, and
    one of a list that only the lab itself has.
    """
    if item is None:
        return ""
    for coding in item.codings:
        if coding.code in known and _system_fits(coding.code, coding.system):
            return coding.code
    if any(coding.code and not _goes_by_its_name(coding) for coding in item.codings):
        return ""
    return labels.get(words(item).lower().rstrip(" :"), "")


def _goes_by_its_name(coding: Coding) -> bool:
    if any(part in coding.system for part in c.DRAFT_CODES):
        return True
    public = any(part in coding.system.lower() for part in _PUBLIC)
    return not public and not _NUMBERED.fullmatch(coding.code)


# Parts of the addresses of code lists that many have, whose codes mean what the list says.
_PUBLIC = (
    "loinc", "snomed", "hl7.org", "nih.gov", "nci", "genenames", "icd", "sequenceontology", "obo",
    "human-phenotype", "omim", "2.16.840.1.113883.6",
)  # fmt: skip
_NUMBERED = re.compile(r"(?:LA|LL|LP)?\d+-\d|\d{6,18}")  # of LOINC and SNOMED CT, without a system


def _system_fits(code: str, system: str) -> bool:
    """Tell whether a known code stands in a system where it has the meaning that we know."""
    if code[:1].isdigit():
        return system.rstrip("/") in c.LOINC_SYSTEMS
    return "snomed" not in system
