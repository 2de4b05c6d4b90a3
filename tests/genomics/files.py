"""The published example files, and reading them."""

import json
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from portal.genomics.documents import SourceResource, split
from portal.genomics.findings import Finding, Reading, Record, Rejected
from portal.genomics.reader import read

DATA = Path(__file__).parent.parent / "data"
NOT_FHIR = {
    "fhir/genomics-operations/find_the_gene/1.json",
    "fhir/genomics-operations/get_feature_coordinates/1.json",
    "fhir/genomics-operations/get_feature_coordinates/3.json",
    "fhir/genomics-operations/get_feature_coordinates/5.json",
    "fhir/genomics-operations/normalize_hla/1.json",
    "fhir/genomics-operations/patient_tests.json",
    "fhir/server-responses/s4s-procure/smart-configuration.json",
}


def names(*folders: str) -> list[str]:
    """Return the example files of some folders, by their names under tests/data."""
    found = [path for folder in folders for path in (DATA / "fhir" / folder).rglob("*.json")]
    listed = sorted(str(path.relative_to(DATA)) for path in found)
    return [name for name in listed if name not in NOT_FHIR]


def parts(raw: bytes) -> tuple[list[SourceResource], list[Rejected]]:
    """Return what a document splits into."""
    kept: list[SourceResource] = []
    rejected: list[Rejected] = []
    for one in split(raw):
        if isinstance(one, Rejected):
            rejected.append(one)
        else:
            kept.append(one)
    return kept, rejected


def read_bytes(raw: bytes, patient_ids: frozenset[str] | None = None) -> Reading:
    """Return what a document says."""
    return read(parts(raw)[0], patient_ids=patient_ids)


@cache
def read_file(name: str) -> Reading:
    """Return what an example file says."""
    return read_bytes((DATA / name).read_bytes())


def records(reading: Reading) -> list[Record]:
    """Return every record of a reading."""
    return [*reading.findings, *reading.reports, *reading.notices, *reading.quarantined]


def finding(reading: Reading, own_id: str) -> Finding:
    """Return the one finding of an id."""
    (found,) = [one for one in reading.findings if one.id == own_id]
    return found


def every_resource(body: object) -> Iterator[dict[str, object]]:
    """Yield every resource anywhere inside a JSON value."""
    if isinstance(body, dict):
        if "resourceType" in body:
            yield body
        for value in body.values():
            yield from every_resource(value)
    elif isinstance(body, list):
        for value in body:
            yield from every_resource(value)


def the_findings(resources: Iterable[object]) -> list[Finding]:
    """Return what the reader makes of resources that were written from another kind of file."""
    lines = "\n".join(json.dumps(one) for one in resources if isinstance(one, dict)).encode()
    kept, _ = parts(lines)
    return list(read(kept, patient_ids=None).findings)
