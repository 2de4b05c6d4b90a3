"""GA4GH Phenopackets 2.0: what an interpretation reports about genes, as FHIR for the one reader.

Spec: https://phenopacket-schema.readthedocs.io/en/2.0.0/
"""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from portal.genomics import phenopacket_places
from portal.genomics.findings import Notice, Pointer, Rejected
from portal.genomics.jsontext import NotADocument
from portal.genomics.phenopacket_places import object_in, word_in
from portal.genomics.vcf.fhir import GENETICS, LOINC

_MAX_BYTES = 64 << 20
_SYSTEMS = {
    "OMIM": "http://www.omim.org",
    "MONDO": "http://purl.obolibrary.org/obo/mondo.owl",
    "HP": "http://human-phenotype-ontology.org",
    "ORPHA": "http://www.orpha.net",
    "Orphanet": "http://www.orpha.net",
}
_HGVS_LEVELS = {"g.": "81290-9", "m.": "81290-9", "p.": "48005-3"}
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
_NOT_RESULTS = frozenset({"REJECTED", "UNKNOWN_STATUS", ""})

Json = Mapping[str, Any]
Resource = dict[str, Any]


def resources(raw: bytes) -> Iterator[Resource | Rejected | Notice]:
    """Yield FHIR resources for the results of one phenopacket, and what is not a result.

    Raises NotADocument.
    """
    packet = _packet(raw)
    results: list[str] = []
    for at, interpretation in enumerate(_items(packet, "interpretations")):
        diagnosis = object_in(interpretation, "diagnosis")
        for n, genomic in enumerate(_items(diagnosis, "genomicInterpretations")):
            identity = f"interpretation-{at + 1}-{n + 1}"
            for one in _genomic(genomic, interpretation, identity, packet):
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


def _items(parent: Json, name: str) -> list[Json]:
    found = parent.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _genomic(
    genomic: Json, interpretation: Json, identity: str, packet: Json
) -> Iterator[Resource | Rejected | Notice]:
    pointer = Pointer(path=identity)
    about = word_in(genomic, "subjectOrBiosampleId")
    known = {word_in(object_in(packet, "subject"), "id")} | {
        word_in(sample, "id") for sample in _items(packet, "biosamples")
    }
    status = word_in(genomic, "interpretationStatus")
    interpreted = object_in(genomic, "variantInterpretation")
    variant = object_in(interpreted, "variationDescriptor")
    if about and about not in known:
        reason = "This interpretation names a person or sample that the file does not describe."
        yield Rejected(code="other-subject", reason=reason, source=pointer)
    elif status in _NOT_RESULTS:
        reason = "The laboratory rejected this variant, or did not say what it made of it."
        yield Notice(code="not-a-result", reason=reason, source=pointer, status=status.lower())
    elif not variant:
        reason = "The interpretation describes no variant."
        if "gene" in genomic:
            reason = "The interpretation names a gene, and no change in it."
        yield Rejected(code="no-variant", reason=reason, source=pointer)
    else:
        found = _observation(interpreted, variant, object_in(interpretation, "diagnosis"), identity)
        said = [_state_in_words(interpretation, status), *_words(interpreted, variant)]
        found["status"] = _state(interpretation)
        found["note"] = [{"text": text} for text in said if text]
        yield found | _sample(packet, about, found)


def _observation(interpreted: Json, variant: Json, diagnosis: Json, identity: str) -> Resource:
    significance = _SIGNIFICANCE.get(word_in(interpreted, "acmgPathogenicityClassification"), "")
    components = [
        *_gene(variant),
        *_hgvs(variant),
        *phenopacket_places.components(variant),
        *_text("53034-5", word_in(object_in(variant, "allelicState"), "label")),
        *_text("53037-8", significance),
        *_term("81259-4", object_in(diagnosis, "disease")),
    ]
    return {
        "resourceType": "Observation",
        "id": identity,
        "status": "final",
        "category": [GENETICS],
        "code": _loinc("69548-6"),
        "valueCodeableConcept": _loinc("LA9633-4", "Present"),
        "component": components,
    }


def _state(interpretation: Json) -> str:
    """Return how sure the interpretation is of itself, in FHIR."""
    is_found_out = word_in(interpretation, "progressStatus") in _FOUND_OUT
    return "final" if is_found_out else "preliminary"


def _state_in_words(interpretation: Json, status: str) -> str:
    words = [word for word in (word_in(interpretation, "progressStatus"), status) if word]
    return f"The phenopacket says: {', '.join(words)}."


def _words(interpreted: Json, variant: Json) -> Iterator[str]:
    """Yield what is told of a variant in words alone, and has no place of its own in FHIR."""
    yield word_in(variant, "label")
    yield word_in(variant, "description")
    actionable = word_in(interpreted, "therapeuticActionability")
    yield f"Treatment: {actionable}." if actionable not in _SAYS_NOTHING else ""
    for extension in _items(variant, "extensions"):
        name, value = word_in(extension, "name"), extension.get("value")
        if name and isinstance(value, str | int | float):
            yield f"{name}: {value}"


_SAYS_NOTHING = frozenset({"", "UNKNOWN_ACTIONABILITY"})


def _sample(packet: Json, about: str, found: Resource) -> Resource:
    """Mark what was seen in a tumour: whether it was inherited is then not said."""
    samples = (one for one in _items(packet, "biosamples") if word_in(one, "id") == about)
    sample = next(samples, {}) if about else {}
    if not any(sample.get(part) for part in _TUMOUR_PARTS) and (
        word_in(object_in(sample, "materialSample"), "id") != _NEOPLASTIC
    ):
        return {}
    unknown = {"code": _loinc("48002-0"), "valueCodeableConcept": _loinc(*_UNKNOWN_ORIGIN)}
    return {"component": [*found["component"], unknown]}


_UNKNOWN_ORIGIN = ("LA18197-6", "Unknown genomic origin")


def _loinc(code: str, display: str = "") -> Json:
    coding = {"system": LOINC, "code": code}
    return {"coding": [coding | ({"display": display} if display else {})]}


def _text(code: str, value: str) -> list[Json]:
    concept = {"text": value}
    return [{"code": _loinc(code), "valueCodeableConcept": concept}] if value else []


def _gene(variant: Json) -> list[Json]:
    context = object_in(variant, "geneContext")
    symbol, identity = word_in(context, "symbol"), word_in(context, "valueId")
    if not symbol and not identity:
        return []
    coding = {"system": "http://www.genenames.org/geneId", "code": identity, "display": symbol}
    kept = {name: value for name, value in coding.items() if value}
    return [{"code": _loinc("48018-6"), "valueCodeableConcept": {"coding": [kept]}}]


def _hgvs(variant: Json) -> Iterator[Json]:
    for expression in _items(variant, "expressions"):
        if word_in(expression, "syntax").startswith("hgvs"):
            text = word_in(expression, "value")
            code = _HGVS_LEVELS.get(text.partition(":")[2][:2], "48004-6")
            coding = {"system": "http://varnomen.hgvs.org", "code": text}
            yield {"code": _loinc(code), "valueCodeableConcept": {"coding": [coding]}}


def _term(code: str, term: Json) -> list[Json]:
    name, label = word_in(term, "id"), word_in(term, "label")
    if not name and not label:
        return []
    system = _SYSTEMS.get(name.partition(":")[0], "")
    coding = {"system": system, "code": name, "display": label}
    kept = {key: value for key, value in coding.items() if value}
    return [{"code": _loinc(code), "valueCodeableConcept": {"coding": [kept], "text": label}}]


def _report(packet: Json, results: list[str]) -> Resource:
    seen = [one for one in _items(packet, "phenotypicFeatures") if one.get("excluded") is not True]
    words = [word_in(object_in(one, "type"), "label") for one in seen]
    report: dict[str, Any] = {
        "resourceType": "DiagnosticReport",
        "id": "phenopacket",
        "status": "final",
        "category": [GENETICS],
        "code": _loinc("51969-4", "Genetic analysis report"),
    }
    if results:
        report["result"] = [{"reference": f"Observation/{identity}"} for identity in results]
    created = word_in(object_in(packet, "metaData"), "created")
    if created:
        report["issued"] = created
    if words:
        report["conclusion"] = "Features described: " + ", ".join(word for word in words if word)
    return report
