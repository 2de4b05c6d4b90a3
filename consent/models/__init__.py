"""Programs, the texts they ask with, the acts of people, and where each agreement stands."""

from consent.models.agreements import Agreement, AgreementQuerySet, Draft, Preference
from consent.models.events import Event, Signature
from consent.models.texts import Document, Program, Version, VersionText

__all__ = [
    "Agreement",
    "AgreementQuerySet",
    "Document",
    "Draft",
    "Event",
    "Preference",
    "Program",
    "Signature",
    "Version",
    "VersionText",
]
