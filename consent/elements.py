"""Which elements of a permitted resource may leave with it. An allow-list; PURE.

Elements that can carry other data never leave: contained resources, narratives, extensions, notes,
reasons, free-text conclusions, attachments, and references to what is not going too.
Spec: https://hl7.org/fhir/R4/ (the element names of each resource).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from consent.categories import Identity
from consent.classification import Json, Resource
from portal.genomics.vcf.fhir import NOT_CLINICAL_TAG

_ALWAYS: Final = "resourceType id meta status"
_BY_TYPE: Final = {
    "Patient": (
        "active identifier name telecom gender birthDate deceased[x] address maritalStatus "
        "multipleBirth[x] communication"
    ),
    "Observation": (
        "identifier category code subject focus basedOn partOf effective[x] issued performer "
        "value[x] dataAbsentReason interpretation bodySite method specimen device referenceRange "
        "hasMember derivedFrom component"
    ),
    "DiagnosticReport": (
        "identifier category code subject basedOn effective[x] issued performer specimen result "
        "conclusionCode"
    ),
    "Condition": (
        "identifier clinicalStatus verificationStatus category severity code bodySite subject "
        "onset[x] abatement[x] recordedDate stage"
    ),
    "MedicationRequest": (
        "identifier intent category medication[x] subject authoredOn dosageInstruction "
        "dispenseRequest doNotPerform reported[x] courseOfTherapyType"
    ),
    "MedicationStatement": (
        "identifier category medication[x] subject effective[x] dateAsserted dosage"
    ),
    "MedicationDispense": (
        "identifier category medication[x] subject quantity daysSupply whenPrepared whenHandedOver "
        "dosageInstruction"
    ),
    "MedicationAdministration": "identifier category medication[x] subject effective[x] dosage",
    "Medication": "identifier code form amount ingredient",
    "AllergyIntolerance": (
        "identifier clinicalStatus verificationStatus type category criticality code patient "
        "onset[x] recordedDate lastOccurrence reaction"
    ),
    "Procedure": (
        "identifier category code subject performed[x] bodySite outcome basedOn partOf usedCode"
    ),
    "Immunization": (
        "identifier statusReason vaccineCode patient occurrence[x] recorded primarySource site "
        "route doseQuantity protocolApplied isSubpotent"
    ),
    "FamilyMemberHistory": (
        "identifier patient date relationship sex born[x] age[x] estimatedAge deceased[x] condition"
    ),
    "DocumentReference": "identifier docStatus type category subject date content",
    "Specimen": "identifier type subject receivedTime collection condition",
    "RiskAssessment": "identifier code subject occurrence[x] method basis prediction",
}

# Inside those: the parts of FHIR's data types and of the groups above.
_NESTED: Final = (
    "coding system version code userSelected value comparator unit low high numerator denominator "
    "start end use type period family given prefix suffix line city district state postalCode "
    "country rank language preferred reference lastUpdated versionId profile "
    "dataAbsentReason interpretation referenceRange appliesTo age component summary "
    "sequence asNeededBoolean asNeededCodeableConcept site route method doseAndRate doseQuantity "
    "doseRange maxDosePerPeriod maxDosePerAdministration timing repeat event count countMax "
    "duration durationUnit frequency frequencyMax periodMax periodUnit dayOfWeek timeOfDay when "
    "offset numberOfRepeatsAllowed quantity validityPeriod expectedSupplyDuration initialFill dose "
    "origin factor lowerLimit upperLimit dimensions data item itemCodeableConcept strength "
    "isActive substance manifestation severity onset exposureRoute outcome contributedToDeath "
    "series targetDisease doseNumberPositiveInt seriesDosesPositiveInt "
    "collected collectedDateTime collectedPeriod fastingStatusCodeableConcept bodySite attachment "
    "format contentType creation size hash probabilityDecimal probabilityRange qualitativeRisk "
    "relativeRisk whenPeriod whenRange"
)
_NESTED_CHOICES: Final = ("value[x]", "bounds[x]", "onset[x]", "rate[x]")
_CODING_PARENTS: Final = frozenset({"coding", "valueCoding", "format"})
_CONCEPT_KEYS: Final = frozenset({"coding", "text", "id", "extension"})
_NAMES_SOMEONE: Final = frozenset({"name", "telecom", "identifier", "maritalStatus"})
# What is of use only with what is in the file, and a file may show whose it is.
ONLY_WITH_NAME: Final = frozenset({"DocumentReference"})
_ATTACHMENT_FRAME: Final = frozenset({"contentType", "creation", "size", "hash"})
_META: Final = frozenset({"lastUpdated", "versionId", "profile"})


@dataclass(frozen=True, slots=True)
class Allowed:
    """What the decision about a resource means for its elements."""

    identity: Identity
    partial: bool  # only the frame: without what sums up things that stay
    attachments: bool
    reference: Callable[[str], str | None]  # how a reference goes on, None when it stays


@dataclass(slots=True)
class _Removed:
    paths: list[str] = field(default_factory=list)

    def add(self, path: str) -> None:
        self.paths.append(path)


def leaving_types() -> frozenset[str]:
    """Return the resource types of which anything may leave at all.

    Sharing has a table for each of these and for no other; a test holds the two together.
    """
    return frozenset(_BY_TYPE)


def clean(resource: Resource, allowed: Allowed) -> tuple[dict[str, Json], tuple[str, ...]]:
    """Return what may leave of a resource, and the paths of what was left out."""
    kind = str(resource.get("resourceType"))
    removed = _Removed()
    names = _names(_ALWAYS, _BY_TYPE.get(kind, ""))
    body: dict[str, Json] = {}
    for key, value in resource.items():
        kept = None
        if _is_named(key, names) and not _stays_home(kind, key, allowed):
            kept = _value(value, key, f"{kind}.{key}", allowed, removed)
        elif value is not None:
            removed.add(f"{kind}.{key}")
        if kept is not None:
            body[key] = kept
    return body, tuple(removed.paths)


def _stays_home(kind: str, key: str, allowed: Allowed) -> bool:
    named = allowed.identity is Identity.IDENTIFIED
    if key == "identifier" or (kind == "Patient" and key in _NAMES_SOMEONE):
        return not named
    return key == "conclusionCode" and allowed.partial


def _names(*lists: str) -> frozenset[str]:
    return frozenset(name for names in lists for name in names.split())


def _is_named(key: str, names: frozenset[str]) -> bool:
    if key in names:
        return True
    return any(
        name.endswith("[x]") and key.startswith(name[:-3]) and key[len(name) - 3 :][:1].isupper()
        for name in names
    )


_NESTED_NAMES: Final = _names(_NESTED) | frozenset(_NESTED_CHOICES)


def _value(value: Json, key: str, path: str, allowed: Allowed, removed: _Removed) -> Json:
    """Return what may leave of one value; None for nothing."""
    if isinstance(value, list):
        parts = [
            _value(item, key, f"{path}[{place}]", allowed, removed)
            for place, item in enumerate(value)
        ]
        return [part for part in parts if part is not None] or None
    if isinstance(value, dict):
        return _group(value, key, path, allowed, removed)
    return value


def _group(
    group: dict[str, Json], key: str, path: str, allowed: Allowed, removed: _Removed
) -> Json:
    kept: dict[str, Json] = {}
    for name, value in group.items():
        inside = f"{path}.{name}"
        part = None
        if _may_stand(name, key, group, allowed):
            part = _onward(name, key, value, allowed)
            part = _value(part, name, inside, allowed, removed)
        if part is not None:
            kept[name] = part
        elif value is not None:
            removed.add(inside)
    return kept or None


def _onward(name: str, key: str, value: Json, allowed: Allowed) -> Json:
    if name == "reference":
        return _reference(value, allowed)
    return _our_tag(value) if key == "meta" and name == "tag" else value


def _our_tag(tags: Json) -> Json:
    """Return the one tag that goes along: that this was no clinical test. Others are unknown."""
    found = tags if isinstance(tags, list) else []
    ours = any(isinstance(tag, dict) and tag.items() >= NOT_CLINICAL_TAG.items() for tag in found)
    return [dict(NOT_CLINICAL_TAG)] if ours else None


def _reference(value: Json, allowed: Allowed) -> Json:
    return allowed.reference(value) if isinstance(value, str) else None


def _may_stand(name: str, key: str, group: dict[str, Json], allowed: Allowed) -> bool:
    if key == "meta":
        return name in _META or name == "tag"
    if key == "attachment" or key.endswith("Attachment"):
        return name in _ATTACHMENT_FRAME or (allowed.attachments and name == "data")
    if key == "address" and allowed.identity is not Identity.IDENTIFIED:
        return name in {"state", "country"}
    if name == "display":
        return key in _CODING_PARENTS
    if name == "text":
        return group.keys() <= _CONCEPT_KEYS and isinstance(group[name], str)
    return _is_named(name, _NESTED_NAMES)
