"""What the rest of this room expects of a client of a source, and how such a client says no."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


class SourceUnavailable(Exception):
    """Try again later. `code` says why; `retry_after_s` is what the source asked for."""

    def __init__(self, code: str, retry_after_s: int | None = None) -> None:
        """Keep the code, and never an address or an answer."""
        super().__init__(code)
        self.code = code
        self.retry_after_s = retry_after_s


class SourceRefused(Exception):
    """Trying again changes nothing. `status` is the HTTP status, 0 when we refuse ourselves."""

    def __init__(self, code: str, status: int = 0) -> None:
        """Keep the code, and never an address or an answer."""
        super().__init__(code)
        self.code = code
        self.status = status


@dataclass(frozen=True)
class Answer:
    """A whole answer of a source, within all limits."""

    status: int
    body: bytes
    content_type: str = ""


class SourceApi(Protocol):
    """Reading from one source. Every call raises SourceUnavailable or SourceRefused."""

    def get(self, url: str, *, bearer: str = "", accept: str = ...) -> Answer:
        """Read an address under the base of the source."""
        ...

    def post_form(
        self, url: str, fields: Mapping[str, str], *, headers: Mapping[str, str] = ...
    ) -> Answer:
        """Send a form to one of the addresses that were pinned for the source.

        An answer of the kind 400 or 401 is returned, because OAuth says there what is wrong.
        """
        ...
