"""Every remark that a reading makes beside a finding, so that pages can have words for each.

A flag is a short key. Those in PREFIXES go on with a detail: a path, a field, or a status as sent.
"""

WITHDRAWN_BASIS = "conflict:withdrawn-basis"
ANOTHER_PERSON = "another-person"
FLAGS: dict[str, str] = {
    # --- how sure the lab is -----------------------------------------------------------------
    "amended": "A changed version of an earlier result.",
    "corrected": "A corrected version of an earlier result.",
    "preliminary": "Not final yet.",
    "registered": "The test is known; there is no result yet.",
    "status-unknown": "The source says that it does not know the status.",
    "no-status": "The source gives no status.",
    "no-value": "The lab says why there is no value.",
    "not-a-clinical-test": "From a file that is no clinical test.",
    # --- whose it is -------------------------------------------------------------------------
    "no-subject": "Nobody is named; it is attached to the report's patient.",
    "subject-in-words-only": "The person is named in words that cannot be checked.",
    "focus": "About something beside the person, such as a parent or an unborn child.",
    ANOTHER_PERSON: "It may be about somebody else: a parent, a donor, an unborn child.",
    "not-human": "The sequence is not one of people; it may be of a germ.",
    # --- how it was read ---------------------------------------------------------------------
    "words-only": "The report names this result in words only.",
    "significance-from-text": "The class stands in the lab's sentences, not in a field.",
    "presence-not-understood": "The answer is none of present, absent, no call, indeterminate.",
    "allele-fraction-out-of-range": "The share of reads is not between 0 and 1; kept as sent.",
    "repeat-order-not-given": "Several repeats, and which number belongs to which is not said.",
    "broken-reference": "A reference points to nothing.",
    "copy-number-zero": "No copy is left. That is a finding, not a missing value.",
    "ref-equals-alt": "Reference and alternate allele are the same.",
    "normal-karyotype": "The expected chromosomes.",
    # --- what does not fit together ------------------------------------------------------------
    "conflict:alleles": "Alleles and genomic HGVS name different letters.",
    "conflict:allele-fraction-in-text": "The share of reads differs between field and sentence.",
    "conflict:build": "Two genome builds are named.",
    "conflict:chromosome": "Two chromosomes are named.",
    "conflict:copy-number-negative": "A number of copies below zero.",
    "conflict:end-before-start": "The end lies before the start.",
    "conflict:gene": "The gene and the one inside HGVS differ.",
    "conflict:gene-given-as-sequence": "A gene stands where its sequence belongs.",
    "conflict:gene-id": "The gene's symbol and id do not belong together.",
    "conflict:haplotypes": "The haplotypes are not those of the genotype.",
    "conflict:medicine": "Words and links name different medicines.",
    "conflict:position": "Position and genomic HGVS name different places.",
    "conflict:present-and-absent": "The same variant is given as present and as absent.",
    "conflict:present-but-ref-equals-alt": "Present, and yet nothing differs.",
    "conflict:question": "A code and the name beside it ask for different things.",
    "conflict:repeat-number": "The number of repeats differs from HGVS.",
    "conflict:repeat-order": "Two repeats have the same place in the order.",
    "conflict:report-subject": "The report and the result name different people.",
    "conflict:significance": "Different classes are given.",
    "conflict:significance-in-text": "The class in the sentences differs from the coded one.",
    "conflict:transcript": "Different transcripts are named.",
    "conflict:two-contents": "Two resources have one id and different contents.",
    WITHDRAWN_BASIS: "Everything that it was derived from was entered in error.",
}
PREFIXES: dict[str, str] = {
    "stray-blanks:": "Blanks around a code; read without them.",
    "date-malformed:": "A date that is none; kept as sent.",
    "status-not-known:": "A status that FHIR does not have.",
    "conflict:period:": "A period that ends before it starts.",
    "conflict:position-": "Two values for a part of the position.",
    "conflict:": "Two different values for one field; both are kept.",
}


def is_known(flag: str) -> bool:
    """Tell whether a flag is one of these."""
    return flag in FLAGS or flag.startswith(tuple(PREFIXES))
