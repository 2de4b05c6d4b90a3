"""Reading FHIR into findings, against parsing alone and against fhirclient's strict models.

Two files of 20 MB: one as a portal gets it, the record of a person with one genomic report in it,
and one of genomic reports alone. Every copy of a record has ids of its own. The references do the
least that they can: orjson.loads of each line, dropped at once; fhirclient builds its strict
model of JSON that is parsed already. The third line keeps what orjson made, as a reader must that
follows references; then most of the time is the memory's.
"""

import re
from collections.abc import Iterator
from typing import Final

import orjson
from fhirclient.models.fhirabstractbase import FHIRValidationError
from fhirclient.models.fhirelementfactory import FHIRElementFactory

from portal.genomics.documents import SourceResource, split
from portal.genomics.reader import read
from tools.bench.clock import together
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
    yield from _measured("records with reports", _mixed(persons, reports))
    yield from _measured("genomic reports only", _copies(reports))


def _measured(name: str, rows: list[bytes]) -> Iterator[str]:
    data = b"\n".join(rows)
    found = len(read(_kept(data), patient_ids=None).findings)
    parsed = [orjson.loads(row) for row in rows[::STRICT_SHARE]]
    parsing, keeping, reading, strict = together(
        lambda: _parse(rows),
        lambda: [orjson.loads(row) for row in rows],
        lambda: read(_kept(data), patient_ids=None),
        lambda: _strict(parsed),
    )
    strict *= len(rows) / len(parsed)
    of_parsing, times = parsing / reading, strict / reading
    yield f"{name}: {len(data) / 1e6:.0f} MB, {len(rows):,} resources, {found:,} findings"
    yield f"  split and read          {reading:6.3f} s"
    yield f"  orjson.loads            {parsing:6.3f} s; ratio {of_parsing:.2f} (bar: {PARSING_BAR})"
    yield f"  orjson.loads, all kept  {keeping:6.3f} s; ratio {keeping / reading:.2f}"
    yield f"  fhirclient, strict      {strict:6.3f} s; ratio {times:.1f} (bar: {STRICT_BAR})"


def _kept(data: bytes) -> Iterator[SourceResource]:
    return (one for one in split(data) if isinstance(one, SourceResource))


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


def _strict(bodies: list[dict[str, object]]) -> int:
    refused = 0
    for body in bodies:
        try:
            FHIRElementFactory.instantiate(body["resourceType"], body)
        except FHIRValidationError:
            refused += 1
    return refused
