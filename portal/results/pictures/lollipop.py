# ruff: noqa: E501  # a table is read by its rows
"""Where in a protein a change lies: a bar as long as the protein, with a mark on a stalk."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext

from portal.results.pictures.shapes import mark
from portal.results.pictures.svg import LINE, SOFT, Canvas, Picture, drawing, element, number
from portal.results.pictures.svg import text as words_at

_WIDTH, _EDGE, _BAR_Y, _BAR = 640.0, 20.0, 84.0, 14.0
_STALK = 40.0
_POSITION = re.compile(r"p\.\(?(?:[A-Z][a-z]{2}|[A-Z])(\d+)")

# Lengths in amino acids of the canonical proteins; facts of UniProtKB.
_TABLE = """
ACAD9 621 ALK 1620 APC 2843 APOB 4563 ATM 3056 ATR 2644 BRAF 766 BRCA1 1863 BRCA2 3418 CFTR 1480
CHEK2 543 DPYD 1025 EGFR 1210 ERBB2 1255 FBN1 2871 GAA 952 GLA 429 HBB 147 HFE 348 IDH1 414 IDH2 452
JAK2 1132 KCNH2 1159 KCNQ1 676 KIT 976 KRAS 189 LDLR 860 LMNA 664 MET 1390 MLH1 756 MSH2 934 MSH6 1360
MYBPC3 1274 MYH7 1935 NOTCH1 2555 NRAS 189 NTHL1 312 PALB2 1186 PCSK9 692 PDGFRA 1089 PIK3CA 1068
PMS2 862 PTEN 403 RB1 928 RET 1114 ROS1 2347 RYR1 5038 RYR2 4967 SCN5A 2016 STAG2 1231 TP53 393
TPMT 245 TTN 34350 TTR 147 VHL 213 ZFHX3 3703
"""
LENGTHS = dict(
    zip(_TABLE.split()[::2], (int(length) for length in _TABLE.split()[1::2]), strict=True)
)


@dataclass(frozen=True)
class Change:
    """A change as HGVS writes it on the protein, and the group whose mark it gets."""

    gene: str
    hgvs: str
    group: str

    @property
    def position(self) -> int | None:
        """Where it starts, in amino acids; None where that cannot be read or lies outside."""
        found = _POSITION.search(self.hgvs)
        place = int(found[1]) if found else 0
        return place if 0 < place <= LENGTHS.get(self.gene, 0) else None


def lollipop(name: str, change: Change) -> Picture | None:
    """Draw a change on its protein; None where we do not know the protein or the place."""
    place = change.position
    if place is None:
        return None
    length = LENGTHS[change.gene]
    sentence = gettext("%(change)s lies at place %(place)d of %(length)d in the protein.") % {
        "change": change.hgvs,
        "place": place,
        "length": length,
    }
    canvas = Canvas(
        name=name,
        width=_WIDTH,
        height=_BAR_Y + 40,
        title=gettext("Where in the protein"),
        description=sentence,
    )
    x = _EDGE + (_WIDTH - 2 * _EDGE) * place / length
    return Picture(drawing(canvas, _parts(change, x, length)), (sentence,))


def _parts(change: Change, x: float, length: int) -> Sequence[str]:
    stalk = f"M{number(x)} {number(_BAR_Y - _STALK)}V{number(_BAR_Y + _BAR)}"
    anchor = "start" if x < _WIDTH / 4 else "end" if x > _WIDTH * 3 / 4 else "middle"
    below = _BAR_Y + _BAR + 18
    return [
        element(
            "rect",
            x=_EDGE,
            y=_BAR_Y,
            width=_WIDTH - 2 * _EDGE,
            height=_BAR,
            rx=7,
            fill="#e3eef0",
            stroke=LINE,
            stroke_width=1.5,
        ),
        element("path", d=stalk, stroke=LINE, stroke_width=2),
        mark(change.group, x, _BAR_Y - _STALK, 8),
        words_at(change.hgvs, x=x, y=_BAR_Y - _STALK - 18, text_anchor=anchor, font_weight="700"),
        words_at("1", x=_EDGE, y=below, fill=SOFT),
        words_at(str(length), x=_WIDTH - _EDGE, y=below, text_anchor="end", fill=SOFT),
    ]
