"""The medicines that a person's hospitals and doctors have written down. One query."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from portal.accounts.models import User
from portal.genomics.elements import Node, words
from portal.genomics.findings import Concept
from portal.genomics.knowledge.medicines import named, plain, runs
from portal.genomics.medication import ENTRIES, MedicationEntry, Taking, read_entry
from portal.records.models import Resource

_ORDER = list(Taking)


@dataclass(frozen=True)
class Entry:
    """One line of one hospital's list, in its own words."""

    name: str
    source: str
    said: MedicationEntry

    @property
    def concepts(self) -> tuple[Concept, ...]:
        """The medicine and, where they are told apart, its ingredients."""
        return (self.said.medicine, *self.said.ingredients)


@dataclass(frozen=True)
class Taken:
    """One medicine with every line that speaks of it, what is taken now first."""

    ingredients: frozenset[str]  # empty when we do not know the medicine
    entries: tuple[Entry, ...]

    @property
    def taking(self) -> Taking:
        """What the most present of its lines says."""
        return self.entries[0].said.taking

    @property
    def name(self) -> str:
        """What the hospital calls it."""
        return self.entries[0].name

    @property
    def keys(self) -> frozenset[str]:
        """Every ingredient, code and run of words by which a test may name it."""
        concepts = [concept for one in self.entries for concept in one.concepts]
        return self.ingredients.union(*(_names(concept) for concept in concepts))

    @property
    def is_contradictory(self) -> bool:
        """Whether the code of a line names one medicine and its words another."""
        concepts = (concept for one in self.entries for concept in one.concepts)
        return any(named(concept).is_contradictory for concept in concepts)


def codes_of(concept: Concept) -> frozenset[str]:
    """Return the codes of a medicine with their systems."""
    return frozenset(f"{one.system}|{one.code}" for one in concept.codings if one.code)


def _names(concept: Concept) -> frozenset[str]:
    said = (concept.text, *(one.display for one in concept.codings))
    return codes_of(concept).union(*(runs(text) for text in said))


def taken(patient: User) -> tuple[Taken, ...]:
    """Return every medicine of a person's records, each once, what is taken now first."""
    groups: dict[tuple[frozenset[str], str], list[Entry]] = {}
    for entry in _entries(patient):
        found = frozenset[str]().union(*(named(one).ingredients for one in entry.concepts))
        groups.setdefault((found, "" if found else plain(entry.name)), []).append(entry)
    made = [
        Taken(found, tuple(sorted(entries, key=lambda one: _ORDER.index(one.said.taking))))
        for (found, _), entries in groups.items()
    ]
    return tuple(sorted(made, key=lambda one: (_ORDER.index(one.taking), one.name.lower())))


def _entries(patient: User) -> Iterator[Entry]:
    rows = Resource.objects.of(patient).filter(resource_type__in={*ENTRIES, "Medication"})
    kept = [
        (row, row.body())
        for row in rows.filter(removed_at=None).select_related("origin").order_by("-pk")
    ]
    medications: dict[int, dict[str, Node]] = defaultdict(dict)
    for row, body in kept:
        if row.resource_type == "Medication":
            medications[row.origin_id][f"Medication/{row.source_id}"] = body
            medications[row.origin_id][row.full_url] = body
    for row, body in kept:
        if row.resource_type in ENTRIES:
            said = read_entry(body, medications[row.origin_id])
            yield Entry(words(said.medicine), row.origin.name, said)
