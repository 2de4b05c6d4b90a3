"""Which medicines a record says that the person takes, and whether she still does."""

from collections.abc import Iterator, Mapping
from enum import StrEnum

import msgspec

from portal.genomics.elements import Node, Scan, concept, display, node, nodes, reference, token
from portal.genomics.elements import word as one_word
from portal.genomics.findings import Concept
from portal.genomics.graph import Graph, Item

ENTRIES = frozenset({"MedicationRequest", "MedicationStatement"})


class Taking(StrEnum):
    """What the status of an entry means for the person."""

    NOW = "now"
    PAUSED = "paused"
    PLANNED = "planned"
    UNKNOWN = "unknown"
    PAST = "past"
    NOT = "not"  # the record says: not taken, or not to be taken
    ERROR = "error"  # entered in error


class MedicationEntry(msgspec.Struct, frozen=True):
    """One line of a medicines list: the medicine as sent, its state, and when it was written."""

    medicine: Concept
    taking: Taking
    status: str = ""
    date: str = ""
    ingredients: tuple[Concept, ...] = ()


# http://hl7.org/fhir/R4/valueset-medicationrequest-status.html and …-medication-statement-status
_MEANT = {
    "active": Taking.NOW,
    "on-hold": Taking.PAUSED,
    "intended": Taking.PLANNED,
    "draft": Taking.PLANNED,
    "completed": Taking.PAST,
    "stopped": Taking.PAST,
    "cancelled": Taking.PAST,
    "not-taken": Taking.NOT,
    "entered-in-error": Taking.ERROR,
}
_NOT_ORDERED = frozenset({"proposal", "plan", "option"})


def read_entry(body: Node, medications: Mapping[str, Node]) -> MedicationEntry:
    """Return what a MedicationRequest or MedicationStatement says.

    `medications` are the Medication resources that it may refer to, by every name they go by.
    Spec: http://hl7.org/fhir/R4/medicationrequest.html
    """
    quiet = Scan("")
    medicine, ingredients = _medicine(body, medications, quiet)
    status = token(body.get("status"), "", quiet).lower()
    return MedicationEntry(
        medicine=medicine,
        taking=_taking(body, status, quiet),
        status=status,
        date=_date(body, quiet),
        ingredients=ingredients,
    )


def medicine_of(item: Item, graph: Graph) -> Concept | None:
    """Return the medicine of a MedicationStatement, MedicationRequest or Medication."""
    for name in _MEDICATION:
        found = concept(item.body.get(name), name, Scan(""))
        if found and item.type.startswith("Medication"):
            return found
    for target in graph.linked(item, ("medicationReference",)):
        return concept(target.body.get("code"), "code", Scan(""))
    return None


_MEDICATION = ("medicationCodeableConcept", "code")


def _taking(body: Node, status: str, quiet: Scan) -> Taking:
    meant = _MEANT.get(status, Taking.UNKNOWN)
    if meant in {Taking.ERROR, Taking.PAST}:
        return meant
    if body.get("doNotPerform") is True:
        return Taking.NOT
    planned = token(body.get("intent"), "", quiet) in _NOT_ORDERED
    return Taking.PLANNED if planned and meant is Taking.NOW else meant


def _date(body: Node, quiet: Scan) -> str:
    period = node(body.get("effectivePeriod"), "", quiet)
    said = (
        body.get("authoredOn"),
        body.get("effectiveDateTime"),
        period.get("start"),
        body.get("dateAsserted"),
    )
    return next((text for raw in said if (text := one_word(raw, "", quiet))), "")


def _medicine(
    body: Node, medications: Mapping[str, Node], quiet: Scan
) -> tuple[Concept, tuple[Concept, ...]]:
    coded = concept(body.get("medicationCodeableConcept"), "", quiet)
    if coded:
        return coded, ()
    both = node(body.get("medication"), "", quiet)  # R5 has concept and reference in one element
    coded = concept(both.get("concept"), "", quiet)
    if coded:
        return coded, ()
    raw = body.get("medicationReference") or both.get("reference")
    target = _target(body, reference(raw, "", quiet), medications)
    shown = Concept(text=display(raw, "", quiet))
    if target is None:
        return shown, ()
    parts = tuple(_ingredients(target, quiet))
    return concept(target.get("code"), "", quiet) or shown, parts


def _target(body: Node, name: str, medications: Mapping[str, Node]) -> Node | None:
    for _, one in nodes(body, "contained", "", Scan("")):
        if name == f"#{one.get('id')}":
            return one
    plain = name.partition("/_history/")[0]
    return medications.get(plain) or medications.get("/".join(plain.split("/")[-2:]))


def _ingredients(medication: Node, quiet: Scan) -> Iterator[Concept]:
    for _, one in nodes(medication, "ingredient", "", quiet):
        item = concept(one.get("itemCodeableConcept"), "", quiet)
        if item:
            yield item
