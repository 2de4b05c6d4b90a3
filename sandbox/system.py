"""What one running system is: its name, its address, its store."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from flask import current_app

from sandbox.store import Store

Kind = Literal["lab", "ehr", "program"]


@dataclass(frozen=True)
class System:
    """One process: a lab, an EHR or a research program."""

    kind: Kind
    title: str
    public_url: str
    store: Store
    resource_types: tuple[str, ...]
    token_lifetime_s: int = 300
    page_size: int = 10

    @property
    def fhir_base(self) -> str:
        """The FHIR base URL, which is the issuer too."""
        return f"{self.public_url}/fhir"

    def address_of(self, full_path: str) -> str:
        """Return the public address of a path with its query."""
        return f"{self.public_url}{full_path.rstrip('?')}"

    @property
    def token_url(self) -> str:
        """The token endpoint, which client assertions must name."""
        return f"{self.public_url}/oauth/token"


def this_system() -> System:
    """Return the system that answers the current request."""
    found = current_app.extensions["sandbox_system"]
    if not isinstance(found, System):
        raise TypeError("The application was made without a system.")
    return found


def now_s() -> float:
    """Return the moment in seconds since 1970."""
    return time.time()


def instant(at_s: float) -> str:
    """Write a moment as a FHIR instant in UTC with milliseconds: as text it sorts by time."""
    moment = datetime.fromtimestamp(at_s, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
