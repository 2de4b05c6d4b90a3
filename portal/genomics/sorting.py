"""Which resources of a set are genomic, what each is about, and which report gives it."""

from collections import defaultdict

from portal.genomics import answers as a
from portal.genomics import codes as c
from portal.genomics.elements import Scan, token, value_name
from portal.genomics.faces import RESULTS, FacedResource
from portal.genomics.fields import FIELD_OF_CODE
from portal.genomics.findings import Kind
from portal.genomics.graph import Graph, Item, extension_references, references_of
from portal.genomics.kinds import kind_in_report, kind_of
from portal.genomics.recommendations import is_from_variants
from portal.genomics.reports import is_genomic_report
from portal.genomics.studies import is_genomic_study

_EDGES = ("result", "hasMember", "derivedFrom", "reasonReference", "parent", "basis")
_LINKED = frozenset({*_EDGES, "extension"})
_ASSUMED = frozenset({"Observation", "Task"})
_ALWAYS = frozenset({"FamilyMemberHistory", "Parameters", "MolecularSequence", "GenomicStudy"})


class Sorting:
    """The kinds of observations, the genomic reports, and the reports of each result."""

    def __init__(self, graph: Graph) -> None:
        """Sort the resources of a graph."""
        self.graph = graph
        self.kinds: dict[str, Kind] = {}
        self._tails: set[str] = set()  # what a reference to one of them can end with
        self.reports: dict[str, Item] = {}
        self._assumed: list[Item] = []
        self._reports_of: dict[str, list[Item]] = defaultdict(list)
        for item in graph.read:
            kind = kind_of(item) if item.type == "Observation" else None
            if kind is not None:
                self._take(item, kind)
        self.items_of: dict[str, list[Item]] = {}  # of a panel, by its key
        self.in_panels: set[str] = set()
        self._fold_panels()
        neighbours = self._neighbours()
        for item in graph.read:
            if item.type == "DiagnosticReport" and self._is_report(item):
                self.reports[item.key] = item
                self._gather(item, neighbours, all_genomic=is_genomic_report(item))
        # What a genomic report or panel makes more of than it says itself, by key.
        self.touched = {*self.kinds, *self._reports_of, *self.reports, *self.in_panels}

    def _take(self, item: Item, kind: Kind) -> None:
        self.kinds[item.key] = kind
        self._tails.update((_tail(item.id), _tail(item.full_url)))

    def _fold_panels(self) -> None:
        """Find the observations that are single items of a variant panel."""
        for item in self.graph.read:
            if item.type != "Observation" or "hasMember" not in item.body:
                continue
            if not c.PANELS.isdisjoint(codes_in(item)):
                found = list(filter(_is_single, self.graph.linked(item, ("hasMember",))))
                says_more = "component" in item.body or value_name(item.body)
                self._take(item, Kind.VARIANT if found or says_more else Kind.OTHER)
                self.items_of[item.key] = found
                self.in_panels.update(one.key for one in found)

    def reports_of(self, item: Item) -> list[Item]:
        """Return the reports that give a result."""
        return self._reports_of.get(item.key, [])

    def tellers(self) -> list[Item]:
        """Return the genomic reports and results, reports first."""
        results = (one for one in self.graph.read if one.key in self.kinds or _is_result(one))
        return [*self.reports.values(), *results, *self._assumed]

    def speaks_of_results(self, item: Item) -> bool:
        """Tell whether a Task or RiskAssessment belongs to genomic results."""
        if item.key in self._reports_of:
            return True
        if any(one.key in self.kinds for one in self._targets(item)):
            return True
        if item.type == "RiskAssessment" and is_from_variants(item.body):
            return True
        return bool(set(codes_in(item)) & a.ACTIONS.keys())

    def _is_report(self, item: Item) -> bool:
        if item.face is not None:
            return self._gives_a_result(item, item.face) and item.source.refusal is None
        linked = self.graph.linked(item, ("result",))
        return is_genomic_report(item) or any(one.key in self.kinds for one in linked)

    def _gives_a_result(self, item: Item, face: FacedResource) -> bool:
        # One inside another, or one meant by its identifier, can only be told by looking.
        likely = (
            one for one in face.results if "#" in one or "?" in one or _tail(one) in self._tails
        )
        linked = (self.graph.resolve(one, item) for one in likely)
        return any(one is not None and one.key in self.kinds for one in linked)

    def _neighbours(self) -> dict[str, list[Item]]:
        """Return what hangs together, in both directions, reports aside."""
        found: dict[str, list[Item]] = defaultdict(list)
        for item in self.graph.read:
            if item.type not in RESULTS or _LINKED.isdisjoint(item.body):
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
        return [target for target in linked if target.type in RESULTS]

    def _gather(
        self, report: Item, neighbours: dict[str, list[Item]], *, all_genomic: bool
    ) -> None:
        """Find all results that belong to a report; those of a genetics report are genomic."""
        waiting = [*self._targets(report), *self.graph.contained.get(report.key, ())]
        seen: set[str] = set()
        for item in waiting:
            if item.key not in seen and item.type in RESULTS:
                if item.type in _ASSUMED and all_genomic:
                    self._assume(item)
                seen.add(item.key)
                self._reports_of[item.key].append(report)
                waiting.extend(neighbours.get(item.key, ()))

    def _assume(self, item: Item) -> None:
        """Take what a genetics report gives for a genomic result, ordinary as it may look."""
        if item.key not in self.kinds:
            is_task = item.type == "Task"
            self._take(item, Kind.RECOMMENDATION if is_task else kind_in_report(item))
        if item.face is not None:
            self._assumed.append(item)


def _is_single(member: Item) -> bool:
    """Tell one item of a variant from a whole result that a panel holds."""
    if "component" in member.body or "hasMember" in member.body:
        return False
    return not FIELD_OF_CODE.keys().isdisjoint(codes_in(member))


def _tail(address: str) -> str:
    """Return the last part of Type/id, urn:uuid:… or the address of a resource."""
    return address.split("/_history/", 1)[0].rsplit("/", 1)[-1].rsplit(":", 1)[-1]


def _is_result(item: Item) -> bool:
    if item.face is not None:
        return False
    return item.type in _ALWAYS or (item.type == "Procedure" and is_genomic_study(item))


def codes_in(item: Item) -> list[str]:
    """Return the codes of a resource's main concept."""
    quiet = Scan("")
    raw = item.body.get("code")
    codings = raw.get("coding") if isinstance(raw, dict) else None
    listed = codings if isinstance(codings, list) else []
    return [token(one.get("code"), "", quiet) for one in listed if isinstance(one, dict)]


def is_group(item: Item, graph: Graph) -> bool:
    """Tell an Observation that only holds together results that are all here, and says no more."""
    raw = item.body.get("hasMember")
    if raw is None or c.GROUPERS.isdisjoint(codes_in(item)) or not item.body.keys() <= _OF_A_GROUP:
        return False
    members = list(references_of(item, ("hasMember",)))
    return (
        isinstance(raw, list)
        and 0 < len(members) == len(raw)
        and all(graph.resolve(one, item) or graph.is_hidden(one, item) for one in members)
    )


_OF_A_GROUP = frozenset(
    {
        "resourceType", "id", "meta", "implicitRules", "language", "text", "identifier", "basedOn",
        "partOf", "status", "category", "code", "subject", "encounter", "effectiveDateTime",
        "effectivePeriod", "issued", "performer", "specimen", "hasMember",
    }
)  # fmt: skip
