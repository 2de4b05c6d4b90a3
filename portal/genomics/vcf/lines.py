"""From bytes, plain or compressed, to lines of text, in pieces of bounded size."""

import gzip
import io
import zlib
from collections.abc import Generator, Iterator
from typing import BinaryIO, NamedTuple

from portal.genomics.vcf.faults import CutShort, NotAVcf, TooBig

_GZIP = b"\x1f\x8b"
_BOM = b"\xef\xbb\xbf"  # some programs put it before text in UTF-8
_PIECE = 1 << 20
_BGZF_END = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")
_NOT_TEXT = (
    (b"PK\x03\x04", "a zip archive"),
    (b"%PDF", "a PDF document"),
    (b"CRAM", "a CRAM file of sequence reads"),
    (b"BAM\x01", "a BAM file of sequence reads"),
    (b"BCF\x02", "a binary BCF file"),
    (b"BZh", "compressed with bzip2"),
    (b"\xfd7zXZ", "compressed with xz"),
    (b"\x28\xb5\x2f\xfd", "compressed with zstandard"),
    (b"\x1f\x9d", "compressed with compress"),
)


class Limits(NamedTuple):
    """How much of a file is read at most, in bytes once unpacked."""

    line: int = 8 << 20
    header: int = 16 << 20
    total: int = 64 << 30
    ratio: int = 400  # unpacked ÷ packed; real files stay below 60
    ratio_from: int = 64 << 20  # what is smaller may be as empty as it likes


class _Counted(io.RawIOBase):
    """A stream that knows how many bytes were taken from it, and the last of them."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.taken = 0
        self.tail = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        piece = self._stream.read(len(buffer))
        buffer[: len(piece)] = piece
        self.taken += len(piece)
        self.tail = (self.tail + piece[-len(_BGZF_END) :])[-len(_BGZF_END) :]
        return len(piece)


class Text:
    """The lines of one file; after the last one, `unended` says if it lacked its line end."""

    def __init__(self, stream: BinaryIO, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self.unended = False
        self._source = _Counted(stream)
        self._buffer = io.BufferedReader(self._source, 1 << 18)
        self._unpacked = 0

    def batches(self) -> Iterator[list[str | None]]:
        """Yield lists of lines without their ends; None stands for a line that is not UTF-8.

        Raises NotAVcf, TooBig or CutShort.
        """
        rest = b""
        for piece in self._without_mark(self._pieces()):
            rest = yield from self._split(rest, piece)
        if rest:
            self.unended = True
            yield _decode(rest)

    def _without_mark(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        yield next(pieces, b"").removeprefix(_BOM)
        yield from pieces

    def _split(self, rest: bytes, piece: bytes) -> Generator[list[str | None], None, bytes]:
        head, end, tail = piece.rpartition(b"\n")
        if end:
            yield _decode(rest + head)
            rest = b""
        if len(rest) + len(tail) > self.limits.line:
            raise TooBig("A line of the file is longer than any real one.")
        return rest + tail

    def _pieces(self) -> Iterator[bytes]:
        head = self._buffer.peek(4096)
        refuse_what_is_not_text(head)
        if head.startswith(_GZIP):
            yield from self._unzipped(head)
            return
        while piece := self._buffer.read(_PIECE):
            self._count(piece)
            yield piece

    def _unzipped(self, head: bytes) -> Iterator[bytes]:
        blocked = head[3:4] == b"\x04" and head[12:14] == b"BC"
        stream = gzip.GzipFile(fileobj=self._buffer)
        first = True
        try:
            while piece := stream.read(_PIECE):
                if first:
                    _refuse_packed_twice(piece)
                    refuse_what_is_not_text(piece)
                    first = False
                self._count(piece)
                yield piece
        except EOFError as cut:
            raise CutShort(
                "The compressed file ends in the middle: it was not copied whole."
            ) from cut
        except (gzip.BadGzipFile, zlib.error) as broken:
            raise CutShort(
                "The compressed file is damaged and cannot be unpacked whole."
            ) from broken
        if blocked and self._source.tail != _BGZF_END:
            raise CutShort(
                "The end mark of the compressed file is missing: it was not copied whole."
            )

    def _count(self, piece: bytes) -> None:
        self._unpacked += len(piece)
        if self._unpacked > self.limits.total:
            raise TooBig("The file is too big once unpacked.")
        packed = self._source.taken * self.limits.ratio
        if self._unpacked > self.limits.ratio_from and self._unpacked > packed:
            raise TooBig("The file unpacks to far more than any real one.")


def _refuse_packed_twice(piece: bytes) -> None:
    if piece.startswith(_GZIP):
        raise NotAVcf("The file is compressed twice. Unpack it once.")


def refuse_what_is_not_text(head: bytes) -> None:
    """Raise NotAVcf, in words, for the kinds of file that people mistake for one."""
    for magic, name in _NOT_TEXT:
        if head.startswith(magic):
            raise NotAVcf(f"This is {name}, not a variant call file (VCF).")
    if not head:
        raise NotAVcf("The file is empty.")
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise NotAVcf("This text is in UTF-16. Save it as UTF-8 and hand it in again.")
    if b"\x00" in head[:4096] and not head.startswith(_GZIP):
        raise NotAVcf("This is not a text file, so it is not a variant call file (VCF).")


def _decode(lines: bytes) -> list[str | None]:
    try:
        text = lines.decode()
    except UnicodeDecodeError:
        return [_decode_one(line) for line in lines.split(b"\n")]
    if "\r" in text:
        text = text.removesuffix("\r").replace("\r\n", "\n")
    return list(text.split("\n"))


def _decode_one(line: bytes) -> str | None:
    try:
        return line.decode().removesuffix("\r")
    except UnicodeDecodeError:
        return None
