"""From bytes to resources: every kind of FHIR JSON document, with limits, nothing in silence."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from portal.genomics.findings import Rejected

Json = Mapping[str, Any]


class SourceResource(msgspec.Struct, frozen=True):
    """A resource as the source sent it, under the key that the record keeps it by."""

    key: str  # unique in the reading: "Observation/abc", "urn:uuid:…", or a row's own key
    body: Json
    full_url: str = ""
    path: str = ""  # where it stood in its document: "Bundle.entry[3].resource"


class NotADocument(ValueError):
    """The bytes are not FHIR JSON at all."""


def split(raw: bytes) -> Iterator[SourceResource | Rejected]:
    """Yield every resource of a Bundle, NDJSON, Parameters or single resource.

    Raises NotADocument when nothing in it can be read.
    """
    raise NotImplementedError
