"""Former and newer copies of one resource, read again the same way, so that they can be compared.

A copy is read on its own: what other resources say of it is not part of the comparison. Only a
gene that it does not name itself is taken from what it stands on, if both copies stand on the same.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import orjson

from portal.genomics import findings as facts
from portal.genomics import reader
from portal.genomics.changes import Change as Difference
from portal.genomics.changes import changes
from portal.genomics.decimals import exact
from portal.genomics.documents import WholeResource
from portal.genomics.elements import Scan, concept, node, notes, quantity, token, word, words
from portal.records.models import Change, Resource, ResourceVersion, unpack
from portal.results.cards import Card, card_of
from portal.results.clusters import Cluster, clusters
from portal.results.record import Shelf, shelf


@dataclass(frozen=True)
class Copy:
    """One copy of a resource: its parsed body, and what was read from it."""

    body: dict[str, Any]
    shelf: Shelf

    @property
    def cluster(self) -> Cluster | None:
        """The card that the copy makes on its own, if it is a result."""
        return next(iter(clusters(self.shelf)), None)

    @property
    def finding(self) -> facts.Finding | None:
        """The first result that is read from it."""
        return next(iter(self.shelf.findings), None)

    @property
    def stands_on(self) -> tuple[str, ...]:
        """What the first result was derived from."""
        return self.finding.derived_from if self.finding else ()

    def about(self, genes: tuple[facts.Gene, ...]) -> "Copy":
        """Return the copy with these genes where its results name none."""
        named = [
            one if one.genes else msgspec.structs.replace(one, genes=genes)
            for one in self.shelf.findings
        ]
        records: list[facts.Record] = [*named, *self.shelf.reports, *self.shelf.notices]
        return Copy(self.body, shelf(self.shelf.origin, records))

    def card(self, language: str) -> Card | None:
        """Return the card that it makes on its own."""
        return card_of(self.cluster, language) if self.cluster else None


@dataclass(frozen=True)
class Pair:
    """A copy and the one that took its place; None where there was or is none."""

    change: Change
    before: Copy
    after: Copy | None

    @property
    def differences(self) -> tuple[Difference, ...]:
        """What differs, field by field; in a resource that is no result, its plain elements."""
        if self.after is None:
            return ()
        old, new = self.before.finding, self.after.finding
        if old and new:
            return changes(old, new)
        return tuple(_plain_differences(self.before.body, self.after.body))


def pair_of(
    change: Change, former: Sequence[ResourceVersion], genes: tuple[facts.Gene, ...] = ()
) -> Pair | None:
    """Return the two copies that a change is about; `former` are the resource's, oldest first.

    `genes` are those of the card that it is part of. None when the copies are no longer here.
    """
    resource = change.resource
    if change.kind == Change.Kind.REMOVED:
        return Pair(change, _copy(resource, resource.raw), None)
    followers = [*((one.received_at, one.raw) for one in former[1:])]
    followers.append((resource.stored_at, resource.raw))
    for version, (came_at, raw) in zip(former, followers, strict=False):
        if came_at == change.at:
            before, after = _copy(resource, version.raw), _copy(resource, raw)
            if genes and before.stands_on == after.stands_on:
                before, after = before.about(genes), after.about(genes)
            return Pair(change, before, after)
    return None


def _copy(resource: Resource, raw: bytes | memoryview) -> Copy:
    verbatim = unpack(raw)
    body: dict[str, Any] = dict(exact(orjson.loads(verbatim), verbatim))
    origin = resource.origin
    known = frozenset({origin.remote_patient_id}) if origin.remote_patient_id else None
    key = f"{resource.resource_type}/{resource.source_id}"
    source = WholeResource(key, body, resource.full_url)
    reading = reader.read([source], patient_ids=known)
    return Copy(body, shelf(origin, [*reading.findings, *reading.reports, *reading.notices]))


def _plain_differences(old: dict[str, Any], new: dict[str, Any]) -> Iterator[Difference]:
    before, after = plain_elements(old), plain_elements(new)
    for field in before:
        if before[field] != after[field]:
            yield Difference(field, before[field], after[field])


def plain_elements(body: dict[str, Any]) -> dict[str, str]:
    """Return the elements that every report and result has, in the lab's words."""
    quiet = Scan("")
    coded = concept(body.get("valueCodeableConcept"), "", quiet)
    amount = quantity(node(body.get("valueQuantity"), "", quiet) or None, "", quiet)
    said = word(body.get("valueString"), "", quiet)
    measured = f"{amount.comparator}{amount.figures} {amount.label}".strip() if amount else ""
    return {
        "status": token(body.get("status"), "", quiet),
        "name": words(concept(body.get("code"), "", quiet)),
        "value": words(coded) or said or measured,
        "conclusion": word(body.get("conclusion"), "", quiet),
        "notes": "; ".join(notes(body, "note", "", quiet)),
    }
