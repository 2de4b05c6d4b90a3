"""A hundred people, and how many of them something happens to."""

from dataclasses import dataclass
from functools import lru_cache

from django.utils.translation import gettext

from portal.results.pictures.svg import Canvas, Picture, drawing, element, number

_COLUMNS = 20
_STEP_X, _STEP_Y = 19.0, 30.0
_NOT = "#6d7d84"


@dataclass(frozen=True)
class Share:
    """How many of 100 people, and what happens to them, as a sentence without the number."""

    name: str
    count: int
    sentence: str
    colour: str = "#8a3b12"


def icon_array(share: Share) -> Picture:
    """Draw 100 people; the first `count` are filled, the others are outlines.

    Raises ValueError when the count is not between 0 and 100.
    """
    if share.count not in range(101):
        raise ValueError("An icon array is about 0 to 100 people of 100.")
    happens, not_ = _sentences(share)
    canvas = Canvas(
        name=share.name,
        width=_COLUMNS * _STEP_X,
        height=100 / _COLUMNS * _STEP_Y,
        title=happens,
        description=not_,
    )
    filled, open_ = _people(0, share.count), _people(share.count, 100)
    parts = [
        element("path", d=filled, fill=share.colour) if filled else "",
        element("path", d=open_, fill="#fff", stroke=_NOT, stroke_width=1.2) if open_ else "",
    ]
    return Picture(drawing(canvas, parts), (happens, not_))


def _sentences(share: Share) -> tuple[str, str]:
    happens = gettext("%(count)d out of 100: %(sentence)s") % {
        "count": share.count,
        "sentence": share.sentence,
    }
    not_ = gettext("%(count)d out of 100: this does not happen to them") % {
        "count": 100 - share.count
    }
    return happens, not_


@lru_cache(maxsize=202)
def _people(first: int, after: int) -> str:
    return "".join(_person(index) for index in range(first, after))


def _person(index: int) -> str:
    x = index % _COLUMNS * _STEP_X + _STEP_X / 2
    y = index // _COLUMNS * _STEP_Y + 3
    head = f"M{number(x - 4)} {number(y + 4)}a4 4 0 1 0 8 0a4 4 0 1 0-8 0z"
    body = f"M{number(x - 6)} {number(y + 23)}v-7a6 6 0 0 1 12 0v7z"
    return head + body
