"""Variant call files (VCF 4.1 to 4.4): validated line by line, read as calls, written as FHIR.

The lines are taken apart here and not by htslib (pysam): it takes genotypes that name an allele
which is not there, numbers that overflow, and files without an assembly; it refuses plain gzip;
and it is C code that would run over files of strangers. Our own checks see every column anyway.
pysam remains the reference that `make bench` measures us against.

The way of a file: lines (bytes to text, limits) → header → records (every line is a record or a
fault with its number) → calls (one per alternate allele: presence, zygosity, place) → fhir, or
findings (reading). star_alleles watches the records that pass, for the genes of medicines.
"""
