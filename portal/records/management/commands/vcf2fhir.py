"""Write a variant call file as FHIR, one resource a line. No database is touched."""

import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final

import msgspec
from django.core.management.base import BaseCommand, CommandError

from portal.genomics.findings import Notice, Pointer, Rejected, to_json
from portal.genomics.vcf import builds
from portal.genomics.vcf.beds import Bed, State
from portal.genomics.vcf.converting import Choice, Conversion
from portal.genomics.vcf.faults import Fault, Refusal, SeveralSamples
from portal.genomics.vcf.study import REFERENCE_NOTE

ALL_READ: Final = 0
SOME_LEFT_OUT: Final = 1
NOT_A_FILE: Final = 2
_TOGETHER: Final = 256
_REMARKS_SHOWN: Final = 100


class Command(BaseCommand):
    """Stream resources to standard output; what is wrong goes to standard error as JSON lines."""

    help = "Write a VCF file as FHIR Genomics Reporting, one JSON resource per line."
    requires_system_checks = ()
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the file, and what the file may not say itself."""
        parser.add_argument("file", metavar="FILE", help="a VCF, plain or compressed; - for input")
        parser.add_argument("--build", help="GRCh37, GRCh38, NCBI36 or T2T-CHM13v2.0")
        parser.add_argument("--sample", help="which sample, where the file has several")
        parser.add_argument("--bed", metavar="FILE", help="the regions that the test looked at")
        parser.add_argument(
            "--noncallable", metavar="FILE", help="the regions that the test could not read (BED)"
        )
        parser.add_argument("--patient", default="", metavar="REFERENCE", help="Patient/id")

    def handle(self, *_: object, **options: Any) -> None:  # noqa: ANN401  what argparse gives
        """Convert the file: 0 when all was read, 1 when something was left out, 2 for no file."""
        self._worst, self._remarks, self._pending = ALL_READ, 0, list[str]()
        choice = Choice(
            sample=options["sample"], build=_build(options["build"]), patient=options["patient"]
        )
        try:
            files = {State.STUDIED: options["bed"], State.UNCALLED: options["noncallable"]}
            beds = [Bed(state, Path(name).read_bytes()) for state, name in files.items() if name]
            with _opened(options["file"]) as stream:
                self._convert(stream, choice, beds)
        except BrokenPipeError:  # whoever reads us has enough
            self._worst = SOME_LEFT_OUT
        except OSError:
            self._say(_refused("no-file", "The file cannot be opened."))
            self._worst = NOT_A_FILE
        if self._worst != ALL_READ:
            raise SystemExit(self._worst)

    def _convert(self, stream: BinaryIO, choice: Choice, beds: list[Bed]) -> None:
        conversion: Conversion | None = None
        try:
            conversion = Conversion(stream, choice, beds=beds)
            for item in conversion.items():
                self._take(item)
        except SeveralSamples as refusal:
            self._refuse(refusal, begun=False, samples=list(refusal.names))
            return
        except Refusal as refusal:
            begun = conversion is not None and conversion.summary.lines > 0
            self._refuse(refusal, begun=begun)
            if not begun:
                return
        self._flush()
        if conversion is not None:
            self._close(conversion)

    def _take(self, item: str | Fault) -> None:
        if isinstance(item, str):
            self._pending.append(item)
            if len(self._pending) == _TOGETHER:
                self._flush()
        elif item.kept:
            self._remarks += 1
            if self._remarks <= _REMARKS_SHOWN:
                self._say(to_json(Notice(code=item.code, reason=item.reason, source=_at(item))))
        else:
            self._worst = SOME_LEFT_OUT
            self._say(to_json(Rejected(code=item.code, reason=item.reason, source=_at(item))))

    def _flush(self) -> None:
        if self._pending:
            self.stdout.write("\n".join(self._pending))
            self._pending.clear()

    def _refuse(self, refusal: Refusal, *, begun: bool, **more: list[str]) -> None:
        self._worst = SOME_LEFT_OUT if begun else NOT_A_FILE
        self._say(_refused(refusal.code, refusal.reason) | more)

    def _close(self, conversion: Conversion) -> None:
        summary = conversion.summary
        if self._remarks > _REMARKS_SHOWN:
            reason = f"{self._remarks - _REMARKS_SHOWN} more remarks of these kinds are not shown."
            self._say(to_json(Notice(code="more-remarks", reason=reason, source=Pointer())))
        if summary.written:
            notice = Notice(code="reference-not-checked", reason=REFERENCE_NOTE, source=Pointer())
            self._say(to_json(notice))
        counts = {name: getattr(summary, name) for name in summary.__dataclass_fields__}
        self._say({"record": "report", "conclusion": summary.sentence(), "counts": counts})

    def _say(self, line: dict[str, Any]) -> None:
        self.stderr.write(msgspec.json.encode(line).decode())


def _at(fault: Fault) -> Pointer:
    return Pointer(path=fault.where)


def _refused(code: str, reason: str) -> dict[str, Any]:
    return to_json(Rejected(code=code, reason=reason, source=Pointer()))


def _build(name: str | None) -> builds.Build | None:
    if not name:
        return None
    try:
        return builds.asked(name)
    except builds.UnknownBuildName as unknown:
        names = ", ".join(builds.Build)
        raise CommandError(f"--build must be one of {names}.", returncode=NOT_A_FILE) from unknown


@contextmanager
def _opened(name: str) -> Iterator[BinaryIO]:
    if name == "-":
        yield sys.stdin.buffer
        return
    with Path(name).open("rb") as stream:
        yield stream
