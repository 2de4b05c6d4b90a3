"""How much of what tests set out to read was looked at."""

from dataclasses import dataclass

from django.utils.translation import gettext

from portal.results.pictures.svg import LINE, Canvas, Picture, drawing, element
from portal.results.pictures.svg import text as words_at

_WIDTH, _BAR, _ROW = 640.0, 30.0, 26.0
_LEAST = 6.0  # so that what is little can still be seen


@dataclass(frozen=True)
class Coverage:
    """Counts of the same kind of thing, genes or stretches."""

    name: str
    read: int
    partly: int
    not_read: int

    @property
    def total(self) -> int:
        """How many there are."""
        return self.read + self.partly + self.not_read


@dataclass(frozen=True)
class _Piece:
    """A part of the bar: what it says, how long it is, and how it is filled and hatched."""

    words: str
    length: float
    fill: str
    hatch_step: int = 0


def region_bar(coverage: Coverage) -> Picture:
    """Draw what was looked at, what was in part (wide hatching), what was not (close hatching).

    Raises ValueError when there is nothing to draw.
    """
    if coverage.total <= 0:
        raise ValueError("There is nothing that the test looked at.")
    pieces = _pieces(coverage)
    said = tuple(piece.words for piece in pieces)
    canvas = Canvas(
        name=coverage.name,
        width=_WIDTH,
        height=_BAR + 10 + _ROW * len(pieces),
        title=gettext("How much the tests looked at"),
        description=" ".join(f"{one}." for one in said),
    )
    return Picture(drawing(canvas, _parts(pieces)), said)


def _pieces(coverage: Coverage) -> list[_Piece]:
    kinds = (
        (gettext("Looked at: %(count)d of %(total)d"), coverage.read, "#123f4b", 0),
        (gettext("Partly: %(count)d of %(total)d"), coverage.partly, "#d9c27a", 20),
        (gettext("Could not be read: %(count)d of %(total)d"), coverage.not_read, "#fff", 8),
    )
    total = coverage.total
    lengths = [max(_LEAST, _WIDTH * count / total) if count else 0 for _, count, _, _ in kinds]
    return [
        _Piece(words % {"count": count, "total": total}, _WIDTH * length / sum(lengths), fill, step)
        for (words, count, fill, step), length in zip(kinds, lengths, strict=True)
        if count
    ]


def _parts(pieces: list[_Piece]) -> list[str]:
    parts, left = [], 0.0
    for row, piece in enumerate(pieces):
        middle = _BAR + 14 + _ROW * row
        parts += _box(piece, left, piece.length, 0, _BAR)
        parts += _box(piece, 0, 20, middle, 16)
        parts.append(words_at(piece.words, x=30, y=middle + 14, font_size=17))
        left += piece.length
    return parts


def _box(piece: _Piece, x: float, width: float, y: float, height: float) -> list[str]:
    frame = element(
        "rect", x=x, y=y, width=width, height=height, fill=piece.fill, stroke=LINE, stroke_width=2
    )
    if not piece.hatch_step:
        return [frame]
    places = range(int(x) + piece.hatch_step // 2, int(x + width), piece.hatch_step)
    lines = "".join(f"M{place} {y:.0f}v{height:.0f}" for place in places)
    return [frame, *([element("path", d=lines, stroke=LINE, stroke_width=2)] if lines else [])]
