"""Calls as FHIR Genomics Reporting 3.0.0 Variants, written as JSON text.

The parts that do not change from line to line are made once, since a genome has millions of lines.
Spec: http://hl7.org/fhir/uv/genomics-reporting/STU3/StructureDefinition-variant.html
"""

from functools import lru_cache
from typing import Any

import msgspec
import orjson

from portal.genomics.findings import Presence
from portal.genomics.vcf import builds, calls, repeats
from portal.genomics.vcf.alleles import Allele, Kind
from portal.genomics.vcf.annotations import NOTE, Annotation, Annotations
from portal.genomics.vcf.builds import Build, Place
from portal.genomics.vcf.calls import Call, Extent

PROFILE = "http://hl7.org/fhir/uv/genomics-reporting/StructureDefinition"
LOINC = "http://loinc.org"
REFSEQ = "http://www.ncbi.nlm.nih.gov/refseq"
DBSNP = "http://www.ncbi.nlm.nih.gov/projects/SNP"
SEQUENCE_ONTOLOGY = "http://www.sequenceontology.org"
HGVS = "http://varnomen.hgvs.org"
HGNC = "http://www.genenames.org/geneId"
TBD_CODES = "http://hl7.org/fhir/uv/genomics-reporting/CodeSystem/tbd-codes-cs"
UCUM = "http://unitsofmeasure.org"
TAGS = "https://sync-for-genes.example/fhir/CodeSystem/tags"
CHANGE_TYPE = "48019-4"
NOT_CLINICAL = ("not-a-clinical-test", "Not a clinical test")
NOT_CLINICAL_TAG = {"system": TAGS, "code": NOT_CLINICAL[0]}

LABORATORY = {
    "coding": [
        {
            "system": "http://terminology.hl7.org/CodeSystem/observation-category",
            "code": "laboratory",
        }
    ]
}
GENETICS = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0074", "code": "GE"}]}
# LOINC LL1971-2, Genetic variant assessment
_PRESENCE = {
    Presence.PRESENT: ("LA9633-4", "Present"),
    Presence.ABSENT: ("LA9634-2", "Absent"),
    Presence.NO_CALL: ("LA18198-4", "No call"),
    Presence.INDETERMINATE: ("LA11884-6", "Indeterminate"),
}
# LOINC LL381-5, Allelic state
_ZYGOSITY = {
    "heteroplasmic": ("LA6703-8", "Heteroplasmic"),
    "homoplasmic": ("LA6704-6", "Homoplasmic"),
    "homozygous": ("LA6705-3", "Homozygous"),
    "heterozygous": ("LA6706-1", "Heterozygous"),
    "hemizygous": ("LA6707-9", "Hemizygous"),
}
ONE_BASED = ("LA30102-0", "1-based character counting")
ZERO_BASED = ("LA30100-4", "0-based interval counting")
_SOMATIC = ("LA6684-0", "Somatic")


class Subject(msgspec.Struct, frozen=True):
    """Who the file is about, and what every resource made from it must carry."""

    build: Build
    patient: str = ""  # "Patient/abc"; empty: the resources name nobody
    study: str = ""  # id of the genomic study that the variants are part of
    clinical: bool = True  # False: marked as not a clinical test


def text(value: object) -> str:
    """Return the JSON of a value."""
    return orjson.dumps(value).decode()


def coded(code: str, display: str, system: str, value: str, value_display: str = "") -> str:
    """Return a component with a coded value, as JSON."""
    coding = {"system": system, "code": value}
    if value_display:
        coding["display"] = value_display
    return component(code, display, {"valueCodeableConcept": {"coding": [coding]}})


def component(code: str, display: str, value: dict[str, Any]) -> str:
    """Return a component of an Observation, as JSON."""
    return text({"code": {"coding": [loinc(code, display)]}, **value})


def loinc(code: str, display: str) -> dict[str, str]:
    """Return a code of LOINC."""
    return {"system": LOINC, "code": code, "display": display}


def _opening(code: str, display: str, value: dict[str, Any]) -> str:
    """Return a component up to its value, so that only a number or word need follow."""
    return component(code, display, value).partition('"%"')[0]


_EXACT = _opening("81254-5", "Variant exact start-end", {"valueRange": {"low": {"value": "%"}}})
_INNER = _opening("81302-2", "Variant inner start-end", {"valueRange": {"low": {"value": "%"}}})
_OUTER = _opening("81301-4", "Variant outer start-end", {"valueRange": {"low": {"value": "%"}}})
_REF = _opening("69547-8", "Genomic ref allele [ID]", {"valueString": "%"})
_ALT = _opening("69551-0", "Genomic alt allele [ID]", {"valueString": "%"})
_HGVS = _opening(
    "81290-9",
    "Genomic DNA change (gHGVS)",
    {"valueCodeableConcept": {"coding": [{"system": HGVS, "code": "%"}]}},
)
_FRACTION = _opening(
    "81258-6", "Sample variant allelic frequency [NFr]", {"valueQuantity": {"value": "%"}}
)
_READS = _opening("82121-5", "Allelic read depth", {"valueQuantity": {"value": "%"}})
_COPIES = _opening(
    "82155-3", "Genomic structural variant copy number", {"valueQuantity": {"value": "%"}}
)
_RS = _opening(
    "81252-9",
    "Discrete genetic variant",
    {"valueCodeableConcept": {"coding": [{"system": DBSNP, "code": "%"}]}},
)
_KEPT = 1 << 12
_WORTH_KEEPING = 48
_UNITLESS = f',"system":"{UCUM}","code":"1"}}}}'
_SOURCE = coded("48002-0", "Genomic source class", LOINC, *_SOMATIC)


def of_place(build: Build, place: Place) -> str:
    """Return the components that say on which sequence, and how positions are counted."""
    answer = builds.LOINC_ANSWER.get(build)
    parts = [
        coded("62374-4", "Human reference sequence assembly version", LOINC, *answer)
        if answer
        else component(
            "62374-4",
            "Human reference sequence assembly version",
            {"valueCodeableConcept": {"text": str(build)}},
        )
    ]
    sequence: dict[str, Any] = {"text": place.name}
    if place.accession:
        sequence = {"coding": [{"system": REFSEQ, "code": place.accession}], **sequence}
    parts.append(
        component("48013-7", "Genomic reference sequence [ID]", {"valueCodeableConcept": sequence})
    )
    chromosome = builds.loinc_chromosome(place.chromosome)
    if chromosome:
        parts.append(coded("48000-4", "Chromosome", LOINC, *chromosome))
    parts.append(coded("92822-6", "Genomic coordinate system [Type]", LOINC, *ONE_BASED))
    return ",".join(parts)


def _alleles(ref: str, allele: Allele | None) -> str:
    parts = [f"{_REF}{text(ref)}}}"]
    if allele is not None:
        parts.append(f"{_ALT}{text(allele.text)}}}")
        if allele.change:
            change = (SEQUENCE_ONTOLOGY, allele.change, allele.change_name)
            parts.append(coded(CHANGE_TYPE, "DNA change [Type]", *change))
    return ",".join(parts)


_ZYGOSITIES = {
    name: "," + coded("53034-5", "Allelic state", LOINC, *answer)
    for name, answer in _ZYGOSITY.items()
} | {"": ""}
_VALUES: dict[Presence | None, str] = {
    presence: ',"valueCodeableConcept":' + text({"coding": [loinc(*answer)]})
    for presence, answer in _PRESENCE.items()
}
_VALUES[None] = ',"dataAbsentReason":' + text(
    {
        "coding": [
            {
                "system": "http://terminology.hl7.org/CodeSystem/data-absent-reason",
                "code": "unknown",
            }
        ]
    }
)


class Variants:
    """Writes the calls about one person as Variant observations, one JSON text each."""

    def __init__(self, subject: Subject, annotations: Annotations) -> None:
        self._annotate = annotations.of if annotations.there else None
        self._build = subject.build
        head = head_of(subject, "variant", "69548-6", "Genetic variant assessment")
        self._before, self._after = text(head)[:-1].split('"%"')
        self._places: dict[str, str] = {}
        self._alleles: dict[tuple[str, str], str] = {}

    def write(self, call: Call) -> str:
        """Return the Observation of a call as one line of JSON."""
        record = call.record
        more = _ZYGOSITIES[call.zygosity]
        if call.reads is not None:
            more += f",{_READS}{call.reads}{_UNITLESS}"
        if call.fraction is not None:
            more += f",{_FRACTION}{call.fraction!r}{_UNITLESS}"
        own = ""
        if record.id != ".":
            dbsnp, others = calls.ids(record.id)
            more += _ids(dbsnp)
            own = _own_ids(others) if others else ""
        if record.genotype is not None and record.genotype.phased:
            more += _phase_set(record.values.get("PS", "."))
        is_symbol = call.allele is not None and call.allele.kind is Kind.SYMBOL
        if is_symbol or call.copy_number is not None or call.somatic:
            more += _structural(call)
        notes = call.notes
        if self._annotate is not None:
            found = self._annotate(record.info, record.ref, call.allele)
            if found is not None:
                more, notes = more + _annotated(found), (*notes, NOTE)
        return (
            f'{self._before}"variant-{record.line}-{call.number}"{self._after}'
            f'{_VALUES[call.presence]},"component":[{self._place(record.place)},'
            f"{_hgvs(call)}{_extent(call.extent)},{self._both(call)}{more}]{own}{_notes(notes)}}}"
        )

    def _place(self, place: Place) -> str:
        known = self._places.get(place.name)
        if known is None:
            _make_room(self._places)
            known = self._places[place.name] = of_place(self._build, place)
        return known

    def _both(self, call: Call) -> str:
        ref, allele = call.record.ref, call.allele
        key = (ref, allele.text if allele else "")
        known = self._alleles.get(key)
        if known is None:
            known = _alleles(ref, allele)
            if len(ref) + len(key[1]) < _WORTH_KEEPING:
                _make_room(self._alleles)
                self._alleles[key] = known
        return known


def _make_room[K](kept: dict[K, str]) -> None:
    if len(kept) > _KEPT:
        kept.clear()


def head_of(subject: Subject, profile: str, code: str, display: str) -> dict[str, Any]:
    """Return the start of an Observation; its id is "%"."""
    meta: dict[str, Any] = {"profile": [f"{PROFILE}/{profile}"]}
    if not subject.clinical:
        meta["tag"] = [{"system": TAGS, "code": NOT_CLINICAL[0], "display": NOT_CLINICAL[1]}]
    head: dict[str, Any] = {
        "resourceType": "Observation",
        "id": "%",
        "meta": meta,
        "status": "final",
        "category": [LABORATORY, GENETICS],
        "code": {"coding": [loinc(code, display)]},
    }
    if subject.study:
        head["partOf"] = [{"reference": f"Procedure/{subject.study}"}]
    if subject.patient:
        head["subject"] = {"reference": subject.patient}
    return head


def _hgvs(call: Call) -> str:
    name = calls.hgvs(call)
    return f'{_HGVS}"{name}"}}]}}}},' if name else ""


def _extent(extent: Extent) -> str:
    high = "" if extent.end is None else f',"high":{{"value":{extent.end}}}'
    if extent.exact:
        return f"{_EXACT}{extent.start}}}{high}}}}}"
    inner = f"{_INNER}{extent.start}}}{high}}}}}"
    if extent.outer is None:
        return inner
    low, top = extent.outer
    return f'{inner},{_OUTER}{low}}},"high":{{"value":{top}}}}}}}'


@lru_cache(maxsize=1 << 8)
def _notes(notes: tuple[str, ...]) -> str:
    return ',"note":' + text([{"text": note} for note in notes]) if notes else ""


def _ids(names: tuple[str, ...]) -> str:
    if len(names) == 1:
        return f',{_RS}"{names[0]}"}}]}}}}'
    return "".join(f',{_RS}"{name}"}}]}}}}' for name in names)


@lru_cache(maxsize=1 << 8)
def _phase_set(name: str) -> str:
    if name == ".":
        return ""
    return "," + component("82120-7", "Allelic phase", {"valueCodeableConcept": {"text": name}})


def _own_ids(names: tuple[str, ...]) -> str:
    return ',"identifier":' + text([{"value": name} for name in names])


@lru_cache(maxsize=1 << 8)
def _annotated(found: Annotation) -> str:
    """Return what software wrote beside a change, as components."""
    gene: dict[str, Any] = {"text": found.gene}
    if found.gene_id:
        gene["coding"] = [
            {"system": HGNC, "code": found.gene_id, "display": found.gene or found.gene_id}
        ]
    parts = []
    if found.gene or found.gene_id:
        parts.append(component("48018-6", "Gene studied [ID]", {"valueCodeableConcept": gene}))
    if found.c:
        parts.append(coded("48004-6", "DNA change (c.HGVS)", HGVS, found.c))
    if found.p:
        parts.append(coded("48005-3", "Amino acid change (pHGVS)", HGVS, found.p))
    return "".join(f",{part}" for part in parts)


def _repeats(call: Call) -> str:
    found = []
    for order, repeat in enumerate(repeats.of(call), 1):
        place = {"extension": [{"url": f"{PROFILE}/repeat-motif-order", "valuePositiveInt": order}]}
        amount = {"value": repeat.number, "system": UCUM, "code": "1"}
        found.append(place | _own("repeat-motif", "Repeat Motif") | {"valueString": repeat.motif})
        found.append(place | _own("repeat-number", "Repeat Number") | {"valueQuantity": amount})
    return "".join(f",{text(one)}" for one in found)


def _own(code: str, display: str) -> dict[str, Any]:
    """Return a code of the guide itself, where LOINC has none."""
    return {"code": {"coding": [{"system": TBD_CODES, "code": code, "display": display}]}}


def _structural(call: Call) -> str:
    copies = "" if call.copy_number is None else f",{_COPIES}{call.copy_number:g}{_UNITLESS}"
    copies += _repeats(call)
    return f"{copies},{_SOURCE}" if call.somatic else copies
