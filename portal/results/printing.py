"""The copy for a doctor: a tagged PDF with every detail and nothing private beside it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from portal.accounts.models import User
from portal.pdf import PdfUnavailable, pdf
from portal.results.cards import Card, card_of
from portal.results.dates import whole_day
from portal.results.doctor import Detail, details
from portal.results.page import Page, Part, language, page_of
from portal.results.pictures.square_code import square_code

_STYLE = Path(__file__).parent / "doctor.css"
# Each takes a twentieth of a second to draw, and nobody reads hundreds of pages.
DETAILED = 40


@dataclass(frozen=True, slots=True)
class _Section:
    """One part of the copy: every result in a line of the table, and the first ones in full."""

    part: Part
    cards: list[Card]
    detailed: list[tuple[Card, tuple[Detail, ...]]]


def doctor_pdf(page: Page, *, at: datetime) -> bytes:
    """Return the open parts of a results page as PDF/UA-1.

    Raises PdfUnavailable.
    """
    return pdf(doctor_html(page, at=at), style=_STYLE)


def doctor_html(page: Page, *, at: datetime) -> str:
    """Return what the copy says, before it is drawn."""
    sections = list(_sections(page))
    shown = sum(len(one.detailed) for one in sections)
    # The same for everybody: whoever scans it, and whatever logs it, learns nothing of the patient.
    about = settings.SITE_URL + reverse("site:doctors")
    context = {
        "page": page,
        "sections": sections,
        "without_details": sum(len(one.cards) for one in sections) - shown,
        "day": whole_day(at.date()),
        "about": about,
        "code": square_code("code", about),
    }
    return render_to_string("results/doctor.html", context)


def _sections(page: Page) -> Iterator[_Section]:
    room = DETAILED
    for part in page.open_parts:
        cards = [card_of(one, language()) for one in part.clusters]
        first = part.clusters[:room]
        told = [details(one.findings) for one in first]
        yield _Section(part, cards, list(zip(cards, told, strict=False)))
        room -= len(first)


def to_take_away(patient: User, at: datetime) -> Iterator[tuple[str, bytes | None]]:
    """Yield the copy for a doctor, with None for its bytes where no PDF can be made."""
    try:
        made = doctor_pdf(page_of(patient), at=at)
    except PdfUnavailable:
        made = None
    yield "for-my-doctor.pdf", made
