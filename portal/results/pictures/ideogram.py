"""Where on the chromosomes the findings lie: 12 in a row on a wide page, 6 on a phone."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import inf

from django.utils.translation import gettext, ngettext

from portal.results.pictures.chromosomes import CHROMOSOMES, NAMES, Chromosome
from portal.results.pictures.shapes import mark
from portal.results.pictures.svg import LINE, SOFT, Canvas, Picture, drawing, element, link, number
from portal.results.pictures.svg import text as words_at

_SCALE = 0.55  # pixels for a million bases
_WIDTH = 16  # of a chromosome
_TOP = 22
_LABEL_STEP = 15
_MARK = 13  # from one mark to the next below it
_BESIDE = 12  # from one mark to the next beside it: three reach just to the next chromosome
_COLUMNS = 3
_LETTERS = 8  # of a name that fits under a chromosome on a phone; a longer one is smaller
_MOST_LETTERS = 9
_MARGIN = 26  # for the marks and names of the last chromosome in a row
_DARK, _MIDDLE, _VARYING = "#6f8288", "#b4c0c4", "#dfe6e8"


@dataclass(frozen=True)
class Spot:
    """A finding with a place. `position` is in bases; None marks the whole chromosome."""

    group: str
    label: str
    chromosome: str
    position: int | None
    address: str = ""


@dataclass(frozen=True)
class Layout:
    """How many chromosomes stand in a row, and the room each has."""

    per_row: int
    step: float


WIDE = Layout(per_row=12, step=80)
NARROW = Layout(per_row=6, step=60)


def ideogram(name: str, spots: Sequence[Spot], layout: Layout = WIDE) -> Picture:
    """Draw every chromosome once, with the spots beside them."""
    placed = [spot for spot in spots if spot.chromosome in NAMES]
    parts: list[str] = []
    y = 0.0
    for start in range(0, len(CHROMOSOMES), layout.per_row):
        row = CHROMOSOMES[start : start + layout.per_row]
        drawn, height = _row(row, placed, layout, y)
        parts += drawn
        y += height
    canvas = Canvas(
        name=name,
        width=layout.per_row * layout.step + _MARGIN,
        height=y,
        title=gettext("Where these are in your DNA"),
        description=_description(placed),
        has_links=any(spot.address for spot in placed),
    )
    return Picture(drawing(canvas, parts), tuple(_sentence(spot) for spot in placed))


def _description(spots: Sequence[Spot]) -> str:
    return ngettext(
        "The chromosomes 1 to 22, X and Y, with %(count)d mark.",
        "The chromosomes 1 to 22, X and Y, with %(count)d marks.",
        len(spots),
    ) % {"count": len(spots)}


def _sentence(spot: Spot) -> str:
    return gettext("%(label)s is on chromosome %(chromosome)s.") % {
        "label": spot.label,
        "chromosome": spot.chromosome,
    }


def _row(
    row: Sequence[Chromosome], spots: Sequence[Spot], layout: Layout, top: float
) -> tuple[list[str], float]:
    parts: list[str] = []
    longest = 0.0
    for column, chromosome in enumerate(row):
        here = [spot for spot in spots if spot.chromosome == chromosome.name]
        x = column * layout.step + layout.step / 2 - _WIDTH / 2
        parts += _chromosome(chromosome, x, top)
        parts += _marks(chromosome, here, x, top)
        labels = len({spot.label for spot in here})
        longest = max(longest, chromosome.length * _SCALE + labels * _LABEL_STEP)
    return parts, _TOP + longest + 18


@lru_cache(maxsize=256)
def _chromosome(chromosome: Chromosome, x: float, top: float) -> tuple[str, ...]:
    y = top + _TOP
    return (
        words_at(chromosome.name, x=x + _WIDTH / 2, y=top + 13, text_anchor="middle", fill=SOFT),
        _outline(chromosome, x, y, "#fff"),
        _band_path(chromosome.varying, x, y, _VARYING),
        _band_path(chromosome.middle, x, y, _MIDDLE),
        _band_path(chromosome.dark, x, y, _DARK),
        _outline(chromosome, x, y, "none"),
    )


def _band_path(bands: Sequence[tuple[float, float]], x: float, y: float, colour: str) -> str:
    if not bands:
        return ""
    path = "".join(
        f"M{number(x + 1)} {number(y + start * _SCALE)}h{_WIDTH - 2}"
        f"v{number((end - start) * _SCALE)}h-{_WIDTH - 2}z"
        for start, end in bands
    )
    return element("path", d=path, fill=colour)


def _outline(chromosome: Chromosome, x: float, y: float, fill: str) -> str:
    """Return two rounded arms that meet at the centromere."""
    waist = y + chromosome.centromere * _SCALE
    end = y + chromosome.length * _SCALE
    path = _arm(x, y, waist) + _arm(x, waist, end)
    return element("path", d=path, fill=fill, stroke=LINE, stroke_width=1.3)


def _arm(x: float, top: float, bottom: float) -> str:
    r = min(7.0, (bottom - top) / 2)
    w, h = number(_WIDTH - 2 * r), number(bottom - top - 2 * r)
    r_ = number(r)
    return (
        f"M{number(x)} {number(top + r)}a{r_} {r_} 0 0 1 {r_}-{r_}h{w}a{r_} {r_} 0 0 1 {r_} {r_}"
        f"v{h}a{r_} {r_} 0 0 1-{r_} {r_}h-{w}a{r_} {r_} 0 0 1-{r_}-{r_}z"
    )


def _marks(chromosome: Chromosome, spots: Sequence[Spot], x: float, top: float) -> list[str]:
    parts: list[str] = []
    lowest = [-inf] * _COLUMNS
    for spot in sorted(spots, key=lambda spot: _millions(spot, chromosome)):
        y = top + _TOP + _millions(spot, chromosome) * _SCALE
        # Marks at nearly the same place stand side by side; where all columns are taken, below.
        free = (column for column, last in enumerate(lowest) if y - last >= _MARK)
        column = next(free, lowest.index(min(lowest)))
        lowest[column] = max(y, lowest[column] + _MARK)
        tick = element("path", d=f"M{number(x + _WIDTH)} {number(y)}h7", stroke=LINE)
        parts += [tick, mark(spot.group, x + _WIDTH + 13 + column * _BESIDE, lowest[column])]
    return parts + _labels(chromosome, spots, x, top)


def _millions(spot: Spot, chromosome: Chromosome) -> float:
    if spot.position is None:
        return chromosome.length / 2
    return min(spot.position / 1e6, chromosome.length)


def _labels(chromosome: Chromosome, spots: Sequence[Spot], x: float, top: float) -> list[str]:
    """Return each name once, under the chromosome, leading to its result."""
    parts = []
    y = top + _TOP + chromosome.length * _SCALE + 4
    for index, spot in enumerate({spot.label: spot for spot in spots}.values(), 1):
        name = words_at(
            _short(spot.label),
            x=x + _WIDTH / 2,
            y=y + index * _LABEL_STEP - 2,
            text_anchor="middle",
            font_weight="700",
            font_size="12" if len(spot.label) <= _LETTERS else "10",
            text_decoration="underline" if spot.address else None,
        )
        parts.append(link(spot.address, _sentence(spot), name) if spot.address else name)
    return parts


def _short(label: str) -> str:
    return label if len(label) <= _MOST_LETTERS else f"{label[: _MOST_LETTERS - 1]}…"
