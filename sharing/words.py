"""What states, reasons and kinds of data are called on pages, in one place."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from consent.policy import Category, Extra, Identity
from consent.words import CATEGORY_NAMES, REASON_SENTENCES
from portal.genomics.findings import Kind, Presence

TYPES: dict[str, Promise] = {
    "AllergyIntolerance": _("Allergies"),
    "Basic": _("Other notes"),
    "Binary": _("Files"),
    "CarePlan": _("Care plans"),
    "CareTeam": _("Who cares for you"),
    "Claim": _("Bills"),
    "Communication": _("Messages"),
    "Condition": _("Health problems"),
    "Consent": _("Your agreement"),
    "Coverage": _("Insurance"),
    "Device": _("Devices"),
    "DiagnosticReport": _("Reports"),
    "DocumentReference": _("Letters and files"),
    "Encounter": _("Visits"),
    "ExplanationOfBenefit": _("Insurance statements"),
    "FamilyMemberHistory": _("Health of your family"),
    "Goal": _("Health goals"),
    "ImagingStudy": _("Pictures of the body"),
    "Immunization": _("Vaccines"),
    "Location": _("Places"),
    "Medication": _("Medicines"),
    "MedicationAdministration": _("Medicines given to you"),
    "MedicationDispense": _("Medicines from the pharmacy"),
    "MedicationRequest": _("Prescriptions"),
    "MedicationStatement": _("Medicines you take"),
    "MolecularSequence": _("Gene sequences"),
    "Observation": _("Results and measurements"),
    "Organization": _("Labs and hospitals"),
    "Patient": _("About you"),
    "PlanDefinition": _("Test plans"),
    "Practitioner": _("Doctors and nurses"),
    "PractitionerRole": _("Who did the test"),
    "Procedure": _("Operations and treatments"),
    "Provenance": _("Where data came from"),
    "QuestionnaireResponse": _("Forms you filled in"),
    "RelatedPerson": _("Family and contacts"),
    "RiskAssessment": _("Estimates of risk"),
    "ServiceRequest": _("Orders for tests"),
    "Specimen": _("Samples"),
    "Task": _("Advice and next steps"),
}

# The words of a consent speak to the person; these speak to the staff about the person.
IDENTITY_FOR_STAFF: dict[Identity, Promise] = {
    Identity.IDENTIFIED: _("With the person's name"),
    Identity.PSEUDONYMOUS: _("With a code in place of the name; dates are true"),
    Identity.DEIDENTIFIED: _("Without the name, and with dates moved"),
}

CATEGORIES_FOR_STAFF: dict[Category, Promise] = {
    **CATEGORY_NAMES,
    Category.CARRIER: _("What can be passed on to children"),
    Category.MEDICINES_PGX: _("How the body handles medicines"),
    Category.FAMILY_HISTORY: _("Health of the family"),
    Category.DEMOGRAPHICS: _("Age, sex and where the person lives"),
    Category.MEDICATIONS: _("Medicines taken"),
}

EXTRAS_FOR_STAFF: dict[Extra, Promise] = {
    Extra.RECONTACT: _("The program may write to the person again"),
    Extra.RETURN_OF_RESULTS: _("The program may send results to the person"),
}

STAYS: dict[str, Promise] = {
    **{reason.value: sentence for reason, sentence in REASON_SENTENCES.items()},
    "needed-element-stays": _("Without the parts that must stay, nothing useful is left of it."),
    "another-copy": _("Another place sent the same about you. One copy is enough."),
}

DELIVERY: dict[tuple[str, str], Promise] = {
    ("push", "queued"): _("Waiting to be sent."),
    ("push", "sending"): _("Being sent now."),
    ("push", "delivered"): _("The program has received it."),
    ("push", "parked"): _("The program refused it. It got nothing of this sending."),
    ("push", "cancelled"): _("Stopped before it left. The program got nothing of this sending."),
    ("push", "in-flight-at-stop"): _(
        "It was on its way when your agreement ended or changed. We ask the program to remove what"
        " may not stay there."
    ),
    ("announce", "queued"): _("We will tell the program that you agreed."),
    ("announce", "sending"): _("We are telling the program that you agreed."),
    ("announce", "delivered"): _("The program knows that you agreed."),
    ("announce", "parked"): _("The program did not accept the news that you agreed."),
    ("announce", "cancelled"): _("Your agreement ended or changed before we told the program."),
    ("announce", "in-flight-at-stop"): _(
        "Your agreement ended or changed while we were telling the program."
    ),
    ("recall", "queued"): _("We will ask the program to remove it. It has not heard yet."),
    ("recall", "sending"): _("We are asking the program now."),
    ("recall", "delivered"): _("The program confirmed that it did what you asked."),
    ("recall", "parked"): _("The program was told, and refused. We will look into it."),
}

PARTLY_REFUSED: Promise = _("The program refused it. It may still have a part of this.")

CODES: dict[str, Promise] = {
    "sign-in-refused": _("The program did not let us in. We keep trying."),
    "sign-in-unreadable": _("The program did not let us in. We keep trying."),
    "address": _("We may not send to the address that we have for the program."),
    "moved": _("The program has moved to another address. We do not follow it there."),
    "unreachable": _("We could not reach the program. We keep trying."),
    "slow": _("The program did not answer in time. We ask it before we send again."),
    "cut-short": _("The line was cut. We ask the program before we send again."),
    "status-429": _("The program is busy. We wait as long as it asked."),
    "status-503": _("The program is busy. We wait as long as it asked."),
    "status-412": _("The program has other news of your agreement. Please look and send again."),
    "look-again": _("The program has other news of your agreement. Please look and send again."),
    "answer-partial": _("The program took only a part of it."),
    "too-big": _("The program's answer was too long. We ask it before we send again."),
    "answer-unreadable": _(
        "We could not read the answer. We ask the program before we send again."
    ),
    "status-400": _("The program did not accept the form of the data."),
    "status-422": _("The program did not accept the form of the data."),
    "status-401": _("The program did not let us do this."),
    "status-403": _("The program did not let us do this."),
    "status-404": _("The program has no place for this."),
    "status-410": _("The program has no place for this."),
    "status-413": _("It was too big for the program."),
    "bytes-lost": _("The prepared data could not be read. Please look and send again."),
    "agreement-ended": _("Your agreement ended or changed first."),
}

BROKEN: Promise = _("Something is broken at the program. We ask it before we send again.")

DECISIONS: dict[str, Promise] = {
    "accept": _("The program's staff accepted it."),
    "return": _("The program's staff returned it."),
    "hold": _("The program's staff put it on hold."),
    "undo": _("The program's staff opened it again."),
}

FLAGS: dict[str, Promise] = {
    "no-build": _("No build given"),
    "hgvs-unread": _("HGVS does not parse"),
    "preliminary": _("Preliminary, not final"),
    "corrected": _("Corrected by the lab"),
}

QUEUE_STATES: dict[str, Promise] = {
    "open": _("To do"),
    "hold": _("On hold"),
    "accept": _("Accepted"),
    "return": _("Returned"),
    "all": _("All"),
}


def flag_of(flag: str) -> str:
    """Return a flag in words."""
    return str(FLAGS.get(flag, flag))


def kind_of(resource_type: str) -> str:
    """Return what a resource type is called; a type without a name keeps its own."""
    return str(TYPES.get(resource_type, resource_type))


def sentence_of(kind: str, state: str, *, may_be_there: bool = False) -> str:
    """Return what the state of a sending means; what was refused may be there in part."""
    if may_be_there and (kind, state) == ("push", "parked"):
        return str(PARTLY_REFUSED)
    return str(DELIVERY.get((kind, state), state))


def code_of(code: str) -> str:
    """Return why a try did not work; nothing where there is nothing to say."""
    if code.startswith("status-5") and code not in CODES:
        return str(BROKEN)
    return str(CODES.get(code, ""))


def reason_of(reason: str) -> str:
    """Return why something stays."""
    return str(STAYS.get(reason, reason))


FINDING_KINDS: dict[str, Promise] = {
    Kind.VARIANT: _("Change"),
    Kind.GENOTYPE: _("Genotype"),
    Kind.HAPLOTYPE: _("Haplotype"),
    Kind.DIAGNOSTIC_IMPLICATION: _("Meaning for a disease"),
    Kind.THERAPEUTIC_IMPLICATION: _("Meaning for a medicine"),
    Kind.MOLECULAR_CONSEQUENCE: _("Effect on the gene's product"),
    Kind.BIOMARKER: _("Biomarker"),
    Kind.REGION_STUDIED: _("What was looked at"),
    Kind.PHASE: _("Which changes lie together"),
    Kind.FAMILY_HISTORY: _("Health of the family"),
    Kind.RECOMMENDATION: _("Advice of the lab"),
    Kind.OTHER: _("Other result"),
}
PRESENCES: dict[str, Promise] = {
    Presence.PRESENT: _("found"),
    Presence.ABSENT: _("not found"),
    Presence.NO_CALL: _("could not be read"),
    Presence.INDETERMINATE: _("not clear"),
}
CANNOT_SIGN_IN = _(
    "To sign in there we need the token address and the name that we have there (client id)."
)
UNDONE = _("Undone. The person sees that it is open again.")
SAVED = _("Saved. The person sees your answer.")


def said_after(decision: str) -> str:
    """Return what the staff are told once they have answered."""
    return str(UNDONE if decision == "undo" else SAVED)
