"""Tell what the portal understands of a file, as JSON lines. No database is touched."""

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple

import msgspec
from django.core.management.base import (
    BaseCommand,
    CommandError,
    CommandParser,
    DjangoHelpFormatter,
)

from portal.genomics import hl7v2, phenopackets, raw_genotypes
from portal.genomics.archives import NotUnpacked, TooBig, gunzipped
from portal.genomics.documents import SourceResource, split
from portal.genomics.files import HEAD_BYTES, Kind, NotRead, recognise
from portal.genomics.findings import Finding, Notice, Record, Rejected, to_json
from portal.genomics.jsontext import Limits, NotADocument
from portal.genomics.reader import read
from portal.genomics.vcf import bed_files
from portal.genomics.vcf import reading as vcf
from portal.genomics.vcf.beds import Bed, State
from portal.genomics.vcf.builds import Build, UnknownBuildName
from portal.genomics.vcf.builds import asked as asked_build
from portal.genomics.vcf.converting import Choice
from portal.genomics.vcf.faults import Refusal

ALL_READ: Final = 0
SOME_LEFT_OUT: Final = 1
NOT_A_FILE: Final = 2


_WHAT_IS_PRINTED: Final = """\
each line is one record; a field is absent when the file does not say:
  finding      a fact: kind, presence, genes, hgvs, position, zygosity, significance, …
               not_understood: paths of what was not read
               context: order, encounter, words beside links
               flags: what to mind, such as preliminary or conflict:gene-id
  report       a lab report in its own words, and the findings that it gives
  notice       what is no result and why: withdrawn, cancelled, superseded, not about genes
  rejected     what could not be read and why
  quarantined  what is about somebody else; never what it says

ends with 0 when all was read, 1 when something was rejected or quarantined,
2 when a file is none of these kinds
"""


class _Help(DjangoHelpFormatter, RawDescriptionHelpFormatter):
    """Leave the lines at the end as they are written."""


class Asked(NamedTuple):
    """What the caller knows about the files."""

    patient_ids: frozenset[str] | None
    choice: Choice
    beds: tuple[Bed, ...] = ()


class BedWithoutVcf(NotADocument):
    """Regions of a test were given with a file that is no test of variants."""


class Command(BaseCommand):
    """Print one JSON line for each finding, report, notice, rejected and quarantined resource."""

    help = "Print what a file says about genes, one JSON line per fact. No database is touched."
    requires_system_checks = ()
    requires_migrations_checks = False

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:  # noqa: ANN401  what Django passes
        """Say below the options what is read and what the lines hold."""
        return super().create_parser(
            prog_name, subcommand, epilog=_WHAT_IS_PRINTED, formatter_class=_Help, **kwargs
        )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the files, and who the person is where the caller knows."""
        parser.add_argument(
            "files",
            nargs="+",
            metavar="FILE",
            help="FHIR R4 as JSON or NDJSON, VCF, raw genotypes, HL7 v2, phenopacket: by content",
        )
        parser.add_argument(
            "--patient",
            action="append",
            metavar="ID",
            help="the person's id at the source; everybody else is quarantined",
        )
        parser.add_argument("--build", help="of a VCF that does not say: GRCh37, GRCh38, …")
        parser.add_argument("--sample", help="which sample of a file that has several")
        parser.add_argument(
            "--bed", metavar="FILE", help="the regions that the test of a VCF looked at"
        )
        parser.add_argument(
            "--noncallable", metavar="FILE", help="the regions that it could not read (BED)"
        )

    def handle(self, *_: object, **options: Any) -> None:  # noqa: ANN401  what argparse gives
        """Read each file: 0 when all was read, 1 when something was left out, 2 for no file."""
        files: list[str] = options["files"]
        asked = Asked(
            frozenset(options["patient"]) if options["patient"] else None,
            Choice(sample=options["sample"], build=_build(options["build"])),
            _beds(options["bed"], options["noncallable"]),
        )
        worst = max(self._read(Path(name), asked) for name in files)
        if worst != ALL_READ:
            raise SystemExit(worst)

    def _read(self, path: Path, asked: Asked) -> int:
        worst = ALL_READ
        try:
            for record in of_file(path, asked):
                self.stdout.write(_line(record))
                if type(record).__name__ in {"Rejected", "Quarantined"}:
                    worst = SOME_LEFT_OUT
        except (NotADocument, Refusal, OSError) as fault:
            reason = "The file cannot be opened." if isinstance(fault, OSError) else str(fault)
            self.stderr.write(f"{path.name}: {reason}")
            return NOT_A_FILE
        return worst


def _line(record: Record) -> str:
    """Return a record as JSON, the number that was measured in the figures it was sent in."""
    if not isinstance(record, Finding) or not record.value_as_sent:
        return msgspec.json.encode(record).decode()
    form = to_json(record) | {"value": msgspec.Raw(record.value_as_sent.encode())}
    return msgspec.json.encode(form).decode()


# In an encoding that cannot be told from the first bytes, or broken: its own reader says it better.
_PERHAPS_FHIR = (Kind.FHIR, Kind.BINARY, Kind.UNKNOWN)


def of_file(path: Path, asked: Asked) -> Iterator[Record]:
    """Yield all that is understood of a file, by what it holds and not by its name.

    Raises NotADocument, Refusal or OSError.
    """
    with path.open("rb") as stream:
        kind = recognise(stream.read(HEAD_BYTES))
        stream.seek(0)
        if kind is Kind.VCF:
            yield from vcf.findings(stream, asked.choice, beds=asked.beds)
        elif asked.beds:
            raise BedWithoutVcf("Files of regions (BED) are read with a VCF only.")
        else:
            yield from _of_other(kind, stream, asked)


def _of_other(kind: Kind, stream: BinaryIO, asked: Asked) -> Iterator[Record]:
    if kind is Kind.RAW_GENOTYPES:
        yield from _by_fhir(raw_genotypes.resources(stream, sample=asked.choice.sample), asked)
    elif kind is Kind.BED:
        yield from _by_fhir(bed_files.resources(stream, asked.choice.build), asked)
    elif kind is Kind.HL7V2:
        yield from _by_fhir(hl7v2.resources(stream.read()), asked)
    elif kind is Kind.PHENOPACKET:
        yield from _by_fhir(phenopackets.resources(stream.read()), asked)
    elif kind in _PERHAPS_FHIR:
        yield from _perhaps_fhir(stream.read(), kind, asked)
    elif kind is Kind.COMPRESSED:
        yield from _of_packed(stream.read(), asked)
    else:
        raise NotRead(kind)


def _of_packed(raw: bytes, asked: Asked) -> Iterator[Record]:
    """Yield what is understood of FHIR that was packed with gzip, as bulk exports are."""
    try:
        inside = gunzipped(raw, Limits().max_bytes)
    except (NotUnpacked, TooBig) as bad:
        raise NotRead(Kind.COMPRESSED) from bad
    if recognise(inside[:HEAD_BYTES]) is not Kind.FHIR:
        raise NotRead(Kind.COMPRESSED)
    yield from records(inside, asked.patient_ids)


def _perhaps_fhir(raw: bytes, kind: Kind, asked: Asked) -> Iterator[Record]:
    try:
        yield from records(raw, asked.patient_ids)
    except NotADocument as bad:
        raise (NotRead(kind) if kind is Kind.UNKNOWN else bad) from bad


_encoder = msgspec.json.Encoder(decimal_format="number")


def _by_fhir(found: Iterable[Any], asked: Asked) -> Iterator[Record]:
    """Yield what the reader makes of resources that were written from another kind of file."""
    lines = []
    for one in found:
        if isinstance(one, Rejected | Notice):
            yield one
        else:
            lines.append(_encoder.encode(one))
    yield from records(b"\n".join(lines), asked.patient_ids)


def _beds(studied: str | None, uncalled: str | None) -> tuple[Bed, ...]:
    named = {State.STUDIED: studied, State.UNCALLED: uncalled}
    try:
        return tuple(Bed(state, Path(one).read_bytes()) for state, one in named.items() if one)
    except OSError as fault:
        message = "The file of regions cannot be opened."
        raise CommandError(message, returncode=NOT_A_FILE) from fault


def _build(name: str | None) -> Build | None:
    if not name:
        return None
    try:
        return asked_build(name)
    except UnknownBuildName as unknown:
        names = ", ".join(Build)
        raise CommandError(f"--build must be one of {names}.", returncode=NOT_A_FILE) from unknown


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
