"""A version as the admin reads it: both languages side by side, with grades and problems."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest

from consent import linter, overview, publishing
from consent.differences import Part
from consent.linter import Body
from consent.models import Version
from consent.words import PROBLEM_SENTENCES
from portal.genomics.reading_grade import grade

FIELDS = {
    "screens": ("heading", "text", "more"),
    "quiz": ("question", "explain"),
    "sections": ("heading", "text"),
}


@dataclass(frozen=True, slots=True)
class Side:
    """One part in one language."""

    language: str
    heading: str
    text: str
    grade: float

    @property
    def hard(self) -> bool:
        """Whether it is harder to read than the whole may be."""
        return self.grade > linter.MAX_GRADE


@dataclass(frozen=True, slots=True)
class Pair:
    """The same part in English and Spanish, and where it is edited."""

    place: str
    sides: tuple[Side, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem in words."""

    language: str
    sentence: str
    place: str
    detail: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """A whole version for the admin."""

    version: Version
    pairs: tuple[Pair, ...]
    grades: tuple[tuple[str, float], ...]
    problems: tuple[Problem, ...]
    before: Version | None


def sheet(version: Version) -> Sheet:
    """Return a version side by side, with the reading grades and what keeps it from publishing."""
    bodies = publishing.bodies_of(version)
    return Sheet(
        version=version,
        pairs=tuple(_pairs(bodies)),
        grades=tuple((name, linter.grade_of(bodies[name], name)) for name in sorted(bodies)),
        problems=tuple(
            Problem(one.language, str(PROBLEM_SENTENCES[one.code]), one.place, one.detail)
            for one in linter.lint(bodies)
        ),
        before=before(version),
    )


def before(version: Version) -> Version | None:
    """Return the version that came before this one."""
    earlier = version.document.versions.filter(number__lt=version.number)
    return earlier.order_by("-number").first()


def changes(version: Version) -> list[tuple[str, tuple[Part, ...]]]:
    """Return, by language, what changed since the version before; nothing for the first."""
    earlier = before(version)
    if earlier is None:
        return []
    return [
        (language, overview.compare(earlier, version, language)) for language in linter.LANGUAGES
    ]


def _pairs(bodies: dict[str, Body]) -> Iterator[Pair]:
    for group in FIELDS:
        columns = [list(_sides(bodies[name], name, group)) for name in sorted(bodies)]
        for number, sides in enumerate(zip_longest(*columns)):
            yield Pair(f"{group}.{number}", tuple(side for side in sides if side))


def _sides(body: Body, language: str, group: str) -> Iterator[Side]:
    if group == "quiz":
        for one in body["quiz"]:
            answers = "\n".join(answer["text"] for answer in one["answers"])
            yield _side(language, one["question"], f"{one['explain']}\n{answers}")
    elif group == "screens":
        for screen in body["screens"]:
            yield _side(language, screen["heading"], f"{screen['text']}\n{screen['more']}")
    else:
        for section in body["sections"]:
            yield _side(language, section["heading"], section["text"])


def _side(language: str, heading: str, text: str) -> Side:
    return Side(language, heading, text, round(grade(f"{heading}\n{text}", language), 1))


def words_of(body: Body, place: str) -> dict[str, str]:
    """Return the words of one part that can be edited, by field.

    Raises NotAText when there is no such part.
    """
    group, _dot, number = place.partition(".")
    parts: dict[str, list[Mapping[str, object]]] = {
        "screens": [{**part} for part in body["screens"]],
        "quiz": [{**part} for part in body["quiz"]],
        "sections": [{**part} for part in body["sections"]],
    }
    if group not in parts or not number.isdecimal() or int(number) >= len(parts[group]):
        raise publishing.NotAText(place)
    part = parts[group][int(number)]
    words = {name: str(part[name]) for name in FIELDS[group]}
    answers = part.get("answers")
    for place_of, answer in enumerate(answers if isinstance(answers, list) else []):
        words[f"answer-{place_of}"] = str(answer["text"])
    return words
