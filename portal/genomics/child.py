"""A process of its own that turns one file into FHIR: `python -m portal.genomics.child KIND`.

The file comes on standard input, lines of JSON go to standard output, and the process binds
itself to limits before it reads a byte. What comes out is one of: {"resource": …}, {"left_out":
code, "line": n, "file": n}, {"question": code, "names": […]}, {"refused": code}, and last
{"done": counts}.
"""

import argparse
import os
import resource
import sys
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO, NamedTuple

import msgspec

from portal.genomics import hl7v2, phenopackets, raw_genotypes
from portal.genomics.files import Kind
from portal.genomics.findings import Notice, Rejected
from portal.genomics.jsontext import NotADocument
from portal.genomics.vcf import bed_files
from portal.genomics.vcf.beds import Bed, State
from portal.genomics.vcf.builds import Build
from portal.genomics.vcf.converting import Choice, Conversion
from portal.genomics.vcf.faults import (
    BuildUnknown,
    CutShort,
    Fault,
    NoSuchSample,
    Refusal,
    SeveralSamples,
)
from portal.genomics.vcf.lines import Limits

MEMORY_BYTES = 512 << 20  # of address space; what is really used stays far below
CPU_S = 120
LIMITS = Limits(total=8 << 30, ratio=200)
LEFT_OUT_LISTED = 200

Out = dict[str, Any]


def main(arguments: list[str] | None = None) -> None:
    """Read standard input as the kind of file that the arguments name."""
    parser = argparse.ArgumentParser()
    parser.add_argument("kind", type=Kind)
    parser.add_argument("--sample")
    parser.add_argument("--build", type=Build)
    parser.add_argument("--most", type=int)
    parser.add_argument("--regions", type=State, default=State.STUDIED)
    beds: dict[str, Any] = {"action": "append", "default": [], "metavar": "STATE:DESCRIPTOR"}
    parser.add_argument("--bed", type=_bed, dest="beds", **beds)
    parser.add_argument("--bed-of-person", type=_bed_of_person, dest="beds", **beds)
    parser.add_argument("--clinical", action="store_true", help="a laboratory stands behind it")
    asked = parser.parse_args(arguments)
    confine()
    choice = Choice(
        sample=asked.sample,
        build=asked.build,
        clinical=asked.clinical,
        only_present=True,
        most=asked.most,
    )
    encode = msgspec.json.Encoder(decimal_format="number").encode
    write = sys.stdout.buffer.write
    given = Given(asked.kind, sys.stdin.buffer, asked.regions, tuple(asked.beds))
    for one in answers(given, choice):
        write(encode(one) + b"\n")


class Given(NamedTuple):
    """The file, and what its regions are or which regions go with it."""

    kind: Kind
    stream: BinaryIO
    regions: State = State.STUDIED
    beds: tuple[Bed, ...] = ()


def _bed(text: str) -> Bed:
    """Read a file of regions that was handed over open."""
    state, _, descriptor = text.partition(":")
    with os.fdopen(int(descriptor), "rb") as stream:
        return Bed(State(state), stream.read())


def _bed_of_person(text: str) -> Bed:
    return msgspec.structs.replace(_bed(text), is_of_person=True)


def confine() -> None:
    """Bind this process to its limits: memory, time, and no file written."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def answers(given: Given, choice: Choice) -> Iterator[Out]:
    """Yield what is in the file, or what must be asked, or why it is refused."""
    try:
        if given.kind is Kind.VCF:
            yield from _variants(given, choice)
        elif given.kind is Kind.RAW_GENOTYPES:
            yield from _genotypes(given, choice)
        else:
            yield from _others(_resources(given, choice))
    except (SeveralSamples, NoSuchSample) as question:
        yield {"question": SeveralSamples.code, "names": list(question.names)}
    except BuildUnknown as question:
        yield {"question": question.code, "names": []}
    except Refusal as refusal:
        yield {"refused": refusal.code}
    except NotADocument:
        yield {"refused": "not-json"}
    except MemoryError:
        yield {"refused": "too-big"}


def _variants(given: Given, choice: Choice) -> Iterator[Out]:
    conversion = Conversion(given.stream, choice, beds=given.beds, limits=LIMITS)
    left_out = 0
    for item in conversion.items():
        if not isinstance(item, Fault):
            yield {"resource": msgspec.Raw(item.encode())}
        elif not item.kept:
            left_out += 1
            if left_out <= LEFT_OUT_LISTED:
                yield {"left_out": item.code, "line": item.line, "file": item.file}
    summary = conversion.summary
    counted = {"different": summary.different, "tested": summary.tested}
    yield {"done": {"left_out": left_out, "not_listed": summary.not_listed} | counted}


def _genotypes(given: Given, choice: Choice) -> Iterator[Out]:
    tally = raw_genotypes.Tally()
    sample = choice.sample
    found = raw_genotypes.resources(given.stream, sample=sample, limits=LIMITS, tally=tally)
    for one in _others(found):
        if "done" in one:
            one["done"]["tested"] = tally.tested
        yield one


def _resources(given: Given, choice: Choice) -> Iterable[Out | Rejected | Notice]:
    kind, stream = given.kind, given.stream
    if kind is Kind.BED:
        asked = choice.build
        return bed_files.resources(
            stream, asked, state=given.regions, clinical=choice.clinical, limits=LIMITS
        )
    if kind is Kind.HL7V2:
        return hl7v2.resources(stream.read())
    if kind is Kind.PHENOPACKET:
        return phenopackets.resources(stream.read())
    raise CutShort("This kind of file is not read here.")


def _others(found: Iterable[Out | Rejected | Notice]) -> Iterator[Out]:
    left_out = 0
    for one in found:
        if isinstance(one, dict):
            yield {"resource": one}
        else:
            left_out += 1
            if left_out <= LEFT_OUT_LISTED:
                yield {"left_out": one.code, "line": _line(one.source.path)}
    yield {"done": {"left_out": left_out, "not_listed": 0}}


def _line(path: str) -> int:
    number = path.removeprefix("line ")
    return int(number) if number.isdigit() else 0


if __name__ == "__main__":
    main()
