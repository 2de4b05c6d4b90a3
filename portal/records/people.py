"""Whom a file names, so that the person who hands it in can be asked. Pure."""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import orjson

NOBODY: Final = "nobody"  # the answer that none of those named is the person
_MARK: Final = b'"Patient"'


@dataclass(frozen=True)
class Named:
    """A patient whom a file names, in its own words."""

    id: str
    name: str
    birth_date: str  # as sent

    @property
    def is_told(self) -> bool:
        """Whether the file gives more than a number for the person."""
        return bool(self.name or self.birth_date)

    @property
    def label(self) -> str:
        """What tells this one from the others that the file names."""
        return f"{self.name}\t{self.birth_date}"


def patients_in(raws: Iterable[bytes]) -> list[Named]:
    """Return everybody who has a Patient resource among these, once.

    One inside another resource counts only when it tells who it is.
    """
    found = (one for raw in raws if _MARK in raw for one in _patients(raw))
    return list(dict.fromkeys(found))


def is_same(one: Named, other: Named) -> bool:
    """Tell that two are surely one person: born on the same day, and no name of either is apart.

    Anything less is asked about.
    """
    if not one.birth_date or one.birth_date != other.birth_date:
        return False
    mine, theirs = _words(one.name), _words(other.name)
    return bool(mine) and bool(theirs) and (mine <= theirs or theirs <= mine)


def _patients(raw: bytes) -> Iterator[Named]:
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return
    if not isinstance(body, dict):
        return
    if body.get("resourceType") == "Patient":
        yield _named(body)
    inside = body.get("contained")
    for one in inside if isinstance(inside, list) else ():
        if isinstance(one, dict) and one.get("resourceType") == "Patient":
            yield from filter(lambda told: told.is_told, [_named(one)])


def _named(body: dict[str, Any]) -> Named:
    names = body.get("name")
    listed = [one for one in names if isinstance(one, dict)] if isinstance(names, list) else []
    return Named(
        _text(body.get("id")),
        next(filter(None, map(_full_name, listed)), ""),
        _text(body.get("birthDate")),
    )


def _full_name(name: dict[str, Any]) -> str:
    given = name.get("given")
    parts = [*(given if isinstance(given, list) else ()), name.get("family")]
    return _text(name.get("text")) or " ".join(filter(None, map(_text, parts)))


def _text(raw: object) -> str:
    return " ".join(raw.split())[:100] if isinstance(raw, str) else ""


def _words(name: str) -> frozenset[str]:
    plain = unicodedata.normalize("NFKD", name.casefold())
    letters = "".join(
        one if one.isalpha() else " " for one in plain if not unicodedata.combining(one)
    )
    return frozenset(letters.split())
