"""The phrase library: reviewed texts by kind, gene or condition, and class, in two languages.

A text is found field by field: first what is written for exactly this gene and class, then for
the gene, then for the class. What nobody wrote stays empty, and the page says so.
"""

import datetime as dt
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import msgspec

ANY = "*"
LANGUAGES = ("en", "es")
_DATA = Path(__file__).parent / "data"


class Words(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One language of a phrase. Every field is whole sentences, or empty."""

    name: str = ""  # of the condition, medicine or marker, in plain words
    short: str = ""  # a few words for a tag
    found: str = ""  # what we found
    means: str = ""  # what it means
    not_means: str = ""  # what it does not mean
    gene: str = ""  # what the gene does
    next: tuple[str, ...] = ()  # what to do next
    family: str = ""  # what it means for the family
    ask: str = ""  # what to ask about it


class Phrase(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A reviewed text, who wrote it, when, and what it stands on."""

    kind: str
    en: Words
    es: Words
    about: str = ANY  # a gene, condition, medicine or marker
    class_: str = msgspec.field(default=ANY, name="class")
    conditions: tuple[str, ...] = ()  # of a gene: keys of the phrases of kind "condition"
    sensitive: bool = False
    source: str = ""
    author: str = ""
    date: dt.date | None = None

    def words(self, language: str) -> Words:
        """Return the text in a language; English for one that we do not have."""
        return self.es if language.startswith("es") else self.en


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    author: str
    date: dt.date
    source: str
    phrase: tuple[Phrase, ...]


class Question(msgspec.Struct, frozen=True):
    """What a text is wanted for."""

    kind: str
    class_: str = ""
    about: tuple[str, ...] = ()  # the genes or names, the most telling first


class Explanation(msgspec.Struct, frozen=True):
    """The words found for a question, and the phrases that they came from."""

    words: Words
    phrases: tuple[Phrase, ...] = ()

    @property
    def is_missing(self) -> bool:
        """Whether there is no text that says what the result means."""
        return not (self.words.means or self.words.found)

    @property
    def sources(self) -> tuple[str, ...]:
        """What the words stand on, each once."""
        return tuple(dict.fromkeys(phrase.source for phrase in self.phrases if phrase.source))


class Library:
    """Every phrase, by its key."""

    def __init__(self, phrases: tuple[Phrase, ...]) -> None:
        """Keep the phrases.

        Raises ValueError when two have one key.
        """
        self.phrases = phrases
        self._by_key = {(p.kind, p.about.upper(), p.class_): p for p in phrases}
        if len(self._by_key) != len(phrases):
            raise ValueError("Two phrases have the same kind, subject and class.")

    def find(self, kind: str, about: str = ANY, class_: str = ANY) -> Phrase | None:
        """Return the phrase written for exactly this, if there is one."""
        return self._by_key.get((kind, about.upper(), class_))

    def explain(self, question: Question, language: str) -> Explanation:
        """Return the words for a question, most specific first, field by field."""
        phrases = tuple(self._candidates(question))
        texts = [phrase.words(language) for phrase in phrases]
        filled = {
            field: next((value for text in texts if (value := getattr(text, field))), None)
            for field in Words.__struct_fields__
        }
        said = {field: value for field, value in filled.items() if value is not None}
        return Explanation(msgspec.structs.replace(Words(), **said), phrases)

    def _candidates(self, question: Question) -> Iterator[Phrase]:
        kind, class_ = question.kind, question.class_
        keys = [(kind, about, class_) for about in question.about if class_]
        keys += [("gene", about, ANY) for about in question.about]
        keys += [("condition", name, class_) for name in self._conditions(question)]
        keys += [("condition", name, ANY) for name in self._conditions(question)]
        keys += [(kind, about, ANY) for about in question.about]
        keys += [(kind, ANY, class_)] if class_ else []
        found = (self.find(*key) for key in dict.fromkeys(keys))
        yield from (phrase for phrase in found if phrase)

    def _conditions(self, question: Question) -> Iterator[str]:
        for about in question.about:
            gene = self.find("gene", about)
            # What the gene raises the chance of is said only where the lab says that it does.
            if gene and (question.kind, question.class_) in _NAMES_A_CONDITION:
                yield from gene.conditions[:1]


_NAMES_A_CONDITION = {("variant", "raises"), ("variant", "likely"), ("copy-number", "raises")}


def _phrases(path: Path) -> Iterator[Phrase]:
    file = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), type=_File)
    for phrase in file.phrase:
        yield msgspec.structs.replace(
            phrase,
            source=phrase.source or file.source,
            author=phrase.author or file.author,
            date=phrase.date or file.date,
        )


@cache
def library() -> Library:
    """Return every phrase of the data files.

    Raises msgspec.ValidationError when a file is not of our form.
    """
    return Library(tuple(p for path in sorted(_DATA.glob("*.toml")) for p in _phrases(path)))
