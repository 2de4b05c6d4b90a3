"""What happened when, one below the other, so that it reads the same on a phone and on paper."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from textwrap import wrap

from django.utils.translation import gettext

from portal.results.pictures.shapes import mark
from portal.results.pictures.svg import LINE, SOFT, Canvas, Picture, drawing, element, number
from portal.results.pictures.svg import text as words_at

# As narrow as a phone, so that the words are not made smaller there.
_WIDTH, _AXIS, _WORDS = 350.0, 16.0, 38.0
_LETTERS_IN_A_LINE = 38  # at 15 pixels, to the right of the axis
_LINE, _DATE, _GAP = 19.0, 20.0, 16.0
_MARK = 13.0  # from the top of a moment to the middle of its mark


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
        "path",
        d=f"M{number(_AXIS)} {number(_MARK)}V{number(tops[-2] + _MARK)}",
        stroke=LINE,
        stroke_width=2,
    )
    parts = [line]
    for moment, top in zip(moments, tops, strict=False):
        parts += _moment(moment, top + _MARK)
    return Picture(drawing(canvas, parts), twin)


def _lines(moment: Moment) -> list[str]:
    return wrap(moment.words, _LETTERS_IN_A_LINE) or [""]


def _height(moment: Moment) -> float:
    return _DATE + _LINE * len(_lines(moment)) + _GAP


def _moment(moment: Moment, y: float) -> list[str]:
    return [
        words_at(moment.date, x=_WORDS, y=y + 5, fill=SOFT, font_size="14"),
        element("circle", cx=_AXIS, cy=y, r=12, fill="#fff"),
        mark(moment.group, _AXIS, y, 7),
        *(
            words_at(line, x=_WORDS, y=y + 5 + _DATE + index * _LINE, font_size="15")
            for index, line in enumerate(_lines(moment))
        ),
    ]
