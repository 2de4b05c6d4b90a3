"""Who has an identifier: resources that others name by system and value alone.

Most of a record is not parsed until something leads to it. So the few values that are asked for
are looked for in its text first; where many are asked for, all of it is parsed once.
"""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from portal.genomics.faces import FacedResource

_MOST_SEARCHES = 8
# No writer of JSON escapes a letter of these (some do a plus), and so long a value does not stand
# everywhere.
_SEARCHABLE = re.compile(r"[A-Za-z0-9 ._:#|@()-]{4,}")


class Bearer(Protocol):
    """What can have identifiers."""

    @property
    def type(self) -> str:
        """Its resource type."""

    @property
    def body(self) -> Mapping[str, object]:
        """All of it."""


class Identifiers[One: Bearer]:
    """The identifiers of a set of resources."""

    def __init__(self, read: Iterable[One], plain: Sequence[FacedResource]) -> None:
        """Take the identifiers of what is parsed already; those of the plain ones when asked."""
        self._bearers: dict[tuple[str, str, str], list[One | FacedResource]] = defaultdict(list)
        self._plain = plain
        self._files = _by_file(plain)
        self._taken: set[str] = set()
        self._searched: set[str] = set()
        for one in read:
            self._take(one)

    def find(self, kind: str, system: str, value: str) -> Sequence[One | FacedResource]:
        """Return the resources of a type, or of any, that have an identifier."""
        if value not in self._searched:
            for source in self._holders(value):
                if source.key not in self._taken:
                    self._taken.add(source.key)
                    self._take(source)
        return self._bearers.get((kind, system, value), ())

    def _take(self, one: One | FacedResource) -> None:
        for pair in identifier_pairs(one.body.get("identifier")):
            self._bearers[one.type, *pair].append(one)
            self._bearers["", *pair].append(one)

    def _holders(self, value: str) -> Iterable[FacedResource]:
        """Return the plain resources that may have an identifier of this value."""
        if len(self._taken) == len(self._plain):
            return ()
        if len(self._searched) == _MOST_SEARCHES or not _SEARCHABLE.fullmatch(value):
            return self._plain
        self._searched.add(value)
        needle = value.encode()
        return [source for file in self._files for source in _holding(needle, file)]


def _by_file(plain: Iterable[FacedResource]) -> list[list[FacedResource]]:
    """Return the resources by the text that they stand in, in the order of their places."""
    found: dict[int, list[FacedResource]] = defaultdict(list)
    for source in sorted(plain, key=lambda one: one.start):
        found[id(source.text)].append(source)
    return list(found.values())


def _holding(needle: bytes, file: list[FacedResource]) -> Iterator[FacedResource]:
    """Yield those of the resources in one text that hold some letters."""
    text, starts = file[0].text, [source.start for source in file]
    place = text.find(needle)
    while place >= 0:
        source = file[max(bisect_right(starts, place) - 1, 0)]
        end = len(text) if source.end is None else source.end
        if source.start <= place < end:
            yield source
        else:
            end = text.find(b"\n", place)
        place = text.find(needle, end) if end >= 0 else -1


def identifier_pairs(raw: object) -> Iterator[tuple[str, str]]:
    """Yield system and value of identifiers; one without a system tells nobody apart."""
    for one in raw if isinstance(raw, list) else [raw]:
        if isinstance(one, dict):
            system, value = _text(one.get("system")), _text(one.get("value"))
            if system and value and value.lower() not in _NO_VALUES:
                yield system, value


# What systems write where they have no value: it would make many things one.
_NO_VALUES = frozenset(
    {"unknown", "unk", "none", "null", "nil", "n/a", "na", "not available", "not applicable",
     "undefined", "-", "--", "?"}
)  # fmt: skip


def _text(raw: object) -> str:
    return raw.strip() if isinstance(raw, str) else ""
