"""Reading FHIR into findings, against parsing alone and against fhirclient's strict models."""

import time
from collections.abc import Callable, Iterator
from typing import Final

import orjson
from fhirclient.models.fhirabstractbase import FHIRValidationError
from fhirclient.models.fhirelementfactory import FHIRElementFactory

from portal.genomics.documents import SourceResource, split
from portal.genomics.reader import read
from tools.plan import ROOT

BYTES: Final = 20_000_000
RUNS: Final = 3
STRICT_SHARE: Final = 10  # fhirclient reads only a tenth, it is slow
FOLDERS: Final = ("synthea-r4", "emerge-lab-reports", "ig-stu3", "mcode")


def lines() -> Iterator[str]:
    """Yield one line for each way of reading the same 20 MB of NDJSON."""
    rows = _rows()
    data = b"\n".join(rows)
    parsing = _best(lambda: [orjson.loads(row) for row in rows])
    findings = len(read(_kept(data), patient_ids=None).findings)
    reading = _best(lambda: read(_kept(data), patient_ids=None))
    strict = _best(lambda: _strict(rows[::STRICT_SHARE])) * STRICT_SHARE
    yield f"{len(data) / 1e6:.0f} MB, {len(rows)} resources, {findings} findings"
    yield f"orjson.loads        {parsing:7.3f} s"
    yield f"split and read      {reading:7.3f} s   {parsing / reading:.2f} of orjson.loads"
    yield f"fhirclient, strict  {strict:7.3f} s   we are {strict / reading:.1f} times as fast"


def _kept(data: bytes) -> Iterator[SourceResource]:
    yield from (one for one in split(data) if isinstance(one, SourceResource))


def _rows() -> list[bytes]:
    """Return resources of the published examples, each under an id of its own."""
    bodies = [body for folder in FOLDERS for body in _bodies(folder)]
    rows: list[bytes] = []
    size = 0
    while size < BYTES:
        for body in bodies:
            row = orjson.dumps({**body, "id": f"r{len(rows)}"})
            rows.append(row)
            size += len(row) + 1
    return rows


def _bodies(folder: str) -> Iterator[dict[str, object]]:
    for path in sorted((ROOT / "tests" / "data" / "fhir" / folder).rglob("*.json")):
        for entry in orjson.loads(path.read_bytes()).get("entry", []):
            yield entry["resource"]


def _strict(rows: list[bytes]) -> int:
    refused = 0
    for row in rows:
        body = orjson.loads(row)
        try:
            FHIRElementFactory.instantiate(body["resourceType"], body)
        except FHIRValidationError:
            refused += 1
    return refused


def _best(work: Callable[[], object]) -> float:
    """Return the least processor time of several runs."""
    best = float("inf")
    for _ in range(RUNS):
        began = time.process_time()
        work()
        best = min(best, time.process_time() - began)
    return best
