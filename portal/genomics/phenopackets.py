"""GA4GH Phenopackets 2.0: what an interpretation reports about genes, as FHIR for the one reader.

Spec: https://phenopacket-schema.readthedocs.io/en/2.0.0/
"""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from portal.genomics import phenopacket_names, phenopacket_places
from portal.genomics.findings import Notice, Pointer, Rejected
from portal.genomics.jsontext import NotADocument
from portal.genomics.phenopacket_names import loinc, spoken, term
from portal.genomics.phenopacket_places import items_in, object_in, word_in
from portal.genomics.vcf.fhir import GENETICS

_MAX_BYTES = 64 << 20
_SIGNIFICANCE = {
    "PATHOGENIC": "Pathogenic",
    "LIKELY_PATHOGENIC": "Likely pathogenic",
    "UNCERTAIN_SIGNIFICANCE": "Uncertain significance",
    "LIKELY_BENIGN": "Likely benign",
    "BENIGN": "Benign",
}
_FOUND_OUT = frozenset({"SOLVED", "UNSOLVED", "COMPLETED"})  # the interpretation is at its end
_TUMOUR_PARTS = ("tumorProgression", "tumorGrade", "pathologicalStage", "pathologicalTnmFinding")
_NEOPLASTIC = "EFO:0009656"  # neoplastic sample
_NEGATIVE = "NCIT:C38757"  # negative finding
_NOT_RESULTS = frozenset({"REJECTED", "UNKNOWN_STATUS", ""})

Json = Mapping[str, Any]
Resource = dict[str, Any]


def resources(raw: bytes) -> Iterator[Resource | Rejected | Notice]:
    """Yield FHIR resources for the results of one phenopacket, and what is not a result.

    Raises NotADocument.
    """
    packet = _packet(raw)
    results: list[str] = []
    for at, interpretation in enumerate(items_in(packet, "interpretations")):
        diagnosis = object_in(interpretation, "diagnosis")
        for n, genomic in enumerate(items_in(diagnosis, "genomicInterpretations")):
            identity = f"interpretation-{at + 1}-{n + 1}"
            one = _genomic(genomic, interpretation, identity, packet)
            if isinstance(one, dict):
                results.append(identity)
            yield one
    unread = [words for name, words in _UNREAD.items() if packet.get(name)]
    if unread:
        reason = f"The file also holds {', '.join(unread)}, which are kept with it and not read."
        yield Notice(code="parts-not-read", reason=reason, source=Pointer(path="phenopacket"))
    yield _report(packet, results)


_UNREAD = {
    "diseases": "diagnoses",
    "measurements": "measurements",
    "medicalActions": "treatments",
    "files": "links to files",
}


def _packet(raw: bytes) -> Json:
    if len(raw) > _MAX_BYTES:
        raise NotADocument("The file is bigger than any real phenopacket.")
    try:
        packet = _named_as_in_json(msgspec.json.decode(raw))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as bad:
        raise NotADocument("The file is not JSON that can be read.") from bad
    if not isinstance(packet, dict):
        raise NotADocument("The file is not a phenopacket.")
    for name, words in _OF_SEVERAL.items():
        if name in packet:
            raise NotADocument(f"This phenopacket is about {words}. Hand in that of one person.")
    if packet.get("variants") or packet.get("genes") or _version(packet) == "1":
        raise NotADocument("This is a phenopacket of version 1. Ask for one of version 2.")
    if "interpretations" not in packet and "phenotypicFeatures" not in packet:
        raise NotADocument("This is not a phenopacket of one person.")
    return packet


def _version(packet: Json) -> str:
    stated = word_in(object_in(packet, "metaData"), "phenopacketSchemaVersion")
    return stated.partition(".")[0]


_OF_SEVERAL = {"relatives": "a family", "proband": "a family", "members": "a group of people"}


def _named_as_in_json(value: Any) -> Any:  # noqa: ANN401  # any JSON
    """Return JSON with its names written together: Protobuf allows both (phenotypic_features)."""
    if isinstance(value, dict):
        return {_together(name): _named_as_in_json(one) for name, one in value.items()}
    return [_named_as_in_json(one) for one in value] if isinstance(value, list) else value


def _together(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part[:1].upper() + part[1:] for part in rest)


def _genomic(
    genomic: Json, interpretation: Json, identity: str, packet: Json
) -> Resource | Rejected | Notice:
    interpreted = object_in(genomic, "variantInterpretation")
    variant = object_in(interpreted, "variationDescriptor")
    about = word_in(genomic, "subjectOrBiosampleId")
    person = word_in(object_in(packet, "subject"), "id")
    samples = {word_in(sample, "id"): sample for sample in items_in(packet, "biosamples")}
    sample = samples.get(about, {})
    owner = word_in(sample, "individualId") or person
    is_own = owner == person or not person
    pointer = Pointer(path=identity)
    if not is_own or not (about in {"", person} or sample):
        reason = "This interpretation names a person or sample that the file does not describe."
        return Rejected(code="other-subject", reason=reason, source=pointer)
    status = word_in(genomic, "interpretationStatus")
    if status in _NOT_RESULTS:
        reason = "The laboratory rejected this variant, or did not say what it made of it."
        return Notice(code="not-a-result", reason=reason, source=pointer, status=status.lower())
    if not variant:
        reason = "The interpretation describes no variant."
        if "gene" in genomic:
            reason = "The interpretation names a gene, and no change in it."
        return Rejected(code="no-variant", reason=reason, source=pointer)
    found = _observation(interpreted, variant, object_in(interpretation, "diagnosis"), identity)
    state = _state_in_words(interpretation, status)
    said = [state, *_words(interpretation, interpreted, variant)]
    found["status"] = _state(interpretation)
    found["note"] = [{"text": text} for text in said if text]
    return found | _of_sample(packet, sample, found)


def _observation(interpreted: Json, variant: Json, diagnosis: Json, identity: str) -> Resource:
    significance = _SIGNIFICANCE.get(word_in(interpreted, "acmgPathogenicityClassification"), "")
    components = [
        *phenopacket_names.components(variant),
        *phenopacket_places.components(variant),
        *spoken("53037-8", significance),
        *term("81259-4", object_in(diagnosis, "disease")),
    ]
    return {
        "resourceType": "Observation",
        "id": identity,
        "status": "final",
        "category": [GENETICS],
        "code": loinc("69548-6"),
        "valueCodeableConcept": loinc("LA9633-4", "Present"),
        "component": components,
    }


def _state(interpretation: Json) -> str:
    """Return how sure the interpretation is of itself, in FHIR."""
    is_found_out = word_in(interpretation, "progressStatus") in _FOUND_OUT
    return "final" if is_found_out else "preliminary"


def _state_in_words(interpretation: Json, status: str) -> str:
    words = [word for word in (word_in(interpretation, "progressStatus"), status) if word]
    return f"The phenopacket says: {', '.join(words)}."


def _words(interpretation: Json, interpreted: Json, variant: Json) -> Iterator[str]:
    yield from phenopacket_names.words(variant)
    actionable = word_in(interpreted, "therapeuticActionability")
    yield f"Treatment: {actionable}." if actionable not in _SAYS_NOTHING else ""
    yield word_in(interpretation, "summary")


_SAYS_NOTHING = frozenset({"", "UNKNOWN_ACTIONABILITY"})


def _of_sample(packet: Json, sample: Json, found: Resource) -> Resource:
    """Return whose a result is and what it was seen in.

    Of what was seen in a tumour is not said whether it was inherited.
    """
    person = word_in(sample, "individualId") or word_in(object_in(packet, "subject"), "id")
    said: Resource = {"subject": {"identifier": {"value": person}}} if person else {}
    tissue = word_in(object_in(sample, "sampledTissue"), "label")
    if tissue:
        said["specimen"] = {"display": tissue}
    if _is_tumour(sample):
        unknown = {"code": loinc("48002-0"), "valueCodeableConcept": loinc(*_UNKNOWN_ORIGIN)}
        said["component"] = [*found["component"], unknown]
    return said


def _is_tumour(sample: Json) -> bool:
    if word_in(object_in(sample, "materialSample"), "id") == _NEOPLASTIC:
        return True
    diagnosis = word_in(object_in(sample, "histologicalDiagnosis"), "id")
    return (bool(diagnosis) and diagnosis != _NEGATIVE) or any(sample.get(p) for p in _TUMOUR_PARTS)


_UNKNOWN_ORIGIN = ("LA18197-6", "Unknown genomic origin")


def _report(packet: Json, results: list[str]) -> Resource:
    features = items_in(packet, "phenotypicFeatures")
    seen = [one for one in features if one.get("excluded") is not True]
    words = [word_in(object_in(one, "type"), "label") for one in seen]
    person = word_in(object_in(packet, "subject"), "id")
    report: dict[str, Any] = {
        "resourceType": "DiagnosticReport",
        "id": "phenopacket",
        "status": "final",
        "category": [GENETICS],
        "code": loinc("51969-4", "Genetic analysis report"),
    }
    if person:
        report["subject"] = {"identifier": {"value": person}}
    if results:
        report["result"] = [{"reference": f"Observation/{identity}"} for identity in results]
    created = word_in(object_in(packet, "metaData"), "created")
    if created:
        report["issued"] = created
    if words:
        report["conclusion"] = "Features described: " + ", ".join(word for word in words if word)
    return report
