"""Files that are not FHIR, read by a process of its own with limits on memory, time and size."""

import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

import msgspec

ROOT: Final = Path(__file__).resolve().parents[3]
WALL_S: Final = 180
MOST_CHANGES: Final = 2_000
MOST_OUTPUT_BYTES: Final = 128 * 1024 * 1024  # it is held in memory until the process is through


class Unreadable(Exception):
    """The file cannot be read; `code` says why."""

    def __init__(self, code: str) -> None:
        """Name the rule, and never the file."""
        super().__init__(code)
        self.code = code


class Question(Exception):
    """The file does not say what the person must say: which sample, which build, about whom."""

    def __init__(self, code: str, names: tuple[str, ...] = ()) -> None:
        """Take "several-samples" or "whose" with those to choose from, or what else is asked."""
        super().__init__(code)
        self.code = code
        self.names = names


@dataclass(frozen=True)
class BedToRead:
    """A file of regions, and what they are: studied, called or uncalled."""

    regions: str
    content: bytes
    is_of_person: bool = False  # who handed it in; the laboratory did not send it


@dataclass(frozen=True)
class FileToRead:
    """A file to be read."""

    content: bytes
    kind: str
    is_clinical: bool = False  # a laboratory stands behind it
    regions: str = ""  # of a file of regions: what they are
    beds: tuple[BedToRead, ...] = ()  # of a file of variants: the regions of its test


@dataclass(frozen=True)
class Answer:
    """What the person said about the file."""

    sample: str = ""
    build: str = ""
    person: str = ""  # the label of one whom the file names, or NOBODY
    regions: str = ""  # what the regions are
    test: str = ""  # the number of the file that they go with, or ALONE


@dataclass(frozen=True)
class LeftOut:
    """A line that could not be read, of the file or of the `file`th of its files of regions."""

    code: str
    line: int
    file: int = 0


@dataclass
class Counts:
    """What the process says of the whole file, once it is through."""

    left_out: int = 0
    not_listed: int = 0
    different: int | None = None  # places that differ from the reference; None: not counted
    tested: int | None = None  # places with an answer
    whole: bool = field(default=False)


def convert(source: FileToRead, answer: Answer, counts: Counts) -> Iterator[bytes | LeftOut]:
    """Yield the resources of a file as JSON, and the lines that could not be read.

    Raises Question or Unreadable, the latter also after some resources were given.
    """
    with _process(source, _arguments(source, answer)) as output:
        for line in output:
            yield from _said(msgspec.json.decode(line, type=_Line), counts)
    if not counts.whole:
        raise Unreadable("gave-up")


def _arguments(source: FileToRead, answer: Answer) -> list[str]:
    arguments = [sys.executable, "-m", "portal.genomics.child", source.kind]
    arguments += ["--most", str(MOST_CHANGES)]
    if source.is_clinical:
        arguments.append("--clinical")
    if source.regions:
        arguments.append(f"--regions={source.regions}")
    if answer.sample:
        arguments.append(f"--sample={answer.sample}")
    if answer.build:
        arguments.append(f"--build={answer.build}")
    return arguments


def _open(bed: BedToRead, descriptor: int) -> str:
    option = "--bed-of-person" if bed.is_of_person else "--bed"
    return f"{option}={bed.regions}:{descriptor}"


class _Line(msgspec.Struct):
    resource: msgspec.Raw = msgspec.Raw(b"")
    left_out: str = ""
    line: int = 0
    file: int = 0
    question: str = ""
    names: tuple[str, ...] = ()
    refused: str = ""
    done: dict[str, Any] | None = None


def _said(line: _Line, counts: Counts) -> Iterator[bytes | LeftOut]:
    if line.question:
        raise Question(line.question, line.names)
    if line.refused:
        raise Unreadable(line.refused)
    if line.done is not None:
        counts.left_out, counts.not_listed = line.done["left_out"], line.done["not_listed"]
        counts.different, counts.tested = line.done.get("different"), line.done.get("tested")
        counts.whole = True
    elif line.left_out:
        yield LeftOut(line.left_out, line.line, line.file)
    elif bytes(line.resource):
        yield bytes(line.resource)


@contextmanager
def _process(source: FileToRead, arguments: list[str]) -> Iterator[Iterator[bytes]]:
    with ExitStack() as held:
        content = held.enter_context(_in_memory(source.content))
        beds = [held.enter_context(_in_memory(bed.content)) for bed in source.beds]
        named = zip(source.beds, beds, strict=True)
        process = subprocess.Popen(  # noqa: S603  # our own module, no shell
            [*arguments, *(_open(bed, stream.fileno()) for bed, stream in named)],
            stdin=content,
            pass_fds=[stream.fileno() for stream in beds],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
            env={"PYTHONDONTWRITEBYTECODE": "1", "PYTHONUTF8": "1"},
            close_fds=True,
        )
    timer = threading.Timer(WALL_S, process.kill)
    timer.start()
    try:
        with process:
            assert process.stdout is not None  # noqa: S101  # PIPE was asked for
            try:
                yield _bounded(process.stdout)
            finally:
                process.kill()
    finally:
        timer.cancel()


def _bounded(output: IO[bytes]) -> Iterator[bytes]:
    size = 0
    for line in output:
        size += len(line)
        if size > MOST_OUTPUT_BYTES:
            raise Unreadable("too-big")
        yield line


@contextmanager
def _in_memory(content: bytes) -> Iterator[IO[bytes]]:
    """Hold what was unsealed where no disk sees it, as far as the system can."""
    if hasattr(os, "memfd_create"):
        stream: IO[bytes] = os.fdopen(os.memfd_create("upload"), "w+b")
    else:
        stream = tempfile.TemporaryFile()  # noqa: SIM115  # closed below
    with stream:
        stream.write(content)
        stream.seek(0)
        yield stream
