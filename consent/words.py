"""The names and sentences that pages, receipts and refusals use, in one place."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from consent import duo
from consent.duo import Mismatch
from consent.policy import Category, Extra, Identity, Reason, Use

CATEGORY_NAMES = {
    Category.HEREDITARY_RISK: _("Chance of illness that runs in families"),
    Category.SECONDARY_FINDINGS: _("Other findings the lab came across"),
    Category.CARRIER: _("What you can pass on to children"),
    Category.MEDICINES_PGX: _("How your body handles medicines"),
    Category.TUMOUR: _("Tests of a tumor"),
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
    Reason.NEVER_SENT: _("We send no data of this kind to anybody."),
    Reason.NOT_CLASSIFIED: _("We cannot tell what kind of data this is, so it stays."),
    Reason.NOT_ASKED_FOR: _("The program does not ask for this."),
    Reason.NOT_CHOSEN: _("You did not choose this kind of data."),
    Reason.SENSITIVE_NOT_CHOSEN: _("It may touch a private matter that you did not choose."),
}

MISMATCH_SENTENCES = {
    Mismatch.UNKNOWN: _("We do not know all the rules of this program."),
    Mismatch.BEYOND_HEALTH: _(
        "You chose health research only. This program does other research too."
    ),
    Mismatch.ANCESTRY: _(
        "This program may study where families come from. You did not choose that."
    ),
    Mismatch.OTHER_DISEASES: _("This program studies other illnesses than those you chose."),
    Mismatch.PROFIT: _("You chose no profit. This program does not promise that."),
    Mismatch.CONDITION: _("You asked for a rule that this program does not promise."),
}

PERMISSION_NAMES = {
    duo.GRU: _("Any research"),
    duo.HMB: _("Research about health only"),
    duo.POA: _("Research about where families come from only"),
}

MODIFIER_NAMES = {
    duo.NPUNCU: _("Only where nobody makes a profit from it"),
    duo.IRB: _("Only where an ethics board said yes"),
    duo.NPOA: _("Not for research about where families come from"),
}

PROBLEM_SENTENCES = {
    "missing-language": _("There is no wording in this language."),
    "screens": _("The screens must be these, in this order."),
    "too-long": _("This screen has more than 60 words."),
    "empty": _("This part has no words."),
    "quiz": _("The four questions must be these, in this order."),
    "one-right-answer": _("This question needs two answers or more, and one right one."),
    "key-information-first": _("The full text must begin with the main points."),
    "missing-element": _("The law asks for this, and the text does not say it."),
    "word": _("This word frightens or promises too much."),
    "exculpatory": _("The law allows no words by which people give up rights."),
    "hard-part": _("This part is hard to read."),
    "hard": _("The text as a whole is too hard to read."),
    "not-the-same": _("English and Spanish do not have the same parts."),
}

# What turning a switch does, beside the switch: of kinds of data, of the name, of what a program
# is given leave to do, and of sending by itself.
ON_NOW: dict[str, Promise] = {
    "kind": _(
        "Yes now. Turn off: no more of it goes, and we ask the program to remove what it has."
    ),
    "name": _("Yes now. Turn off: the next sending goes with a code in place of your name."),
    "leave": _("Yes now. Turn off: we tell the program that it may not."),
    "keep-updated": _("Yes now. Turn off: new data waits until you send it."),
}
OFF_NOW: dict[str, Promise] = {
    "kind": _("No now. Turn on: it goes with the next sending."),
    "name": _("No now. Turn on: the next sending goes with your name."),
    "leave": _("No now. Turn on: we tell the program that it may."),
    "keep-updated": _("No now. Turn on: new data goes by itself when it comes in."),
}
