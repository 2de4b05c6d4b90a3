"""FHIR R4: versioned store, search, transaction."""
