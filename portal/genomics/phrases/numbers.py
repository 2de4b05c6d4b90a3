"""Chances out of 100, with and without a change; only with a named source."""

import datetime as dt
import tomllib
from functools import cache
from pathlib import Path

import msgspec

_FILE = Path(__file__).parent / "numbers.toml"


class Pair(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The two sentences of a risk, in one language."""

    with_: str = msgspec.field(name="with")
    without: str = ""


class Risk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Of 100 people with a change in a gene, and of 100 overall; from one source."""

    gene: str
    without: int
    source: str
    en: Pair
    es: Pair
    with_: int = msgspec.field(name="with")

    def words(self, language: str) -> Pair:
        """Return the sentences in a language; English for one that we do not have."""
        return self.es if language.startswith("es") else self.en


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    author: str
    date: dt.date
    risk: tuple[Risk, ...]


@cache
def risks() -> tuple[Risk, ...]:
    """Return every risk that has a source."""
    return msgspec.convert(tomllib.loads(_FILE.read_text(encoding="utf-8")), type=_File).risk


def risks_of(gene: str) -> tuple[Risk, ...]:
    """Return the risks of a change in this gene; none where no source gives numbers."""
    return tuple(risk for risk in risks() if risk.gene == gene.upper())
