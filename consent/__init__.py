"""Consent: programs' documents, what people agreed to, and the one door to their records."""
