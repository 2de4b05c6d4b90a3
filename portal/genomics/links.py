"""Which findings a finding stands on, and which stand on it."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator

from portal.genomics.findings import Finding

type _Step = Callable[[Finding], Iterator[Finding]]


# Real findings hang together by a handful; whoever sends more is not followed to the end.
MOST_LINKED = 400


class Links:
    """The findings of one person, joined by derived_from and members."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        """Index the findings by id and key."""
        self.findings = tuple(findings)
        self.memo: dict[str, frozenset[str]] = {}  # what was worked out for a report
        self._around: dict[str, tuple[Finding, ...]] = {}
        self._named: dict[str, list[Finding]] = defaultdict(list)
        self._above: dict[str, list[Finding]] = defaultdict(list)
        self._in_report: dict[str, list[Finding]] = defaultdict(list)
        for one in self.findings:
            self._named[one.id].append(one)
            for report in one.reports:
                self._in_report[report].append(one)
        for one in self.findings:
            for lower in self._next_below(one):
                self._above[lower.key].append(one)

    def _next_below(self, finding: Finding) -> Iterator[Finding]:
        for name in (*finding.derived_from, *finding.members):
            candidates = self._named.get(name, [])
            same = [one for one in candidates if set(one.reports) & set(finding.reports)]
            yield from same or candidates

    def below(self, finding: Finding) -> tuple[Finding, ...]:
        """Return what a finding was derived from, all the way down."""
        return self._walk(finding, self._next_below)

    def above(self, finding: Finding) -> tuple[Finding, ...]:
        """Return what was derived from a finding, all the way up."""
        return self._walk(finding, lambda one: iter(self._above.get(one.key, ())))

    def around(self, finding: Finding) -> tuple[Finding, ...]:
        """Return a finding with what it stands on and what stands on it."""
        known = self._around.get(finding.key)
        if known is None:
            known = (finding, *self.below(finding), *self.above(finding))
            self._around[finding.key] = known
        return known

    def given_by(self, report: str) -> tuple[Finding, ...]:
        """Return all findings that a report gives."""
        return tuple(self._in_report.get(report, ()))

    def _walk(self, start: Finding, step: _Step) -> tuple[Finding, ...]:
        seen = {start.key}
        found: list[Finding] = []
        waiting = [start]
        while waiting and len(found) <= MOST_LINKED:
            for one in step(waiting.pop()):
                if one.key not in seen:
                    seen.add(one.key)
                    found.append(one)
                    waiting.append(one)
        return tuple(found)
