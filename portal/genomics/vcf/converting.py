"""A whole file as FHIR, line after line: every line of it comes out as a resource or a fault."""

from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO

import msgspec
import orjson

from portal.genomics.findings import Presence
from portal.genomics.vcf import beds, calls, outside, pgx, reach, regions, study
from portal.genomics.vcf.annotations import Annotations
from portal.genomics.vcf.bed_files import encoded
from portal.genomics.vcf.beds import Bed, State
from portal.genomics.vcf.builds import Build
from portal.genomics.vcf.faults import Fault
from portal.genomics.vcf.fhir import Subject, Variants
from portal.genomics.vcf.lines import Limits
from portal.genomics.vcf.listing import Listing
from portal.genomics.vcf.outside import Outside
from portal.genomics.vcf.phases import Phases
from portal.genomics.vcf.records import Reader
from portal.genomics.vcf.star_alleles import StarAlleles
from portal.genomics.vcf.summary import Summary

_NOT_FOUND: tuple[Presence, ...] = (Presence.ABSENT, Presence.NO_CALL)

_OF_PERSON = " The person added a list of regions; the laboratory did not send it."


class Choice(msgspec.Struct, frozen=True):
    """What the asker says about a file; what it leaves open the file itself must say."""

    sample: str | None = None
    build: Build | None = None
    patient: str = ""
    clinical: bool = True
    only_present: bool = False  # leave out what was looked at and not found
    # Where there are more changes than this, none is listed one by one, and few regions are.
    most: int | None = None


class Conversion:
    """One file on its way to FHIR. `summary` is whole once all items were taken.

    Raises Refusal when the file cannot be read, or does not say what `choice` leaves open.
    """

    def __init__(
        self,
        stream: BinaryIO,
        choice: Choice,
        *,
        beds: Sequence[Bed] = (),
        limits: Limits | None = None,
    ) -> None:
        self._reader = Reader(stream, limits)
        self._reader.choose(sample=choice.sample, build=choice.build)
        self._choice = choice
        self._limits = limits
        self._beds = beds
        self._outside = Outside()
        self._named: list[str] = []  # ids of the regions that were looked at
        self._tells_all_genes = True
        self.summary = Summary()
        self.subject = Subject(self._reader.settled(), choice.patient, study.STUDY, choice.clinical)

    def items(self) -> Iterator[str | Fault]:
        """Yield resources as JSON text, and faults. Raises Refusal when the file ends badly."""
        for number, bed in enumerate(self._beds, 1):
            yield from self._of_bed(bed, number)
        states = [bed.state for bed in self._beds]
        looked = [one for one in self._outside.files if one[0] is not State.UNCALLED]
        for resource in study.opening(self.subject, states, reach.words(looked)):
            yield _text(resource)
        yield from self._variants()
        yield _text(self._report())

    def _report(self) -> dict[str, Any]:
        named = self._named if self._tells_all_genes else []
        report = study.report(self.subject, self.summary, self._outside.files, named)
        if self.subject.clinical and any(bed.is_of_person for bed in self._beds):
            report["conclusion"] += _OF_PERSON
        return report

    def _of_bed(self, bed: Bed, number: int) -> Iterator[str | Fault]:
        raw, subject = bed.content, self.subject
        if bed.is_of_person:
            subject = msgspec.structs.replace(subject, clinical=False)
        yield _text(study.regions_file(subject, bed.state, encoded(raw), number=number))
        listing = Listing(subject, bed.state, number)
        for found in beds.of_test(raw, subject.build, self._limits):
            if isinstance(found, Fault):
                yield found._replace(file=number)
                continue
            listing.take(found)
            if self._choice.most is None:
                yield _text(regions.region(subject, found, bed.state, number=number))
        self._outside.add(bed.state, listing.whole)
        if self._choice.most is not None:
            listed = list(listing.resources())
            yield from map(_text, listed)
            if bed.state is not State.UNCALLED:
                self._tells_all_genes &= listing.tells_all_genes
                self._named += [one["id"] for one in listed]

    def _variants(self) -> Iterator[str | Fault]:
        stars = StarAlleles(self.subject.build)
        if self._choice.most is None:
            yield from self._changes(stars)
        else:
            yield from self._few_changes(stars, self._choice.most)
        yield from self._diplotypes(stars)

    def _few_changes(self, stars: StarAlleles, most: int) -> Iterator[str | Fault]:
        """Yield the changes if they are not too many; the first few of a genome mislead."""
        held: list[str] = []
        for item in self._changes(stars):
            if isinstance(item, Fault):
                yield item
            elif len(held) <= most:
                held.append(item)
        if len(held) > most:
            self.summary.not_listed = self.summary.different
        else:
            yield from held

    def _changes(self, stars: StarAlleles) -> Iterator[str | Fault]:
        annotations = Annotations(self._reader.header)
        write, follow = Variants(self.subject, annotations).write, Phases().follow
        relate = study.PhaseRelations(self.subject).write
        skipped = _NOT_FOUND if self._choice.only_present else ()
        for record in self._reader.records():
            if isinstance(record, Fault):
                self._count(record)
                yield record
                continue
            stars.watch(record)
            found = calls.of(record)
            self.summary.add(found)
            if self._outside.holds_any(found):
                self.summary.outside += 1
                yield outside.remark(record.line)
                found = self._outside.mark(found)
            for call in found:
                if call.presence in skipped:
                    continue
                yield write(call)
                relation = follow(call)
                if relation is not None:
                    yield relate(relation)

    def _diplotypes(self, stars: StarAlleles) -> Iterator[str]:
        for diplotype in stars.calls():
            for resource in pgx.resources(diplotype, self.subject):
                yield _text(resource)

    def _count(self, fault: Fault) -> None:
        if fault.kept:
            self.summary.remarks += 1
        elif fault.line > self._reader.header.lines:
            self.summary.reject()


def _text(resource: dict[str, Any]) -> str:
    return orjson.dumps(resource).decode()
