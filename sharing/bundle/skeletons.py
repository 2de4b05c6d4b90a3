"""What is left of a resource that was taken back where nothing may be deleted."""

from typing import Any, Final

from sharing.deidentify import MASKED
from sharing.deidentify.tables import TABLES

_ERROR: Final = "entered-in-error"
_VERIFICATION: Final = {
    "Condition": "http://terminology.hl7.org/CodeSystem/condition-ver-status",
    "AllergyIntolerance": "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification",
}
_NEEDED: Final[dict[str, dict[str, Any]]] = {
    "DiagnosticReport": {"code": MASKED},
    "DocumentReference": {"content": [{"attachment": MASKED}]},
    "FamilyMemberHistory": {"relationship": MASKED},
    "Immunization": {"vaccineCode": MASKED, "_occurrenceDateTime": MASKED},
    "MedicationAdministration": {
        "medicationCodeableConcept": MASKED,
        "_effectiveDateTime": MASKED,
    },
    "MedicationDispense": {"medicationCodeableConcept": MASKED},
    "MedicationRequest": {"intent": "order", "medicationCodeableConcept": MASKED},
    "MedicationStatement": {"medicationCodeableConcept": MASKED},
    "Observation": {"code": MASKED},
}


def entered_in_error(kind: str, patient: str) -> dict[str, Any]:
    """Return a resource of this type that says only that it was sent in error."""
    body: dict[str, Any] = {"resourceType": kind, **_NEEDED.get(kind, {})}
    owner = TABLES[kind].owner
    if owner:
        body[owner] = {"reference": patient}
    if kind in _VERIFICATION:
        coding = {"system": _VERIFICATION[kind], "code": _ERROR}
        return {**body, "verificationStatus": {"coding": [coding]}}
    return {**body, "status": _ERROR}
