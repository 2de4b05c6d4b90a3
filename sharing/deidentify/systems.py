"""Public code systems, each with the shape that its codes have. Another system stays home.

A code is text that somebody typed until its shape is checked: a source may write anything there.
"""

import re
from typing import Final

_HL7 = "http://terminology.hl7.org/CodeSystem/"
_GENOMICS = "http://hl7.org/fhir/uv/genomics-reporting/CodeSystem/"
_WORD: Final = re.compile(r"[A-Za-z][A-Za-z0-9]{0,31}(-[A-Za-z0-9]{1,32}){0,6}")
_ACCESSION: Final = re.compile(r"[ANXYWZ][CGMPRTWZ]_\d{6,12}(\.\d{1,3})?|LRG_\d+([tp]\d+)?")
_GENE: Final = re.compile(r"HGNC:\d{1,6}|\d{1,6}")
_SEQUENCE_TERM: Final = re.compile(r"SO:\d{7}|SO_\d{7}")
_HGVS: Final = re.compile(
    r"(([ANXYWZ][CGMPRTWZ]_|ENS[TGP]|LRG_)[\d.tp]+(\([A-Z0-9-]{1,15}\))?:)?"
    r"[cgmnpr]\.[\[\]()A-Za-z0-9_.*>=?+:;{}^|/-]{1,400}"
)
_HLA: Final = re.compile(r"(HLA-)?[A-Z0-9]{1,6}\*[0-9A-Z:/+^|~*-]{2,400}")
_GL_STRING: Final = re.compile(r"(?=[^*]{1,20}\*)[A-Za-z0-9*:/+^|~#.-]{1,2000}")
_STAR: Final = re.compile(r"[A-Z0-9]{2,12}\*[A-Za-z0-9.*/+]{1,60}|PV\d{5}(\.\d+)?")

SYSTEMS: Final[dict[str, re.Pattern[str]]] = {
    # Clinical terms
    "http://loinc.org": re.compile(r"(LA|LL|LP|LG)?\d{1,7}-\d"),
    "http://snomed.info/sct": re.compile(r"\d{6,18}"),
    "http://www.nlm.nih.gov/research/umls/rxnorm": re.compile(r"\d{1,8}"),
    "http://hl7.org/fhir/sid/cvx": re.compile(r"\d{1,4}"),
    "http://hl7.org/fhir/sid/icd-10-cm": re.compile(r"[A-Z]\d[0-9A-Z](\.[0-9A-Z]{1,4})?"),
    "http://hl7.org/fhir/sid/icd-10": re.compile(r"[A-Z]\d\d(\.\d{1,2})?"),
    "http://hl7.org/fhir/sid/ndc": re.compile(r"\d{4,5}-?\d{3,4}-?\d{1,2}"),
    "http://www.ama-assn.org/go/cpt": re.compile(r"\d{4}[0-9A-Z]"),
    "http://unitsofmeasure.org": re.compile(r"[A-Za-z0-9%*/.^{}\[\]'\"+-]{1,30}"),
    # Genes, sequences and changes
    "http://www.genenames.org": _GENE,
    "http://www.genenames.org/geneId": _GENE,
    "https://www.genenames.org": _GENE,
    "http://varnomen.hgvs.org": _HGVS,
    "http://varnomen.hgvs.org/": _HGVS,
    "https://varnomen.hgvs.org": _HGVS,
    "http://www.ncbi.nlm.nih.gov/refseq": _ACCESSION,
    "https://www.ncbi.nlm.nih.gov/refseq": _ACCESSION,
    "http://www.ncbi.nlm.nih.gov/nuccore": _ACCESSION,
    "https://www.ncbi.nlm.nih.gov/nuccore": _ACCESSION,
    "http://www.ensembl.org": re.compile(r"ENS[TGPR]\d{11}(\.\d{1,3})?"),
    "http://www.ncbi.nlm.nih.gov/clinvar": re.compile(r"\d{1,9}|[RSV]CV\d{6,12}(\.\d{1,3})?"),
    "http://www.ncbi.nlm.nih.gov/projects/SNP": re.compile(r"(rs)?\d{1,12}"),
    "http://www.ncbi.nlm.nih.gov/snp": re.compile(r"(rs)?\d{1,12}"),
    "http://cancer.sanger.ac.uk/cancergenome/projects/cosmic": re.compile(r"COS[MNV]\d{1,10}"),
    "https://api.ncbi.nlm.nih.gov/variation/v0/": re.compile(
        r"[ANXYWZ][CGMPRTWZ]_\d+\.\d+:\d+:[ACGTN\d]*:[ACGTN]*"
    ),
    "http://www.ebi.ac.uk/ipd/imgt/hla": _HLA,
    "http://glstring.org": _GL_STRING,
    "http://www.pharmvar.org": _STAR,
    "https://www.pharmvar.org": _STAR,
    "http://www.sequenceontology.org": _SEQUENCE_TERM,
    "http://sequenceontology.org": _SEQUENCE_TERM,
    # Conditions and features
    "http://human-phenotype-ontology.org": re.compile(r"HP:\d{7}"),
    "http://purl.obolibrary.org/obo/mondo.owl": re.compile(r"MONDO:\d{7}"),
    "https://disease-ontology.org": re.compile(r"(DOID:)?\d{1,7}"),
    "http://www.ncbi.nlm.nih.gov/medgen": re.compile(r"C\d{7}|CN\d{6}|\d{1,7}"),
    "https://omim.org/": re.compile(r"\d{6}"),
    "http://www.omim.org": re.compile(r"\d{6}"),
    "http://ncimeta.nci.nih.gov": re.compile(r"CL?\d{3,8}"),
    "http://ncithesaurus-stage.nci.nih.gov": re.compile(r"C\d{3,8}"),
    "http://www.orpha.net": re.compile(r"(ORPHA:)?\d{1,7}"),
    # FHIR's own terms
    **{
        _HL7 + name: _WORD
        for name in (
            "allergyintolerance-clinical",
            "allergyintolerance-verification",
            "condition-category",
            "condition-clinical",
            "condition-ver-status",
            "data-absent-reason",
            "diagnostic-service-sections",
            "medicationrequest-category",
            "observation-category",
            "referencerange-meaning",
            "risk-probability",
            "sequence-phase-relationship-cs",
            "v2-0074",
            "v2-0487",
            "v3-ActCode",
            "v3-ObservationInterpretation",
            "v3-RoleCode",
        )
    },
    **{
        _GENOMICS + name: _WORD
        for name in (
            "SequencePhaseRelationshipCS",
            "TbdCodes",
            "genomic-study-method-type-cs",
            "molecular-biomarker-ontology-cs",
            "sequence-phase-relationship-cs",
            "tbd-codes",
            "tbd-codes-cs",
        )
    },
    "http://hl7.org/fhir/observation-category": _WORD,
    "http://hl7.org/fhir/ValueSet/observation-interpretation": _WORD,
}

HGVS_SYSTEMS: Final = frozenset(name for name, shape in SYSTEMS.items() if shape is _HGVS)

_BASES: Final = re.compile(r"[ACGTUNRYSWKMBDHVacgtun]{1,5000}|[*.-]|<[A-Z]{2,4}(:[A-Z]{2,6}){0,3}>")

# Texts that are data: which component may carry a string, and of what shape.
STRINGS: Final[dict[tuple[str, str], re.Pattern[str]]] = {
    ("http://loinc.org", "69547-8"): _BASES,  # Genomic ref allele
    ("http://loinc.org", "69551-0"): _BASES,  # Genomic alt allele
    ("http://loinc.org", "84413-4"): _GL_STRING,  # Genotype display name
    ("http://loinc.org", "84414-2"): _GL_STRING,  # Haplotype name
    (_GENOMICS + "tbd-codes-cs", "repeat-motif"): _BASES,
}


def is_public(system: object, code: object) -> bool:
    """Say whether this is a code of a public system, in the shape that system's codes have."""
    if not isinstance(system, str) or not isinstance(code, str):
        return False
    shape = SYSTEMS.get(system)
    return shape is not None and shape.fullmatch(code) is not None
