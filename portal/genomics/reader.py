"""FHIR resources in, findings out: read by codes, not by claimed profile."""

from collections import defaultdict
from collections.abc import Callable, Iterable

import msgspec

from portal.genomics import codes as c
from portal.genomics.conflicts import with_conflicts
from portal.genomics.documents import SourceResource
from portal.genomics.elements import Scan, token
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
from portal.genomics.graph import (
    Graph,
    Item,
    extension_references,
    person_words,
)
from portal.genomics.observations import kind_of, read_observation
from portal.genomics.operations import is_about_a_population, read_answer, read_sequence
from portal.genomics.recommendations import read_risk, read_task
from portal.genomics.reports import (
    hints_of,
    is_genomic_report,
    missing_results,
    read_report,
    results_in_words,
)
from portal.genomics.studies import is_genomic_study, read_study
from portal.genomics.subjects import NOBODY, People

_EDGES = ("result", "hasMember", "derivedFrom", "reasonReference", "parent", "basis")
_LINKED = frozenset({*_EDGES, "extension"})
_RESULTS = frozenset({"Observation", "Task", "RiskAssessment", "Procedure"})
_REASONS = {
    "withdrawn": "The lab withdrew this: it was entered in error.",
    "cancelled": "The test was cancelled or stopped; there is no result.",
    "superseded": "A newer version of this resource takes its place.",
    "repeated": "The same resource came more than once.",
    "two-contents": "Two resources have this id and different contents; the last one is read.",
    "group": "This only holds other results together.",
    "context": "This belongs to the record and is not a genomic result.",
    "not-genomic": "This result is not about genes.",
    "file": "This is a file; it is kept and not read here.",
    "outcome": "The source answered with a message instead of a resource.",
    "modifier": "The source added a mark that changes the meaning and that we do not know.",
    "missing-result": "The report names a result that is not here.",
    "population": "This answer counts people; it is not about one person.",
    "answer": "This is the frame of an answer; the results in it are read on their own.",
    "several-people": "These resources speak of more than one person.",
}
_ASSUMED = {"Observation": Kind.OTHER, "Task": Kind.RECOMMENDATION}
_FILES = frozenset({"DocumentReference", "Binary", "Media"})


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
        self.kinds: dict[str, Kind] = {}
        self.reports: list[Item] = []
        self.members: dict[str, list[Item]] = defaultdict(list)  # item key -> its reports
        self.findings: list[Finding] = []
        self.told: list[Report] = []
        self.notices: list[Notice] = []
        self.quarantined: list[Quarantined] = []
        self.coverage: list[Coverage] = []
        self.contested = {
            new for old, new in graph.replaced if _why_replaced(old, new) == "two-contents"
        }
        self._sort()
        self.people = People(graph, patient_ids, [*self.reports, *self._results()])

    def _results(self) -> list[Item]:
        return [item for item in self.graph.items if item.key in self.kinds or _is_result(item)]

    # --- which resources are genomic, and in which reports --------------------------------
    def _sort(self) -> None:
        for item in self.graph.items:
            kind = _quick_kind(item)
            if kind is not None:
                self.kinds[item.key] = kind
        neighbours = self._neighbours()
        for item in self.graph.items:
            if item.type == "DiagnosticReport" and self._is_report(item):
                self.reports.append(item)
                self._gather(item, neighbours, all_genomic=is_genomic_report(item))

    def _is_report(self, item: Item) -> bool:
        linked = self.graph.linked(item, ("result",))
        return is_genomic_report(item) or any(one.key in self.kinds for one in linked)

    def _neighbours(self) -> dict[str, list[Item]]:
        """Return what hangs together, in both directions, reports aside."""
        found: dict[str, list[Item]] = defaultdict(list)
        for item in self.graph.items:
            if item.type not in _RESULTS or _LINKED.isdisjoint(item.body):
                continue
            for target in self._targets(item):
                found[item.key].append(target)
                found[target.key].append(item)
        return found

    def _targets(self, item: Item) -> list[Item]:
        linked = list(self.graph.linked(item, _EDGES))
        for reference in extension_references(item):
            target = self.graph.resolve(reference, item)
            linked += [target] if target is not None else []
        return [target for target in linked if target.type in _RESULTS]

    def _gather(
        self, report: Item, neighbours: dict[str, list[Item]], *, all_genomic: bool
    ) -> None:
        """Find all results that belong to a report; those of a genetics report are genomic."""
        inner = [one for one in self.graph.items if one.root is report and one.type in _RESULTS]
        waiting = [*self._targets(report), *inner]
        seen: set[str] = set()
        for item in waiting:
            if item.key not in seen and item.type in _RESULTS:
                if item.type in _ASSUMED and all_genomic:
                    self.kinds.setdefault(item.key, _ASSUMED[item.type])
                seen.add(item.key)
                self.members[item.key].append(report)
                waiting.extend(neighbours[item.key])

    # --- reading --------------------------------------------------------------------------
    def reading(self) -> Reading:
        """Read every resource once."""
        for old, new in self.graph.replaced:
            self._notice(_why_replaced(old, new), old)
        for item in self.graph.items:
            self._read(item)
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

    def _read(self, item: Item) -> None:
        if self._is_other(item):
            self._quarantine(item)
            return
        if item in self.reports:
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

    def _findings(self, item: Item) -> list[Finding]:
        kind = self.kinds.get(item.key)
        if item.type == "Observation" and kind is not None:
            return [] if _is_group(item) else [read_observation(item, self.graph, kind)]
        if item.type == "Task" and (kind is not None or self._speaks_of_results(item)):
            return [read_task(item, self.graph)]
        if item.type == "RiskAssessment" and self._speaks_of_results(item):
            return read_risk(item, self.graph)
        if item.type == "Procedure" and is_genomic_study(item):
            return [read_study(item, self.graph)]
        reader = _SIMPLE.get(item.type)
        return reader(item, self.graph) if reader else []

    def _speaks_of_results(self, item: Item) -> bool:
        if item.key in self.members:
            return True
        if any(one.key in self.kinds for one in self._targets(item)):
            return True
        quiet = Scan("")
        raw = item.body.get("code")
        codings = raw.get("coding") if isinstance(raw, dict) else None
        listed = codings if isinstance(codings, list) else []
        codes = {token(one.get("code"), "", quiet) for one in listed if isinstance(one, dict)}
        return bool(codes & c.ACTIONS.keys())

    def _why_nothing(self, item: Item) -> str:
        if item.type == "Observation":
            return "group" if item.key in self.kinds else "not-genomic"
        if item.type in {"DiagnosticReport", "RiskAssessment"}:
            return "not-genomic"
        if item.type == "Parameters":
            return "population" if is_about_a_population(item) else "answer"
        if item.type == "OperationOutcome":
            return "outcome"
        return "file" if item.type in _FILES else "context"

    # --- status ---------------------------------------------------------------------------
    def _withheld(self, item: Item) -> str:
        """Return why a resource is no result: withdrawn, cancelled, or marked in a way unknown."""
        status = _status(item)
        if status in c.WITHDRAWN:
            return "withdrawn"
        if item.body.get("modifierExtension"):
            return "modifier"
        if item.key not in self.kinds and item.type not in _RESULTS:
            return ""
        if status in c.CANCELLED:
            return "cancelled"
        reports = self.members.get(item.key, [])
        gone = [report for report in reports if _status(report) in c.WITHDRAWN]
        return "withdrawn" if reports and len(gone) == len(reports) else ""

    def _read_report(self, item: Item) -> None:
        code = self._withheld(item)
        if code:
            self._notice(code, item)
            return
        report = read_report(item, self.graph)
        self.told.append(msgspec.structs.replace(report, subject=self._subject(item)))
        self._cover(item, report.not_understood)
        for finding in results_in_words(item):
            self._keep(finding, item)
        for target in missing_results(item, self.graph):
            reason = f"{_REASONS['missing-result']} It is {target}."
            self._notice("missing-result", item, reason)

    # --- whose ----------------------------------------------------------------------------
    def _is_other(self, item: Item) -> bool:
        person = self.people.person(item)
        if person != NOBODY:
            return self.people.is_other_person(person)
        reports = self.members.get(item.key, [])
        people = {self.people.person(report) for report in reports} - {NOBODY}
        return bool(people) and all(self.people.is_other_person(one) for one in people)

    def _quarantine(self, item: Item) -> None:
        reason = "This is about someone else."
        self.quarantined.append(
            Quarantined(
                code="other-person",
                reason=reason,
                source=Pointer(item.name, item.path),
                id=item.id,
                subject=item.person or self.people.person(item),
            )
        )

    def _subject(self, item: Item) -> str:
        return item.person or person_words(item)

    def _keep(self, finding: Finding, item: Item) -> None:
        """Add whose finding it is and which reports give it."""
        reports = self.members.get(item.key, [])
        hints = [hint for report in reports for hint in hints_of(report, self.graph)]
        flags = list(finding.flags)
        if item in self.contested:
            flags.append("conflict:two-contents")
        subject = self._subject(item)
        if not item.person and item.type != "DiagnosticReport":
            flags.append("subject-in-words-only" if subject else "no-subject")
            stated = [one for report in reports if (one := report.person)]
            subject = subject or next(iter(stated), "")
        told = {self.people.person(item)} | {self.people.person(one) for one in reports}
        if len(told - {NOBODY}) > 1:
            flags.append("conflict:report-subject")
        self.findings.append(
            msgspec.structs.replace(
                finding,
                subject=subject,
                flags=tuple(dict.fromkeys(flags)),
                hints=tuple(dict.fromkeys((*finding.hints, *hints))),
                reports=finding.reports or tuple(report.key for report in reports),
            )
        )
        self._cover(item, finding.not_understood)

    # --- what else is told ----------------------------------------------------------------
    def _cover(self, item: Item, missed: tuple[str, ...]) -> None:
        if missed or item.key in self.kinds:
            self.coverage.append(Coverage(item.name, item.type, len(item.body), missed))

    def _notice(self, code: str, item: Item, reason: str = "") -> None:
        self.notices.append(
            Notice(
                code=code,
                reason=reason or _REASONS[code],
                source=Pointer(item.name, item.path),
                id=item.id,
                status=_status(item),
                subject=item.person,
            )
        )


_SIMPLE: dict[str, Callable[[Item, Graph], list[Finding]]] = {
    "FamilyMemberHistory": lambda item, graph: [read_family_history(item, graph)],
    "Parameters": lambda item, _: read_answer(item),
    "MolecularSequence": lambda item, _: read_sequence(item),
}


def _why_replaced(old: Item, new: Item) -> str:
    if old.version != new.version:
        return "superseded"
    return "repeated" if old.body == new.body else "two-contents"


def _is_result(item: Item) -> bool:
    return item.type in _SIMPLE or (item.type == "Procedure" and is_genomic_study(item))


def _quick_kind(item: Item) -> Kind | None:
    return kind_of(item) if item.type == "Observation" else None


def _status(item: Item) -> str:
    raw = item.body.get("status")
    return raw.strip().lower() if isinstance(raw, str) else ""


def _is_group(item: Item) -> bool:
    """Tell an Observation that only has members: nothing said, nothing noted."""
    body = item.body
    said = any(name.startswith("value") for name in body) or "note" in body or "component" in body
    return "hasMember" in body and not said and _code(item) == c.GROUPER


def _code(item: Item) -> str:
    raw = item.body.get("code")
    codings = raw.get("coding") if isinstance(raw, dict) else None
    for one in codings if isinstance(codings, list) else []:
        if isinstance(one, dict) and isinstance(one.get("code"), str):
            return str(one["code"]).strip()
    return ""


def _with_findings(reports: list[Report], findings: list[Finding]) -> list[Report]:
    given: dict[str, list[str]] = defaultdict(list)
    for finding in findings:
        for key in finding.reports:
            given[key].append(finding.key)
    return [msgspec.structs.replace(one, findings=tuple(given[one.key])) for one in reports]
