"""Our consent as a program reads it."""

from collections.abc import Mapping, Set
from datetime import datetime
from typing import Any

from consent import fhir, gate, policy
from consent.models import Agreement, Program
from portal.accounts.models import User

_MOMENTS = frozenset({"dateTime", "start", "dataPeriod"})


def agreement_of(patient: User, program: Program) -> Agreement:
    """Return where this person stands with this program. Raises consent.gate.NoLiveAgreement."""
    rows = Agreement.objects.select_related("version__document", "patient", "program")
    found = rows.filter(patient=patient, program=program).first()
    if found is None:
        raise gate.NoLiveAgreement((policy.Reason.NOT_ACTIVE,))
    return found


def may_stay(item: Mapping[str, Any], allowed: Set[str]) -> bool:
    """Say whether what was sent is still of a kind that is allowed, and of no sensitive one.

    Of a report, the frame stays while any part of it may. `item` is one line of a manifest.
    """
    kinds = set(item["categories"])
    is_frame = item["type"] == "DiagnosticReport" and bool(kinds & allowed)
    return set(item["labels"]) <= allowed and (kinds <= allowed or is_frame)


def body(agreement: Agreement, *, at: datetime) -> dict[str, Any]:
    """Return the FHIR Consent of an agreement, without anything that names the person.

    Who it is about and what it is called are added with the ids of the program.
    """
    agreed = agreement.agreed()
    statement = fhir.Statement(
        id="-",
        agreed=agreed,
        patient="-",
        program=agreement.program.slug,
        program_name=agreement.program.name,
        text_sha256=agreement.version.sha256,
    )
    said: dict[str, Any] = dict(fhir.to_consent(statement))
    said["status"] = "active" if agreement.is_live(at) else "inactive"
    hidden = agreed.scope.identity is policy.Identity.DEIDENTIFIED
    return _without_moments(said) if hidden else said


def _without_moments(said: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out when somebody agreed: a moment tells who it was."""
    kept = {name: _inner(value) for name, value in said.items() if name not in _MOMENTS}
    return {name: value for name, value in kept.items() if value not in ({}, [])}


def _inner(value: object) -> object:
    if isinstance(value, Mapping):
        return _without_moments(value)
    if isinstance(value, list):
        return [_inner(item) for item in value]
    return value
