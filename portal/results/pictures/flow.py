"""What goes to whom, and what stays: bands whose width says how much."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext

from portal.results.pictures.svg import BRAND, Canvas, Picture, drawing, element, number
from portal.results.pictures.svg import text as words_at

_ACROSS, _NODE = 280.0, 12.0  # between the outer edges of the two rows of bars
_LETTER = 8.2  # about the width of one, at 15 pixels
_LEAST_MARGIN = 120.0
_GAP = 22.0
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
    before = max(_LEAST_MARGIN, 24 + _LETTER * max(len(band.what) for band in bands))
    after = max(_LEAST_MARGIN, 36 + _LETTER * max(len(band.where) for band in bands))
    right = before + _ACROSS - _NODE
    return _Frame(before, right, right + after)


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
        height=max(node.top + node.height for node in (*left.values(), *right.values())) + 6,
        title=gettext("What goes and what stays"),
        description=" ".join(twin),
    )
    return Picture(drawing(canvas, parts), twin)


def _sentence(band: Band) -> str:
    words = {"what": band.what, "where": band.where, "count": band.count}
    if band.stays:
        return gettext("%(what)s stays with you (%(count)d).") % words
    return gettext("%(what)s goes to %(where)s (%(count)d).") % words


def _thickness(bands: Sequence[Band]) -> list[float]:
    total = sum(band.count for band in bands) or 1
    return [max(_LEAST, _UNIT * 2 * band.count / total) for band in bands]


def _nodes(names: Sequence[str], thick: Sequence[float]) -> dict[str, _Node]:
    heights: dict[str, float] = {}
    for name, height in zip(names, thick, strict=True):
        heights[name] = heights.get(name, 0) + height
    nodes, top = {}, 6.0
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
        middle = node.top + node.height / 2 + 5
        parts += [bar, words_at(name, x=x + shift, y=middle, text_anchor=anchor, font_size="15")]
    return parts
