"""The test itself as FHIR: genomic study, its analysis, regions, phase relations, the report.

Spec: http://hl7.org/fhir/uv/genomics-reporting/STU3/StructureDefinition-genomic-study.html and
StructureDefinition-genomic-study-analysis.html
"""

from collections.abc import Sequence
from typing import Any

from portal.genomics.vcf import builds, fhir, reach
from portal.genomics.vcf.beds import State, Stretches
from portal.genomics.vcf.fhir import LABORATORY, LOINC, PROFILE, Subject
from portal.genomics.vcf.phases import Relation
from portal.genomics.vcf.summary import Summary, many

STUDY = "genomic-study"
ANALYSIS = "genomic-study-analysis"
REPORT = "genomic-report"
_FILE = "regions"
_PHASES = "http://terminology.hl7.org/CodeSystem/sequence-phase-relationship-cs"
_NOT_CLINICAL_NOTE = "Read from a raw data file. Not a clinical test."
REFERENCE_NOTE = (
    "The letters of the reference in this file were not compared with the genome itself."
)


def opening(
    subject: Subject, regions: Sequence[State] = (), description: str = ""
) -> list[dict[str, Any]]:
    """Return the study and its analysis; `regions` says what the files that go with it list."""
    build = builds.LOINC_ANSWER.get(subject.build)
    coding: dict[str, Any] = {"text": str(subject.build)}
    if build:
        coding["coding"] = [{"system": LOINC, "code": build[0], "display": build[1]}]
    extensions: list[dict[str, Any]] = [
        {"url": f"{PROFILE}/genomic-study-analysis-genome-build", "valueCodeableConcept": coding}
    ]
    if regions:
        files: list[dict[str, Any]] = [
            {
                "url": str(state),
                "valueReference": {"reference": f"DocumentReference/{numbered(_FILE, number)}"},
            }
            for number, state in enumerate(regions, 1)
        ]
        if description:
            files.append({"url": "description", "valueString": description})
        extensions.append({"url": f"{PROFILE}/genomic-study-analysis-regions", "extension": files})
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


def numbered(name: str, number: int) -> str:
    """Return the id of the `number`th of its kind."""
    return name if number == 1 else f"{name}-{number}"


def regions_file(
    subject: Subject, state: State, encoded: str = "", *, number: int = 1
) -> dict[str, Any]:
    """Return the document that is a BED file; `encoded` is its content in base64."""
    attachment = {"contentType": "text/plain", "title": reach.TITLES[state]}
    if encoded:
        attachment["data"] = encoded
    document: dict[str, Any] = {
        "resourceType": "DocumentReference",
        "id": numbered(_FILE, number),
        "meta": _meta(subject, "genomic-data-file"),
        "status": "current",
        "content": [{"attachment": attachment}],
    }
    if subject.patient:
        document["subject"] = {"reference": subject.patient}
    return document


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


def report(
    subject: Subject,
    summary: Summary,
    regions: Sequence[tuple[State, Stretches]] = (),
    results: Sequence[str] = (),
) -> dict[str, Any]:
    """Return the report that closes the file, with what was counted in words.

    The variants point to the study, and the report to it too: a list of all of them would have
    to be kept in memory. `results` are the ids of the regions that the report names itself.
    """
    return _report(subject, words(subject, summary, regions), results)


def words(
    subject: Subject, summary: Summary, regions: Sequence[tuple[State, Stretches]] = ()
) -> str:
    """Return the words of a report: what was counted, and how far the test looked."""
    said = [_conclusion(subject, summary), reach.words(regions)]
    if summary.outside:
        lie = "lies" if summary.outside == 1 else "lie"
        found = many(summary.outside, "difference")
        said.append(f"{found} {lie} where the test did not look or could not read.")
    return " ".join(filter(None, said))


def regions_report(
    subject: Subject, state: State, found: Stretches, results: Sequence[str] = ()
) -> dict[str, Any]:
    """Return the report on a file that only says where a test looked. It found nothing or all."""
    said = reach.sentence(state, found.count, found.letters)
    return _report(subject, f"{said} This file does not say what was found there.", results)


def _report(subject: Subject, said: str, results: Sequence[str]) -> dict[str, Any]:
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
        "code": {"coding": [fhir.loinc("51969-4", "Genetic analysis report")]},
        "conclusion": said,
    }
    if subject.patient:
        found["subject"] = {"reference": subject.patient}
    if results:
        found["result"] = [{"reference": f"Observation/{identity}"} for identity in results]
    return found


def _conclusion(subject: Subject, summary: Summary) -> str:
    said = f"{summary.sentence()} {REFERENCE_NOTE}"
    return said if subject.clinical else f"{_NOT_CLINICAL_NOTE} {said}"
