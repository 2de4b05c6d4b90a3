"""FHIR resources in, findings out: read by codes, not by claimed profile."""

from collections.abc import Iterable

from portal.genomics.documents import SourceResource
from portal.genomics.findings import Reading


def read(resources: Iterable[SourceResource], *, patient_ids: frozenset[str] | None) -> Reading:
    """Return what the resources say about one person.

    `patient_ids` are the ids of that person at the source ("abc" or "Patient/abc"); a resource
    about anyone else is quarantined. With None the reports in the set say who it is.
    """
    raise NotImplementedError
