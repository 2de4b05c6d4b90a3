"""Sources, a person's accounts at them, the sealed tokens of each, and the work of fetching."""

from portal.connections.models.accounts import (
    ATTEMPT_LIVES,
    AuthorizationAttempt,
    Connection,
    Credential,
)
from portal.connections.models.imports import Import, ImportQuerySet, Page, Step
from portal.connections.models.sources import Source

__all__ = [
    "ATTEMPT_LIVES",
    "AuthorizationAttempt",
    "Connection",
    "Credential",
    "Import",
    "ImportQuerySet",
    "Page",
    "Source",
    "Step",
]
