"""The copy for a doctor: a tagged PDF with every detail and nothing private beside it."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from portal.accounts.models import User
from portal.pdf import PdfUnavailable, pdf
from portal.results.cards import card_of
from portal.results.dates import whole_day
from portal.results.doctor import details
from portal.results.page import Page, language, page_of
from portal.results.pictures.square_code import square_code

_STYLE = Path(__file__).parent / "doctor.css"


def doctor_pdf(page: Page, *, at: datetime) -> bytes:
    """Return the open parts of a results page as PDF/UA-1."""
    parts = [
        (
            part,
            [(card_of(one, language()), details(one.findings)) for one in part.clusters],
        )
        for part in page.open_parts
    ]
    # The same for everybody: whoever scans it, and whatever logs it, learns nothing of the patient.
    about = settings.SITE_URL + reverse("site:doctors")
    context = {
        "page": page,
        "parts": parts,
        "day": whole_day(at.date()),
        "about": about,
        "code": square_code("code", about),
    }
    return pdf(render_to_string("results/doctor.html", context), style=_STYLE)


def to_take_away(patient: User, at: datetime) -> Iterator[tuple[str, bytes | None]]:
    """Yield the copy for a doctor, with None for its bytes where no PDF can be made."""
    try:
        made = doctor_pdf(page_of(patient), at=at)
    except PdfUnavailable:
        made = None
    yield "for-my-doctor.pdf", made
