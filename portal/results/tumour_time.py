"""The tests of a tumor over time, as a picture; nothing is drawn from a single day."""

from collections.abc import Iterable

from django.utils.translation import gettext

from portal.results.cards import card_of
from portal.results.clusters import Cluster
from portal.results.dates import day_words
from portal.results.pictures.svg import Picture
from portal.results.pictures.timeline import Moment, timeline

_MOST_LETTERS = 46  # that fit beside the line
_FEWEST_DAYS = 2


def tumour_timeline(clusters: Iterable[Cluster], language: str) -> Picture | None:
    """Return what was seen in the tumor on which day; None for fewer than two days."""
    days: dict[str, dict[str, None]] = {}
    for cluster in clusters:
        if cluster.is_tumour:
            card = card_of(cluster, language)
            days.setdefault(card.date, {}).setdefault(card.title)
    if len(days) < _FEWEST_DAYS:
        return None
    ordered = sorted(days.items(), key=lambda day: (not day[0], day[0]))
    moments = [Moment(_day(date), _short(list(titles)), "tumour") for date, titles in ordered]
    drawn = timeline("tumor-time", moments, gettext("Tests of the tumor over time"))
    twin = tuple(f"{_day(date)}: {', '.join(titles)}" for date, titles in ordered)
    return Picture(drawn.svg, twin)


def _day(date: str) -> str:
    return day_words(date) if date else gettext("No date")


def _short(titles: list[str]) -> str:
    """Return as many names as fit, and how many more there are."""
    for count in range(len(titles), 1, -1):
        more = f" +{len(titles) - count}" if count < len(titles) else ""
        words = ", ".join(titles[:count]) + more
        if len(words) <= _MOST_LETTERS:
            return words
    first = titles[0][: _MOST_LETTERS - 6]
    return f"{first} +{len(titles) - 1}" if len(titles) > 1 else titles[0][:_MOST_LETTERS]
