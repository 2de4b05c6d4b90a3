"""Tell what the portal understands of a FHIR file, as JSON lines. No database is touched."""

from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import msgspec
from django.core.management.base import BaseCommand

from portal.genomics.documents import NotADocument, SourceResource, split
from portal.genomics.findings import Record, Rejected
from portal.genomics.reader import read

ALL_READ: Final = 0
SOME_LEFT_OUT: Final = 1
NOT_A_FILE: Final = 2


class Command(BaseCommand):
    """Print one JSON line for each finding, report, notice, rejected and quarantined resource."""

    help = "Print what a FHIR file says about genes, one JSON line per fact."
    requires_system_checks = ()
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the files, and who the person is where the caller knows."""
        parser.add_argument("files", nargs="+", metavar="FILE")
        parser.add_argument(
            "--patient",
            action="append",
            metavar="ID",
            help="the person's id at the source; everybody else is quarantined",
        )

    def handle(self, *_: object, **options: Any) -> None:  # noqa: ANN401  what argparse gives
        """Read each file: 0 when all was read, 1 when something was left out, 2 for no file."""
        files: list[str] = options["files"]
        patient_ids = frozenset(options["patient"]) if options["patient"] else None
        worst = max(self._read(Path(name), patient_ids) for name in files)
        if worst != ALL_READ:
            raise SystemExit(worst)

    def _read(self, path: Path, patient_ids: frozenset[str] | None) -> int:
        worst = ALL_READ
        try:
            for record in records(path.read_bytes(), patient_ids):
                self.stdout.write(msgspec.json.encode(record).decode())
                if type(record).__name__ in {"Rejected", "Quarantined"}:
                    worst = SOME_LEFT_OUT
        except (NotADocument, OSError) as fault:
            reason = str(fault) if isinstance(fault, NotADocument) else "The file cannot be opened."
            self.stderr.write(f"{path.name}: {reason}")
            return NOT_A_FILE
        return worst


def records(raw: bytes, patient_ids: frozenset[str] | None) -> Iterator[Record]:
    """Yield all that is understood of a document, rejected entries first.

    Raises NotADocument.
    """
    kept: list[SourceResource] = []
    for one in split(raw):
        if isinstance(one, Rejected):
            yield one
        else:
            kept.append(one)
    reading = read(kept, patient_ids=patient_ids)
    groups: tuple[Iterable[Record], ...] = (
        reading.reports,
        reading.findings,
        reading.notices,
        reading.quarantined,
    )
    for group in groups:
        yield from group
