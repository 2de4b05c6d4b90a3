"""Measurements against named references, run by hand: they are no tests."""
