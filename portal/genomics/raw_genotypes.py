"""Raw files of consumer DNA tests: a name, a place and two letters a line. Not clinical tests.

Such a file says which letters were seen, and not which of them is unusual, so it makes no variants.
What is read out of it: how much was tested, and the letters at places that the tables of medicine
genes know by their rs number, together with what those tables make of them.
"""

import re
from collections.abc import Iterator
from typing import Any, BinaryIO, NamedTuple

from portal.genomics.findings import Pointer, Rejected
from portal.genomics.vcf import fhir, pgx, star_alleles
from portal.genomics.vcf.builds import Build
from portal.genomics.vcf.faults import BadRecord, NotAVcf
from portal.genomics.vcf.fhir import LOINC, Subject
from portal.genomics.vcf.lines import Limits, Text
from portal.genomics.vcf.star_alleles import Letters

Json = dict[str, Any]
_REPORT = "raw-genotypes"
_NO_CALL = frozenset({"--", "-", "00", "0", "??", "."})
_LETTERS = re.compile(r"[ACGT]{1,2}|[DI]{1,2}")
_CHROMOSOMES = {**{str(n): str(n) for n in range(1, 23)}, "X": "X", "Y": "Y", "XY": "X", "MT": "MT"}
_CHROMOSOMES |= {"M": "MT", "23": "X", "24": "Y", "25": "X", "26": "MT"}
_POS = re.compile(r"0*[1-9][0-9]{0,9}")
_PLUS = re.compile(r"(?:forward|plus|\+)\s*(?:\(\+\)\s*)?strand", re.IGNORECASE)
_COLUMNS = 4
_TWO_COLUMNS = 5
_COMPLEMENT = str.maketrans("ACGT", "TGCA")
_WORDS = (
    "Read from a raw data file of a consumer DNA test. Not a clinical test: a laboratory must "
    "confirm anything that matters to your care."
)


class Line(NamedTuple):
    """One place of a file: `letters` is empty where the test gave no answer."""

    number: int
    name: str
    chromosome: str
    pos: int | None
    letters: str


class NoGenotypes(NotAVcf):
    """Not one line of the file is a genotype."""

    code = "no-genotypes"


class _Reader:
    def __init__(self, stream: BinaryIO, limits: Limits | None) -> None:
        self._text = Text(stream, limits)
        self.plus_strand = False

    def lines(self) -> Iterator[Line | Rejected]:
        number = 0
        for batch in self._text.batches():
            for text in batch:
                number += 1
                if text is None:
                    yield _rejected(number, "not-utf-8", "This line is not UTF-8 text.")
                elif text.strip() and not self._is_head(text):
                    yield _line(text, number)

    def _is_head(self, text: str) -> bool:
        if not text.startswith("#"):
            return text.lower().lstrip('"').startswith(("rsid", "rs_id", "name", "snp"))
        self.plus_strand = self.plus_strand or bool(_PLUS.search(text))
        return True


def _rejected(number: int, code: str, reason: str) -> Rejected:
    return Rejected(code=code, reason=reason, source=Pointer(path=f"line {number}"))


def _line(text: str, number: int) -> Line | Rejected:
    try:
        return _fields(text, number)
    except BadRecord as bad:
        return _rejected(number, bad.code, bad.reason)


def _fields(text: str, number: int) -> Line:
    parts = [part.strip().strip('"') for part in text.split("\t" if "\t" in text else ",")]
    if len(parts) not in (_COLUMNS, _TWO_COLUMNS):
        raise BadRecord("columns", "The line does not have the columns of a raw data file.")
    name, chromosome, pos = parts[:3]
    letters = "".join(parts[3:]).upper().replace("/", "").replace("|", "")  # some write A/G
    if not name or len(name) > 40:  # noqa: PLR2004  # no name of a marker is as long
        raise BadRecord("name", "The place has no name that can be read.")
    if letters in _NO_CALL or not letters:
        letters = ""
    elif not _LETTERS.fullmatch(letters):
        raise BadRecord("letters", "The letters are not those of DNA.")
    placed = chromosome in _CHROMOSOMES and _POS.fullmatch(pos) is not None
    if not placed and (chromosome, pos) != ("--", "--") and chromosome not in ("0", "--"):
        raise BadRecord("place", "The place is not one on a chromosome.")
    return Line(
        number, name, _CHROMOSOMES.get(chromosome, ""), int(pos) if placed else None, letters
    )


def resources(
    stream: BinaryIO, *, patient: str = "", limits: Limits | None = None
) -> Iterator[Json | Rejected]:
    """Yield FHIR resources for what the file says, at the end a report with counts.

    Raises NoGenotypes when not one line could be read, TooBig or CutShort.
    """
    reader = _Reader(stream, limits)
    tested = uncalled = 0
    known: dict[str, Line] = {}
    contradicted: set[str] = set()
    wanted = {at.rs for gene in star_alleles.tables() for at in gene.positions if at.rs}
    for line in reader.lines():
        if isinstance(line, Rejected):
            yield line
            continue
        tested += bool(line.letters)
        uncalled += not line.letters
        if line.name in wanted:
            former = known.setdefault(line.name, line)
            if sorted(former.letters) != sorted(line.letters):
                contradicted.add(line.name)
    if not tested + uncalled:
        raise NoGenotypes("Not one line of the file is a genotype.")
    for name in sorted(contradicted):
        why = f"The file gives {name} twice, with different letters; neither is used."
        yield _rejected(known.pop(name).number, "two-answers", why)
    subject = Subject(Build.GRCH38, patient, "", clinical=False)
    results = list(_known(known, reader, subject))
    yield from results
    yield _report(subject, results, f"{_places(tested)} tested, {uncalled:,} without an answer.")


def _places(count: int) -> str:
    return f"{count:,} place" if count == 1 else f"{count:,} places"


def _known(known: dict[str, Line], reader: _Reader, subject: Subject) -> Iterator[Json]:
    for gene in star_alleles.tables():
        seen: list[Letters | None] = []
        for at in gene.positions:
            line = known.get(at.rs) if at.rs else None
            seen.append(_on_plus_strand(line, at, plus=reader.plus_strand) if line else None)
            if line is not None and line.letters:
                yield _genotype(line, gene, subject)
        if any(letters is not None for letters in seen):
            yield from pgx.resources(star_alleles.call(gene, seen), subject)


def _on_plus_strand(line: Line, at: star_alleles.Position, *, plus: bool) -> Letters | None:
    """Return the letters as the tables write them, or None where the strand is not certain."""
    letters = line.letters
    if len(letters) != 2 or len(at.ref) != 1 or any(len(alt) != 1 for alt in at.alts):  # noqa: PLR2004  # two copies
        return None
    possible = {at.ref, *at.alts}
    if not plus:
        mirrored = {letter.translate(_COMPLEMENT) for letter in possible}
        if possible & mirrored:
            return None
        if set(letters) <= mirrored:
            letters = letters.translate(_COMPLEMENT)
    if not set(letters) <= possible:
        return None
    return Letters(letters[0], letters[1], None, line.number)


def _genotype(line: Line, gene: star_alleles.Gene, subject: Subject) -> Json:
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
    found["note"] = [{"text": _WORDS}]
    return found


def _report(subject: Subject, results: list[Json], counts: str) -> Json:
    report = fhir.head_of(subject, "genomic-report", "51969-4", "Genetic analysis report")
    report |= {
        "resourceType": "DiagnosticReport",
        "id": _REPORT,
        "category": [fhir.GENETICS],
        "conclusion": f"{_WORDS} {counts}",
    }
    if results:
        report["result"] = [{"reference": f"Observation/{one['id']}"} for one in results]
    return report
