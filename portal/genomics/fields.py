"""Which field of a finding each component fills, by its code."""

FIELD_OF_CODE: dict[str, str] = {
    "48018-6": "gene",  # Gene studied [ID]
    "five-prime-gene": "partner",  # of a fusion, in the German tumor board's guide
    "three-prime-gene": "partner",
    "48004-6": "hgvs_c",  # DNA change (c.HGVS)
    "48005-3": "hgvs_p",  # Amino acid change (pHGVS)
    "81290-9": "hgvs_g",  # Genomic DNA change (gHGVS)
    "rna-hgvs": "hgvs_r",  # of a guide for cancer registries
    "81262-8": "hgvs_g",  # Complex variant HGVS name
    "81291-7": "iscn",  # Variant ISCN
    "48013-7": "sequence",  # Genomic reference sequence [ID]
    "51958-7": "transcript",  # Transcript reference sequence [ID]
    "protein-ref-seq": "protein",
    "48000-4": "chromosome",  # Chromosome
    "48001-2": "cytoband",  # Cytogenetic (chromosome) location
    "62374-4": "build",  # Human reference sequence assembly version
    "81254-5": "exact",  # Variant exact start-end
    "exact-start-end": "exact",
    "81302-2": "inner",  # Variant inner start-end
    "81301-4": "outer",  # Variant outer start-end
    "92822-6": "coordinate_system",  # Genomic coord system
    "69547-8": "ref",  # Genomic ref allele [ID]
    "69551-0": "alt",  # Genomic alt allele [ID]
    "48002-0": "source_class",  # Genomic source class
    "53034-5": "zygosity",  # Allelic state
    "81258-6": "allele_fraction",  # Sample variant allelic frequency
    "82121-5": "depth",  # Allelic read depth
    "82155-3": "copy_number",  # Genomic structural variant copy number
    "81252-9": "variant_id",  # Discrete genetic variant
    "81260-2": "variant_id",  # Complex variant ID
    "81255-2": "variant_id",  # dbSNP [ID]
    "81257-8": "variant_id",  # CIGAR variant ID
    "48003-8": "variant_id",  # DNA sequence variation identifier
    "47998-0": "change",  # DNA sequence variation display name
    "48008-7": "allele_name",  # Allele name
    "LL4034-6": "significance",  # the answer list of 53037-8, which some send as the question
    "53037-8": "significance",  # Genetic variation clinical significance
    "81259-4": "phenotype",  # Associated phenotype
    "51967-8": "phenotype",  # Genetic disease assessed
    "associated-cancer": "phenotype",  # STU1
    "51963-7": "medicine",  # Medication assessed
    "therapeutic-implication": "effect",
    "predicted-therapeutic-implication": "effect",  # STU2
    "53040-2": "effect",  # Genetic variation's effect on drug metabolism
    "51961-1": "effect",  # Genetic variation's effect on drug efficacy
    "83009-1": "effect",  # Genetic variation's effect on high-risk allele
    "83010-9": "effect",  # Medication usage suggestion
    "effect-transporter-function": "effect",  # STU1
    "feature-consequence": "effect",
    "molecular-consequence": "effect",  # STU2, in a variant
    "functional-effect": "effect",
    "functional-annotation": "effect",  # STU1
    "prognostic-implication": "effect",
    "93044-6": "evidence",  # Level of evidence
    "associated-therapy": "therapy",
    "condition-inheritance": "inheritance",
    "mode-of-inheritance": "inheritance",  # STU1
    "79742-3": "inheritance",  # Inheritance pattern based on family history
    "conclusion-string": "conclusion",
    "repeat-motif": "repeat_motif",
    "repeat-number": "repeat_number",
    "51959-5": "region",  # Range(s) of DNA sequence examined
    "81293-3": "region_text",  # DNA range(s) examined, narrative
    "region-description": "region_text",  # STU1
    "36908-2": "region_text",  # Gene mutations tested for
    "47999-8": "region_text",  # DNA region name
    "uncallable-regions": "uncalled",
    "region-coverage": "detail",
    "84413-4": "allele_name",  # Genotype display name
    "84414-2": "allele_name",  # Haplotype name
    "phase-set": "phase_set",
    "82120-7": "phase_set",  # Allelic phase
    "48019-4": "detail",  # DNA change type
    "48006-1": "detail",  # Amino acid change type
    "81263-6": "detail",  # Complex variant type
    "81304-8": "method",  # Structural variant analysis method
    "81299-0": "detail",  # Structural variant reported arrCGH ratio
    "81300-6": "detail",  # Structural variant length
    "92821-8": "detail",  # Population allele frequency
    "94186-4": "detail",  # Variant inheritance
    "variant-inheritance": "detail",  # STU2
    "82309-6": "detail",  # Basis for allelic phase
    "83005-9": "detail",  # Variant category
    "variant-confidence-status": "detail",
    "biomarker-category": "detail",
    "activity-score": "detail",  # of a medicine gene, by its words
    "81303-0": "detail",  # HGVS version
    "82115-7": "detail",  # dbSNP version
    "83007-5": "detail",  # COSMIC version
    "83008-3": "detail",  # ClinVar version
    "69548-6": "presence",  # Genetic variant assessment
}
LABEL_OF_CODE: dict[str, str] = {
    "48018-6": "Gene studied",
    "48004-6": "DNA change",
    "48005-3": "Amino acid change",
    "81290-9": "Genomic DNA change",
    "48002-0": "Genomic source class",
    "53034-5": "Allelic state",
    "53037-8": "Clinical significance",
    "81259-4": "Associated phenotype",
    "51963-7": "Medication assessed",
    "93044-6": "Level of evidence",
    "62374-4": "Genome build",
    "69547-8": "Reference allele",
    "69551-0": "Alternate allele",
    "51959-5": "Range examined",
    "92822-6": "Coordinate system",
    "48019-4": "DNA change type",
    "48006-1": "Amino acid change type",
    "81263-6": "Complex variant type",
    "81299-0": "Array ratio",
    "81300-6": "Structural variant length",
    "92821-8": "Population allele frequency",
    "94186-4": "Variant inheritance",
    "82309-6": "Basis for phase",
    "48001-2": "Cytogenetic location",
    "48000-4": "Chromosome",
    "81302-2": "Inner start-end",
    "81301-4": "Outer start-end",
    "81254-5": "Exact start-end",
    "81258-6": "Sample allele fraction",
    "82121-5": "Allelic read depth",
    "82155-3": "Copy number",
    "variant-confidence-status": "Variant confidence",
    "biomarker-category": "Biomarker category",
    "protein-ref-seq": "Protein reference sequence",
    "region-coverage": "Coverage",
    "33728-7": "Size maximum dimension in Tumor",
}
