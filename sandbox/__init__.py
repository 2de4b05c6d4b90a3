"""Other people's systems, for the demo and the tests: a lab, an EHR and research programs."""
