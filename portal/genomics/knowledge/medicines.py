"""Which ingredients a medicine has, by RxNorm code or by a name that we know. Never a guess."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

import msgspec

from portal.genomics.findings import Concept
from portal.genomics.phrases.library import LANGUAGES, library

RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
_FILE = Path(__file__).parent / "rxnorm.tsv"
_WORD = re.compile(r"\w+")
_MOST_WORDS = 6  # of a name


class Named(msgspec.Struct, frozen=True):
    """The ingredients of a medicine, as its codes and as its words tell them."""

    by_code: frozenset[str] = frozenset()
    by_words: frozenset[str] = frozenset()

    @property
    def ingredients(self) -> frozenset[str]:
        """All that is told, in lower case; empty when we do not know the medicine."""
        return self.by_code | self.by_words

    @property
    def is_contradictory(self) -> bool:
        """Whether the codes name one medicine and the words another."""
        return bool(self.by_code and self.by_words) and not self.by_code & self.by_words


class _Table(msgspec.Struct, frozen=True):
    codes: Mapping[str, frozenset[str]]
    names: Mapping[str, frozenset[str]]


def named(concept: Concept) -> Named:
    """Return the ingredients that the codes and the words of a medicine tell."""
    table = _table()
    codes = (one.code.strip() for one in concept.codings if one.system.strip() == RXNORM)
    by_code = frozenset[str]().union(*(table.codes.get(code, frozenset()) for code in codes))
    said = (concept.text, *(one.display for one in concept.codings))
    return Named(by_code, frozenset[str]().union(*(_found_in(words) for words in said)))


def plain(name: str) -> str:
    """Return a name in lower case, without signs and doubled blanks."""
    return " ".join(_WORD.findall(name.lower()))


def runs(words: str) -> Iterator[str]:
    """Yield every run of a few whole words, so that a name within a longer one is found."""
    found = _WORD.findall(words.lower())
    for start in range(len(found)):
        for end in range(start + 1, min(start + _MOST_WORDS, len(found)) + 1):
            yield " ".join(found[start:end])


def _found_in(words: str) -> frozenset[str]:
    names = _table().names
    return frozenset[str]().union(*(names.get(run, frozenset()) for run in runs(words)))


@cache
def _table() -> _Table:
    codes: dict[str, set[str]] = defaultdict(set)
    names: dict[str, set[str]] = defaultdict(set)
    for line in _FILE.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        own, ingredient, brands, products = line.split("\t")
        for code in (own, *products.split()):
            codes[code].add(ingredient)
        for name in (ingredient, *filter(None, brands.split("; "))):
            names[plain(name)].add(ingredient)
    for name, ingredient in _names_in_phrases():
        names[name].add(ingredient)
    return _Table(_frozen(codes.items()), _frozen(names.items()))


def _names_in_phrases() -> Iterator[tuple[str, str]]:
    for phrase in library().phrases:
        if phrase.kind == "drug":
            about = phrase.about.lower()
            yield plain(about), about
            for language in LANGUAGES:
                yield plain(phrase.words(language).name), about


def _frozen(pairs: Iterable[tuple[str, set[str]]]) -> dict[str, frozenset[str]]:
    return {key: frozenset(values) for key, values in pairs if key}
