"""A file as findings: what is there and what is unclear; what was looked at stays a count."""

from collections.abc import Iterator, Sequence
from typing import BinaryIO

import msgspec

from portal.genomics.findings import (
    Attribute,
    Coding,
    Concept,
    Finding,
    Gene,
    Hgvs,
    Kind,
    Notice,
    Pointer,
    Position,
    Presence,
    Record,
    Rejected,
    Report,
)
from portal.genomics.vcf import calls, fhir, outside, pgx, repeats, study
from portal.genomics.vcf.annotations import NOTE, Annotations
from portal.genomics.vcf.beds import Bed, Stretches, of_test
from portal.genomics.vcf.builds import Build
from portal.genomics.vcf.calls import Call
from portal.genomics.vcf.converting import Choice
from portal.genomics.vcf.faults import Fault
from portal.genomics.vcf.fhir import LOINC, SEQUENCE_ONTOLOGY, Subject
from portal.genomics.vcf.lines import Limits
from portal.genomics.vcf.outside import Outside
from portal.genomics.vcf.phases import Phases, Relation
from portal.genomics.vcf.records import Reader
from portal.genomics.vcf.records import Record as Line
from portal.genomics.vcf.regions import of_region
from portal.genomics.vcf.star_alleles import StarAlleles
from portal.genomics.vcf.summary import Summary

ONE_BASED = "1-based character counting"
NOT_CLINICAL_FLAG = "not-a-clinical-test"
_VARIANT = Concept(codings=(Coding(LOINC, "69548-6", "Genetic variant assessment"),))
_PHASE = Concept(codings=(Coding(LOINC, "82120-7", "Allelic phase"),))
_KEYS_LISTED = 10_000
_COVERAGE = (Presence.ABSENT, Presence.NO_CALL)


def findings(
    stream: BinaryIO,
    choice: Choice | None = None,
    *,
    beds: Sequence[Bed] = (),
    limits: Limits | None = None,
) -> Iterator[Record]:
    """Yield what the file says of one person, and at the end the report with the counts.

    The regions of `beds`, files of the same test, come before all. Places that were looked at
    without a change, and those without an answer, are coverage: they are counted in the report
    and make no finding. Raises Refusal.
    """
    choice = choice or Choice()
    reader = Reader(stream, limits)
    reader.choose(sample=choice.sample, build=choice.build)
    subject = Subject(reader.settled(), choice.patient, study.STUDY, choice.clinical)
    reading = _Reading(reader, subject)
    for number, bed in enumerate(beds, 1):
        yield from reading.regions(bed, number, limits)
    yield from reading.records()


class _Reading:
    """One pass over a file, with what must be remembered until its end."""

    def __init__(self, reader: Reader, subject: Subject) -> None:
        self._reader = reader
        self._subject = subject
        self._summary = Summary()
        self._phases = Phases()
        self._stars = StarAlleles(subject.build)
        self._annotations = Annotations(reader.header)
        self._keys: list[str] = []
        self._outside = Outside()

    def regions(self, bed: Bed, number: int, limits: Limits | None) -> Iterator[Record]:
        """Yield the regions of a file that goes with the test."""
        stretches = Stretches()
        for found in of_test(bed.content, self._subject.build, limits):
            if isinstance(found, Fault):
                yield self._fault(found._replace(file=number))
                continue
            stretches.add(found)
            yield of_region(found, bed.state, self._subject, number)
        self._outside.add(bed.state, stretches)

    def records(self) -> Iterator[Record]:
        """Yield everything, the report last."""
        for one in self._reader.records():
            if isinstance(one, Fault):
                yield self._fault(one)
            else:
                yield from self._line(one)
        for diplotype in self._stars.calls():
            for finding in pgx.findings(diplotype, self._subject):
                yield self._listed(finding)
        words = study.words(self._subject, self._summary, self._outside.files)
        yield _report(self._subject, words, tuple(self._keys))

    def _fault(self, fault: Fault) -> Notice | Rejected:
        if not fault.kept and not fault.file and fault.line > self._reader.header.lines:
            self._summary.reject()
        kind = Notice if fault.kept else Rejected
        return kind(code=fault.code, reason=fault.reason, source=Pointer(path=fault.where))

    def _line(self, record: Line) -> Iterator[Record]:
        self._stars.watch(record)
        found = calls.of(record)
        self._summary.add(found)
        if self._outside.holds_any(found):
            self._summary.outside += 1
            yield self._fault(outside.remark(record.line))
            found = self._outside.mark(found)
        for call in found:
            if call.presence in _COVERAGE:
                continue
            yield self._listed(self._annotated(_finding(call, self._subject), call))
            relation = self._phases.follow(call)
            if relation is not None:
                yield _relation(relation, self._subject)

    def _annotated(self, finding: Finding, call: Call) -> Finding:
        found = self._annotations.of(call.record.info, call.record.ref, call.allele)
        if found is None:
            return finding
        names = {level: (text,) for level, text in (("c", found.c), ("p", found.p)) if text}
        genes = (Gene(found.gene, found.gene_id),) if found.gene or found.gene_id else ()
        known = finding.hgvs or Hgvs()
        hgvs = msgspec.structs.replace(known, **names)
        return msgspec.structs.replace(
            finding,
            genes=genes,
            hgvs=hgvs if hgvs != Hgvs() else None,
            notes=(*finding.notes, NOTE),
        )

    def _listed(self, finding: Finding) -> Finding:
        if len(self._keys) < _KEYS_LISTED:
            self._keys.append(finding.key)
        return finding


def _key(line: int, number: int) -> str:
    return f"Observation/variant-{line}-{number}"


def _finding(call: Call, subject: Subject) -> Finding:
    record, allele = call.record, call.allele
    line = f"line {record.line}"
    key = _key(record.line, call.number)
    return Finding(
        key=key,
        id=key.partition("/")[2],
        kind=Kind.VARIANT,
        source=Pointer(resource=key, path=line),
        status="final",
        presence=call.presence,
        code=_VARIANT,
        hgvs=_hgvs(call),
        position=_position(call, subject.build),
        ref=record.ref,
        alt=allele.text if allele else None,
        zygosity=call.zygosity,
        source_class="somatic" if call.somatic else "",
        allele_fraction=call.fraction,
        depth=call.reads,
        copy_number=call.copy_number,
        repeats=repeats.of(call),
        ids=calls.ids(record.id)[0],
        phase_set=_phase_set(call),
        subject=subject.patient,
        notes=call.notes,
        attributes=_change(call),
        flags=() if subject.clinical else (NOT_CLINICAL_FLAG,),
    )


def _phase_set(call: Call) -> str:
    genotype = call.record.genotype
    if genotype is None or not genotype.phased:
        return ""
    return call.record.values.get("PS", "").replace(".", "")


def _change(call: Call) -> tuple[Attribute, ...]:
    if call.allele is None or not call.allele.change:
        return ()
    coding = Coding(SEQUENCE_ONTOLOGY, call.allele.change, call.allele.change_name)
    return (
        Attribute(
            label="DNA change type", text=coding.display, codings=(coding,), code=fhir.CHANGE_TYPE
        ),
    )


def _hgvs(call: Call) -> Hgvs | None:
    text = calls.hgvs(call)
    return Hgvs(g=(text,)) if text else None


def _position(call: Call, build: Build) -> Position:
    extent, place = call.extent, call.record.place
    outer = extent.outer or (None, None)
    return Position(
        chromosome=place.chromosome or place.name,
        sequence=place.accession or place.name,
        start=extent.start,
        end=extent.end,
        coordinate_system=ONE_BASED,
        build=str(build),
        start0=extent.start - 1,
        end0=extent.end,
        outer_start=outer[0],
        outer_end=outer[1],
    )


def _relation(relation: Relation, subject: Subject) -> Finding:
    line, number = relation.second
    key = f"Observation/phase-{line}-{number}"
    return Finding(
        key=key,
        id=key.partition("/")[2],
        kind=Kind.PHASE,
        source=Pointer(resource=key, path=f"line {line}"),
        status="final",
        code=_PHASE,
        value="Cis" if relation.cis else "Trans",
        derived_from=tuple(
            f"variant-{at}-{allele}" for at, allele in (relation.first, relation.second)
        ),
        subject=subject.patient,
    )


def _report(subject: Subject, words: str, keys: tuple[str, ...]) -> Report:
    key = f"DiagnosticReport/{study.REPORT}"
    return Report(
        key=key,
        id=study.REPORT,
        source=Pointer(resource=key),
        status="final",
        subject=subject.patient,
        conclusion=words,
        findings=keys,
        flags=() if subject.clinical else (NOT_CLINICAL_FLAG,),
    )
