"""Our consent as a program reads it."""

from datetime import datetime
from typing import Any

from django.conf import settings

from consent import gate, policy
from consent.models import Agreement, Program
from portal.accounts.models import User

SCOPE = "http://terminology.hl7.org/CodeSystem/consentscope"
PURPOSE = "http://terminology.hl7.org/CodeSystem/v3-ActReason"


def agreement_of(patient: User, program: Program) -> Agreement:
    """Return where this person stands with this program. Raises consent.gate.NoLiveAgreement."""
    rows = Agreement.objects.select_related("version__document", "patient", "program")
    found = rows.filter(patient=patient, program=program).first()
    if found is None:
        raise gate.NoLiveAgreement((policy.Reason.NOT_ACTIVE,))
    return found


def body(agreement: Agreement, *, at: datetime) -> dict[str, Any]:
    """Return the FHIR Consent of an agreement without anything that names the person.

    Spec: https://hl7.org/fhir/R4/consent.html
    """
    agreed = agreement.agreed()
    provision: dict[str, Any] = {
        "type": "permit",
        "purpose": [{"system": PURPOSE, "code": "HRESCH"}],
        "class": [
            {"system": f"{settings.SITE_URL}/fhir/CodeSystem/data-category", "code": category}
            for category in sorted(agreed.scope.categories)
        ],
    }
    if agreement.ends_at is not None:
        provision["period"] = {"end": agreement.ends_at.isoformat(timespec="seconds")}
    named = agreed.scope.identity is not policy.Identity.DEIDENTIFIED
    return {
        "resourceType": "Consent",
        "status": "active" if agreement.is_live(at) else "inactive",
        "scope": {"coding": [{"system": SCOPE, "code": "research"}]},
        "category": [{"coding": [{"system": "http://loinc.org", "code": "59284-0"}]}],
        **({"dateTime": agreement.agreed_at.date().isoformat()} if named else {}),
        "policy": [{"uri": f"{settings.SITE_URL}/consent/versions/{agreement.version_id}"}],
        "provision": provision,
    }
