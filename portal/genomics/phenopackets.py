"""GA4GH Phenopackets 2.0: what an interpretation reports about genes, as FHIR for the one reader.

Spec: https://phenopacket-schema.readthedocs.io/en/2.0.0/
"""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from portal.genomics.findings import Notice, Pointer, Rejected
from portal.genomics.jsontext import NotADocument
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
        diagnosis = _object(interpretation, "diagnosis")
        for n, genomic in enumerate(_items(diagnosis, "genomicInterpretations")):
            identity = f"interpretation-{at + 1}-{n + 1}"
            for one in _genomic(genomic, diagnosis, identity, packet):
                if isinstance(one, dict):
                    results.append(identity)
                yield one
    yield _report(packet, results)


def _packet(raw: bytes) -> Json:
    if len(raw) > _MAX_BYTES:
        raise NotADocument("The file is bigger than any real phenopacket.")
    try:
        packet = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as bad:
        raise NotADocument("The file is not JSON that can be read.") from bad
    if not isinstance(packet, dict):
        raise NotADocument("The file is not a phenopacket.")
    if "interpretations" not in packet and "phenotypicFeatures" not in packet:
        raise NotADocument("This is not a phenopacket of one person.")
    return packet


def _items(parent: Json, name: str) -> list[Json]:
    found = parent.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _object(parent: Json, name: str) -> Json:
    found = parent.get(name)
    return found if isinstance(found, dict) else {}


def _word(parent: Json, name: str) -> str:
    found = parent.get(name)
    return found.strip() if isinstance(found, str) else ""


def _genomic(
    genomic: Json, diagnosis: Json, identity: str, packet: Json
) -> Iterator[Resource | Rejected | Notice]:
    pointer = Pointer(path=identity)
    about = _word(genomic, "subjectOrBiosampleId")
    known = {_word(_object(packet, "subject"), "id")} | {
        _word(sample, "id") for sample in _items(packet, "biosamples")
    }
    status = _word(genomic, "interpretationStatus")
    interpreted = _object(genomic, "variantInterpretation")
    variant = _object(interpreted, "variationDescriptor")
    if about and about not in known:
        reason = "This interpretation names a person or sample that the file does not describe."
        yield Rejected(code="other-subject", reason=reason, source=pointer)
    elif status in _NOT_RESULTS:
        reason = "The laboratory rejected this variant, or did not say what it made of it."
        yield Notice(code="not-a-result", reason=reason, source=pointer, status=status.lower())
    elif not variant:
        reason = "The interpretation describes no variant."
        yield Rejected(code="no-variant", reason=reason, source=pointer)
    else:
        yield _observation(interpreted, variant, diagnosis, identity)


def _observation(interpreted: Json, variant: Json, diagnosis: Json, identity: str) -> Resource:
    significance = _SIGNIFICANCE.get(_word(interpreted, "acmgPathogenicityClassification"), "")
    record = _object(variant, "vcfRecord")
    components = [
        *_gene(variant),
        *_hgvs(variant),
        *_string("69547-8", _word(record, "ref")),
        *_string("69551-0", _word(record, "alt")),
        *_text("53034-5", _word(_object(variant, "allelicState"), "label")),
        *_text("53037-8", significance),
        *_term("81259-4", _object(diagnosis, "disease")),
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


def _loinc(code: str, display: str = "") -> Json:
    coding = {"system": LOINC, "code": code}
    return {"coding": [coding | ({"display": display} if display else {})]}


def _string(code: str, value: str) -> list[Json]:
    return [{"code": _loinc(code), "valueString": value}] if value else []


def _text(code: str, value: str) -> list[Json]:
    concept = {"text": value}
    return [{"code": _loinc(code), "valueCodeableConcept": concept}] if value else []


def _gene(variant: Json) -> list[Json]:
    context = _object(variant, "geneContext")
    symbol, identity = _word(context, "symbol"), _word(context, "valueId")
    if not symbol and not identity:
        return []
    coding = {"system": "http://www.genenames.org/geneId", "code": identity, "display": symbol}
    kept = {name: value for name, value in coding.items() if value}
    return [{"code": _loinc("48018-6"), "valueCodeableConcept": {"coding": [kept]}}]


def _hgvs(variant: Json) -> Iterator[Json]:
    for expression in _items(variant, "expressions"):
        if _word(expression, "syntax").startswith("hgvs"):
            text = _word(expression, "value")
            code = _HGVS_LEVELS.get(text.partition(":")[2][:2], "48004-6")
            coding = {"system": "http://varnomen.hgvs.org", "code": text}
            yield {"code": _loinc(code), "valueCodeableConcept": {"coding": [coding]}}


def _term(code: str, term: Json) -> list[Json]:
    name, label = _word(term, "id"), _word(term, "label")
    if not name and not label:
        return []
    system = _SYSTEMS.get(name.partition(":")[0], "")
    coding = {"system": system, "code": name, "display": label}
    kept = {key: value for key, value in coding.items() if value}
    return [{"code": _loinc(code), "valueCodeableConcept": {"coding": [kept], "text": label}}]


def _report(packet: Json, results: list[str]) -> Resource:
    seen = [one for one in _items(packet, "phenotypicFeatures") if one.get("excluded") is not True]
    words = [_word(_object(one, "type"), "label") for one in seen]
    report: dict[str, Any] = {
        "resourceType": "DiagnosticReport",
        "id": "phenopacket",
        "status": "final",
        "category": [GENETICS],
        "code": _loinc("51969-4", "Genetic analysis report"),
    }
    if results:
        report["result"] = [{"reference": f"Observation/{identity}"} for identity in results]
    created = _word(_object(packet, "metaData"), "created")
    if created:
        report["issued"] = created
    if words:
        report["conclusion"] = "Features described: " + ", ".join(word for word in words if word)
    return report
