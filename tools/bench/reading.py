"""Reading FHIR into findings, against parsing alone and against fhirclient's strict models.

Two files of 20 MB. The bars are for the first, which is what a portal gets from a bulk export: the
records of a person, with one genomic report for about 1,500 of them. The second has genomic reports
alone; no person has so many, and it shows what a finding costs. Every copy of a record has ids of
its own. The references do the least that they can: orjson.loads of each line, dropped at once;
fhirclient parses a line with the standard json, as it does itself, and builds its strict model.
Ours checks of a record that has nothing to do with genes that it is JSON, what it is and whose; the
strict model checks every element of it. Both bars are judged twice: for reading and checking the
resources, each dropped at once as the references do, and for all the way to findings. What only
keeps what orjson made, as a reader must that follows references, is measured too; then most of the
time is the memory's.
"""

import json
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import orjson
from fhirclient.models.fhirabstractbase import FHIRValidationError
from fhirclient.models.fhirelementfactory import FHIRElementFactory

from portal.genomics.documents import SourceResource, split
from portal.genomics.findings import Rejected
from portal.genomics.reader import read
from tools.bench.clock import together
from tools.bench.memory import peak_mb
from tools.plan import ROOT

BYTES: Final = 20_000_000
STRICT_SHARE: Final = 10  # fhirclient reads only a tenth, it is slow
PARSING_BAR: Final = 0.5
STRICT_BAR: Final = 20
_PERSONS: Final = ("synthea-r4",)
_REPORTS: Final = ("emerge-lab-reports", "ig-stu3", "mcode")
_RECORDS_PER_REPORT: Final = 8  # about 1,500 entries beside each report
_PERSON = re.compile(rb'"(subject|patient|for)":\{"reference":"[^"]*"')
_ID = re.compile(rb'("id":"|urn:uuid:|"reference":"(?!Patient/one)[A-Z][A-Za-z]+/)')


def lines() -> Iterator[str]:
    """Yield what was measured on each file, one sentence each."""
    persons, reports = _bundles(_PERSONS), _bundles(_REPORTS)
    yield "the bars mean the records with reports, which is what a person's bulk export holds"
    yield from _measured("records with reports", _mixed(persons, reports))
    yield from _measured("genomic reports only", _copies(reports))


def _measured(name: str, rows: list[bytes]) -> Iterator[str]:
    data = b"\n".join(rows)
    found = len(read(_kept(data), patient_ids=None).findings)
    some = rows[::STRICT_SHARE]
    parsing, keeping, checking, reading, strict = together(
        lambda: _parse(rows),
        lambda: [orjson.loads(row) for row in rows],
        lambda: _check(data),
        lambda: read(_kept(data), patient_ids=None),
        lambda: _strict(some),
    )
    strict *= len(rows) / len(some)
    yield f"{name}: {len(data) / 1e6:.0f} MB, {len(rows):,} resources, {found:,} findings"
    yield f"  orjson.loads            {parsing:6.3f} s; all kept {keeping:.3f} s"
    yield f"  fhirclient, strict      {strict:6.3f} s"
    for what, seconds in (("read and checked", checking), ("read into findings", reading)):
        yield f"  {what:<22}  {seconds:6.3f} s"
        yield f"    of orjson.loads       {_judged(parsing / seconds, PARSING_BAR)}"
        yield f"    times fhirclient      {_judged(strict / seconds, STRICT_BAR)}"
    most, least = _peak(data), _peak(rows[0])
    yield f"  manage.py read          {most:6.0f} MB at most, {least:.0f} MB for a file of one line"


def _judged(measured: float, bar: float) -> str:
    return f"{measured:.2f} (bar: {bar}): {'met' if measured >= bar else 'missed'}"


def _peak(data: bytes) -> float:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "records.ndjson"
        path.write_bytes(data)
        return peak_mb("read", str(path))


def _kept(data: bytes) -> Iterator[SourceResource]:
    return (one for one in split(data) if not isinstance(one, Rejected))


def _bundles(folders: tuple[str, ...]) -> list[list[bytes]]:
    """Return the resources of each published example as bytes, all about one and the same person.

    The entry of the person is left out: there would be as many as copies.
    """
    paths = [
        path
        for folder in folders
        for path in sorted((ROOT / "tests" / "data" / "fhir" / folder).rglob("*.json"))
    ]
    found = [orjson.loads(path.read_bytes()) for path in paths]
    return [_about_one([e["resource"] for e in one["entry"]]) for one in found if "entry" in one]


def _about_one(bodies: list[dict[str, str]]) -> list[bytes]:
    rows = [orjson.dumps(body) for body in bodies if body["resourceType"] != "Patient"]
    return [_PERSON.sub(rb'"\g<1>":{"reference":"Patient/one"', row) for row in rows]


def _mixed(persons: list[list[bytes]], reports: list[list[bytes]]) -> list[bytes]:
    rows: list[bytes] = []
    size = turn = 0
    while size < BYTES:
        new = _copy(persons[turn % len(persons)], turn)
        if turn % _RECORDS_PER_REPORT == 0:
            new += _copy(reports[turn // _RECORDS_PER_REPORT % len(reports)], turn)
        rows += new
        size += sum(map(len, new)) + len(new)
        turn += 1
    return rows


def _copies(bundles: list[list[bytes]]) -> list[bytes]:
    rows: list[bytes] = []
    size = turn = 0
    while size < BYTES:
        new = _copy(bundles[turn % len(bundles)], turn)
        rows += new
        size += sum(map(len, new)) + len(new)
        turn += 1
    return rows


def _copy(rows: list[bytes], turn: int) -> list[bytes]:
    """Return a record under ids of its own: nothing is the same twice."""
    mark = rb"\g<1>" + f"{turn}-".encode()
    return [_ID.sub(mark, row) for row in rows]


def _parse(rows: list[bytes]) -> None:
    for row in rows:
        orjson.loads(row)


def _check(data: bytes) -> None:
    for _ in _kept(data):
        pass


def _strict(rows: list[bytes]) -> int:
    refused = 0
    for row in rows:
        body = json.loads(row)
        try:
            FHIRElementFactory.instantiate(body["resourceType"], body)
        except FHIRValidationError:
            refused += 1
    return refused
