"""The regions that a test looked at, or could not read: as FHIR, and as findings."""

from typing import Any

from portal.genomics.findings import Coding, Concept, Finding, Gene, Kind, Pointer, Position
from portal.genomics.findings import Region as Looked
from portal.genomics.genes import HGNC
from portal.genomics.vcf import fhir
from portal.genomics.vcf.beds import OfGene, Region, State
from portal.genomics.vcf.builds import Place
from portal.genomics.vcf.fhir import LOINC, Subject
from portal.genomics.vcf.study import numbered

_PANEL = ("53041-0", "DNA region of interest panel")


_EXAMINED = fhir.loinc("51959-5", "Range(s) of DNA sequence examined")
_REGION_NAME = fhir.loinc("47999-8", "DNA region name [Identifier]")
# LOINC has no code for it. Version 3 of the guide left the profile of regions out, and its code
# with it; the name under which version 2 had it is still the one that readers know.
_UNCALLABLE = {
    "system": fhir.TBD_CODES,
    "code": "uncallable-regions",
    "display": "Uncallable regions",
}


def region(
    subject: Subject, found: Region, state: State = State.STUDIED, *, number: int = 1
) -> dict[str, Any]:
    """Return one region of the `number`th file as an Observation, positions 0-based as in BED."""
    identity = _identity(found.line, number)
    head = _stretches(subject, identity, found.place, [(found.start, found.end)], state)
    if found.name:
        head["component"].append(_named(found.name, state))
    head["component"] += map(_gene_component, found.genes)
    return head


def gene_regions(
    subject: Subject, found: OfGene, state: State, *, number: int = 1
) -> dict[str, Any]:
    """Return all stretches of a gene that the `number`th file lists, as one Observation."""
    identity = _identity(found.gene, number)
    head = _stretches(subject, identity, found.place, found.spans, state)
    head["component"] += [_named(found.gene, state), _gene_component(found.gene)]
    return head


def _identity(name: int | str, number: int) -> str:
    return f"{numbered('region', number)}-{name}"


def _stretches(
    subject: Subject, identity: str, place: Place, spans: list[tuple[int, int]], state: State
) -> dict[str, Any]:
    head = fhir.head_of(subject, "", *_PANEL)
    del head["meta"]["profile"]
    if not head["meta"]:
        del head["meta"]
    sequence: dict[str, Any] = {"text": place.name}
    if place.accession:
        sequence["coding"] = [{"system": fhir.REFSEQ, "code": place.accession}]
    code = {"coding": [_UNCALLABLE if state is State.UNCALLED else _EXAMINED]}
    head["id"] = identity
    head["component"] = [
        _component(
            "92822-6",
            "Genomic coordinate system [Type]",
            {"valueCodeableConcept": {"coding": [fhir.loinc(*fhir.ZERO_BASED)]}},
        ),
        _component(
            "48013-7", "Genomic reference sequence [ID]", {"valueCodeableConcept": sequence}
        ),
        *(
            {"code": code, "valueRange": {"low": {"value": start}, "high": {"value": end}}}
            for start, end in spans
        ),
    ]
    return head


def _named(name: str, state: State) -> dict[str, Any]:
    code = _UNCALLABLE if state is State.UNCALLED else _REGION_NAME
    return {"code": {"coding": [code]}, "valueString": name}


def _gene_component(symbol: str) -> dict[str, Any]:
    said: dict[str, Any] = {"text": symbol}
    if symbol in HGNC:
        said["coding"] = [{"system": fhir.HGNC, "code": f"HGNC:{HGNC[symbol]}", "display": symbol}]
    return _component("48018-6", "Gene studied [ID]", {"valueCodeableConcept": said})


def _component(code: str, display: str, value: dict[str, Any]) -> dict[str, Any]:
    return {"code": {"coding": [fhir.loinc(code, display)]}, **value}


def of_region(found: Region, state: State, subject: Subject, number: int) -> Finding:
    """Return one region of the `number`th file that goes with a test."""
    key = f"Observation/{_identity(found.line, number)}"
    said = (Looked(state=state, text=found.name),) if found.name else ()
    return Finding(
        key=key,
        id=key.partition("/")[2],
        kind=Kind.REGION_STUDIED,
        source=Pointer(resource=key, path=f"line {found.line}"),
        status="final",
        code=Concept(codings=(Coding(LOINC, *_PANEL),)),
        genes=tuple(_gene(symbol) for symbol in found.genes),
        regions=(*said, Looked(state=state, position=_position(found, subject))),
        subject=subject.patient,
    )


def _gene(symbol: str) -> Gene:
    return Gene(symbol, f"HGNC:{HGNC[symbol]}" if symbol in HGNC else "")


def _position(found: Region, subject: Subject) -> Position:
    return Position(
        chromosome=found.place.chromosome,
        sequence=found.place.accession or found.place.name,
        start=found.start,
        end=found.end,
        coordinate_system=fhir.ZERO_BASED[1],
        build=str(subject.build),
        start0=found.start,
        end0=found.end,
    )
