"""The family as the record tells it: one row a generation, the person in the middle."""

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap

from django.utils.translation import gettext

from portal.results.pictures.svg import BRAND, LINE, Canvas, Picture, drawing, element, number
from portal.results.pictures.svg import text as words_at

_STEP_X, _STEP_Y, _SIZE = 132.0, 130.0, 22.0
_TOP = 34.0
_LINE = 15.0  # from one line of words under a shape to the next
_FILLED, _OPEN = "#7fb3bf", "#fff"
_MOST_LETTERS = 18  # of a line under a shape
_MOST_BOLD = 16  # and of one in bold
_MOST_LINES = 2  # of who it is, and of what they had; all of it stands in the words below

# HL7 v3 RoleCode of family members, by generation: 1 is one before the person, -1 one after.
GENERATIONS = {
    **dict.fromkeys(
        ("GRPRN", "GRMTH", "GRFTH", "MGRMTH", "MGRFTH", "PGRMTH", "PGRFTH", "MGRPRN", "PGRPRN"), 2
    ),
    **dict.fromkeys(
        ("PRN", "MTH", "NMTH", "FTH", "NFTH", "NPRN", "GESTM", "STPMTH", "STPFTH", "STPPRN"), 1
    ),
    **dict.fromkeys(("AUNT", "MAUNT", "PAUNT", "UNCLE", "MUNCLE", "PUNCLE"), 1),
    **dict.fromkeys(
        ("SIB", "NSIB", "BRO", "NBRO", "SIS", "NSIS", "HSIB", "HBRO", "HSIS", "STPBRO"), 0
    ),
    **dict.fromkeys(("TWIN", "TWINBRO", "TWINSIS", "FTWIN", "ITWIN", "STPSIS"), 0),
    **dict.fromkeys(("COUSN", "MCOUSN", "PCOUSN", "SPS", "HUSB", "WIFE", "DOMPART"), 0),
    **dict.fromkeys(("CHILD", "NCHILD", "SON", "NSON", "DAU", "NDAU", "CHLDADOPT"), -1),
    **dict.fromkeys(("NIECE", "NEPHEW", "NIENEPH", "STPSON", "STPDAU"), -1),
    **dict.fromkeys(("GRNDCHILD", "GRNDSON", "GRNDDAU"), -2),
}
# What a role itself says; the others leave it open.
_FEMALE = (
    *("MTH", "NMTH", "GESTM", "STPMTH", "GRMTH", "MGRMTH", "PGRMTH", "AUNT", "MAUNT", "PAUNT"),
    *("SIS", "NSIS", "HSIS", "STPSIS", "TWINSIS", "DAU", "NDAU", "STPDAU", "NIECE", "GRNDDAU"),
    "WIFE",
)
_MALE = (
    *("FTH", "NFTH", "STPFTH", "GRFTH", "MGRFTH", "PGRFTH", "UNCLE", "MUNCLE", "PUNCLE", "BRO"),
    *("NBRO", "HBRO", "STPBRO", "TWINBRO", "SON", "NSON", "STPSON", "NEPHEW", "GRNDSON", "HUSB"),
)
SEX_OF_ROLE = {**dict.fromkeys(_FEMALE, "female"), **dict.fromkeys(_MALE, "male")}
_BLOOD_LINE = {
    1: frozenset({"PRN", "MTH", "NMTH", "FTH", "NFTH", "NPRN", "GESTM"}),
    0: frozenset({"SIB", "NSIB", "BRO", "NBRO", "SIS", "NSIS", "TWIN", "TWINBRO", "TWINSIS"}),
    -1: frozenset({"CHILD", "NCHILD", "SON", "NSON", "DAU", "NDAU"}),
}


@dataclass(frozen=True)
class Relative:
    """One relative: in words, by role code where it is one we know, with what they had."""

    label: str
    role: str = ""
    sex: str = ""
    conditions: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Place:
    relative: Relative | None  # None is the person
    x: float
    y: float


def family(name: str, relatives: Sequence[Relative]) -> Picture:
    """Draw the relatives around the person; one whose place we do not know stands below.

    Raises ValueError when there is none.
    """
    if not relatives:
        raise ValueError("A family needs at least one relative.")
    rows = _rows(relatives)
    widest = max(len(row) for row in rows)
    places = [place for index, row in enumerate(rows) for place in _row(row, index, widest)]
    canvas = Canvas(
        name=name,
        width=max(3, widest) * _STEP_X,
        height=max(_below(place) for place in places) + 8,
        title=gettext("Your family, as your record tells it"),
        description=" ".join(_sentence(one) for one in relatives),
    )
    parts = [*_lines(places), *(part for place in places for part in _person(place))]
    return Picture(drawing(canvas, parts), tuple(_sentence(one) for one in relatives))


def _sentence(relative: Relative) -> str:
    if not relative.conditions:
        return gettext("%(who)s: no illness is named.") % {"who": relative.label}
    return f"{relative.label}: {'; '.join(relative.conditions)}."


def _rows(relatives: Sequence[Relative]) -> list[list[Relative | None]]:
    by_generation: dict[int, list[Relative | None]] = {0: [None]}
    unknown: list[Relative | None] = []
    for one in relatives:
        generation = GENERATIONS.get(one.role)
        (unknown if generation is None else by_generation.setdefault(generation, [])).append(one)
    rows = [by_generation[generation] for generation in sorted(by_generation, reverse=True)]
    return [*rows, unknown] if unknown else rows


def _row(row: list[Relative | None], index: int, widest: int) -> list[_Place]:
    width = max(3, widest) * _STEP_X
    start = (width - len(row) * _STEP_X) / 2 + _STEP_X / 2
    y = _TOP + index * _STEP_Y
    return [_Place(one, start + place * _STEP_X, y) for place, one in enumerate(row)]


def _lines(places: Sequence[_Place]) -> list[str]:
    """Return the lines from parents to the person and the siblings, and on to the children."""
    you = next(place for place in places if place.relative is None)
    line = {generation: _of(places, generation) for generation in (1, 0, -1)}
    siblings = [you, *line[0]]
    return _fork(line[1], siblings) + _fork([you], line[-1])


def _of(places: Sequence[_Place], generation: int) -> list[_Place]:
    roles = _BLOOD_LINE[generation]
    return [place for place in places if place.relative and place.relative.role in roles]


def _fork(above: Sequence[_Place], below: Sequence[_Place]) -> list[str]:
    if not above or not below:
        return []
    bar = above[0].y + _STEP_Y - 40
    xs = [place.x for place in below]
    middle = sum(place.x for place in above) / len(above)
    left, right = min(*xs, middle), max(*xs, middle)
    path = f"M{number(above[0].x)} {number(above[0].y)}H{number(above[-1].x)}"
    # One parent stands right above: the line begins below the words, not behind them.
    is_alone = len(above) == 1 and above[0].relative is not None
    top = _below(above[0]) if is_alone else above[0].y
    path += f"M{number(middle)} {number(top)}V{number(bar)}"
    path += f"M{number(left)} {number(bar)}H{number(right)}"
    path += "".join(f"M{number(place.x)} {number(bar)}V{number(place.y)}" for place in below)
    return [element("path", d=path, fill="none", stroke=LINE, stroke_width=2)]


def _person(place: _Place) -> list[str]:
    relative = place.relative
    if relative is None:
        mark = element("circle", cx=place.x, cy=place.y, r=_SIZE, fill=BRAND)
        you = gettext("You")
        label = words_at(
            you, x=place.x, y=place.y + 5, text_anchor="middle", fill="#fff", font_weight="700"
        )
        return [mark, label]
    return [_shape(relative, place), *_labels(relative, place)]


def _shape(relative: Relative, place: _Place) -> str:
    fill = _FILLED if relative.conditions else _OPEN
    return element("path", d=_outline(relative.sex, place), fill=fill, stroke=BRAND, stroke_width=2)


def _outline(sex: str, place: _Place) -> str:
    """Return a circle, a square, or a diamond where the sex is not told."""
    x, y, r = number(place.x), number(place.y), number(_SIZE)
    if sex == "female":
        across = number(2 * _SIZE)
        return f"M{number(place.x - _SIZE)} {y}a{r} {r} 0 1 0 {across} 0a{r} {r} 0 1 0-{across} 0z"
    if sex == "male":
        half, side = _SIZE * 0.9, number(_SIZE * 1.8)
        return f"M{number(place.x - half)} {number(place.y - half)}h{side}v{side}h-{side}z"
    reach = number(_SIZE * 1.15)
    return f"M{x} {number(place.y - _SIZE * 1.15)}l{reach} {reach}-{reach} {reach}-{reach}-{reach}z"


def _labels(relative: Relative, place: _Place) -> list[str]:
    who = _lines_of((relative.label,), _MOST_BOLD)
    return [
        words_at(
            line,
            x=place.x,
            y=place.y + _SIZE + 17 + index * _LINE,
            text_anchor="middle",
            font_weight="700" if index < len(who) else None,
            font_size="12",
        )
        for index, line in enumerate([*who, *_lines_of(relative.conditions, _MOST_LETTERS)])
    ]


def _below(place: _Place) -> float:
    """Return the height below the words under a shape."""
    relative = place.relative
    words = len(_labels(relative, place)) if relative else 0
    return place.y + _SIZE + 7 + words * _LINE


def _lines_of(said: Sequence[str], most: int) -> list[str]:
    """Return the first of what is said in a line or two, with dots where something is left out."""
    if not said:
        return []
    lines = wrap(said[0], most) or [said[0]]
    kept = lines[:_MOST_LINES]
    if len(lines) > _MOST_LINES or len(said) > 1:
        kept[-1] = f"{kept[-1][: most - 2].rstrip()} …"
    return kept
