"""Which kinds of data, as a person chooses among them, a finding belongs to.

A finding can belong to several; whoever shares it needs a yes for each. What is not plain is
unclassified, and stays home.
"""

from collections.abc import Iterable
from enum import StrEnum

from portal.genomics import codes as c
from portal.genomics.findings import Finding, Kind
from portal.genomics.links import MOST_LINKED, Links


class Category(StrEnum):
    """The genomic kinds of data; the names are those of the consent choices."""

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
    UNCLASSIFIED = "unclassified"


# Genes that are tested for the effect of medicines and hardly for anything else.
PGX_GENES = frozenset(
    {
        "ABCG2", "COMT", "CYP1A2", "CYP2A6", "CYP2B6", "CYP2C8", "CYP2C9", "CYP2C19", "CYP2D6",
        "CYP3A4", "CYP3A5", "CYP4F2", "DPYD", "IFNL3", "IFNL4", "NAT2", "NUDT15", "SLCO1B1",
        "TPMT", "UGT1A1", "VKORC1",
    }
)  # fmt: skip
# Genes where the answer about medicines also tells of a hereditary condition.
PGX_AND_CONDITION = frozenset({"CACNA1S", "CFTR", "F5", "G6PD", "MT-RNR1", "RYR1"})
_METABOLISER = ("metabolizer", "metaboliser", "function", "activity")
_SOMATIC = frozenset({"somatic", "likely-somatic"})
_GERMLINE = frozenset({"germline", "likely-germline", "de-novo"})
_ALLELES = frozenset({Kind.GENOTYPE, Kind.HAPLOTYPE})


def classify_all(links: Links) -> dict[str, frozenset[Category]]:
    """Return the categories of every finding by its key."""
    return {one.key: categories_of(one, links) for one in links.findings}


def categories_of(finding: Finding, links: Links) -> frozenset[Category]:
    """Return the categories of one finding, judged with what it stands on and what stands on it."""
    found = _own(finding, links)
    if finding.kind in _FRAMES and not found:
        found = _of_report(finding, links)
    return frozenset(found) or frozenset({Category.UNCLASSIFIED})


_FRAMES = frozenset({Kind.OTHER, Kind.RECOMMENDATION, Kind.PHASE})


def _own(finding: Finding, links: Links) -> set[Category]:
    fixed = _BY_KIND.get(finding.kind)
    if fixed is not None:
        return {fixed}
    around = links.around(finding)
    if len(around) > MOST_LINKED:
        return {Category.UNCLASSIFIED}
    found = set().union(*(_of_genes(one) for one in around))
    sources = {one.source_class for one in around}
    if sources & _SOMATIC or _is_tumour_marker(around):
        found.add(Category.TUMOUR)
    if sources & _GERMLINE and _tells_of_a_condition(finding, around):
        found.add(Category.HEREDITARY_RISK)
    if _about_medicines(around):
        found.add(Category.MEDICINES_PGX)
    return found | _hinted(around)


_BY_KIND = {
    Kind.FAMILY_HISTORY: Category.FAMILY_HISTORY,
    Kind.REGION_STUDIED: Category.TEST_QUALITY,
}


def _of_genes(finding: Finding) -> set[Category]:
    """Return what the genes alone tell, for findings that name alleles or variants."""
    symbols = {gene.symbol.upper() for gene in finding.genes}
    found = set()
    if any(symbol.startswith("HLA") for symbol in symbols) or _names_hla(finding):
        found.add(Category.HLA)
    if symbols & PGX_AND_CONDITION:
        found |= {Category.MEDICINES_PGX, Category.HEREDITARY_RISK}
    if symbols and symbols <= PGX_GENES and finding.source_class not in _SOMATIC:
        found.add(Category.MEDICINES_PGX)
    return found


def _names_hla(finding: Finding) -> bool:
    codings = finding.code.codings if finding.code else ()
    coded = any(coding.code in c.HLA_TYPE_CODES for coding in codings)
    return coded or (finding.kind in _ALLELES and finding.name.upper().startswith("HLA"))


def _is_tumour_marker(around: Iterable[Finding]) -> bool:
    codes = {
        coding.code
        for one in around
        if one.kind is Kind.BIOMARKER and one.code
        for coding in one.code.codings
    }
    texts = {
        c.KIND_OF_LABEL.get(one.code.text.lower(), "")
        for one in around
        if one.kind is Kind.BIOMARKER and one.code
    }
    return bool((codes | texts) & c.BIOMARKER_CODES)


def _tells_of_a_condition(finding: Finding, around: tuple[Finding, ...]) -> bool:
    """Tell a germline finding that is not only about medicines."""
    if any(one.kind is Kind.DIAGNOSTIC_IMPLICATION for one in around):
        return True
    symbols = {gene.symbol.upper() for one in around for gene in one.genes}
    return not (symbols and symbols <= PGX_GENES) and finding.kind is not Kind.OTHER


def _about_medicines(around: tuple[Finding, ...]) -> bool:
    """Tell an effect of inherited genes on medicines; treatment of a tumour is not one."""
    if any(one.source_class in _SOMATIC for one in around) or _is_tumour_marker(around):
        return False
    implied = [one for one in around if one.kind is Kind.THERAPEUTIC_IMPLICATION]
    inherited = any(one.source_class in _GERMLINE or one.kind in _ALLELES for one in around)
    said = " ".join(effect.lower() for one in implied for effect in one.effects)
    spoken = any(term in said for term in _METABOLISER)
    return bool(implied) and (inherited or spoken)


def _hinted(around: tuple[Finding, ...]) -> set[Category]:
    hints = {hint for one in around for hint in one.hints}
    found = set()
    if "secondary" in hints:
        found |= {Category.SECONDARY_FINDINGS}
    if "risk" in hints:
        found |= {Category.HEREDITARY_RISK}
    if "newborn" in hints:
        found |= {Category.NEWBORN}
    if "carrier" in hints:
        found |= {Category.CARRIER}
    return found


def _of_report(finding: Finding, links: Links) -> set[Category]:
    """Return the categories of all that a report gives, for words about the report as a whole."""
    return set().union(*(_given_by(report, links) for report in finding.reports))


def _given_by(report: str, links: Links) -> frozenset[Category]:
    known = links.memo.get(report)
    if known is None:
        others = [one for one in links.given_by(report) if one.kind not in _FRAMES]
        parts = [_own(one, links) or {Category.UNCLASSIFIED} for one in others]
        known = links.memo[report] = frozenset(name for part in parts for name in part)
    return frozenset(Category(name) for name in known)
