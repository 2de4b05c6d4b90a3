"""What goes and what stays, as a picture with the same facts in words."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from django.utils.translation import gettext as _

from consent.models import Program
from portal.results.pictures.flow import Band, flow
from portal.results.pictures.svg import Picture
from sharing.services.showing import Line

# On each side of what goes and what stays; the rest of a side is one band.
MOST_BANDS = 5


def flow_of(goes: Iterable[Line], stays: Iterable[Line], program: Program) -> Picture | None:
    """Draw what goes and what stays; None when there is nothing at all to draw."""
    kept: Counter[str] = Counter()
    for line in stays:
        kept[line.what] += line.count
    leaving = [Band(line.what, program.name, line.count) for line in goes]
    staying = [Band(what, _("You"), n, stays=True) for what, n in kept.most_common()]
    bands = [*_few(leaving), *_few(staying)]
    return flow("what-goes", bands) if bands else None


def _few(bands: list[Band]) -> list[Band]:
    """Return the widest bands, and one for all that would be too thin to tell apart."""
    if len(bands) <= MOST_BANDS:
        return bands
    rest = bands[MOST_BANDS - 1 :]
    other = replace(rest[0], what=_("Other kinds"), count=sum(band.count for band in rest))
    return [*bands[: MOST_BANDS - 1], other]
