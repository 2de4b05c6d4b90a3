"""Drawings made in Python: SVG for pages, prints and downloads, each with its words."""
