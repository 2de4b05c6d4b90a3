"""Which documents of an account are of one test, as its resources say. Pure.

A report, a genomic study and its analyses name the files that were made in a test. What stands
nearest counts: files of one analysis go together before all files of one report do.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, Final

# What can name the files of a test.
SPEAKING: Final = ("DiagnosticReport", "DocumentReference", "GenomicStudy", "Procedure")
_STATES: Final = {
    "studied": "studied",
    "called": "called",
    "uncalled": "uncalled",
    "regionsStudied": "studied",
    "regionsCalled": "called",
}
# These lead to other tests: an earlier one, one that was replaced, all that was ordered at once.
_ELSEWHERE: Final = frozenset({"relatesTo", "reasonReference", "basedOn", "encounter"})
_HISTORY: Final = re.compile(r"/_history/[^/]*\Z")

type Link = tuple[str, str]  # how the regions in a document are called, if at all, and which


class Belonging:
    """The links between documents, reports and studies; made of `bodies` by "Type/id"."""

    def __init__(
        self, bodies: Mapping[str, Mapping[str, Any]], addresses: Mapping[str, str]
    ) -> None:
        """Take also the names by address, where an entry of a Bundle has one."""
        self._addresses = addresses
        self._near: dict[str, set[str]] = defaultdict(set)
        self._states: dict[str, set[str]] = defaultdict(set)
        for name, body in bodies.items():
            for node, part in _parts(name, body):
                self._join(name, node)
                for state, reference in _links(part):
                    self._take(node, state, reference)

    def state(self, document: str) -> str:
        """Return what the regions of a document are; empty where nobody or not all say the same."""
        said = self._states[document]
        return next(iter(said)) if len(said) == 1 else ""

    def nearest(self, document: str, others: frozenset[str]) -> frozenset[str]:
        """Return those of `others` that go with a document, the document itself before all."""
        seen, edge = {document}, {document}
        while edge and not edge & others:
            edge = {near for one in edge for near in self._near[one]} - seen
            seen |= edge
        return frozenset(edge & others)

    def _join(self, one: str, other: str) -> None:
        if one != other:
            self._near[one].add(other)
            self._near[other].add(one)

    def _take(self, node: str, state: str, reference: str) -> None:
        plain = _HISTORY.sub("", reference)
        name = self._addresses.get(plain) or "/".join(plain.split("/")[-2:])
        if name.startswith(SPEAKING):
            self._join(node, name)
            self._states[name] |= {state} - {""}


def _parts(name: str, body: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield a resource, and each analysis of a study of R5 as a thing of its own."""
    analyses = body.get("analysis") if name.startswith("GenomicStudy") else None
    listed = analyses if isinstance(analyses, list) else []
    yield name, {key: value for key, value in body.items() if not listed or key != "analysis"}
    for number, one in enumerate(listed):
        yield f"{name}#{number}", one if isinstance(one, dict) else {}


def _links(value: object, state: str = "") -> Iterator[Link]:
    if isinstance(value, list):
        for one in value:
            yield from _links(one, state)
    if not isinstance(value, dict):
        return
    reference, url = value.get("reference"), value.get("url")
    if isinstance(reference, str) and not reference.startswith("#"):
        yield state, reference
    for key, inner in value.items():
        if key not in _ELSEWHERE:
            named = _STATES.get(key) or _STATES.get(url if isinstance(url, str) else "")
            yield from _links(inner, named or state)
