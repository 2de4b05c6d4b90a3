"""The kinds of data that a person chooses among, and the sensitive labels. PURE."""

from enum import StrEnum


class Category(StrEnum):
    """A kind of data, or a sensitive label. The values are kept in signed records: never rename."""

    HEREDITARY_RISK = "hereditary-risk"
    SECONDARY_FINDINGS = "secondary-findings"
    CARRIER = "carrier"
    MEDICINES_PGX = "medicines-pgx"
    TUMOUR = "tumour"
    HLA = "hla"
    NEWBORN = "newborn"
    FAMILY_HISTORY = "family-history"
    TEST_QUALITY = "test-quality"
    SEQUENCE_FILES = "sequence-files"

    DEMOGRAPHICS = "demographics"
    CONDITIONS = "conditions"
    MEDICATIONS = "medications"
    ALLERGIES = "allergies"
    LABS = "labs"
    VITALS = "vitals"
    PROCEDURES = "procedures"
    IMMUNIZATIONS = "immunizations"
    DOCUMENTS = "documents"

    MENTAL_HEALTH = "mental-health"
    SUBSTANCE_USE = "substance-use"
    SEXUAL_REPRODUCTIVE = "sexual-reproductive"
    HIV = "hiv"


SENSITIVE = frozenset(
    {
        Category.MENTAL_HEALTH,
        Category.SUBSTANCE_USE,
        Category.SEXUAL_REPRODUCTIVE,
        Category.HIV,
    }
)
GENOMIC = frozenset(
    {
        Category.HEREDITARY_RISK,
        Category.SECONDARY_FINDINGS,
        Category.CARRIER,
        Category.MEDICINES_PGX,
        Category.TUMOUR,
        Category.HLA,
        Category.NEWBORN,
        Category.FAMILY_HISTORY,
        Category.TEST_QUALITY,
        Category.SEQUENCE_FILES,
    }
)
CLINICAL = frozenset(Category) - GENOMIC - SENSITIVE
# Kinds of which a part is files, as somebody else wrote them.
HOLDS_FILES = frozenset({Category.DOCUMENTS, Category.SEQUENCE_FILES})


class Identity(StrEnum):
    """How much of who someone is goes along."""

    IDENTIFIED = "identified"
    PSEUDONYMOUS = "pseudonymous"
    DEIDENTIFIED = "deidentified"


# A person who agreed to be named agreed to less than that as well, never the other way round.
_EXPOSURE = {Identity.DEIDENTIFIED: 0, Identity.PSEUDONYMOUS: 1, Identity.IDENTIFIED: 2}


def exposes_more(asked: Identity, agreed: Identity) -> bool:
    """Say whether the level asked for tells more about who it is than the one agreed to."""
    return _EXPOSURE[asked] > _EXPOSURE[agreed]


class Use(StrEnum):
    """What the data may be used for."""

    PROGRAM_RESEARCH = "program-research"
    SHARED_RESEARCH = "shared-research"  # other researchers whom the program lets in


class Extra(StrEnum):
    """What else a person may say yes to."""

    RECONTACT = "recontact"
    RETURN_OF_RESULTS = "return-of-results"
