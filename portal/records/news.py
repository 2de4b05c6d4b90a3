"""News about a record, with what happened to things alike on one day told once."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from portal.records.models import Change


@dataclass(frozen=True)
class Alike:
    """Changes of one kind, of records of one kind, from one source, on one day."""

    changes: tuple[Change, ...]

    @property
    def first(self) -> Change:
        """The newest of them, which speaks for all."""
        return self.changes[0]

    @property
    def is_new(self) -> bool:
        """Whether any of them has not been seen."""
        return any(one.seen_at is None for one in self.changes)


def alike(changes: Iterable[Change]) -> tuple[Alike, ...]:
    """Return the changes, those that say the same together, in the order of their first."""
    found: dict[tuple[date, int, str, str], list[Change]] = defaultdict(list)
    for one in changes:
        day = timezone.localdate(one.at)
        found[day, one.resource.origin_id, one.kind, one.resource.kind_in_words].append(one)
    return tuple(Alike(tuple(together)) for together in found.values())
