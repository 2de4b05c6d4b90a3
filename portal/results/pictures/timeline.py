"""What happened when, one below the other, so that it reads the same on a phone and on paper."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from textwrap import wrap

from django.utils.translation import gettext

from portal.results.pictures.shapes import mark
from portal.results.pictures.svg import LINE, SOFT, Canvas, Picture, drawing, element, number
from portal.results.pictures.svg import text as words_at

_ROW, _AXIS = 44.0, 150.0
_WIDTH = 560.0
_LETTERS_IN_A_LINE = 46  # at 15 pixels, to the right of the axis
_LINE = 19.0


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
    tops = [0.0, *accumulate(_height(moment) for moment in moments)]
    height = tops[-1]
    canvas = Canvas(
        name=name,
        width=_WIDTH,
        height=height,
        title=title or gettext("What happened when"),
        description="; ".join(twin),
    )
    line = element(
        "path", d=f"M{_AXIS} {_ROW / 2}V{number(tops[-2] + _ROW / 2)}", stroke=LINE, stroke_width=2
    )
    parts = [line]
    for moment, top in zip(moments, tops, strict=False):
        parts += _moment(moment, top + _ROW / 2)
    return Picture(drawing(canvas, parts), twin)


def _lines(moment: Moment) -> list[str]:
    return wrap(moment.words, _LETTERS_IN_A_LINE) or [""]


def _height(moment: Moment) -> float:
    return _ROW + _LINE * (len(_lines(moment)) - 1)


def _moment(moment: Moment, y: float) -> list[str]:
    return [
        words_at(moment.date, x=_AXIS - 20, y=y + 5, text_anchor="end", fill=SOFT, font_size="14"),
        element("circle", cx=_AXIS, cy=y, r=12, fill="#fff"),
        mark(moment.group, _AXIS, y, 7),
        *(
            words_at(line, x=_AXIS + 22, y=y + 5 + index * _LINE, font_size="15")
            for index, line in enumerate(_lines(moment))
        ),
    ]
