"""Reviewed plain words about results, as data; no text is made at run time."""
