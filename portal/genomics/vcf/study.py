"""The test itself as FHIR: genomic study, its analysis, regions, phase relations, the report.

Spec: http://hl7.org/fhir/uv/genomics-reporting/STU3/StructureDefinition-genomic-study.html and
StructureDefinition-genomic-study-analysis.html
"""

from typing import Any

from portal.genomics.vcf import builds, fhir
from portal.genomics.vcf.beds import Region
from portal.genomics.vcf.fhir import LABORATORY, LOINC, PROFILE, Subject
from portal.genomics.vcf.phases import Relation
from portal.genomics.vcf.summary import Summary

STUDY = "genomic-study"
ANALYSIS = "genomic-study-analysis"
REPORT = "genomic-report"
REGIONS_FILE = "regions"
_PHASES = "http://terminology.hl7.org/CodeSystem/sequence-phase-relationship-cs"
_NOT_CLINICAL_NOTE = "Read from a raw data file. Not a clinical test."
REFERENCE_NOTE = (
    "The letters of the reference in this file were not compared with the genome itself."
)


def opening(subject: Subject, *, regions: bool) -> list[dict[str, Any]]:
    """Return the study and its analysis; `regions` says that a BED file goes with it."""
    build = builds.LOINC_ANSWER.get(subject.build)
    coding: dict[str, Any] = {"text": str(subject.build)}
    if build:
        coding["coding"] = [{"system": LOINC, "code": build[0], "display": build[1]}]
    extensions: list[dict[str, Any]] = [
        {"url": f"{PROFILE}/genomic-study-analysis-genome-build", "valueCodeableConcept": coding}
    ]
    if regions:
        reference = {"reference": f"DocumentReference/{REGIONS_FILE}"}
        extensions.append(
            {
                "url": f"{PROFILE}/genomic-study-analysis-regions",
                "extension": [{"url": "studied", "valueReference": reference}],
            }
        )
    analysis = _procedure(subject, ANALYSIS, "genomic-study-analysis", extensions)
    link = {
        "url": f"{PROFILE}/genomic-study-analysis-ext",
        "valueReference": {"reference": f"Procedure/{ANALYSIS}"},
    }
    return [_procedure(subject, STUDY, "genomic-study", [link]), analysis]


def _procedure(
    subject: Subject, identity: str, profile: str, extensions: list[dict[str, Any]]
) -> dict[str, Any]:
    procedure: dict[str, Any] = {
        "resourceType": "Procedure",
        "id": identity,
        "meta": _meta(subject, profile),
        "extension": extensions,
        "status": "completed",
        "category": LABORATORY,
    }
    return procedure | _about(subject)


def _meta(subject: Subject, profile: str) -> dict[str, Any]:
    meta: dict[str, Any] = {"profile": [f"{PROFILE}/{profile}"]}
    if not subject.clinical:
        code, display = fhir.NOT_CLINICAL
        meta["tag"] = [{"system": fhir.TAGS, "code": code, "display": display}]
    return meta


def _about(subject: Subject) -> dict[str, Any]:
    if subject.patient:
        return {"subject": {"reference": subject.patient}}
    # Required in a Procedure, and the file does not say who it is about.
    absent = {
        "url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason",
        "valueCode": "unknown",
    }
    return {"subject": {"extension": [absent]}}


def regions_file(subject: Subject, encoded: str) -> dict[str, Any]:
    """Return the document that holds the BED file; `encoded` is its content in base64."""
    document: dict[str, Any] = {
        "resourceType": "DocumentReference",
        "id": REGIONS_FILE,
        "meta": _meta(subject, "genomic-data-file"),
        "status": "current",
        "content": [
            {
                "attachment": {
                    "contentType": "text/plain",
                    "data": encoded,
                    "title": "Regions studied (BED)",
                }
            }
        ],
    }
    if subject.patient:
        document["subject"] = {"reference": subject.patient}
    return document


def region(subject: Subject, found: Region) -> dict[str, Any]:
    """Return one region that was studied as an Observation, positions 0-based as in BED."""
    head = fhir.head_of(subject, "", "53041-0", "DNA region of interest panel")
    del head["meta"]["profile"]
    head["id"] = f"region-{found.line}"
    sequence: dict[str, Any] = {"text": found.place.name}
    if found.place.accession:
        sequence["coding"] = [{"system": fhir.REFSEQ, "code": found.place.accession}]
    head["component"] = [
        _component(
            "92822-6",
            "Genomic coordinate system [Type]",
            {"valueCodeableConcept": {"coding": [_coding(*fhir.ZERO_BASED)]}},
        ),
        _component(
            "48013-7", "Genomic reference sequence [ID]", {"valueCodeableConcept": sequence}
        ),
        _component(
            "51959-5",
            "Range(s) of DNA sequence examined",
            {"valueRange": {"low": {"value": found.start}, "high": {"value": found.end}}},
        ),
    ]
    if found.name:
        head["note"] = [{"text": f"The file calls it {found.name}."}]
    if not head["meta"]:
        del head["meta"]
    return head


def _coding(code: str, display: str) -> dict[str, str]:
    return {"system": LOINC, "code": code, "display": display}


def _component(code: str, display: str, value: dict[str, Any]) -> dict[str, Any]:
    return {"code": {"coding": [_coding(code, display)]}, **value}


class PhaseRelations:
    """Writes whether two variants lie on the same copy, as Observations in JSON."""

    def __init__(self, subject: Subject) -> None:
        head = fhir.head_of(subject, "sequence-phase-relationship", "82120-7", "Allelic phase")
        self._before, self._after = fhir.text(head)[:-1].split('"%"')
        self._values = {cis: fhir.text(_relation(cis=cis))[1:-1] for cis in (True, False)}

    def write(self, relation: Relation) -> str:
        """Return the Observation of one relation."""
        (line, number), (before, other) = relation.second, relation.first
        return (
            f'{self._before}"phase-{line}-{number}"{self._after},{self._values[relation.cis]},'
            f'"derivedFrom":[{{"reference":"Observation/variant-{before}-{other}"}},'
            f'{{"reference":"Observation/variant-{line}-{number}"}}]}}'
        )


def _relation(*, cis: bool) -> dict[str, Any]:
    word = "Cis" if cis else "Trans"
    coding = {"system": _PHASES, "code": word, "display": word}
    return {"valueCodeableConcept": {"coding": [coding]}}


def report(subject: Subject, summary: Summary) -> dict[str, Any]:
    """Return the report that closes the file, with what was counted in words.

    The variants point to the study, and the report to it too: a list of all of them would have
    to be kept in memory.
    """
    return _report(subject, conclusion(subject, summary))


def regions_report(subject: Subject, count: int, letters: int) -> dict[str, Any]:
    """Return the report on a file that only says where a test looked. It found nothing or all."""
    regions = f"{count:,} region" if count == 1 else f"{count:,} regions"
    return _report(
        subject,
        f"{regions} with {letters:,} letters of DNA were looked at. "
        "This file does not say what was found there.",
    )


def _report(subject: Subject, words: str) -> dict[str, Any]:
    found: dict[str, Any] = {
        "resourceType": "DiagnosticReport",
        "id": REPORT,
        "meta": _meta(subject, "genomic-report"),
        "extension": [
            {
                "url": f"{PROFILE}/genomic-study-reference",
                "valueReference": {"reference": f"Procedure/{STUDY}"},
            }
        ],
        "status": "final",
        "category": [fhir.GENETICS],
        "code": {"coding": [_coding("51969-4", "Genetic analysis report")]},
        "conclusion": words,
    }
    if subject.patient:
        found["subject"] = {"reference": subject.patient}
    return found


def conclusion(subject: Subject, summary: Summary) -> str:
    """Return the words that close a report."""
    words = f"{summary.sentence()} {REFERENCE_NOTE}"
    return words if subject.clinical else f"{_NOT_CLINICAL_NOTE} {words}"
