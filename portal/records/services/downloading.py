"""Everything of a person in one file to take away: as it came, as tables, with its checksums."""

import hashlib
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO

import orjson
from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.utils.module_loading import import_string

from portal.accounts.models import User
from portal.audit import actions
from portal.audit import services as audit
from portal.audit.models import Entry
from portal.audit.words import sentence
from portal.records import export, facts
from portal.records.models import (
    File,
    Finding,
    Origin,
    Quarantined,
    Rejected,
    Resource,
    ResourceVersion,
    unpack,
)
from portal.records.services.files import open_file, safe_name

_STYLE = Path(__file__).parent.parent / "take_away.css"
CHUNK = 500
SPOOL_BYTES = 16 * 1024 * 1024

type Papers = Callable[[User, datetime], Iterator[tuple[str, bytes | None]]]
type Closed = frozenset[tuple[int, str]]  # origin and key of findings


@dataclass
class _Zip:
    """A zip that is being written, and the checksums of what is in it."""

    archive: zipfile.ZipFile
    at: datetime
    sums: dict[str, str] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    unmade: list[str] = field(default_factory=list)

    def add(self, name: str, content: bytes) -> None:
        self.add_lines(name, iter([content]))

    def add_paper(self, name: str, content: bytes | None) -> None:
        if content is None:
            self.unmade.append(name)
        else:
            self.add(name, content)

    def add_lines(self, name: str, lines: Iterator[bytes]) -> None:
        """Write a file from its pieces; one without any is left out."""
        first = next(lines, None)
        if first is None:
            return
        total, count = hashlib.sha256(first), 1
        entry = zipfile.ZipInfo(name, date_time=self.at.timetuple()[:6])
        entry.compress_type = zipfile.ZIP_DEFLATED
        entry.external_attr = 0o600 << 16
        with self.archive.open(entry, "w", force_zip64=True) as target:
            target.write(first)
            for line in lines:
                total.update(line)
                count += 1
                target.write(line)
        self.sums[name] = total.hexdigest()
        self.counts[name] = count


def download(*, patient: User, at: datetime) -> IO[bytes]:
    """Return a zip with all that is held of a person; its first page says what is missing."""
    # Drawing papers takes seconds, so it is done before the person's trail is locked.
    papers = [one for make in _papers() for one in make(patient, at)]
    closed: Closed = import_string(settings.KEPT_CLOSED)(patient)
    return _zip(patient, at, papers, closed)


def _papers() -> Iterator[Papers]:
    """Yield what other rooms give to take away: a name, and its bytes or None where they failed."""
    return (import_string(path) for path in settings.TAKEN_AWAY_TOO)


@transaction.atomic
def _zip(
    patient: User, at: datetime, papers: list[tuple[str, bytes | None]], closed: Closed
) -> IO[bytes]:
    audit.record(actions.DOWNLOADED, by=patient, patient_id=patient.pk, at=at)
    target = tempfile.SpooledTemporaryFile(SPOOL_BYTES)  # noqa: SIM115  # the caller sends it
    with zipfile.ZipFile(target, "w") as archive:
        made = _Zip(archive, at)
        origins = list(Origin.objects.of(patient).order_by("pk"))
        for origin in origins:
            _add_origin(made, origin)
        _add_findings(made, patient, closed)
        _add_rejected(made, patient)
        _add_access_log(made, patient)
        for name, content in papers:
            made.add_paper(name, content)
        first_page = _first_page(made, patient, origins)
        made.add("index.html", first_page.encode())
        made.add("index.css", _STYLE.read_bytes())
        made.add("SHA256SUMS", _sums(made))
    target.seek(0)
    return target


def _folder(origin: Origin) -> str:
    return f"{origin.pk}-{safe_name(origin.name, '').replace(' ', '-')}"


def _add_origin(made: _Zip, origin: Origin) -> None:
    folder = _folder(origin)
    mine = Resource.objects.filter(patient_id=origin.patient_id, origin=origin)
    for kind in mine.order_by().values_list("resource_type", flat=True).distinct():
        rows = mine.filter(resource_type=kind).order_by("pk")
        now = rows.values_list("raw", flat=True).iterator(CHUNK)
        made.add_lines(f"fhir/{folder}/{kind}.ndjson", _lines(now))
        versions = ResourceVersion.objects.filter(resource__in=rows).order_by("resource_id", "seq")
        former = versions.values_list("raw", flat=True).iterator(CHUNK)
        made.add_lines(f"fhir/{folder}/former/{kind}.ndjson", _lines(former))
    there = mine.filter(removed_at=None).order_by("resource_type", "pk").iterator(CHUNK)
    made.add_lines(f"fhir/{folder}/bundle.json", export.bundle(_entries(origin, there)))
    for file in File.objects.filter(patient_id=origin.patient_id, origin=origin).order_by("pk"):
        made.add(f"files/{folder}/{file.pk}-{file.name}", open_file(file))


def _entries(origin: Origin, rows: Iterable[Resource]) -> Iterator[tuple[str, bytes]]:
    base = origin.base_url.rstrip("/")
    for row in rows:
        address = f"{base}/{row.resource_type}/{row.source_id}" if base else ""
        yield address, unpack(row.raw)


def _lines(raws: Iterable[bytes | memoryview]) -> Iterator[bytes]:
    return (export.ndjson_line(unpack(raw)) for raw in raws)


def _add_findings(made: _Zip, patient: User, closed: Closed) -> None:
    """Write the tables, without the parts of the results that the person keeps closed."""
    rows = Finding.objects.of(patient).select_related("origin").order_by("pk")

    def shown() -> Iterator[Finding]:
        return (
            row
            for row in rows.iterator(CHUNK)
            if (row.origin_id, row.body.get("key")) not in closed
        )

    made.add(
        "findings.csv",
        export.csv_table(
            export.COLUMNS, (export.finding_row(row.origin.name, row.body) for row in shown())
        ),
    )
    made.add_lines("findings.ndjson", (orjson.dumps(row.body) + b"\n" for row in shown()))


def _add_rejected(made: _Zip, patient: User) -> None:
    rows = Rejected.objects.of(patient).select_related("origin").order_by("pk")
    for row in rows.iterator(CHUNK):
        raw = unpack(row.raw)
        if _is_surely_theirs(row.origin, raw):
            made.add(_place(row), raw)


def _add_access_log(made: _Zip, patient: User) -> None:
    """Every act on the person's chain, so that each can be checked against the hash before it."""
    entries = Entry.objects.about_patient(patient.pk).iterator(CHUNK)
    rows = ((one.seq, one.at.isoformat(), sentence(one.action), one.hash) for one in entries)
    made.add("access-log.csv", export.csv_table(export.ACCESS_COLUMNS, rows))


def _place(row: Rejected) -> str:
    return f"not-kept/{row.pk}-{row.reason}.bin"


def _is_surely_theirs(origin: Origin, raw: bytes) -> bool:
    """Whether a person gave us the bytes, or the bytes name that person and nobody else."""
    if origin.kind == Origin.Kind.UPLOAD:
        return True
    named = facts.patients_in(raw)
    return bool(named) and facts.is_about(named, origin.remote_patient_id, origin.base_url)


def _first_page(made: _Zip, patient: User, origins: list[Origin]) -> str:
    apart = Quarantined.objects.of(patient).count()
    rejected = list(Rejected.objects.of(patient).defer("raw").select_related("origin"))
    context = {
        "at": made.at,
        "names": sorted(made.counts.items()),
        "sums": made.sums,
        "has_receipts": any(name.startswith("receipts/") for name in made.sums),
        "origins": origins,
        "rejected": [(row, _place(row) if _place(row) in made.sums else "") for row in rejected],
        "apart": apart,
        "unmade": made.unmade,
        "removed": Resource.objects.of(patient).exclude(removed_at=None).count(),
    }
    return render_to_string("records/take_away.html", context)


def _sums(made: _Zip) -> bytes:
    return "".join(f"{total}  {name}\n" for name, total in sorted(made.sums.items())).encode()
