"""The made-up people and what their lab and their EHR hold about them."""
