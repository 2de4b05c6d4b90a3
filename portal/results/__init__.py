"""The patient's pages over findings."""
