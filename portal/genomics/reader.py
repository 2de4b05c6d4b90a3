"""FHIR resources in, findings out: read by codes, not by claimed profile."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache

import msgspec

from portal.genomics import answers as a
from portal.genomics.conflicts import with_conflicts
from portal.genomics.documents import SourceResource
from portal.genomics.faces import REPORT, RESULTS, FacedResource
from portal.genomics.families import read_family_history
from portal.genomics.findings import (
    Coverage,
    Finding,
    Kind,
    Notice,
    Pointer,
    Quarantined,
    Reading,
    Report,
)
from portal.genomics.flags import WITHDRAWN_BASIS
from portal.genomics.genomic_studies import read_genomic_study
from portal.genomics.graph import (
    Graph,
    Item,
    person_words,
)
from portal.genomics.observations import read_observation, says_nothing
from portal.genomics.operations import is_about_a_population, read_answer
from portal.genomics.recommendations import read_risk, read_task
from portal.genomics.reports import (
    hints_of,
    missing_results,
    read_report,
    results_in_words,
)
from portal.genomics.sequences import read_sequence
from portal.genomics.sorting import Sorting, is_group
from portal.genomics.studies import is_genomic_study, read_study
from portal.genomics.subjects import NOBODY, People, is_no_patient

_REASONS = {
    "withdrawn": "The lab withdrew this: it was entered in error.",
    "cancelled": "The test was cancelled or stopped; there is no result.",
    "superseded": "A newer version of this resource takes its place.",
    "repeated": "The same resource came more than once.",
    "two-contents": "Two resources have this id and different contents; the last one is read.",
    "panel-item": "This is one item of a result, and is read with it.",
    "empty": "This has a name and says nothing.",
    "other-version": "This kind is of another FHIR version than R4; it is kept and not read here.",
    "sequence": "These are letters of DNA, kept as sent; they name no change.",
    "group": "This only holds other results together.",
    "context": "This belongs to the record and is not a genomic result.",
    "not-genomic": "This result is not about genes.",
    "file": "This is a file; it is kept and not read here.",
    "outcome": "The source answered with a message instead of a resource.",
    "modifier": "The source added a mark that changes the meaning and that we do not know.",
    "missing-result": "The report names a result that is not here.",
    "strangers-result": "The report names a result that is about someone else.",
    "population": "This answer counts people; it is not about one person.",
    "answer": "This is the frame of an answer; the results in it are read on their own.",
    "other-person": "This is about someone else.",
    "not-a-person": "This is about a group, a relative or a thing, not about the person.",
    "several-people": "These resources speak of more than one person.",
}
_REASON_OF_TYPE = {
    "OperationOutcome": "outcome",
    "MolecularSequence": "sequence",
    "Sequence": "other-version",  # STU3
    "DiagnosticOrder": "other-version",  # DSTU2
    "MedicationOrder": "other-version",  # DSTU2
    "DocumentReference": "file",
    "Binary": "file",
    "Media": "file",
}


_REASON_OF_FACE = {**_REASON_OF_TYPE, "Observation": "not-genomic", REPORT: "not-genomic"}


def read(resources: Iterable[SourceResource], *, patient_ids: frozenset[str] | None) -> Reading:
    """Return what the resources say about one person.

    `patient_ids` are the ids of that person at the source ("abc" or "Patient/abc"); a resource
    about anyone else is quarantined. With None the reports in the set say who it is. All
    resources should come from one source: the same id at two sources is not the same thing.
    """
    return _Reader(Graph(resources), patient_ids).reading()


class _Reader:
    """One reading in progress."""

    def __init__(self, graph: Graph, patient_ids: frozenset[str] | None) -> None:
        self.graph = graph
        self.sorting = Sorting(graph)
        self.people = People(graph, patient_ids, self.sorting.tellers())
        self.hints: dict[str, tuple[str, ...]] = {}
        self.findings: list[Finding] = []
        self.told: list[Report] = []
        self.notices: list[Notice] = []
        self.quarantined: list[Quarantined] = []
        self.coverage: list[Coverage] = []
        self.contested = {
            new for old, new in graph.replaced if _why_replaced(old, new) == "two-contents"
        }

    # --- reading --------------------------------------------------------------------------
    def reading(self) -> Reading:
        """Read every resource once."""
        for old, new in self.graph.replaced:
            self._notice(_why_replaced(old, new), old)
        touched = self.sorting.touched
        self.graph.read_more_of(touched)
        others = frozenset((*self._others(), *self._plain_others()))
        self.graph.hide(others)
        for item in self.graph.items:
            if item.key not in others and (item.face is None or item.key in touched):
                item.read_exactly()
        for item in self.graph.items:
            if item.key in others:
                self._quarantine(item)
            elif item.face is None or item.key in touched:
                self._read_if_fit(item)
            else:
                self.notices.append(_ordinary(item.face, item.name, item.path))
        self._tell_of_plain(others)
        if self.people.several():
            place = Pointer("")
            reason = _REASONS["several-people"]
            self.notices.append(Notice(code="several-people", reason=reason, source=place))
        findings = with_conflicts(self.findings)
        return Reading(
            findings=tuple(findings),
            reports=tuple(_with_findings(self.told, findings)),
            notices=tuple(self.notices),
            quarantined=tuple(self.quarantined),
            coverage=tuple(self.coverage),
        )

    def _tell_of_plain(self, others: frozenset[str]) -> None:
        tell = self.notices.append
        for source in self.graph.plain:
            if others and source.key in others:
                self._quarantine(self.graph.item_of(source))
            else:
                tell(_ordinary(source, source.name, source.path))
            if source.contained:
                self._tell_of_contained(source, others)

    def _tell_of_contained(self, source: FacedResource, others: frozenset[str]) -> None:
        for index, face in enumerate(source.contained):
            name, path = f"{source.name}#{face.id}", f"{source.path}.contained[{index}]"
            if f"{source.key}#{face.id}" in others:
                self.graph.item_of(source)
                self._quarantine(self.graph.contained[source.key][index])
            else:
                self.notices.append(_ordinary(face, name, path))

    def _read(self, item: Item) -> None:
        if item.key in self.sorting.reports:
            self._read_report(item)
            return
        code = self._withheld(item)
        if code:
            self._notice(code, item)
            return
        found = self._findings(item)
        if not found:
            self._notice(self._why_nothing(item), item)
            return
        for finding in found:
            self._keep(finding, item)

    def _read_if_fit(self, item: Item) -> None:
        """Read a resource; of what only its face was known the rest is looked at first."""
        fault = item.source.refusal
        if fault is None:
            self._read(item)
        else:
            self._notice(fault.code, item, str(fault))

    def _findings(self, item: Item) -> list[Finding]:
        kind = self.sorting.kinds.get(item.key)
        if item.type == "Observation" and kind is not None:
            return self._observed(item, kind)
        if item.type == "Task" and (kind is not None or self.sorting.speaks_of_results(item)):
            return [read_task(item, self.graph)]
        if item.type == "RiskAssessment" and self.sorting.speaks_of_results(item):
            return read_risk(item, self.graph)
        if item.type == "Procedure" and is_genomic_study(item):
            return [read_study(item, self.graph)]
        reader = _SIMPLE.get(item.type)
        return reader(item, self.graph) if reader else []

    def _observed(self, item: Item, kind: Kind) -> list[Finding]:
        if is_group(item, self.graph) or item.key in self.sorting.in_panels:
            return []
        items = self.sorting.items_of.get(item.key, ())
        linked = self.graph.linked(item, ("hasMember",)) if items else ()
        panel = [one for one in linked if one in items and not self._withheld(one)]
        found = read_observation(item, self.graph, kind, panel)
        return [] if says_nothing(found) else [found]

    def _why_nothing(self, item: Item) -> str:
        if item.key in self.sorting.in_panels:
            return "panel-item"
        if item.type == "Observation":
            return self._why_no_finding(item)
        if item.type in {"DiagnosticReport", "RiskAssessment"}:
            return "not-genomic"
        if item.type == "Parameters":
            return "population" if is_about_a_population(item) else "answer"
        return _why_by_type(item)

    def _why_no_finding(self, item: Item) -> str:
        if item.key not in self.sorting.kinds:
            return "not-genomic"
        return "group" if is_group(item, self.graph) else "empty"

    # --- status ---------------------------------------------------------------------------
    def _withheld(self, item: Item) -> str:
        """Return why a resource is no result: withdrawn, cancelled, or marked in a way unknown."""
        status = item.status
        if status in a.WITHDRAWN:
            return "withdrawn"
        if item.body.get("modifierExtension"):
            return "modifier"
        if item.key not in self.sorting.kinds and item.type not in RESULTS:
            return ""
        if status in a.CANCELLED:
            return "cancelled"
        reports = self.sorting.reports_of(item)
        gone = [report for report in reports if report.status in a.WITHDRAWN]
        return "withdrawn" if reports and len(gone) == len(reports) else ""

    def _read_report(self, item: Item) -> None:
        code = self._withheld(item)
        if code:
            self._notice(code, item)
            return
        report = read_report(item, self.graph)
        place = _placed(report.source, item)
        self.told.append(
            msgspec.structs.replace(
                report, subject=self._named(item) or person_words(item), source=place
            )
        )
        self._cover(item, report.not_understood)
        for finding in results_in_words(item, self.graph):
            self._keep(finding, item)
        for target, is_hidden in missing_results(item, self.graph):
            why = "strangers-result" if is_hidden else "missing-result"
            reason = f"{_REASONS[why]} It is {target}."
            self._notice("missing-result", item, reason)

    # --- whose ----------------------------------------------------------------------------
    def _others(self) -> Iterator[str]:
        """Yield the keys of what is about someone else."""
        touched = self.sorting.touched
        for item in self.graph.items:
            told = item.face is not None and item.key not in touched
            if self._says_other(item) if told else self._is_other(item):
                yield item.key

    def _plain_others(self) -> Iterator[str]:
        """Yield the keys of what is plain and about someone else.

        It says by itself whose it is, so each reference is judged only once.
        """
        plain = self.graph.plain
        named = self.graph.named_people if plain else ()
        strangers = {person for person in named if person and self._is_stranger(person)}
        for source in plain if strangers else ():
            person = source.person
            if person in strangers:
                yield source.key
            for inner in source.contained:
                if (inner.person or person) in strangers:
                    yield f"{source.key}#{inner.id}"

    def _is_stranger(self, reference: str) -> bool:
        some = self.graph.item_of(self.graph.plain[0])  # all of them are named without a server
        person = self.people.canonical(reference, some)
        return person != NOBODY and self.people.is_other_person(person)

    def _says_other(self, item: Item) -> bool:
        """Tell that a resource names somebody else than the person read."""
        person = self.people.person(item)
        return person != NOBODY and self.people.is_other_person(person)

    def _is_other(self, item: Item) -> bool:
        """Tell a resource about someone else than the person read, or than its reports' person."""
        person = self.people.person(item)
        reports = self.sorting.reports_of(item)
        people = {self.people.person(report) for report in reports} - {NOBODY}
        if person != NOBODY:
            stranger = bool(people) and person not in people and not self.people.given
            return stranger or self.people.is_other_person(person)
        if not people:
            below = self.graph.linked(item, ("derivedFrom", "hasMember"))
            people = {self.people.person(one) for one in below} - {NOBODY}
        return bool(people) and all(self.people.is_other_person(one) for one in people)

    def _quarantine(self, item: Item) -> None:
        code = "not-a-person" if is_no_patient(self.people.person(item)) else "other-person"
        self.quarantined.append(
            Quarantined(
                code=code,
                reason=_REASONS[code],
                source=Pointer(item.name, item.path),
                id=item.id,
                subject=item.person or self.people.person(item),
            )
        )

    def _hints(self, report: Item) -> tuple[str, ...]:
        if report.key not in self.hints:
            self.hints[report.key] = hints_of(report, self.graph)
        return self.hints[report.key]

    def _named(self, item: Item) -> str:
        """Return the person whom a resource names by a reference or an identifier, or nothing."""
        return item.person or self.people.identified(item)

    def _keep(self, finding: Finding, item: Item) -> None:
        """Add whose finding it is and which reports give it."""
        reports = self.sorting.reports_of(item)
        hints = [hint for report in reports for hint in self._hints(report)]
        flags = list(finding.flags)
        if item in self.contested:
            flags.append("conflict:two-contents")
        named = self._named(item)
        subject = named or person_words(item)
        if not named and item.type != "DiagnosticReport":
            flags.append("subject-in-words-only" if subject else "no-subject")
            stated = [one for report in reports if (one := report.person)]
            subject = subject or next(iter(stated), "")
        told = {self.people.person(item)} | {self.people.person(one) for one in reports}
        if len(told - {NOBODY}) > 1:
            flags.append("conflict:report-subject")
        if self._stands_on_nothing(item):
            flags.append(WITHDRAWN_BASIS)
        self.findings.append(
            msgspec.structs.replace(
                finding,
                source=_placed(finding.source, item),
                subject=subject,
                flags=tuple(dict.fromkeys(flags)),
                hints=tuple(dict.fromkeys((*finding.hints, *hints))),
                reports=finding.reports or tuple(report.key for report in reports),
            )
        )
        self._cover(item, finding.not_understood)

    def _stands_on_nothing(self, item: Item) -> bool:
        """Tell that the lab took back everything that a result was derived from."""
        below = list(self.graph.linked(item, ("derivedFrom",)))
        return bool(below) and all(one.status in a.WITHDRAWN for one in below)

    # --- what else is told ----------------------------------------------------------------
    def _cover(self, item: Item, missed: tuple[str, ...]) -> None:
        if missed or item.key in self.sorting.kinds:
            self.coverage.append(Coverage(item.name, item.type, len(item.body), missed))

    def _notice(self, code: str, item: Item, reason: str = "") -> None:
        self.notices.append(
            Notice(
                code=code,
                reason=reason or _REASONS[code],
                source=Pointer(item.name, item.path),
                id=item.id,
                status=item.status,
                subject=item.person,
            )
        )


_SIMPLE: dict[str, Callable[[Item, Graph], list[Finding]]] = {
    "FamilyMemberHistory": lambda item, graph: [read_family_history(item, graph)],
    "Parameters": lambda item, _: read_answer(item),
    "MolecularSequence": read_sequence,
    "GenomicStudy": read_genomic_study,
}


def _why_by_type(item: Item) -> str:
    if item.type == "MolecularSequence" and "relative" in item.body:
        return "other-version"  # R5 gives its changes there
    return _REASON_OF_TYPE.get(item.type, "context")


def _placed(source: Pointer, item: Item) -> Pointer:
    """Return where a record was read, with the place of its resource in the document."""
    return source if source.path else Pointer(source.resource, item.path)


def _ordinary(face: FacedResource, name: str, path: str) -> Notice:
    """Tell what a record is that has nothing to do with genes and that no result leads to."""
    code, reason = _told_of_face(face.type, face.status)
    return Notice(
        code=code,
        reason=reason,
        source=Pointer(name, path),
        id=face.id,
        status=face.status,
        subject=face.person,
    )


@lru_cache(maxsize=1024)
def _told_of_face(kind: str, status: str) -> tuple[str, str]:
    code = _code_of_face(kind, status)
    return code, _REASONS[code]


def _code_of_face(kind: str, status: str) -> str:
    if status in a.WITHDRAWN:
        return "withdrawn"
    if status in a.CANCELLED and kind in RESULTS:
        return "cancelled"
    return _REASON_OF_FACE.get(kind, "context")


def _why_replaced(old: Item, new: Item) -> str:
    if old.version != new.version:
        return "superseded"
    return "repeated" if old.body == new.body else "two-contents"


def _with_findings(reports: list[Report], findings: list[Finding]) -> list[Report]:
    given: dict[str, list[str]] = defaultdict(list)
    for finding in findings:
        for key in finding.reports:
            given[key].append(finding.key)
    return [msgspec.structs.replace(one, findings=tuple(given[one.key])) for one in reports]
