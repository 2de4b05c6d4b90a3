"""What is wrong with a phrase: too hard, too long, a word that we never say, a language missing."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from portal.genomics.phrases.library import LANGUAGES, Library, Phrase, Question, Words
from portal.genomics.reading_grade import grade

MOST_GRADE = 6.0
MOST_GRADE_OF_A_PIECE = 9.0  # one short sentence with one long word says little about a page
WORDS_OF_A_PIECE = 30
_CARDS = {"variant", "medicine"}  # kinds whose cards join a gene and a class
MOST_WORDS_IN_A_SENTENCE = 20
MOST_CHARACTERS = 420
_SENTENCE = re.compile(r"[^.!?]+[.!?]")

# UX words table: what pages never say. Word starts count, so that endings do not slip through.
FORBIDDEN = {
    "en": (
        r"mutat\w*", r"abnormal\w*", r"defect\w*", r"positive", r"negative", r"disease-causing",
        r"you will get", r"suspicious", r"probably fine", r"vus", r"suffer\w*", r"affected",
        r"poor metaboli[sz]er", r"all clear", r"normal\w*", r"no risk", r"switch to", r"anonymous",
        r"withdraw\w*", r"revoke\w*", r"opt out", r"(?:lower|higher|half|double|smaller) dose",
        r"(?:raise|lower|cut|double|halve) (?:the|your) dose", r"skull", r"deadly",
    ),
    "es": (
        r"mutaci\w*", r"anormal\w*", r"defect\w*", r"positiv[oa]s?", r"negativ[oa]s?",
        r"usted tendrá", r"sospechos\w*", r"vus", r"afectad\w*", r"sufr\w*", r"normal\w*",
        r"metabolizador\w*", r"todo bien", r"sin riesgo", r"cambie a", r"anónim\w*", r"revo\w*",
        r"(?:menor|mayor|media|doble) dosis", r"mortal\w*",
    ),
}  # fmt: skip
_SIGNS = re.compile(r"[!¡%]")


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, and where."""

    phrase: str
    language: str
    what: str


def problems(library: Library) -> Iterator[Problem]:
    """Yield everything that is wrong with the library; nothing when it may be used."""
    for phrase in library.phrases:
        yield from _origin(phrase)
        yield from _languages(phrase)
        for language in LANGUAGES:
            text = _text(phrase.words(language))
            for what in _text_problems(text, language):
                yield Problem(_key(phrase), language, what)
    yield from _card_problems(library)


def _card_problems(library: Library) -> Iterator[Problem]:
    """Grade what a reader sees: the pieces put together on a card, for every gene and class."""
    classes = sorted({(p.kind, p.class_) for p in library.phrases if p.kind in _CARDS})
    for gene in (phrase for phrase in library.phrases if phrase.kind == "gene"):
        for kind, class_ in classes:
            if bool(gene.conditions) != (kind == "medicine"):
                yield from _card(library, Question(kind, class_, (gene.about,)))


def _card(library: Library, question: Question) -> Iterator[Problem]:
    for language in LANGUAGES:
        reached = grade(_text(library.explain(question, language).words), language)
        if reached > MOST_GRADE:
            name = f"{question.kind}/{question.about[0]}/{question.class_}"
            yield Problem(name, language, f"card grade {reached:.1f}")


def _key(phrase: Phrase) -> str:
    return f"{phrase.kind}/{phrase.about}/{phrase.class_}"


def _origin(phrase: Phrase) -> Iterator[Problem]:
    if not (phrase.source and phrase.author and phrase.date):
        yield Problem(_key(phrase), "", "has no source, author or date")


def _languages(phrase: Phrase) -> Iterator[Problem]:
    for field in Words.__struct_fields__:
        english, spanish = getattr(phrase.en, field), getattr(phrase.es, field)
        if bool(english) != bool(spanish) or (
            len(english or ()) and _counts_differ(english, spanish)
        ):
            yield Problem(_key(phrase), "es" if english else "en", f"{field} is missing")


def _counts_differ(one: str | tuple[str, ...], other: str | tuple[str, ...]) -> bool:
    return isinstance(one, tuple) and len(one) != len(other)


def _text(words: Words) -> str:
    """Return the sentences of a text; names and tags are not sentences."""
    parts = [words.found, words.means, words.not_means, words.gene, words.family, words.ask]
    return "\n".join(part for part in (*parts, *words.next) if part)


def _text_problems(text: str, language: str) -> Iterator[str]:
    is_piece = len(text.split()) < WORDS_OF_A_PIECE
    if grade(text, language) > (MOST_GRADE_OF_A_PIECE if is_piece else MOST_GRADE):
        yield f"reading grade {grade(text, language):.1f}"
    for pattern in FORBIDDEN[language]:
        found = re.search(rf"(?<!\w){pattern}(?!\w)", text, re.IGNORECASE)
        if found:
            yield f"says {found.group()!r}"
    if _SIGNS.search(text):
        yield "has a sign that we never use"
    for part in text.split("\n"):
        if part[:1].islower():
            yield f"begins with a small letter: {part[:30]}"
        yield from _length_problems(part)


def _length_problems(part: str) -> Iterator[str]:
    if len(part) > MOST_CHARACTERS:
        yield f"{len(part)} characters in one piece"
    for sentence in _SENTENCE.findall(part):
        if len(sentence.split()) > MOST_WORDS_IN_A_SENTENCE:
            yield f"a long sentence: {sentence.strip()[:60]}"
