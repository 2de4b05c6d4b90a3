"""Named alleles of medicine genes, from the letters of a file and the tables in knowledge/pgx.

What the file leaves open stays open: letters that were not tested, and letters of which it is not
known on which copy they lie, are said with every call. Never a clinical test.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from functools import cache
from itertools import combinations_with_replacement
from pathlib import Path

import msgspec

from portal.genomics.vcf.alleles import Kind
from portal.genomics.vcf.builds import Build
from portal.genomics.vcf.records import Record

FOLDER = Path(__file__).resolve().parent.parent / "knowledge" / "pgx"
_IUPAC = {
    "R": "AG", "Y": "CT", "S": "CG", "W": "AT", "K": "GT", "M": "AC",
    "B": "CGT", "D": "AGT", "H": "ACT", "V": "ACG", "N": "ACGT",
}  # fmt: skip
_GOOD = ("PASS", ".")
_TWO = 2
_END = re.compile(r"END=[0-9]{1,10}")


class Position(msgspec.Struct, frozen=True):
    """A place that defines alleles, on GRCh38, 1-based."""

    pos: int
    rs: str
    ref: str
    alts: tuple[str, ...]


class NamedAllele(msgspec.Struct, frozen=True):
    """An allele: its letters at the positions of its gene, None where it is not defined by it."""

    name: str
    function: str
    letters: tuple[str | None, ...]


class Phenotype(msgspec.Struct, frozen=True):
    """What a pair of functions amounts to."""

    functions: tuple[str, ...]
    phenotype: str


class Gene(msgspec.Struct, frozen=True):
    """The table of one gene."""

    gene: str
    id: str
    chromosome: str
    version: str
    positions: tuple[Position, ...]
    alleles: tuple[NamedAllele, ...]
    phenotypes: tuple[Phenotype, ...]


class Letters(msgspec.Struct, frozen=True):
    """What a person has at one position, on both copies; one `phase` keeps the copies in order."""

    first: str
    second: str
    phase: str | None  # None: which copy is which is not known
    line: int


class Diplotype(msgspec.Struct, frozen=True):
    """The pair of alleles that fits best, and all that could not be ruled out."""

    gene: str
    gene_id: str
    names: tuple[str, ...]  # "*1/*2"; more than one when several fit equally well
    others: tuple[str, ...]  # fit too, if the copies are combined in another way
    phenotypes: tuple[str, ...]  # of `names`
    other_phenotypes: tuple[str, ...]  # of `others`, where they differ
    not_tested: tuple[str, ...]  # rs numbers, or positions
    not_told_apart: tuple[str, ...]  # alleles that hang on what was not tested
    lines: tuple[int, ...]  # where the letters stand
    positions: int  # how many define the gene's alleles
    unknown: bool = False  # letters were seen that no known pair of alleles has
    is_open: bool = False  # nothing unusual was seen, and places that may hold it were not tested


@cache
def tables() -> tuple[Gene, ...]:
    """Return the tables of all genes that we have."""
    decoder = msgspec.json.Decoder(Gene)
    return tuple(decoder.decode(path.read_bytes()) for path in sorted(FOLDER.glob("*.json")))


class StarAlleles:
    """Watches the records of a file for the positions that matter; then calls what they say."""

    def __init__(self, build: Build) -> None:
        self._genes = tables() if build is Build.GRCH38 else ()
        self._seen: dict[tuple[str, int], Letters | None] = {}  # None: two lines contradict
        self._wanted = {at.pos for gene in self._genes for at in gene.positions}
        self._places: dict[str, list[int]] = {}
        for gene in self._genes:
            self._places.setdefault(gene.chromosome, []).extend(at.pos for at in gene.positions)
        for places in self._places.values():
            places.sort()

    def watch(self, record: Record) -> None:
        """Take note of a record that stands at, or spans, a position that matters."""
        if record.pos in self._wanted:
            self._note(record, record.pos)
        if not record.alts or "END=" in record.info:
            self._note_block(record)

    def _note_block(self, record: Record) -> None:
        """Take note of a stretch of which the file says that it is as in the reference."""
        places = self._places.get(record.place.chromosome)
        if not places or any(allele.kind is not Kind.ANY_OTHER for allele in record.alts):
            return
        end = _end(record)
        for pos in places[bisect_left(places, record.pos) : bisect_right(places, end)]:
            self._note(record, pos)

    def _note(self, record: Record, pos: int) -> None:
        genotype = record.genotype
        if genotype is None or record.filter not in _GOOD or len(genotype.alleles) != _TWO:
            return
        if None in genotype.alleles:
            return
        for gene in self._genes:
            if gene.chromosome == record.place.chromosome:
                for at in gene.positions:
                    if at.pos == pos:
                        self._take((gene.gene, pos), _letters(record, at))

    def _take(self, place: tuple[str, int], letters: Letters) -> None:
        """Keep what a line says of a place, unless another line said something else of it."""
        known = self._seen.setdefault(place, letters)
        if known is not None and sorted((known.first, known.second)) != sorted(
            (letters.first, letters.second)
        ):
            self._seen[place] = None

    def calls(self) -> Iterator[Diplotype]:
        """Yield a call for each gene of which at least one position was tested."""
        for gene in self._genes:
            seen = [self._seen.get((gene.gene, at.pos)) for at in gene.positions]
            if any(seen):
                yield call(gene, seen)


def _end(record: Record) -> int:
    for item in record.info.split(";"):
        if _END.fullmatch(item):
            return int(item[4:])
    return record.pos + len(record.ref) - 1


def _letters(record: Record, at: Position) -> Letters:
    texts = [record.ref, *(allele.text for allele in record.alts)]
    if record.pos != at.pos or record.genotype is None:
        texts = [at.ref] * len(texts)
    else:
        texts = [_as_in_table(text.upper(), record.ref.upper(), at.ref) for text in texts]
    genotype = record.genotype
    first, second = (texts[n or 0] for n in genotype.alleles) if genotype else (at.ref, at.ref)
    phase = None
    if genotype is not None and genotype.phased:
        phase = record.values.get("PS", "")
    return Letters(first, second, None if phase is None else phase, record.line)


def _as_in_table(text: str, ref: str, table_ref: str) -> str:
    """Return an allele as it is written beside the reference letters of the table."""
    if len(table_ref) > len(ref) and table_ref.startswith(ref):
        return text + table_ref[len(ref) :]
    tail = ref[len(table_ref) :]
    if tail and ref.startswith(table_ref) and text.endswith(tail) and len(text) > len(tail):
        return text[: -len(tail)]
    return text


def call(gene: Gene, seen: list[Letters | None]) -> Diplotype:
    """Return what the letters seen say of a gene; `seen` is None where nothing was tested."""
    tested = [index for index, letters in enumerate(seen) if letters is not None]
    usable = [a for a in gene.alleles if any(a.letters[i] is not None for i in tested)]
    fits = {allele.name: _fits(gene, allele, seen, tested) for allele in usable}
    pairs = [
        (_score(one, tested) + _score(other, tested), one, other)
        for one, other in combinations_with_replacement(usable, 2)
        if _goes_together(fits[one.name], fits[other.name], seen, tested)
    ]
    best = max((score for score, _, _ in pairs), default=0)
    top = [(one, other) for score, one, other in pairs if score == best]
    rest = [(one, other) for score, one, other in pairs if score != best]
    phenotypes = _phenotypes(gene, top)
    untested = [index for index, letters in enumerate(seen) if letters is None]
    return Diplotype(
        gene=gene.gene,
        gene_id=gene.id,
        names=tuple(_name(pair) for pair in top),
        others=tuple(_name(pair) for pair in rest),
        phenotypes=phenotypes,
        other_phenotypes=tuple(p for p in _phenotypes(gene, rest) if p not in phenotypes),
        not_tested=tuple(_place_name(gene.positions[index]) for index in untested),
        not_told_apart=tuple(
            a.name for a in gene.alleles if any(_differs(gene, a, index) for index in untested)
        ),
        lines=tuple(sorted({letters.line for letters in seen if letters is not None})),
        positions=len(gene.positions),
        unknown=not pairs,
        is_open=_is_open(gene, top, untested),
    )


_NOT_KNOWN = frozenset({"", "Unknown function", "Uncertain function"})


def _is_open(gene: Gene, pairs: list[tuple[NamedAllele, NamedAllele]], untested: list[int]) -> bool:
    """Tell a gene that looks usual only because its unusual letters were not looked for."""
    usual = gene.alleles[0].function
    looks_usual = bool(pairs) and {one.function for pair in pairs for one in pair} == {usual}
    return looks_usual and any(
        allele.function not in _NOT_KNOWN | {usual} and _differs(gene, allele, index)
        for allele in gene.alleles
        for index in untested
    )


def _place_name(at: Position) -> str:
    return at.rs or str(at.pos)


def _name(pair: tuple[NamedAllele, NamedAllele]) -> str:
    return f"{pair[0].name}/{pair[1].name}"


def _differs(gene: Gene, allele: NamedAllele, index: int) -> bool:
    letter = allele.letters[index]
    return letter is not None and letter != gene.positions[index].ref


def _score(allele: NamedAllele, tested: list[int]) -> int:
    return sum(allele.letters[index] is not None for index in tested)


def _fits(
    gene: Gene, allele: NamedAllele, seen: list[Letters | None], tested: list[int]
) -> list[tuple[bool, bool]]:
    """Return for each tested position whether the allele fits the first and the second copy."""
    found = []
    for index in tested:
        letters = seen[index]
        wanted = allele.letters[index] or gene.positions[index].ref
        if letters is not None:
            found.append((_is(letters.first, wanted), _is(letters.second, wanted)))
    return found


def _is(letter: str, wanted: str) -> bool:
    return letter == wanted or (len(letter) == 1 and letter in _IUPAC.get(wanted, ""))


def _goes_together(
    one: list[tuple[bool, bool]],
    other: list[tuple[bool, bool]],
    seen: list[Letters | None],
    tested: list[int],
) -> bool:
    """Return whether two alleles together explain every letter, copies kept apart where known."""
    ways: dict[str, set[bool]] = {}
    for (a1, a2), (b1, b2), index in zip(one, other, tested, strict=True):
        possible = {swapped for swapped, fit in ((False, a1 and b2), (True, a2 and b1)) if fit}
        if not possible:
            return False
        letters = seen[index]
        if letters is not None and letters.phase is not None and letters.first != letters.second:
            ways[letters.phase] = ways.get(letters.phase, {False, True}) & possible
            if not ways[letters.phase]:
                return False
    return True


def _phenotypes(gene: Gene, pairs: list[tuple[NamedAllele, NamedAllele]]) -> tuple[str, ...]:
    known = {one.functions: one.phenotype for one in gene.phenotypes}
    found: dict[str, None] = {}
    for one, other in pairs:
        word = known.get(tuple(sorted((one.function, other.function))))
        found[word or ""] = None
    return tuple(word for word in found if word.strip())
