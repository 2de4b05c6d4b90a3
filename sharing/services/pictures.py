"""What goes and what stays, as a picture with the same facts in words."""

from collections import Counter

from django.utils.translation import gettext as _

from consent.models import Program
from portal.results.pictures.flow import Band, flow
from portal.results.pictures.svg import Picture
from sharing.services.showing import PreviewPage

MOST_BANDS = 8


def flow_of(page: PreviewPage, program: Program) -> Picture | None:
    """Draw a preview; None when there is nothing at all to draw."""
    stays: Counter[str] = Counter()
    for line in page.stays:
        stays[line.what] += line.count
    here = _("You")
    bands = [Band(line.what, program.name, line.count) for line in page.goes]
    bands += [Band(what, here, n, stays=True) for what, n in stays.most_common()]
    return flow("what-goes", bands[:MOST_BANDS]) if bands else None
