"""What happened when, one below the other, so that it reads the same on a phone and on paper."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext

from portal.results.pictures.shapes import mark
from portal.results.pictures.svg import LINE, SOFT, Canvas, Picture, drawing, element
from portal.results.pictures.svg import text as words_at

_ROW, _AXIS = 44.0, 150.0
_WIDTH = 560.0


@dataclass(frozen=True)
class Moment:
    """A date in words, what happened in a few words, and the group whose mark it gets."""

    date: str
    words: str
    group: str = "other"


def timeline(name: str, moments: Sequence[Moment], title: str = "") -> Picture:
    """Draw the moments from the top down in the order given.

    Raises ValueError when there is none.
    """
    if not moments:
        raise ValueError("A timeline needs at least one moment.")
    twin = tuple(f"{moment.date}: {moment.words}" for moment in moments)
    height = len(moments) * _ROW
    canvas = Canvas(
        name=name,
        width=_WIDTH,
        height=height,
        title=title or gettext("What happened when"),
        description="; ".join(twin),
    )
    line = element(
        "path", d=f"M{_AXIS} {_ROW / 2}V{height - _ROW / 2}", stroke=LINE, stroke_width=2
    )
    parts = [line]
    for index, moment in enumerate(moments):
        parts += _moment(moment, index * _ROW + _ROW / 2)
    return Picture(drawing(canvas, parts), twin)


def _moment(moment: Moment, y: float) -> list[str]:
    return [
        words_at(moment.date, x=_AXIS - 20, y=y + 5, text_anchor="end", fill=SOFT, font_size="14"),
        element("circle", cx=_AXIS, cy=y, r=12, fill="#fff"),
        mark(moment.group, _AXIS, y, 7),
        words_at(moment.words, x=_AXIS + 22, y=y + 5, font_size="15"),
    ]
