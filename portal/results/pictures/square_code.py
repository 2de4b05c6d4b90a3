"""A square code that a phone reads: the address of a page, and nothing else."""

import segno
from django.utils.translation import gettext

from portal.results.pictures.svg import INK, Canvas, Picture, drawing, element

_QUIET = 4  # modules of white around it, as ISO/IEC 18004 asks for


def square_code(name: str, address: str) -> Picture:
    """Draw a QR code of a web address."""
    rows = [bytes(row) for row in segno.make_qr(address, error="m").matrix]
    side = len(rows) + 2 * _QUIET
    said = gettext("A square code with this address: %(address)s") % {"address": address}
    canvas = Canvas(name, side, side, gettext("A square code for a phone"), said)
    white = element("rect", width=side, height=side, fill="#fff")
    dark = "".join(_runs(row, y + _QUIET) for y, row in enumerate(rows))
    return Picture(drawing(canvas, [white, element("path", d=dark, fill=INK)]), (said,))


def _runs(row: bytes, y: int) -> str:
    """Return the dark stretches of a row as squares of a path."""
    ends = [x for x in range(len(row) + 1) if _at(row, x) != _at(row, x - 1)]
    pairs = zip(ends[::2], ends[1::2], strict=True)
    return "".join(f"M{a + _QUIET} {y}h{b - a}v1h-{b - a}z" for a, b in pairs)


def _at(row: bytes, x: int) -> int:
    return row[x] if 0 <= x < len(row) else 0
