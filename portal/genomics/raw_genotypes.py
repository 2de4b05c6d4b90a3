"""Raw files of home tests and DNA arrays: a name, a place and two letters a line. Not clinical.

Such a file says which letters were seen, and not which of them is unusual, so it makes no variants.
What is read out of it: how much was tested, and the letters at places that the tables of medicine
genes know by their rs number, together with what those tables make of them.
"""

import re
from collections.abc import Iterator
from typing import Any, BinaryIO, NamedTuple

from portal.genomics import raw_layouts
from portal.genomics.findings import Pointer, Rejected
from portal.genomics.raw_layouts import Layout, Strand, UnknownLayout
from portal.genomics.vcf import fhir, pgx, star_alleles
from portal.genomics.vcf.builds import Build
from portal.genomics.vcf.faults import BadRecord, NoSuchSample, NotAVcf, SeveralSamples
from portal.genomics.vcf.fhir import LOINC, Subject
from portal.genomics.vcf.lines import Limits, Text
from portal.genomics.vcf.star_alleles import Letters

Json = dict[str, Any]
_REPORT = "raw-genotypes"
_NO_CALL = frozenset({"--", "-", "00", "0", "??", "."})
_LETTERS = re.compile(r"[ACGT]{1,2}|[DI]{1,2}")
_OWN_LETTERS = re.compile(r"[A-Z]{1,2}")
_CHROMOSOMES = {**{str(n): str(n) for n in range(1, 23)}, "X": "X", "Y": "Y", "XY": "X", "MT": "MT"}
_CHROMOSOMES |= {"M": "MT", "23": "X", "24": "Y", "25": "X", "26": "MT"}
_POS = re.compile(r"0*[1-9][0-9]{0,9}")
_PLUS = re.compile(r"(?:forward|plus|\+)\s*(?:\(\+\)\s*)?strand", re.IGNORECASE)
_COMPLEMENT = str.maketrans("ACGT", "TGCA")
_CONFIRM = "Not a clinical test: a laboratory must confirm anything that matters to your care."
_WORDS = f"Read from a raw data file of a consumer DNA test. {_CONFIRM}"
_WORDS_OF_ARRAY = f"Read from the raw report of a DNA array. {_CONFIRM}"
_MOST_SAMPLES = 1000
_ABOUT_STRAND = {
    Strand.FORWARD: " Its letters are those of the strand that dbSNP calls forward, which is not "
    "always the one of the genome: letters that could be of either strand are not used.",
    Strand.OWN: " Its letters are in a writing of the maker's own, which is not translated: only "
    "how much was tested is told. Ask for the columns Allele1 - Plus and Allele2 - Plus.",
}


class Line(NamedTuple):
    """One place of a file: `letters` is empty where the test gave no answer."""

    number: int
    name: str
    chromosome: str
    pos: int | None
    letters: str
    strand: Strand


class NoGenotypes(NotAVcf):
    """Not one line of the file is a genotype."""

    code = "no-genotypes"


class _Reader:
    """The lines of a file, by the layout that its head tells or that its lines show."""

    def __init__(self, stream: BinaryIO, limits: Limits | None, sample: str | None) -> None:
        self._text = Text(stream, limits)
        self._wanted = sample
        self._samples: dict[str, None] = {}
        self._in_header = self._at_columns = False
        self._plus_strand = False
        self.layout: Layout | None = None

    def lines(self) -> Iterator[Line | Rejected]:
        """Yield every line. Raises SeveralSamples or NoSuchSample at the end, or UnknownLayout."""
        number = 0
        for batch in self._text.batches():
            for text in batch:
                number += 1
                if text is None:
                    yield _rejected(number, "not-utf-8", "This line is not UTF-8 text.")
                elif text.strip() and not self._is_head(text):
                    yield from self._line(text, number)
        self._settle_sample()

    def _is_head(self, text: str) -> bool:
        mark = text.strip().rstrip(",").lower()
        if mark in (raw_layouts.HEADER, raw_layouts.DATA):
            self._in_header = mark == raw_layouts.HEADER
            self._at_columns = not self._in_header
            return True
        if self._in_header:
            return True
        if text.startswith("#"):
            self._plus_strand = self._plus_strand or bool(_PLUS.search(text))
            return True
        return self._is_columns(text)

    def _is_columns(self, text: str) -> bool:
        start = text.lower().lstrip('"')
        if self._at_columns or (self.layout is None and start.startswith(_NAMES)):
            self.layout = raw_layouts.of_columns(text)
            if self._at_columns and self.layout is None:
                raise UnknownLayout("This report of a DNA array has a column for each sample.")
            self._at_columns = False
            return True
        return start.startswith(_NAMES_OF_HOME_TESTS)

    def _line(self, text: str, number: int) -> Iterator[Line | Rejected]:
        try:
            parts = raw_layouts.split(text, self.layout.delimiter if self.layout else "")
            layout = _fitting(self.layout or raw_layouts.of_line(parts), parts)
            if self._is_wanted(parts, layout):
                yield _read(parts, layout, self._strand(parts, layout), number)
        except BadRecord as bad:
            yield _rejected(number, bad.code, bad.reason)

    def _strand(self, parts: list[str], layout: Layout) -> Strand:
        if self._plus_strand and layout.strand is Strand.UNSURE:
            return Strand.PLUS
        if layout.strand_column is not None and parts[layout.strand_column] == "+":
            return Strand.PLUS
        return layout.strand

    def _is_wanted(self, parts: list[str], layout: Layout) -> bool:
        if layout.sample is None:
            return True
        if len(self._samples) < _MOST_SAMPLES:
            self._samples.setdefault(parts[layout.sample])
        return self._wanted in (None, parts[layout.sample])

    def _settle_sample(self) -> None:
        names = tuple(self._samples)
        if self._wanted is None and len(names) > 1:
            raise SeveralSamples(names)
        if self._wanted is not None and names and self._wanted not in names:
            raise NoSuchSample(names)


_NAMES_OF_HOME_TESTS = ("rsid", "rs_id", "name", "snp")
_NAMES = (*_NAMES_OF_HOME_TESTS, "sample id")


def _rejected(number: int, code: str, reason: str) -> Rejected:
    return Rejected(code=code, reason=reason, source=Pointer(path=f"line {number}"))


def _fitting(layout: Layout | None, parts: list[str]) -> Layout:
    if layout is None or len(parts) < layout.columns:
        raise BadRecord("columns", "The line does not have the columns of a raw data file.")
    return layout


def _read(parts: list[str], layout: Layout, strand: Strand, number: int) -> Line:
    name = parts[layout.name]
    letters = "".join(parts[at] for at in layout.letters).upper()
    letters = letters.replace("/", "").replace("|", "")  # some write A/G
    if not name or len(name) > 100:  # noqa: PLR2004  # no name of a marker is as long
        raise BadRecord("name", "The place has no name that can be read.")
    if letters in _NO_CALL or not letters:
        letters = ""
    elif not (_OWN_LETTERS if strand is Strand.OWN else _LETTERS).fullmatch(letters):
        raise BadRecord("letters", "The letters are not those of DNA.")
    chromosome, pos = _place(parts, layout)
    return Line(number, name, chromosome, pos, letters, strand)


def _place(parts: list[str], layout: Layout) -> tuple[str, int | None]:
    """Return the place of a line; some reports do not say it, and some places have none."""
    if layout.chromosome is None or layout.pos is None:
        return "", None
    chromosome, pos = parts[layout.chromosome], parts[layout.pos]
    placed = chromosome in _CHROMOSOMES and _POS.fullmatch(pos) is not None
    if not placed and (chromosome, pos) != ("--", "--") and chromosome not in ("0", "--"):
        raise BadRecord("place", "The place is not one on a chromosome.")
    return _CHROMOSOMES.get(chromosome, ""), int(pos) if placed else None


def resources(
    stream: BinaryIO,
    *,
    patient: str = "",
    sample: str | None = None,
    limits: Limits | None = None,
    tally: "Tally | None" = None,
) -> Iterator[Json | Rejected]:
    """Yield FHIR resources for what the file says, at the end a report with counts.

    `tally` keeps the counts for the caller too.

    Raises NoGenotypes when not one line could be read, SeveralSamples, NoSuchSample,
    UnknownLayout, TooBig or CutShort.
    """
    reader, tally = _Reader(stream, limits, sample), tally or Tally()
    for line in reader.lines():
        if isinstance(line, Rejected):
            yield line
        else:
            tally.take(line)
    if not tally.tested + tally.uncalled:
        raise NoGenotypes("Not one line of the file is a genotype.")
    yield from tally.contradictions()
    subject = Subject(Build.GRCH38, patient, "", clinical=False)
    words = _WORDS_OF_ARRAY if reader.layout and reader.layout.is_array else _WORDS
    results = list(_known(tally.known, words, subject))
    yield from results
    counts = f"{_places(tally.tested)} tested, {tally.uncalled:,} without an answer."
    strand = reader.layout.strand if reader.layout else Strand.UNSURE
    yield _report(subject, results, f"{words} {counts}{_ABOUT_STRAND.get(strand, '')}")


class Tally:
    """How much was tested, and the lines that the tables of medicine genes know."""

    def __init__(self) -> None:
        self.tested = self.uncalled = 0
        self.known: dict[str, Line] = {}
        self._contradicted: set[str] = set()
        self._wanted = {at.rs for gene in star_alleles.tables() for at in gene.positions if at.rs}

    def take(self, line: Line) -> None:
        """Count one line, and keep it where the tables know its place."""
        self.tested += bool(line.letters)
        self.uncalled += not line.letters
        if line.name in self._wanted and line.strand is not Strand.OWN:
            former = self.known.setdefault(line.name, line)
            if sorted(former.letters) != sorted(line.letters):
                self._contradicted.add(line.name)

    def contradictions(self) -> Iterator[Rejected]:
        """Yield the places that the file gives twice with different letters, and forget them."""
        for name in sorted(self._contradicted):
            why = f"The file gives {name} twice, with different letters; neither is used."
            yield _rejected(self.known.pop(name).number, "two-answers", why)


def _places(count: int) -> str:
    return f"{count:,} place" if count == 1 else f"{count:,} places"


def _known(known: dict[str, Line], words: str, subject: Subject) -> Iterator[Json]:
    for gene in star_alleles.tables():
        seen: list[Letters | None] = []
        for at in gene.positions:
            line = known.get(at.rs) if at.rs else None
            seen.append(_on_plus_strand(line, at) if line else None)
            if line is not None and line.letters:
                yield _genotype(line, gene, words, subject)
        if any(letters is not None for letters in seen):
            yield from pgx.resources(star_alleles.call(gene, seen), subject)


def _on_plus_strand(line: Line, at: star_alleles.Position) -> Letters | None:
    """Return the letters as the tables write them, or None where the strand is not certain."""
    letters = line.letters
    if len(letters) != 2 or len(at.ref) != 1 or any(len(alt) != 1 for alt in at.alts):  # noqa: PLR2004  # two copies
        return None
    possible = {at.ref, *at.alts}
    if line.strand is not Strand.PLUS:
        mirrored = {letter.translate(_COMPLEMENT) for letter in possible}
        if possible & mirrored:
            return None
        if set(letters) <= mirrored:
            letters = letters.translate(_COMPLEMENT)
    if not set(letters) <= possible:
        return None
    return Letters(letters[0], letters[1], None, line.number)


def _genotype(line: Line, gene: star_alleles.Gene, words: str, subject: Subject) -> Json:
    """Return the letters seen at one place; which of them is unusual the file does not say."""
    found = fhir.head_of(subject, "genotype", "84413-4", "Genotype display name")
    found["id"] = f"raw-{line.name}"
    found["valueCodeableConcept"] = {"text": f"{line.name} {line.letters}"}
    coding = {"system": fhir.HGNC, "code": gene.id, "display": gene.gene}
    found["component"] = [
        {
            "code": {"coding": [{"system": LOINC, "code": "48018-6"}]},
            "valueCodeableConcept": {"coding": [coding]},
        }
    ]
    found["note"] = [{"text": words}]
    return found


def _report(subject: Subject, results: list[Json], conclusion: str) -> Json:
    report = fhir.head_of(subject, "genomic-report", "51969-4", "Genetic analysis report")
    report |= {
        "resourceType": "DiagnosticReport",
        "id": _REPORT,
        "category": [fhir.GENETICS],
        "conclusion": conclusion,
    }
    if results:
        report["result"] = [{"reference": f"Observation/{one['id']}"} for one in results]
    return report
