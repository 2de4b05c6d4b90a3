"""What a resource is about, in the words of the choices. What is not plain is not understood. PURE.

Genomic kinds come from the findings that were read out of the resource; clinical kinds from its
type, category and codes. Only what could leave is looked at: notes and narratives never do.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from consent.categories import GENOMIC, Category
from consent.sensitive import (
    LOINC,
    is_complete,
    label_of_security,
    labels_of_code,
    labels_of_medicine,
    labels_of_words,
)

type Json = dict[str, Json] | list[Json] | str | int | float | bool | None
type Resource = Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one resource: its kinds, its sensitive labels, and how sure we are."""

    categories: frozenset[Category] = frozenset()
    labels: frozenset[Category] = frozenset()
    container: bool = False  # a frame around other resources, that can go without its own words
    understood: bool = True
    never_sent: bool = False  # no data of its type leaves this house, whatever was chosen
    other_person: bool = False


_BY_TYPE: Final = {
    "Patient": Category.DEMOGRAPHICS,
    "Condition": Category.CONDITIONS,
    "MedicationRequest": Category.MEDICATIONS,
    "MedicationStatement": Category.MEDICATIONS,
    "MedicationDispense": Category.MEDICATIONS,
    "MedicationAdministration": Category.MEDICATIONS,
    "Medication": Category.MEDICATIONS,
    "AllergyIntolerance": Category.ALLERGIES,
    "Procedure": Category.PROCEDURES,
    "Immunization": Category.IMMUNIZATIONS,
    "FamilyMemberHistory": Category.FAMILY_HISTORY,
    "DocumentReference": Category.DOCUMENTS,
    "Specimen": Category.TEST_QUALITY,
}
_BY_OBSERVATION_CATEGORY: Final = {
    "laboratory": Category.LABS,
    "LAB": Category.LABS,
    "vital-signs": Category.VITALS,
    "procedure": Category.PROCEDURES,
}
_BY_REPORT_CATEGORY: Final = {
    "LAB": Category.LABS,
    "laboratory": Category.LABS,
    "HM": Category.LABS,
    "CH": Category.LABS,
    "MB": Category.LABS,
    "RAD": Category.DOCUMENTS,
    "LP29684-5": Category.DOCUMENTS,
    "LP29708-2": Category.DOCUMENTS,
    "LP7839-6": Category.DOCUMENTS,
}
_CATEGORY_SYSTEMS: Final = frozenset(
    {
        "http://terminology.hl7.org/CodeSystem/observation-category",
        "http://hl7.org/fhir/observation-category",
        "http://terminology.hl7.org/CodeSystem/v2-0074",
        "http://loinc.org",
    }
)
# Resources whose main concept must say in words, or in a code we know, what they are about.
_MAIN_CONCEPT: Final = {
    "Condition": ("code",),
    "MedicationRequest": ("medicationCodeableConcept",),
    "MedicationStatement": ("medicationCodeableConcept",),
    "MedicationDispense": ("medicationCodeableConcept",),
    "MedicationAdministration": ("medicationCodeableConcept",),
    "Medication": ("code",),
    "AllergyIntolerance": ("code",),
    "Procedure": ("code",),
    "Immunization": ("vaccineCode",),
    "Observation": ("code",),
    "DiagnosticReport": ("code",),
    "DocumentReference": ("type", "description"),
}
_SEQUENCE_TYPES: Final = re.compile(r"vcf|fastq|\bbam\b|\bcram\b|\bbed\b|gvcf|fasta", re.IGNORECASE)

# LOINC codes that only a genetic test uses: the grouping ones and the parts of a variant.
_GENETIC_CODES: Final = (
    "69548-6 84413-4 84414-2 82120-7 53037-8 51963-7 53041-0 51969-4 81247-9 57979-7 55232-3 "
    "48018-6 48004-6 48005-3 81290-9 53034-5 48002-0 81252-9 81254-5 69547-8 69551-0 47998-0 "
    "48003-8 81259-4 51958-7 62374-4 48001-2 48013-7 82121-5 81258-6 93044-6 83005-9 48019-4 "
    "81304-8 81260-2 51961-1 51959-5 50398-7 81299-0 81250-3 79716-7 57290-9 57291-7 57292-5 "
    "57293-3 51951-2 81248-7 92821-8 94076-7 81695-9 21636-6 21639-0 59041-4 32637-5 56846-9"
)
_GENETIC_LOINC: Final = frozenset(_GENETIC_CODES.split())
_GENETIC_TEXT: Final = re.compile(
    r"\b[cgmn]\.\(?[-*]?\d+\w*[_+>-]?|\bp\.\(?[a-z]{1,3}\d+|\brs\d{4,}|\*\d+\s*/\s*\*\d+|\bN[MCGRP]_\d{5,}|"
    r"\bLRG_\d+|\bHLA-[A-Z]|genotyp|haplotyp|diplotyp|\bgene(?:tic|tics|s)?\b|genom|exome|"
    r"metaboli[sz]er|karyotyp|germline|\bsomatic|microsatellite|pathogenic|mutation|chromosom|"
    r"\bgen[eé]tic|\bvariant",
    re.IGNORECASE,
)
_CODE_LESS: Final = {Category.TEST_QUALITY: frozenset({"53041-0"})}
_NEVER_LEAVES: Final = frozenset({"note", "text", "contained", "extension", "modifierExtension"})
_MEDICINE_ASSESSED: Final = "51963-7"


def classify_resource(
    resource: Resource, finding_categories: Iterable[str], linked: Iterable[Resource] = ()
) -> Facts:
    """Return what a resource is about.

    `finding_categories` are those of every finding read out of it (for a report, also out of its
    results); `linked` are resources without which it cannot be judged, such as its Medication.
    """
    genomic, known = _genomic(finding_categories)
    is_genomic = bool(genomic) or _looks_genetic(resource)
    own = _genetic_by_code(resource) if is_genomic else _clinical(resource)
    whole = (resource, *linked)
    labels, sure = _labels(whole, genomic=is_genomic)
    return Facts(
        categories=genomic | own,
        labels=labels,
        container=_is_container(resource),
        understood=known and sure and (is_genomic or _says_what_it_is(whole)),
    )


def _genomic(names: Iterable[str]) -> tuple[frozenset[Category], bool]:
    values = {category.value for category in GENOMIC}
    found = set(names)
    return frozenset(Category(name) for name in found & values), found <= values


def _is_container(resource: Resource) -> bool:
    return resource.get("resourceType") == "DiagnosticReport" or (
        resource.get("resourceType") == "Observation"
        and bool(resource.get("hasMember"))
        and not any(key.startswith("value") for key in resource)
        and not resource.get("component")
    )


def _clinical(resource: Resource) -> frozenset[Category]:
    kind = resource.get("resourceType")
    if kind == "Observation":
        return _by_category(resource, _BY_OBSERVATION_CATEGORY)
    if kind == "DiagnosticReport":
        return _by_category(resource, _BY_REPORT_CATEGORY)
    if kind == "DocumentReference" and _holds_sequence(resource):
        return frozenset({Category.SEQUENCE_FILES})
    found = _BY_TYPE.get(kind) if isinstance(kind, str) else None
    return frozenset({found}) if found else frozenset()


def _by_category(resource: Resource, table: Mapping[str, Category]) -> frozenset[Category]:
    codings = list(_codings(resource.get("category")))
    # A local category says nothing; a standard one that we do not know makes the whole unknown.
    codes = {code for system, code, _ in codings if code in table or system in _CATEGORY_SYSTEMS}
    known = {code for code in codes if code in table}
    return frozenset(table[code] for code in known) if known == codes else frozenset()


def _holds_sequence(resource: Resource) -> bool:
    content = resource.get("content")
    return any(
        _SEQUENCE_TYPES.search(value)
        for item in (content if isinstance(content, list) else [])
        for value in _strings(item, {"contentType", "title", "url", "code", "display"})
    )


def _looks_genetic(resource: Resource) -> bool:
    if resource.get("resourceType") not in {"Observation", "DiagnosticReport"}:
        return False
    if any(code == "GE" for _, code, _ in _codings(resource.get("category"))):
        return True
    spoken = {key: value for key, value in resource.items() if key not in _NEVER_LEAVES}
    codes = {code for system, code, _ in _codings(spoken) if system == LOINC}
    return bool(codes & _GENETIC_LOINC) or any(
        _GENETIC_TEXT.search(words) for words in _strings(spoken, _WORD_KEYS)
    )


def _genetic_by_code(resource: Resource) -> frozenset[Category]:
    codes = {code for system, code, _ in _codings(resource.get("code")) if system == LOINC}
    return frozenset(category for category, known in _CODE_LESS.items() if codes & known)


def _says_what_it_is(whole: Iterable[Resource]) -> bool:
    """Say whether the main concept has words, or a code that tells by itself."""
    parts = [(part, _MAIN_CONCEPT.get(str(part.get("resourceType")))) for part in whole]
    asked = [(part, keys) for part, keys in parts if keys]
    if not asked:
        return True
    return any(
        _is_words(part.get(key))
        or any(True for _ in _strings(part.get(key), _WORD_KEYS))
        or any(is_complete(system) for system, _, _ in _codings(part.get(key)))
        for part, keys in asked
        for key in keys
    )


def _is_words(value: Json) -> bool:
    return isinstance(value, str) and bool(value.strip())


_WORD_KEYS: Final = frozenset(
    {"display", "text", "valueString", "conclusion", "title", "description", "name", "_words"}
)


def _labels(whole: Iterable[Resource], *, genomic: bool) -> tuple[frozenset[Category], bool]:
    labels: set[Category] = set()
    sure = True
    for part in whole:
        for system, code, _ in _codings(_security(part)):
            known, label = label_of_security(system, code)
            sure = sure and known
            labels.update({label} if label else ())
        labels.update(_labels_of_body(part, genomic=genomic))
    # "Restricted" alone does not say why; with a label beside it, it does.
    return frozenset(labels), sure or bool(labels)


def _security(resource: Resource) -> Json:
    meta = resource.get("meta")
    return meta.get("security") if isinstance(meta, dict) else None


def _labels_of_body(resource: Resource, *, genomic: bool) -> Iterator[Category]:
    body: dict[str, Json] = {
        key: value for key, value in resource.items() if key not in _NEVER_LEAVES | {"meta"}
    }
    if genomic:
        body = _without_assessed_medicines(body)
    for system, code, _ in _codings(body):
        yield from labels_of_code(system, code)
    for words in _strings(body, _WORD_KEYS):
        yield from labels_of_words(words)
        if not genomic:
            yield from labels_of_medicine(words)


def _without_assessed_medicines(body: dict[str, Json]) -> dict[str, Json]:
    """Leave out what medicines a test speaks of: everybody tested gets the same list."""
    components = body.get("component")
    if not isinstance(components, list):
        return body
    kept = [
        part
        for part in components
        if not (
            isinstance(part, dict)
            and any(code == _MEDICINE_ASSESSED for _, code, _ in _codings(part.get("code")))
        )
    ]
    return {**body, "component": kept}


def _codings(value: Json | Mapping[str, Json]) -> Iterator[tuple[str, str, str]]:
    """Yield system, code and display of every coding below, blanks around codes taken away."""
    if isinstance(value, list):
        for item in value:
            yield from _codings(item)
    elif isinstance(value, Mapping):
        code = value.get("code")
        if isinstance(code, str):
            yield str(value.get("system") or ""), code.strip(), str(value.get("display") or "")
        for key, item in value.items():
            if key not in _NEVER_LEAVES:
                yield from _codings(item)


def _strings(value: Json | Mapping[str, Json], keys: Iterable[str]) -> Iterator[str]:
    """Yield every non-empty string below that stands under one of the keys."""
    if isinstance(value, list):
        for item in value:
            yield from _strings(item, keys)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            if isinstance(item, str):
                if key in keys and item.strip():
                    yield item
            else:
                yield from _strings(item, keys)
