"""Variant call files (VCF 4.1 to 4.4): validated line by line, read as calls, written as FHIR."""
