"""What the reader remarks beside a finding, in words; and in the lab's way where it goes on."""

from django.utils.translation import gettext_lazy as _

from portal.genomics.flags import ANOTHER_PERSON, PREFIXES, WITHDRAWN_BASIS

_WORDS = {
    # How sure the lab is.
    "amended": _("Changed by the lab."),
    "corrected": _("Corrected by the lab."),
    "preliminary": _("Not final yet."),
    "registered": _("The test is known; there is no result yet."),
    "status-unknown": _("The source does not know the status."),
    "no-status": _("The source gives no status."),
    "no-value": _("The lab says why there is no value."),
    "not-a-clinical-test": _("From a file that is no clinical test."),
    # Whose it is.
    "no-subject": _("The result does not say whose it is; the report does."),
    "subject-in-words-only": _("The person is named in words only."),
    "focus": _(
        "The result is about something beside the person, such as a parent or an unborn child."
    ),
    ANOTHER_PERSON: _(
        "The result may be about somebody else, such as a parent, a donor or an unborn child."
    ),
    "not-human": _("The sequence is not one of people; it may be of a germ."),
    # How it was read.
    "words-only": _("The report names this result in words only."),
    "significance-from-text": _("The class stands in the text only."),
    "presence-not-understood": _("Whether it was found is said in a way that we cannot read."),
    "allele-fraction-out-of-range": _("The share of reads is not between 0 and 1; as sent."),
    "repeat-order-not-given": _("Which number belongs to which repeat is not said."),
    "broken-reference": _("It points to something that did not arrive."),
    "copy-number-zero": _("Zero copies: the piece is missing."),
    "ref-equals-alt": _("Both alleles are the same."),
    "normal-karyotype": _("The expected chromosomes."),
    # What does not fit together.
    "conflict:alleles": _("The alleles do not agree with the change."),
    "conflict:allele-fraction-in-text": _("The text gives another share of reads."),
    "conflict:build": _("Two genome builds are named."),
    "conflict:chromosome": _("Two chromosomes are named."),
    "conflict:copy-number-negative": _("The number of copies is below zero."),
    "conflict:end-before-start": _("The end lies before the start."),
    "conflict:gene": _("Two different genes are named."),
    "conflict:gene-given-as-sequence": _("A gene stands where its sequence belongs."),
    "conflict:gene-id": _("The gene's name and its id do not match."),
    "conflict:haplotypes": _("The haplotypes do not agree with the genotype."),
    "conflict:medicine": _("The words and the code name two medicines."),
    "conflict:position": _("Two positions are named."),
    "conflict:present-and-absent": _("Found and not found are both said."),
    "conflict:present-but-ref-equals-alt": _("Said to be found, but no change is given."),
    "conflict:question": _("A code and its name ask for different things."),
    "conflict:repeat-number": _("Two numbers of repeats are given."),
    "conflict:repeat-order": _("Two repeats have the same place in the order."),
    "conflict:report-subject": _("The report and the result name two people."),
    "conflict:significance": _("Two classifications do not agree."),
    "conflict:significance-in-text": _("The text and the class do not agree."),
    "conflict:transcript": _("Two transcripts are named."),
    "conflict:two-contents": _("Two results have one id and differ."),
    WITHDRAWN_BASIS: _("What it stands on was entered in error."),
}
_BEGINNINGS = {
    "stray-blanks:": _("Blanks around a code were left out:"),
    "date-malformed:": _("A date cannot be read; as sent:"),
    "status-not-known:": _("A status that the standard does not have:"),
    "conflict:period:": _("A period ends before it starts:"),
    "conflict:position-": _("Two values are given for a part of the position:"),
    "conflict:": _("Two different values are given:"),
}


def flag_words(flag: str) -> str:
    """Return a remark of the reader in words, with the detail that it goes on with.

    One that an earlier reader made and nobody makes any more stays as it is.
    """
    if flag in _WORDS:
        return str(_WORDS[flag])
    longest = sorted(PREFIXES, key=len, reverse=True)
    beginning = next((one for one in longest if flag.startswith(one)), "")
    return f"{_BEGINNINGS.get(beginning, '')} {flag.removeprefix(beginning)}.".strip()


def every_remark() -> frozenset[str]:
    """Return every remark and beginning of a remark that has words here."""
    return frozenset(_WORDS) | frozenset(_BEGINNINGS)
