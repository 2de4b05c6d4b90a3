"""How much of what a test set out to read it could read."""

from dataclasses import dataclass

from django.utils.translation import gettext

from portal.results.pictures.svg import LINE, Canvas, Picture, drawing, element
from portal.results.pictures.svg import text as words_at

_WIDTH, _BAR = 640.0, 30.0


@dataclass(frozen=True)
class Coverage:
    """Counts of the same kind of thing, genes or stretches: read well, and not read."""

    name: str
    read: int
    not_read: int


def region_bar(coverage: Coverage) -> Picture:
    """Draw the part that was read and the part that was not, which is hatched.

    Raises ValueError when there is nothing to draw.
    """
    total = coverage.read + coverage.not_read
    if total <= 0:
        raise ValueError("There is nothing that the test looked at.")
    read = gettext("Read well: %(count)d of %(total)d") % {"count": coverage.read, "total": total}
    unread = gettext("Could not be read: %(count)d of %(total)d") % {
        "count": coverage.not_read,
        "total": total,
    }
    canvas = Canvas(
        name=coverage.name,
        width=_WIDTH,
        height=_BAR + 30,
        title=gettext("How much the test could read"),
        description=f"{read}. {unread}.",
    )
    edge = _WIDTH * coverage.read / total
    return Picture(drawing(canvas, _parts(edge, read, unread)), (read, unread))


def _parts(edge: float, read: str, unread: str) -> list[str]:
    hatches = "".join(f"M{x:.0f} {_BAR:.0f}l20-{_BAR:.0f}" for x in range(int(edge), 640, 10))
    frame = element(
        "rect",
        x=1,
        y=1,
        width=_WIDTH - 2,
        height=_BAR - 2,
        fill="none",
        stroke=LINE,
        stroke_width=2,
    )
    parts = [
        element("path", d=hatches, stroke="#8fa0a6", stroke_width=2, fill="none"),
        element("rect", x=0, y=0, width=edge, height=_BAR, fill="#123f4b"),
        frame,
        words_at(read, x=0, y=_BAR + 22, font_weight="700"),
    ]
    if edge < _WIDTH:
        parts.append(words_at(unread, x=_WIDTH, y=_BAR + 22, text_anchor="end"))
    return parts
