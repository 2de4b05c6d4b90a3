"""What goes to whom, and what stays: bands whose width says how much."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from textwrap import wrap

from django.utils.translation import gettext, ngettext

from portal.results.pictures.svg import BRAND, Canvas, Picture, drawing, element, number
from portal.results.pictures.svg import text as words_at

_ACROSS, _NODE = 150.0, 12.0  # between the outer edges of the two rows of bars
_LETTER = 8.2  # about the width of one, at 15 pixels
_LINE = 17.0  # from one line of a name to the next
_LETTERS_IN_A_LINE = 15  # so narrow that a phone need not shrink the words
_LEAST_MARGIN = 80.0
_GAP = 24.0
_UNIT = 120.0  # height of the biggest side of all nodes together, before gaps
_LEAST = 16.0  # no band is thinner than words can stand beside


@dataclass(frozen=True)
class Band:
    """One kind of data, where it goes, how many pieces; `stays` when it does not leave."""

    what: str
    where: str
    count: int
    stays: bool = False


@dataclass(frozen=True)
class _Node:
    top: float
    height: float


@dataclass(frozen=True)
class _Frame:
    """Where the left and the right row of bars begin, and how wide all is."""

    left: float
    right: float
    width: float


def _frame(bands: Sequence[Band]) -> _Frame:
    """Leave room for the longest name on either side."""
    before = max(_LEAST_MARGIN, 16 + _LETTER * _longest(band.what for band in bands))
    after = max(_LEAST_MARGIN, 28 + _LETTER * _longest(band.where for band in bands))
    right = before + _ACROSS - _NODE
    return _Frame(before, right, right + after)


def _longest(names: Iterable[str]) -> int:
    return max(len(line) for name in names for line in _lines(name))


def _lines(name: str) -> list[str]:
    return wrap(name, _LETTERS_IN_A_LINE, break_long_words=False) or [name]


def flow(name: str, bands: Sequence[Band]) -> Picture:
    """Draw every band from its kind on the left to its place on the right.

    Raises ValueError when there is no band.
    """
    if not bands:
        raise ValueError("A flow needs at least one band.")
    thick = _thickness(bands)
    left = _nodes([band.what for band in bands], thick)
    right = _nodes([band.where for band in bands], thick)
    frame = _frame(bands)
    parts = _ribbons(bands, thick, left, right)
    parts = [element("g", "".join(parts), transform=f"translate({number(frame.left + _NODE)} 0)")]
    parts += _names(left, frame.left, "end") + _names(right, frame.right, "start")
    twin = tuple(_sentence(band) for band in bands)
    canvas = Canvas(
        name=name,
        width=frame.width,
        height=max(node.top + node.height for node in (*left.values(), *right.values())) + 14,
        title=gettext("What goes and what stays"),
        description=" ".join(twin),
    )
    return Picture(drawing(canvas, parts), twin)


def _sentence(band: Band) -> str:
    words = {"what": band.what, "where": band.where, "count": band.count}
    if band.stays:
        said = ngettext(
            "%(what)s: %(count)d stays with you.", "%(what)s: %(count)d stay with you.", band.count
        )
    else:
        said = ngettext(
            "%(what)s: %(count)d goes to %(where)s.",
            "%(what)s: %(count)d go to %(where)s.",
            band.count,
        )
    return said % words


def _thickness(bands: Sequence[Band]) -> list[float]:
    total = sum(band.count for band in bands) or 1
    return [max(_LEAST, _UNIT * 2 * band.count / total) for band in bands]


def _nodes(names: Sequence[str], thick: Sequence[float]) -> dict[str, _Node]:
    heights: dict[str, float] = {}
    for name, height in zip(names, thick, strict=True):
        heights[name] = heights.get(name, 0) + height
    nodes, top = {}, 14.0
    for name, height in heights.items():
        nodes[name] = _Node(top, height)
        top += height + _GAP
    return nodes


def _ribbons(
    bands: Sequence[Band], thick: Sequence[float], left: dict[str, _Node], right: dict[str, _Node]
) -> list[str]:
    used_left = {name: node.top for name, node in left.items()}
    used_right = {name: node.top for name, node in right.items()}
    parts = []
    for band, height in zip(bands, thick, strict=True):
        parts.append(_ribbon(used_left[band.what], used_right[band.where], height, band.stays))
        used_left[band.what] += height
        used_right[band.where] += height
    return parts


def _ribbon(start: float, end: float, height: float, stays: bool) -> str:  # noqa: FBT001  # one shape, two looks
    x, across = "0", number(_ACROSS - 2 * _NODE)
    middle, drop = number((_ACROSS - 2 * _NODE) / 2), number(end - start)
    path = (
        f"M{x} {number(start)}c{middle} 0 {middle} {drop} {across} {drop}v{number(height)}"
        f"c-{middle} 0-{middle} {number(start - end)}-{across} {number(start - end)}z"
    )
    if stays:
        return element(
            "path",
            d=path,
            fill="#edf1f1",
            stroke="#6d7d84",
            stroke_width=1.5,
            stroke_dasharray="5 4",
        )
    return element("path", d=path, fill="#7fb3bf", fill_opacity="0.65", stroke="#3f7f8d")


def _names(nodes: dict[str, _Node], x: float, anchor: str) -> list[str]:
    shift = -10 if anchor == "end" else _NODE + 10
    parts = []
    for name, node in nodes.items():
        bar = element("rect", x=x, y=node.top, width=_NODE, height=node.height, fill=BRAND, rx=2)
        lines = _lines(name)
        first = node.top + node.height / 2 + 5 - _LINE * (len(lines) - 1) / 2
        parts.append(bar)
        parts += [
            words_at(line, x=x + shift, y=first + n * _LINE, text_anchor=anchor, font_size="15")
            for n, line in enumerate(lines)
        ]
    return parts
