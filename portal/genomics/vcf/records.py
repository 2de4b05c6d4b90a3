"""From the lines of a file to checked records of one sample; every other line becomes a fault."""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import BinaryIO

import msgspec

from portal.genomics.vcf import alleles, builds, genotypes, grammar, header
from portal.genomics.vcf.alleles import Allele
from portal.genomics.vcf.builds import Build, Place
from portal.genomics.vcf.faults import BadHeader, BadRecord, BuildUnknown, Fault, TooBig
from portal.genomics.vcf.genotypes import Genotype
from portal.genomics.vcf.header import Header
from portal.genomics.vcf.lines import Limits, Text

_CHROM = re.compile(r"<[!-;=?-~]+>|[0-9A-Za-z!#$%&+./:;?@^_|~-][0-9A-Za-z!#$%&*+./:;=?@^_|~-]*")
_QUAL = re.compile(
    r"-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?|[-+]?[iI]nf(?:inity)?|[nN]a[nN]|\."
)
_FILTER = re.compile(r"[^\s;]+(?:;[^\s;]+)*")
_BLANK = re.compile(r"\s")
_MAX_POS = (1 << 31) - 1
_MAX_POS_DIGITS = 10
_REF_TOO_LONG = 1 << 20
_REPEATS_LOOKED_AT = 4096


class Record(msgspec.Struct, frozen=True, gc=False):
    """One line that was read whole."""

    line: int
    place: Place
    pos: int  # 1-based, of the first letter of `ref`
    id: str
    ref: str
    alts: tuple[Allele, ...]
    qual: str
    filter: str
    info: str
    genotype: Genotype | None  # None: the file has no genotype for the sample
    values: dict[str, str]
    remark: str = ""


class Reader:
    """The records of one sample in one file, in the order of the file, with what was wrong."""

    def __init__(self, stream: BinaryIO, limits: Limits | None = None) -> None:
        self._text = Text(stream, limits)
        self._batches = self._text.batches()
        self._batch: list[str | None] = []
        self._taken = 0
        self.header = self._read_header(self._text.limits.header)
        self.count = 0  # lines below the head
        self.column: int | None = None
        self.build: Build | None = None

    def choose(self, *, sample: str | None, build: Build | None) -> None:
        """Say which sample and which version of the genome is meant.

        Raises SeveralSamples, NoSuchSample, BuildUnknown or BuildContradiction.
        """
        self.column = self.header.column_of(sample)
        self.build = self.header.build(build)

    def settled(self) -> Build:
        """Return the version of the genome that was settled by `choose`."""
        if self.build is None:
            raise BuildUnknown("Which version of the genome is meant was not settled.")
        return self.build

    def _read_header(self, limit: int) -> Header:
        lines = self._header_lines()
        head = header.begin(next(lines, None))
        size = 0
        for line in lines:
            size += len(line or "")
            if size > limit:
                raise TooBig("The head of the file is bigger than any real one.")
            if not header.take(head, line):
                return head
        raise BadHeader("The line of column names (#CHROM …) is missing.")

    def _header_lines(self) -> Iterator[str | None]:
        for batch in self._batches:
            self._batch = batch
            for at, line in enumerate(batch, 1):
                self._taken = at
                yield line

    def records(self) -> Iterator[Record | Fault]:
        """Yield every line as a record, or as the fault for which it could not be read.

        Faults that left the record readable (`Fault.kept`) come beside it; those of the head
        come first. `choose` must have been called. Raises CutShort, TooBig.
        """
        yield from self.header.faults
        lines = _Lines(self)
        parse, beside = lines.parse, lines.beside
        number = self.header.lines
        for batch in self._all_batches():
            for text in batch:
                number += 1
                if text == "":
                    continue
                self.count += 1
                try:
                    yield parse(text, number)
                except BadRecord as bad:
                    yield Fault(number, bad.code, bad.reason)
                if beside:
                    yield from beside
                    beside.clear()
        if self._text.unended and self.count:
            reason = "The last line has no line end; the file may have lost what came after it."
            yield Fault(number, "no-line-end", reason, kept=True)

    def _all_batches(self) -> Iterator[list[str | None]]:
        yield self._batch[self._taken :]
        yield from self._batches


class _Lines:
    """What must be known of the lines before, to judge the next one."""

    def __init__(self, reader: Reader) -> None:
        self._build = reader.settled()
        self._head = reader.header
        self.beside: list[Fault] = []
        self._column = reader.column
        self._columns = reader.header.columns
        self._info = grammar.Info(reader.header)
        self._samples = grammar.Samples(reader.header)
        self.place: Callable[[str], Place] = lru_cache(maxsize=1 << 13)(self._place)
        self._number = 0
        self._chrom = ""
        self._pos = 0
        self._done: set[str] = set()
        self._recent: dict[tuple[int, str, str], int] = {}
        self._recent_to = 0

    def parse(self, text: str | None, number: int) -> Record:
        """Return the record of a line. Raises BadRecord."""
        if text is None:
            raise BadRecord("not-utf-8", "This line is not UTF-8 text.")
        self._number = number
        fields = text.split("\t")
        if len(fields) != self._columns:
            raise _wrong_columns(text, len(fields), self._columns)
        chrom, pos_text, ids, ref, alt, qual, filters, info = fields[:8]
        place = self.place(chrom)
        pos = _position(pos_text, place, len(ref))
        if not pos or pos > (place.length or pos):
            self._beyond(number)
        both = alleles.read(ref, alt)
        _check_words(ids or self._nothing("ID"), qual or self._nothing("QUAL"), filters)
        info = info or self._nothing("INFO")
        remark = self._info.check(info, len(both.alts))
        genotype, values, wrong = self._sample(fields, len(both.alts))
        self._follow(chrom, pos, number)
        self._once(pos, both, number)
        if remark or wrong:
            self.beside.append(Fault(number, "field", remark or wrong, kept=True))
        return Record(
            number, place, pos, ids or ".", ref, both.alts, qual, filters, info, genotype, values,
            remark or wrong,
        )  # fmt: skip

    def _place(self, chrom: str) -> Place:
        if not _CHROM.fullmatch(chrom):
            raise BadRecord("chrom", "CHROM has a sign in it that names of sequences do not have.")
        if "*" in chrom and not chrom.startswith("HLA"):
            reason = "CHROM has a star in it, which names of human sequences do not have."
            self.beside.append(Fault(self._number, "chrom", reason, kept=True))
        return builds.place(chrom, self._build, self._head.lengths.get(chrom) or None)

    def _sample(self, fields: list[str], alts: int) -> tuple[Genotype | None, dict[str, str], str]:
        if self._column is None:
            return None, {}, ""
        text = fields[self._column]
        if not text:
            raise BadRecord("sample", "The sample has no value at all.")
        form = self._samples.form(fields[8], alts, _ploidy(fields[8], text))
        values, wrong = grammar.values_of(form, text)
        if not form.has_genotype:
            return None, values, wrong
        return genotypes.read(values["GT"], alts), values, wrong

    def _follow(self, chrom: str, pos: int, number: int) -> None:
        if chrom != self._chrom:
            if chrom in self._done:
                self._disorder(number, "The lines of one sequence do not stand together.")
            if self._chrom:
                self._done.add(self._chrom)
            self._chrom = chrom
            self._recent.clear()
            self._recent_to = 0
        elif pos < self._pos:
            self._disorder(number, "This position comes before the one of the line above.")
            self._recent.clear()
            self._recent_to = 0
        self._pos = pos

    def _nothing(self, column: str) -> str:
        reason = f"{column} is empty; a dot was meant."
        self.beside.append(Fault(self._number, "empty", reason, kept=True))
        return "."

    def _beyond(self, number: int) -> None:
        reason = "The place lies just outside the chromosome, where VCF puts only its very ends."
        self.beside.append(Fault(number, "pos", reason, kept=True))

    def _disorder(self, number: int, reason: str) -> None:
        self.beside.append(Fault(number, "order", reason, kept=True))

    def _once(self, pos: int, both: alleles.Alleles, number: int) -> None:
        recent = self._recent
        if pos > self._recent_to or len(recent) > _REPEATS_LOOKED_AT:
            recent.clear()
        for moved, ref, alt in both.changes:
            at = pos + moved
            before = recent.setdefault((at, ref, alt), number)
            if before != number:
                raise BadRecord("repeat", f"Line {before} already reports this very change.")
            self._recent_to = max(self._recent_to, at)


def _wrong_columns(text: str, found: int, columns: int) -> BadRecord:
    if found == 1 and len(text.split()) > 1:
        return BadRecord("columns", "The columns are separated by blanks. VCF needs tabs.")
    return BadRecord("columns", f"The line has {found} columns; the head says {columns}.")


def _ploidy(form: str, text: str) -> int | None:
    if not form.startswith("GT"):
        return None
    if text[1:2] in ("/", "|") and text[3:4] in (":", ""):
        return 2  # by far the most common
    genotype = text.partition(":")[0]
    return 1 + genotype.count("/", 1) + genotype.count("|", 1)


def _position(text: str, place: Place, ref_length: int) -> int:
    if not (text.isascii() and text.isdigit()):
        raise BadRecord("pos", "POS is not a whole number.")
    if len(text) > _MAX_POS_DIGITS or (pos := int(text)) > _MAX_POS:
        raise BadRecord("pos", "POS is too big for VCF.")
    if ref_length > _REF_TOO_LONG:
        raise BadRecord("ref", "REF is longer than any real one.")
    if place.length is not None and pos + ref_length - 1 > place.length + 1:
        raise BadRecord("pos", "POS and REF reach beyond the end of the chromosome.")
    return pos


def _check_words(ids: str, qual: str, filters: str) -> None:
    if not ids.isalnum() and _BLANK.search(ids):
        raise BadRecord("id", "ID has a blank in it.")
    if not (qual.isascii() and qual.isdigit()) and not _QUAL.fullmatch(qual):
        raise BadRecord("qual", "QUAL is not a number or a dot.")
    if filters != "PASS" and filters != ".":  # noqa: PLR1714  # the quickest way, for every line
        _check_filters(filters)


def _check_filters(filters: str) -> None:
    if not _FILTER.fullmatch(filters):
        raise BadRecord("filter", "FILTER is not a list of names.")
    if "0" in filters.split(";"):
        raise BadRecord("filter", "FILTER has the name 0, which VCF keeps for itself.")
