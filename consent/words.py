"""The names and sentences that pages, receipts and refusals use, in one place."""

from django.utils.translation import gettext_lazy as _

from consent.policy import Category, Extra, Identity, Reason, Use

CATEGORY_NAMES = {
    Category.HEREDITARY_RISK: _("Chance of illness that runs in families"),
    Category.SECONDARY_FINDINGS: _("Other findings the lab came across"),
    Category.CARRIER: _("What you can pass on to children"),
    Category.MEDICINES_PGX: _("How your body handles medicines"),
    Category.TUMOUR: _("Tests of a tumour"),
    Category.HLA: _("Tissue type (HLA)"),
    Category.NEWBORN: _("Tests done just after birth"),
    Category.FAMILY_HISTORY: _("Health of your family"),
    Category.TEST_QUALITY: _("How the test was done"),
    Category.SEQUENCE_FILES: _("Raw gene files"),
    Category.DEMOGRAPHICS: _("Age, sex and where you live"),
    Category.CONDITIONS: _("Health problems"),
    Category.MEDICATIONS: _("Medicines you take"),
    Category.ALLERGIES: _("Allergies"),
    Category.LABS: _("Other lab tests"),
    Category.VITALS: _("Height, weight, blood pressure"),
    Category.PROCEDURES: _("Operations and treatments"),
    Category.IMMUNIZATIONS: _("Vaccines"),
    Category.DOCUMENTS: _("Letters and reports"),
    Category.MENTAL_HEALTH: _("Mental health"),
    Category.SUBSTANCE_USE: _("Alcohol, tobacco and drugs"),
    Category.SEXUAL_REPRODUCTIVE: _("Sex, pregnancy and birth control"),
    Category.HIV: _("HIV"),
}

IDENTITY_NAMES = {
    Identity.IDENTIFIED: _("With your name"),
    Identity.PSEUDONYMOUS: _("With a code in place of your name"),
    Identity.DEIDENTIFIED: _("Without your name and with dates moved"),
}

USE_NAMES = {
    Use.PROGRAM_RESEARCH: _("Research by this program"),
    Use.SHARED_RESEARCH: _("Research by others whom this program lets in"),
}

EXTRA_NAMES = {
    Extra.RECONTACT: _("The program may write to you again"),
    Extra.RETURN_OF_RESULTS: _("The program may send you results"),
}

REASON_SENTENCES = {
    Reason.NOT_ACTIVE: _("You are not sharing with this program now."),
    Reason.NOT_YET: _("Your agreement has not started yet."),
    Reason.ENDED: _("Your agreement has ended."),
    Reason.OTHER_EPOCH: _("Your choices have changed since this was prepared."),
    Reason.OTHER_VERSION: _("This was prepared under another version of the text."),
    Reason.NOT_PUBLISHED: _("The text has changed. Please read it and answer again."),
    Reason.USE_NOT_AGREED: _("You did not say yes to this use."),
    Reason.IDENTITY_NOT_AGREED: _("You did not agree to show this much of who you are."),
    Reason.UPDATES_NOT_AGREED: _("You did not say yes to sending new data later."),
    Reason.OTHER_PERSON: _("This is about another person."),
    Reason.NOT_CLASSIFIED: _("We cannot tell what kind of data this is, so it stays."),
    Reason.NOT_ASKED_FOR: _("The program does not ask for this."),
    Reason.NOT_CHOSEN: _("You did not choose this kind of data."),
    Reason.SENSITIVE_NOT_CHOSEN: _("It may touch a private matter that you did not choose."),
}
