"""The codes that the reader knows, each with its name in LOINC, SNOMED CT or the HL7 guide.

Spec: https://hl7.org/fhir/uv/genomics-reporting/STU3/ (Genomics Reporting 3.0.0), with the names
of STU1 and STU2 beside.
"""

from portal.genomics.findings import Kind

# --- systems -------------------------------------------------------------------------------
LOINC = "http://loinc.org"
LOINC_SYSTEMS = frozenset(
    {LOINC, "https://loinc.org", "urn:oid:2.16.840.1.113883.6.1", "LN", "LOINC", ""}
)
GENE_SYSTEM_PART = "genenames.org"
HGVS_SYSTEM_PART = "hgvs.org"
DRAFT_CODES = ("tbd-codes", "TbdCodes")  # the names of one code system, from draft to draft
GENETICS = "GE"  # v2-0074 Genetics
BIOMARKER = "biomarker-category"  # of the guide, for a component; some file biomarkers under it

# --- what an Observation is about ------------------------------------------------------------
KIND_OF_CODE: dict[str, Kind] = {
    "69548-6": Kind.VARIANT,  # Genetic variant assessment
    "81252-9": Kind.VARIANT,  # Discrete genetic variant
    "81250-3": Kind.VARIANT,  # Simple variant panel
    "81297-4": Kind.VARIANT,  # Structural variant panel
    "81251-1": Kind.VARIANT,  # Complex variant panel
    "81291-7": Kind.VARIANT,  # Variant ISCN
    "48004-6": Kind.VARIANT,  # DNA change (c.HGVS)
    "48005-3": Kind.VARIANT,  # Amino acid change (pHGVS)
    "81290-9": Kind.VARIANT,  # Genomic DNA change (gHGVS)
    "81262-8": Kind.VARIANT,  # Complex variant HGVS name
    "81255-2": Kind.VARIANT,  # dbSNP [ID]
    "47998-0": Kind.VARIANT,  # DNA sequence variation display name
    "48003-8": Kind.VARIANT,  # DNA sequence variation identifier
    "84413-4": Kind.GENOTYPE,  # Genotype display name
    "84414-2": Kind.HAPLOTYPE,  # Haplotype name
    "53037-8": Kind.DIAGNOSTIC_IMPLICATION,  # Genetic variation clinical significance
    "81259-4": Kind.DIAGNOSTIC_IMPLICATION,  # Associated phenotype
    "diagnostic-implication": Kind.DIAGNOSTIC_IMPLICATION,
    "inherited-disease-pathogenicity": Kind.DIAGNOSTIC_IMPLICATION,  # STU1
    "prognostic-implication": Kind.DIAGNOSTIC_IMPLICATION,  # STU1
    "somatic-diagnostic": Kind.DIAGNOSTIC_IMPLICATION,  # STU1
    "somatic-prognostic": Kind.DIAGNOSTIC_IMPLICATION,  # STU1
    "53040-2": Kind.THERAPEUTIC_IMPLICATION,  # Genetic variation's effect on drug metabolism
    "51961-1": Kind.THERAPEUTIC_IMPLICATION,  # Genetic variation's effect on drug efficacy
    "83009-1": Kind.THERAPEUTIC_IMPLICATION,  # Genetic variation's effect on high-risk allele
    "51964-5": Kind.THERAPEUTIC_IMPLICATION,  # Drug efficacy analysis overall interpretation
    "51971-0": Kind.THERAPEUTIC_IMPLICATION,  # Drug metabolism analysis overall interpretation
    "83010-9": Kind.THERAPEUTIC_IMPLICATION,  # Medication usage suggestion
    "therapeutic-implication": Kind.THERAPEUTIC_IMPLICATION,
    "predicted-therapeutic-implication": Kind.THERAPEUTIC_IMPLICATION,  # STU2
    "effect-transporter-function": Kind.THERAPEUTIC_IMPLICATION,  # STU1
    "effect-medication-transporter": Kind.THERAPEUTIC_IMPLICATION,  # STU1
    "somatic-predictive": Kind.THERAPEUTIC_IMPLICATION,  # STU1
    "molecular-consequence": Kind.MOLECULAR_CONSEQUENCE,
    "molecular-consequences": Kind.MOLECULAR_CONSEQUENCE,
    "functional-annotation": Kind.MOLECULAR_CONSEQUENCE,
    "53041-0": Kind.REGION_STUDIED,  # DNA region of interest panel
    "51959-5": Kind.REGION_STUDIED,  # Range(s) of DNA sequence examined
    "81293-3": Kind.REGION_STUDIED,  # DNA range(s) examined, narrative
    "36908-2": Kind.REGION_STUDIED,  # Gene mutations tested for
    "region-studied": Kind.REGION_STUDIED,
    "82120-7": Kind.PHASE,  # Allelic phase
    "sequence-phase-relationship": Kind.PHASE,
    "51968-6": Kind.OTHER,  # Genetic disease analysis overall interpretation
    "83006-7": Kind.OTHER,  # Deletion-duplication overall interpretation
    "overall-interpretation": Kind.OTHER,
    "86467-8": Kind.OTHER,  # Report comment
    "grouper": Kind.OTHER,  # STU1
}
OVERALL_INTERPRETATION = frozenset({"51968-6", "83006-7", "overall-interpretation"})
GROUPERS = frozenset({"grouper", "C43359"})  # STU1; Group (NCIt)
# A panel whose members may be the items of one variant: their codes are those of components.
PANELS = frozenset(
    {
        "81250-3",  # Discrete genetic variant panel
        "81297-4",  # Structural variant panel
        "81251-1",  # Complex variant panel
        "55207-5",  # Genetic analysis discrete result panel
        "55208-3",  # DNA analysis discrete sequence variant panel
    }
)
VARIANT_ASSESSMENT = "69548-6"

# HLA typing by locus; the answer is an allele, a genotype or a GL String.
HLA_TYPE_CODES = frozenset(
    {
        "57290-9",  # HLA-A [Type] by High resolution
        "57291-7",  # HLA-B [Type] by High resolution
        "77636-9",  # HLA-C [Type] by High resolution
        "57293-3",  # HLA-DRB1 [Type] by High resolution
        "57299-0",  # HLA-DQB1 [Type] by High resolution
        "59017-4",  # HLA-DPB1 [Type] by High resolution
        "13303-3",  # HLA-A+B+C (class I) [Type]
        "13298-5",  # HLA-A [Type] by Low resolution
        "13299-3",  # HLA-B [Type] by Low resolution
        "18724-5",  # HLA-DR [Type]
        "53938-7",  # HLA [Type]
        "57979-7",  # HLA-B*15:02 [Presence]
        "50956-2",  # HLA-B*57:01 [Presence]
        "4823-1",  # HLA-B27 [Presence]
    }
)
HLA_PRESENCE_CODES = frozenset({"57979-7", "50956-2", "4823-1"})

BIOMARKER_CODES = frozenset(
    {
        "94076-7",  # Mutations/Megabase [# Ratio] in Tumor
        "94077-5",  # Tumor mutation burden [Interpretation] in Tumor
        "81695-9",  # Microsatellite instability [Interpretation] in Cancer specimen
        "62862-8",  # Microsatellite instability by Immune stain
        "43368-0",  # Microsatellite instability [Presence] in Tissue
        "81704-9",  # Microsatellite instability marker D17S250
        "85147-7",  # PD-L1 by clone 22C3 in Tissue by Immune stain Report
        "83052-1",  # PD-L1 by clone 28-8 in Tissue by Immune stain Report
        "85148-5",  # PD-L1 by clone SP142 in Tissue by Immune stain Report
        "83054-7",  # PD-L1 by clone 22C3 [Presence]
        "83057-0",  # PD-L1 by clone SP142 [Presence]
        "85337-4",  # Estrogen receptor Ag [Presence] in Breast cancer specimen
        "85339-0",  # Progesterone receptor Ag [Presence] in Breast cancer specimen
        "16112-5",  # Estrogen receptor [Interpretation] in Tissue
        "16113-3",  # Progesterone receptor [Interpretation] in Tissue
        "40556-3",  # Estrogen receptor Ag [Presence] in Tissue
        "40557-1",  # Progesterone receptor Ag [Presence] in Tissue
        "39004-7",  # Epidermal growth factor receptor Ag [Presence] in Tissue
        "18474-7",  # HER2 Ag [Presence] in Tissue by Immune stain
        "48676-1",  # HER2 [Interpretation] in Tissue
        "72382-5",  # HER2 in Tissue by Immunoassay
        "72383-3",  # HER2 [Presence] in Tissue by FISH
        "31150-6",  # ERBB2 gene duplication [Presence] in Tissue by FISH
        "85318-4",  # HER2 [Presence] in Breast cancer specimen by FISH
        "85319-2",  # HER2 [Presence] in Breast cancer specimen by Immune stain
        "85329-1",  # Ki-67 nuclear Ag/cells in Cancer specimen
        "29593-1",  # Cells.Ki-67 nuclear Ag/100 cells in Tissue
        "64083-9",  # MGMT gene methylation score
        "C120465",  # Homologous Recombination Repair Deficiency (NCIt)
        "C18016",  # Loss of Heterozygosity (NCIt)
        "tumor-neoantigen-burden",  # of a guide for cancer registries
        "aneuploid-score",
        "molecular-biomarker",
        "77637-7",  # HLA class I panel
        "msi",
        "tmb",
    }
)
GTR_SYSTEM_PART = "ncbi.nlm.nih.gov/gtr"  # Genetic Testing Registry

REPORT_CODES = frozenset(
    {
        "51969-4",  # Genetic analysis report
        "81247-9",  # Master HL7 genetic variant reporting panel
        "53039-4",  # Genetic disease analysis overall carrier interpretation
        "55232-3",  # Genetic analysis summary panel
        "55233-1",  # Genetic analysis master panel
        "58716-2",  # Genetic analysis for pharmacogenetics panel
        "82118-1",  # Pharmacogenomic result panel
        "50398-7",  # Narrative diagnostic report [Interpretation]
        "62365-2",  # Diagnostic impression, genetics
        "62358-7",  # Genetics report
        "33717-0",  # Cytogenetics report
    }
    | HLA_TYPE_CODES
)

# Of these a result may have the code too, and is then genetic; the other one says no more.
GENETIC_PANELS = REPORT_CODES - HLA_TYPE_CODES - {"50398-7"}

HINT_OF_CODE: dict[str, str] = {
    "53039-4": "carrier",  # Genetic disease analysis overall carrier interpretation
    "54089-8": "newborn",  # Newborn screening panel American Health Information Community
    "57128-1": "newborn",  # Newborn screening report summary panel
}

# A code that has only words: the words in lower case, and the code that they stand for.
KIND_OF_LABEL: dict[str, str] = {
    "genetic variant assessment": "69548-6",
    "genotype display name": "84413-4",
    "genotype": "84413-4",
    "diplotype": "84413-4",
    "haplotype name": "84414-2",
    "haplotype": "84414-2",
    "msi status": "81695-9",
    "msi": "81695-9",
    "microsatellite instability": "81695-9",
    "tumor mutational burden": "94076-7",
    "tumour mutational burden": "94076-7",
    "tumor mutation burden": "94076-7",
    "tmb": "94076-7",
    "pd-l1": "85147-7",
    "her2": "48676-1",
    "genetic variation clinical significance": "53037-8",
    "diagnostic implication": "diagnostic-implication",
    "therapeutic implication": "therapeutic-implication",
    "molecular consequence": "molecular-consequence",
    "metabolizer status": "53040-2",
    "region studied": "53041-0",
}
