"""What this room says to people: kinds of data, states, and reasons in one sentence each."""

from typing import Final

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

KINDS: Final[dict[str, Promise]] = {
    "Patient": _("Who you are"),
    "DiagnosticReport": _("Test reports"),
    "Observation": _("Test results"),
    "DocumentReference": _("Documents"),
    "MolecularSequence": _("Gene sequences"),
    "Specimen": _("Samples"),
    "FamilyMemberHistory": _("Family history"),
    "Procedure": _("Procedures"),
    "Condition": _("Health problems"),
    "MedicationRequest": _("Prescriptions"),
    "MedicationStatement": _("Medicines you take"),
    "AllergyIntolerance": _("Allergies"),
    "Immunization": _("Vaccines"),
    "ServiceRequest": _("Tests that were ordered"),
    "Task": _("Follow-up that was advised"),
    "RiskAssessment": _("Risk estimates"),
    "CarePlan": _("Care plans"),
    "Encounter": _("Visits"),
    "RelatedPerson": _("People close to you"),
    "Provenance": _("Who wrote what"),
}
WORK: Final[dict[str, Promise]] = {
    "refs": _("Names of labs and doctors, and what belongs to them"),
    "vanished": _("What we asked for once more"),
    "files": _("Files that go with them"),
    "findings": _("Reading what came"),
}
TRIP: Final[dict[str, Promise]] = {
    "unknown-attempt": _("This sign-in was not started here, or it was used before. Try again."),
    "too-old": _("That took more than 10 minutes. Please start again."),
    "sign-in-refused": _("You did not let us in there, or they said no. Nothing was changed."),
    "wrong-issuer": _("The answer did not come from the place that you chose. We stopped."),
    "no-token": _("They did not accept the sign-in. Try again a little later."),
    "no-patient": _("They did not say whose record it is, so we did not open it."),
    "nothing-granted": _("You did not allow us to read anything, so there is nothing to fetch."),
    "unavailable": _("They do not answer right now. Try again a little later."),
}
STEPS: Final[dict[str, Promise]] = {
    "circle": _("Their pages went round in circles. We kept what came first."),
    "too-many-pages": _("They sent more pages than we can take at once."),
    "next-elsewhere": _("Their next page was at an address that is not theirs. We did not go."),
    "address": _("Their address is not one that we may call."),
    "moved": _("They sent us to another address. We did not go there."),
    "bad-link": _("Their page had a broken link to the next one."),
    "too-big": _("They sent more at once than we can take."),
    "too-deep": _("They sent something that cannot be read."),
    "not-json": _("They sent something that cannot be read."),
    "too-many-entries": _("They sent more at once than we can take."),
    "encoding": _("They sent something that cannot be read."),
    "slow": _("They did not answer in time."),
    "unreachable": _("They could not be reached."),
    "no-address": _("They could not be reached."),
    "cut-short": _("Their answer broke off in the middle."),
    "too-long": _("It took longer than a day, so we stopped."),
    "died": _("Something went wrong here while we read it. We are looking into it."),
    "sign-in": _("They no longer let us in. Sign in there again."),
    "status-403": _("They do not let us read this."),
    "status-404": _("They do not have this."),
    "status-429": _("They asked us to slow down."),
    "status-503": _("They were too busy to answer."),
}
NOT_SMART: Final[dict[str, Promise]] = {
    "no-configuration": _("The server does not say how to sign in there."),
    "no-capability": _("The server has no CapabilityStatement at /metadata."),
    "no-smart": _("The server says nothing about SMART sign-in."),
    "no-endpoints": _("The server names no sign-in or token address."),
    "no-pkce": _("The server does not support PKCE with S256, which we always use."),
    "bad-endpoints": _("The server names sign-in addresses that cannot be used."),
    "not-r4": _("The server does not speak FHIR R4."),
}
OTHER_STEP: Final = _("They answered in a way that we cannot use.")


def kind_of_data(resource_type: str) -> str:
    """Return what a resource type is called on pages; an unknown one under its own name."""
    return str(KINDS.get(resource_type, resource_type))


def step_name(kind: str, resource_type: str) -> str:
    """Return what a step is called on pages."""
    return str(WORK[kind]) if kind in WORK else kind_of_data(resource_type)


def step_reason(code: str) -> str:
    """Return why a step did not work, in a sentence."""
    if not code:
        return ""
    if code.startswith("status-5") and code not in STEPS:
        return str(STEPS["status-503"])
    return str(STEPS.get(code, OTHER_STEP))


def trip_reason(code: str) -> str:
    """Return why a trip to a source did not end in a connection."""
    return str(TRIP.get(code, TRIP["unavailable"]))


BAD_KEY: Final = _(
    "This is no private key that we can sign with. We need PEM: RSA of 2048 bits or more, or P-384."
)


def of_fields(refusal: ValidationError) -> str:
    """Return what is wrong with what was said, each behind the name of its field."""
    said = refusal.message_dict if hasattr(refusal, "error_dict") else {"": refusal.messages}
    return " ".join(
        f"{name}: {sentence}" if name and name != NON_FIELD_ERRORS else sentence
        for name, sentences in said.items()
        for sentence in sentences
    )


def not_smart(code: str) -> str:
    """Return why a server cannot be registered."""
    return str(NOT_SMART.get(code, code))
