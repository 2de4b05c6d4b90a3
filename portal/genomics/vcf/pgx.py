"""Star-allele calls as findings and as FHIR. Always marked: worked out here, not a clinical test.

Spec: http://hl7.org/fhir/uv/genomics-reporting/STU3/StructureDefinition-genotype.html and
StructureDefinition-therapeutic-implication.html
"""

from typing import Any

import msgspec

from portal.genomics.findings import (
    Coding,
    Concept,
    Finding,
    Gene,
    Kind,
    Pointer,
)
from portal.genomics.vcf import fhir
from portal.genomics.vcf.fhir import HGNC, LOINC, TBD_CODES, Subject
from portal.genomics.vcf.star_alleles import Diplotype

NOT_CLINICAL_FLAG = "not-a-clinical-test"
_IMPLICATION = "therapeutic-implication"
_MANY = 12
_OPEN = "Indeterminate"


def notes(found: Diplotype) -> tuple[str, ...]:
    """Return in words what a call rests on and what it leaves open."""
    said = ["Worked out from a data file with public tables. Not a clinical test."]
    if found.unknown:
        said.append("The letters seen fit no pair of alleles of the tables.")
    if len(found.names) > 1:
        said.append(f"These fit equally well: {_some(found.names)}.")
    if found.others:
        said.append(
            "The file does not say which letters lie on the same copy. If they lie otherwise: "
            f"{_some(found.others)}{_in_brackets(found.other_phenotypes)}."
        )
    if found.not_tested:
        said.append(
            f"Not tested: {len(found.not_tested)} of {found.positions} places "
            f"({_some(found.not_tested)}), so these cannot be ruled out: "
            f"{_some(found.not_told_apart)}."
        )
    if found.is_open and found.phenotypes:
        said.append(
            f"What was read fits {_some(found.phenotypes)}. The places that were not tested can "
            "change that, so it is left open."
        )
    return tuple(said)


def effects(found: Diplotype) -> tuple[str, ...]:
    """Return what the alleles amount to, as CPIC words it; open where too little was read."""
    return (_OPEN,) if found.is_open and found.phenotypes else found.phenotypes


def _some(words: tuple[str, ...]) -> str:
    more = len(words) - _MANY
    return ", ".join(words[:_MANY]) + (f" and {more} more" if more > 0 else "")


def _in_brackets(words: tuple[str, ...]) -> str:
    return f" ({', '.join(words)})" if words else ""


def name(found: Diplotype) -> str:
    """Return the call in one line: every pair that fits equally well."""
    if found.unknown:
        return f"{found.gene} not called"
    return f"{found.gene} {' or '.join(found.names)}"


def findings(found: Diplotype, subject: Subject) -> list[Finding]:
    """Return the diplotype, and what it amounts to where the tables say one thing only."""
    identity = f"genotype-{found.gene}"
    shared: dict[str, Any] = {
        "status": "final",
        "genes": (Gene(symbol=found.gene, id=found.gene_id),),
        "subject": subject.patient,
        "flags": (NOT_CLINICAL_FLAG,),
    }
    genotype = Finding(
        key=f"Observation/{identity}",
        id=identity,
        kind=Kind.GENOTYPE,
        source=_pointer(identity, found),
        code=_concept("84413-4", "Genotype display name"),
        name=name(found),
        notes=notes(found),
        **shared,
    )
    if not found.phenotypes:
        return [genotype]
    implied = f"implication-{found.gene}"
    code = Concept(codings=(Coding(TBD_CODES, _IMPLICATION, "Therapeutic Implication"),))
    implication = Finding(
        key=f"Observation/{implied}",
        id=implied,
        kind=Kind.THERAPEUTIC_IMPLICATION,
        source=_pointer(implied, found),
        code=code,
        effects=effects(found),
        derived_from=(identity,),
        notes=notes(found),
        **shared,
    )
    return [genotype, implication]


def _pointer(identity: str, found: Diplotype) -> Pointer:
    return Pointer(resource=f"Observation/{identity}", path=f"line {found.lines[0]}")


def _concept(code: str, display: str) -> Concept:
    return Concept(codings=(Coding(LOINC, code, display),))


def resources(found: Diplotype, subject: Subject) -> list[dict[str, Any]]:
    """Return the same as FHIR."""
    marked = msgspec.structs.replace(subject, clinical=False)
    gene = {
        "code": {"coding": [{"system": LOINC, "code": "48018-6", "display": "Gene studied [ID]"}]},
        "valueCodeableConcept": {
            "coding": [{"system": HGNC, "code": found.gene_id, "display": found.gene}]
        },
    }
    genotype = fhir.head_of(marked, "genotype", "84413-4", "Genotype display name")
    genotype["id"] = f"genotype-{found.gene}"
    genotype["valueCodeableConcept"] = {"text": name(found)}
    genotype["note"] = [{"text": note} for note in notes(found)]
    genotype["component"] = [gene]
    if not found.phenotypes:
        return [genotype]
    return [genotype, _implication(found, marked, gene)]


def _implication(found: Diplotype, subject: Subject, gene: dict[str, Any]) -> dict[str, Any]:
    coding = {"system": TBD_CODES, "code": _IMPLICATION, "display": "Therapeutic Implication"}
    resource = fhir.head_of(subject, _IMPLICATION, "", "")
    resource["id"] = f"implication-{found.gene}"
    resource["code"] = {"coding": [coding]}
    resource["derivedFrom"] = [{"reference": f"Observation/genotype-{found.gene}"}]
    resource["note"] = [{"text": note} for note in notes(found)]
    resource["component"] = [
        gene,
        *(
            {"code": {"coding": [coding]}, "valueCodeableConcept": {"text": phenotype}}
            for phenotype in effects(found)
        ),
    ]
    return resource
