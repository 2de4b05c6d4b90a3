"""Each picture as full as a page can have it: the time to draw it, and its bytes over the line."""

import gzip
import importlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

from portal.results.pictures.chromosomes import NAMES
from portal.results.pictures.family import Relative, family
from portal.results.pictures.flow import Band, flow
from portal.results.pictures.icon_array import Share, icon_array
from portal.results.pictures.ideogram import NARROW, Spot, ideogram
from portal.results.pictures.lollipop import Change, lollipop
from portal.results.pictures.region_bar import Coverage, region_bar
from portal.results.pictures.square_code import square_code
from portal.results.pictures.svg import Picture
from portal.results.pictures.timeline import Moment, timeline
from tools.bench.clock import together

TIMES: Final = 20
_BAR_MS: Final = 5
_BAR_BYTES: Final = 5_000
_SPOTS: Final = [Spot("soon", f"GENE{name}", name, 20_000_000, f"#{name}") for name in NAMES]
_BANDS: Final = [
    Band(f"Kind of data {number}", where, number + 1, stays=where == "Stays with you")
    for number in range(8)
    for where in ("All of Us", "Riverside", "Stays with you")
]
_RELATIVES: Final = [
    Relative(word, role, sex, ("Breast cancer", "Diabetes"))
    for word, role, sex in (
        ("Mother", "MTH", "female"), ("Father", "FTH", "male"), ("Sister", "SIS", "female"),
        ("Brother", "BRO", "male"), ("Son", "SON", "male"), ("Daughter", "DAU", "female"),
        ("Grandmother", "MGRMTH", "female"), ("Grandfather", "PGRFTH", "male"),
    )
]  # fmt: skip
_MOMENTS: Final = [Moment(f"March {day}, 2026", "A result of the tumor") for day in range(1, 13)]

DRAWINGS: Final[dict[str, Callable[[], Picture | None]]] = {
    "ideogram": lambda: ideogram("one", _SPOTS),
    "ideogram on a phone": lambda: ideogram("two", _SPOTS, NARROW),
    "icon array": lambda: icon_array(Share("three", 13, "get it")),
    "region bar": lambda: region_bar(Coverage("four", 90, 6, 4)),
    "shares flow": lambda: flow("five", _BANDS),
    "timeline": lambda: timeline("six", _MOMENTS),
    "family tree": lambda: family("seven", _RELATIVES),
    "lollipop": lambda: lollipop("eight", Change("EGFR", "p.Leu858Arg", "tumour")),
    "square code": lambda: square_code("nine", "https://portal.example/doctors/"),
}


def lines() -> Iterator[str]:
    """Yield what each picture takes, one sentence each."""
    importlib.import_module("tests.environment")
    importlib.import_module("portal.wsgi")  # the settings, for the words
    for name, draw in DRAWINGS.items():
        picture = draw()
        if picture is None:
            msg = f"There is no {name}."
            raise RuntimeError(msg)
        size = len(gzip.compress(picture.svg.encode()))
        (seconds,) = together(partial(_often, draw))
        ms = 1000 * seconds / TIMES
        met = "met" if ms <= _BAR_MS and size <= _BAR_BYTES else "missed"
        yield (
            f"{name}: {ms:.2f} ms (bar: {_BAR_MS}), {size:,} bytes gzipped "
            f"(bar: {_BAR_BYTES:,}): {met}"
        )


def _often(draw: Callable[[], object]) -> None:
    for _ in range(TIMES):
        draw()
