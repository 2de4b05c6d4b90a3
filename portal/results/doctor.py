"""The details that a doctor reads: every field as the lab gave it, nothing mended.

Only codes of the standard, which are nobody's words, are told in the language of the page.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portal.genomics.findings import Coding, Concept, Finding, Gene, Position
from portal.genomics.sameness import is_reference
from portal.results.remarks import flag_words

_SYSTEMS = {
    "http://loinc.org": "LOINC",
    "http://snomed.info/sct": "SNOMED CT",
    "http://www.genenames.org": "HGNC",
    "http://www.nlm.nih.gov/research/umls/rxnorm": "RxNorm",
    "http://varnomen.hgvs.org": "HGVS",
    "http://www.ncbi.nlm.nih.gov/clinvar": "ClinVar",
    "http://ncit.nci.nih.gov": "NCIt",
    "http://human-phenotype-ontology.org": "HPO",
    "http://www.sequenceontology.org": "SO",
    "http://hl7.org/fhir/sid/icd-10": "ICD-10",
    "http://hl7.org/fhir/sid/icd-10-cm": "ICD-10-CM",
    "https://www.omim.org": "OMIM",
    "http://www.omim.org": "OMIM",
}


@dataclass(frozen=True)
class Detail:
    """The rows of one finding, and the lab's own words about it."""

    title: str
    rows: tuple[tuple[str, str], ...]
    words: tuple[str, ...]


def details(findings: Iterable[Finding]) -> tuple[Detail, ...]:
    """Return what a doctor reads about each finding."""
    return tuple(_detail(one) for one in findings)


def _detail(finding: Finding) -> Detail:
    rows = (*_change(finding), *_meaning(finding), *_measures(finding), *_origin(finding))
    return Detail(
        title=_title(finding),
        rows=tuple((name, value) for name, value in rows if value),
        words=lab_words(finding),
    )


def lab_words(finding: Finding) -> tuple[str, ...]:
    """Return what the lab wrote in its own words, each text once.

    Some labs put the whole resource as JSON where words belong; that says nothing new.
    """
    said = (finding.conclusion, *finding.notes, *finding.texts)
    return tuple(dict.fromkeys(one for one in said if one.strip() and not _is_json(one)))


def _is_json(text: str) -> bool:
    return text.lstrip().startswith("{") and '"resourceType"' in text


def _title(finding: Finding) -> str:
    if finding.code and finding.code.text:
        return finding.code.text
    shown = [coding.display for coding in (finding.code.codings if finding.code else ())]
    return next((name for name in shown if name), kind_word(finding))


def kind_word(finding: Finding) -> str:
    """Return the kind of a finding in a doctor's words."""
    return {
        "variant": gettext("Variant"),
        "genotype": gettext("Genotype"),
        "haplotype": gettext("Haplotype"),
        "diagnostic-implication": gettext("Diagnostic implication"),
        "therapeutic-implication": gettext("Therapeutic implication"),
        "molecular-consequence": gettext("Molecular consequence"),
        "biomarker": gettext("Biomarker"),
        "recommendation": gettext("Recommendation"),
    }.get(finding.kind.value, gettext("Result"))


def code_word(code: str) -> str:
    """Return a code of the standard in the language of the page; anything else stays as it is."""
    return str(_CODE_WORDS.get(code, code))


_CODE_WORDS = {
    "present": _("present"),
    "absent": _("absent"),
    "no-call": _("no call"),
    "indeterminate": _("indeterminate"),
    "heterozygous": _("heterozygous"),
    "homozygous": _("homozygous"),
    "hemizygous": _("hemizygous"),
    "homoplasmic": _("homoplasmic"),
    "heteroplasmic": _("heteroplasmic"),
    "germline": _("germline"),
    "somatic": _("somatic"),
    "fetal": _("fetal"),
    "registered": _("registered"),
    "partial": _("partial"),
    "preliminary": _("preliminary"),
    "final": _("final"),
    "amended": _("amended"),
    "corrected": _("corrected"),
    "appended": _("appended"),
    "unknown": _("unknown"),
}


def _change(finding: Finding) -> Iterator[tuple[str, str]]:
    hgvs = finding.hgvs
    yield gettext("Gene"), "; ".join(_gene(gene) for gene in finding.genes)
    if hgvs:
        yield gettext("Coding change (HGVS)"), "; ".join((*hgvs.c, *hgvs.n))
        yield gettext("Protein change (HGVS)"), "; ".join(hgvs.p)
        yield gettext("Genomic change (HGVS)"), "; ".join((*hgvs.g, *hgvs.other))
    yield gettext("Allele or genotype"), finding.name
    yield gettext("Position"), place_words(finding.position)
    yield gettext("Genome build"), finding.position.build if finding.position else ""
    yield gettext("Reference allele"), finding.ref or ""
    yield gettext("Observed allele"), finding.alt or ""
    yield gettext("Found"), code_word(finding.presence.value) if finding.presence else ""
    yield gettext("Zygosity"), code_word(finding.zygosity)
    yield gettext("Germline or somatic"), code_word(finding.source_class)


def _meaning(finding: Finding) -> Iterator[tuple[str, str]]:
    yield gettext("Classification by the lab"), "; ".join(finding.significance)
    yield gettext("Condition"), "; ".join(_concept(one) for one in finding.phenotypes)
    yield gettext("Inheritance"), "; ".join(finding.inheritance)
    yield gettext("Effect"), "; ".join(finding.effects)
    yield gettext("Medicine"), "; ".join(_concept(one) for one in finding.medicines)
    yield gettext("Level of evidence"), "; ".join(finding.evidence)
    yield gettext("Trials named"), "; ".join(one.text or one.reference for one in finding.trials)


def _measures(finding: Finding) -> Iterator[tuple[str, str]]:
    fraction = finding.allele_fraction
    yield gettext("Value"), finding.measured
    yield gettext("Allele fraction"), "" if fraction is None else f"{fraction:g}"
    yield gettext("Read depth"), _number(finding.depth)
    yield gettext("Copy number"), _number(finding.copy_number)
    yield (
        gettext("Repeats"),
        "; ".join(one.text or f"{one.motif} x {_number(one.number)}" for one in finding.repeats),
    )
    yield gettext("Phase set"), finding.phase_set
    for attribute in finding.attributes:
        yield attribute.label, attribute.said


def _origin(finding: Finding) -> Iterator[tuple[str, str]]:
    yield gettext("Identifiers"), "; ".join(finding.ids)
    yield gettext("Method"), "; ".join(finding.methods)
    performers = (name for name in finding.performers if not is_reference(name))
    yield gettext("Performed by"), "; ".join(performers)
    yield gettext("Specimen"), finding.specimen
    yield gettext("Date"), finding.effective_at or finding.issued_at
    yield gettext("Status"), code_word(finding.status)
    yield gettext("Code"), "; ".join(_coding(one) for one in _codings(finding.code))
    yield gettext("Notes of this site"), " ".join(flag_words(flag) for flag in finding.flags)


def _codings(concept: Concept | None) -> tuple[Coding, ...]:
    return concept.codings if concept else ()


def _gene(gene: Gene) -> str:
    return f"{gene.symbol} ({gene.id})" if gene.symbol and gene.id else gene.symbol or gene.id


def _concept(concept: Concept) -> str:
    codes = ", ".join(_coding(coding, with_display=False) for coding in concept.codings)
    text = concept.text or next((one.display for one in concept.codings if one.display), "")
    return f"{text} ({codes})" if text and codes else text or codes


def _coding(coding: Coding, *, with_display: bool = True) -> str:
    system = _SYSTEMS.get(coding.system, coding.system)
    code = f"{system} {coding.code}".strip()
    return f"{code} {coding.display}".strip() if with_display else code


def place_words(position: Position | None) -> str:
    """Return a position as it was sent, with how it was counted."""
    if position is None:
        return ""
    where = position.chromosome or position.sequence
    numbers = "-".join(str(one) for one in (position.start, position.end) if one is not None)
    counted = f"({position.coordinate_system})" if position.coordinate_system else ""
    return " ".join(part for part in (f"{where}:{numbers}".strip(":"), counted) if part)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:g}"
