"""Whose result it is: one person is read, everybody else is quarantined."""

from collections.abc import Iterable

from portal.genomics.graph import (
    Graph,
    Item,
    extension_references,
    person_identifier,
    same_server,
)
from portal.genomics.identifiers import identifier_pairs

NOBODY = ""
_EVIDENCE = ("basedOn", "specimen")


class People:
    """Decides for each resource whether it is about the person who is read."""

    def __init__(
        self, graph: Graph, patient_ids: frozenset[str] | None, tellers: Iterable[Item]
    ) -> None:
        """Take the ids given, or let the reports (else the results) in the set say who it is.

        `tellers` are the genomic reports and results, reports first.
        """
        self.graph = graph
        self.given = patient_ids is not None
        self._known: dict[tuple[str, str], str] = {}
        self._identified: dict[tuple[str, str], str] | None = None
        self._asking: set[str] = set()  # reports whose person is being looked for
        self.own: frozenset[str] = frozenset()
        if patient_ids is not None:
            self.own = frozenset(form for one in patient_ids for form in _forms(one))
        else:
            self.own = self._told(list(tellers))

    def _told(self, tellers: list[Item]) -> frozenset[str]:
        reports = {self.person(item) for item in tellers if item.type == "DiagnosticReport"}
        reports.discard(NOBODY)
        if reports:
            return frozenset(reports)
        results = {self.person(item) for item in tellers}
        results.discard(NOBODY)
        return frozenset(results)

    def several(self) -> bool:
        """Tell whether nobody said who is read, and the set speaks of more than one person."""
        return not self.given and len(self.own) > 1

    def person(self, item: Item) -> str:
        """Return who a resource says that it is about, as Patient/id where that is known."""
        if item.type == "Patient":
            return item.name if item.root is None else self._contained(item)
        stated = item.person
        if stated:
            return self.canonical(stated, item)
        by_identifier = self._by_identifier(item) if item.face is None else NOBODY
        if by_identifier != NOBODY:
            return by_identifier
        if item.root is not None:
            return self.person(item.root)
        return self._of_report(item) if item.type == "DiagnosticReport" else NOBODY

    def _by_identifier(self, item: Item) -> str:
        """Return who has the identifier that a resource names its person by.

        Another value in a system in which the patients here have theirs is another person.
        """
        stated = person_identifier(item)
        if stated is None:
            return NOBODY
        return self._owner(stated)

    def identified(self, item: Item) -> str:
        """Return the patient here whom a resource names by an identifier alone."""
        found = NOBODY if item.person or item.face is not None else self._by_identifier(item)
        return NOBODY if "|" in found else found

    def _contained(self, patient: Item) -> str:
        """Return who a Patient inside another resource is: only its identifiers can tell."""
        pairs = list(identifier_pairs(patient.body.get("identifier")))
        for pair in pairs:
            owner = self._owner(pair)
            if owner != NOBODY:
                return owner
        return "|".join(pairs[0]) if pairs and not self.given else NOBODY

    def _owner(self, pair: tuple[str, str]) -> str:
        """Return the patient here who has an identifier; its value where it is another's."""
        if self._identified is None:
            self._identified = {
                known: one.name
                for one in self.graph.read
                if one.type == "Patient" and one.root is None
                for known in identifier_pairs(one.body.get("identifier"))
            }
        if pair in self._identified:
            return self._identified[pair]
        systems = {system for system, _ in self._identified}
        return "|".join(pair) if pair[0] in systems else NOBODY

    def canonical(self, reference: str, item: Item) -> str:
        """Return the person whom a reference in a resource leads to."""
        if reference.startswith("#"):
            return self._resolved(reference, item)
        place = (reference, (item.root or item).base)
        if place not in self._known:
            self._known[place] = self._resolved(reference, item)
        return self._known[place]

    def _resolved(self, reference: str, item: Item) -> str:
        target = self.graph.resolve(reference, item)
        if target is not None:
            inside = target.root is not None and target.type == "Patient"
            return self._contained(target) if inside else target.name
        reference = reference.split("/_history/", 1)[0]
        if reference.startswith("urn:") or "://" not in reference:
            return reference
        server, kind, local = [*reference.rsplit("/", 2), "", ""][:3]
        base = (item.root or item).base
        known = not base or base == same_server(server)
        return f"{kind}/{local}" if known else reference

    def _of_report(self, report: Item) -> str:
        """Return whom a report that names nobody is about; reports can give each other."""
        if report.key in self._asking:
            return NOBODY
        self._asking.add(report.key)
        try:
            return self._evidence(report)
        finally:
            self._asking.discard(report.key)

    def _evidence(self, report: Item) -> str:
        """Return the one person whom a report's order, specimen, study and results agree on."""
        linked = list(self.graph.linked(report, _EVIDENCE))
        for reference in extension_references(report):
            target = self.graph.resolve(reference, report)
            linked += [target] if target is not None else []
        told = {self.person(item) for item in linked} - {NOBODY}
        if not told:
            told = {self.person(item) for item in self.graph.linked(report, ("result",))}
            told.discard(NOBODY)
        return told.pop() if len(told) == 1 else NOBODY

    def is_other_person(self, person: str) -> bool:
        """Tell whether a person is somebody else than the one who is read."""
        if is_no_patient(person):
            return True
        if self.given:
            return not (_forms(person) & self.own)
        return bool(self.own) and person not in self.own


def is_no_patient(person: str) -> bool:
    """Tell a group, a device, a place or a relative."""
    kind = person.split("/", 1)[0]
    return "/" in person and kind in {"Group", "Device", "Location", "RelatedPerson"}


def _forms(person: str) -> frozenset[str]:
    """Return the ways to write one person: Patient/abc, abc, urn:uuid:abc."""
    plain = person.removeprefix("Patient/")
    if "/" in plain or plain.startswith("urn:"):
        return frozenset({plain})
    return frozenset({plain, f"Patient/{plain}"})
