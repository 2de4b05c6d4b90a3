"""The names of components that have no code that others know: how labs label the same question."""

_LABELS: dict[str, tuple[str, ...]] = {
    "48018-6": (
        "gene", "gene studied", "gene studied [id]", "gene studied id", "gene name",
        "gene symbol",
    ),
    "48004-6": (
        "dna change", "dna change (c.hgvs)", "coding hgvs", "c.hgvs", "cdna change", "cdna",
        "cdna variant", "nucleotide change", "coding change", "coding dna change", "coding dna",
        "hgvs c.", "hgvsc", "hgvs.c", "c. hgvs", "hgvs coding", "hgvs (coding)", "nucleotide",
    ),
    "48005-3": (
        "amino acid change", "amino acid change (phgvs)", "protein change", "p.hgvs", "aa change",
        "amino acid", "hgvs p.", "hgvsp", "hgvs.p", "p. hgvs", "hgvs protein", "hgvs (protein)",
        "protein variant",
        "protein (amino acid) change - phgvs",
    ),
    "81290-9": (
        "genomic dna change (ghgvs)", "genomic dna change", "g.hgvs", "genomic change", "hgvs g.",
        "hgvsg", "hgvs.g", "genomic hgvs", "genomic variant",
    ),
    "53034-5": (
        "zygosity", "allelic state", "genotype zygosity",
    ),
    "48002-0": (
        "genomic source class", "genomic source class [type]", "source class", "variant origin",
        "allele origin", "origin",
    ),
    "53037-8": (
        "clinical significance", "genetic variation clinical significance",
        "genetic variation clinical significance [imp]", "acmg classification",
        "variant classification", "classification", "pathogenicity", "acmg", "acmg class",
        "acmg/amp classification", "germline classification", "variant interpretation",
        "variant significance", "pathogenicity classification",
    ),
    "81259-4": (
        "associated phenotype", "phenotype", "predicted phenotype", "disease", "condition",
        "disorder", "associated disease", "associated condition", "associated disorder",
        "disease association", "genetic disease assessed", "gene dis assessed",
        "phenotypic treatment context",
    ),
    "51963-7": (
        "medication assessed", "medication", "drug", "drugs", "drug assessed", "medicine",
        "medications",
        "medication-assessed",
    ),
    "51958-7": (
        "transcript", "transcript reference sequence", "transcript reference sequence [id]",
        "transcript id", "refseq transcript",
        "reference transcript", "transcript ref sequence id",
    ),
    "48013-7": (
        "genomic reference sequence", "genomic reference sequence id",
        "genomic reference sequence [id]", "reference sequence",
    ),
    "62374-4": (
        "genome build", "reference genome", "human reference sequence assembly version",
        "genome assembly", "assembly", "reference assembly", "reference build", "genome version",
    ),
    "48000-4": (
        "chromosome", "chr", "chrom",
        "chromosome, blood or tissue specimen",
    ),
    "81258-6": (
        # Not allele frequency alone: many mean by it how common a change is among people.
        "allele fraction", "variant allele frequency", "variant allele fraction", "sample vaf",
        "vaf", "allelic fraction", "variant allelic fraction", "sample variant allelic frequency",
        "sample variant allelic frequency [nfr]",
    ),
    "82121-5": (
        "read depth", "allelic read depth", "depth",
    ),
    "82155-3": (
        "copy number", "copies", "copy number state",
        "genomic structural variant copy number",
    ),
    "93044-6": (
        "level of evidence",
    ),
    "condition-inheritance": (
        "mode of inheritance", "inheritance", "inheritance pattern", "inheritance mode", "moi",
    ),
    "69547-8": (
        "ref allele", "reference allele", "genomic ref allele [id]", "ref", "reference base",
        "ref nucleotide",
    ),
    "69551-0": (
        "alt allele", "alternate allele", "genomic alt allele [id]", "alt", "alternative allele",
        "alternate base",
    ),
    "81255-2": (
        "dbsnp id", "dbsnp", "rsid", "rs id", "rs number", "dbsnp rsid",
    ),
    "84413-4": (
        "diplotype", "genotype",
    ),
    "84414-2": (
        "haplotype",
    ),
    "conclusion-string": (
        "recommendation", "dosing recommendation",
    ),
    "activity-score": (
        "activity score",
    ),
    "47998-0": (
        "variant", "variant name", "variant description", "mutation", "alteration", "hgvs",
        "hgvs name",
    ),
    "53040-2": (
        "metabolizer status", "metaboliser status", "metabolizer phenotype",
        "genetic variation's effect on drug metabolism",
        "genetic variation's effect on drug metabolism [imp]",
    ),
    "48001-2": (
        "cytoband", "cytogenetic location", "chromosome band",
        "cytogenetic (chromosome) location",
    ),
    "81254-5": (
        "position", "genomic position", "variant position",
        "genomic allele start-end", "variant exact start-end", "exact start-end",
    ),
    "81252-9": (
        "clinvar id", "clinvar variation id", "clinvar accession", "cosmic id",
        "discrete genetic variant", "variant id", "variation code",
    ),
    "repeat-number": (
        "number of repeats", "repeat number", "repeat count",
        "number of repeat expansions",
    ),
    "repeat-motif": (
        "repeat motif", "repeat unit",
        "repeat expansion motif",
    ),
    "five-prime-gene": (
        "5' gene", "5 prime gene", "5' partner gene",
    ),
    "three-prime-gene": (
        "3' gene", "3 prime gene", "3' partner gene",
    ),
    "48006-1": (
        "amino acid change type", "amino acid change [type]",
    ),
    "associated-therapy": (
        "associated therapy",
    ),
    "48019-4": (
        "dna change type", "dna change [type]", "variant type",
    ),
    "feature-consequence": (
        "feature consequence",
    ),
    "functional-effect": (
        "functional effect",
    ),
    "92822-6": (
        "genomic coord system", "genomic coordinate system", "genomic coordinate system [type]",
        "coordinate system", "coordinate-system",
    ),
    "79742-3": (
        "inheritance pattern based on family history",
    ),
    "92821-8": (
        "population allele frequency",
    ),
    "predicted-therapeutic-implication": (
        "predicted-therapeutic-implication",
    ),
    "therapeutic-implication": (
        "therapeutic implication",
    ),
    "51961-1": (
        "genetic variation's effect on drug efficacy",
        "genetic variation's effect on drug efficacy [imp]",
    ),
    "83009-1": (
        "genetic variation's effect on high-risk allele",
    ),
    "51959-5": (
        "range(s) of dna sequence examined",
    ),
    "uncallable-regions": (
        "uncallable regions",
    ),
    "81302-2": (
        "variant inner start-end",
    ),
    "81301-4": (
        "variant outer start-end",
    ),
    "81291-7": (
        "variant iscn", "iscn",
    ),
    "82120-7": (
        "allelic phase", "phase set",
    ),
    "83005-9": (
        "variant category",
    ),
    "81300-6": (
        "structural variant length",
    ),
}  # fmt: skip

# The label in lower case, and the code that it stands for.
CODE_OF_LABEL: dict[str, str] = {
    label: code for code, labels in _LABELS.items() for label in labels
}

# Elsewhere these ask for something else: ALT of a liver, the variant of a virus, a medicine taken.
_EVERYDAY = frozenset(
    {
        "variant", "variant id", "variant name", "variant description", "alteration", "nucleotide",
        "amino acid",
        "ref", "alt", "reference base", "alternate base", "copies", "copy number", "drug", "drugs",
        "drug assessed", "medicine", "medication", "medications", "medication assessed",
        "classification", "clinical significance", "origin", "position", "depth", "condition",
        "disease", "disorder", "recommendation", "genotype", "haplotype", "phenotype",
    }
)  # fmt: skip
# The labels that tell on their own that a result is about genes.
TELLING_LABELS = {label: code for label, code in CODE_OF_LABEL.items() if label not in _EVERYDAY}
