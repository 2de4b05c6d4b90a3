"""The copy for a doctor: a tagged PDF with every detail and nothing private beside it."""

from datetime import datetime
from pathlib import Path

from django.template.loader import render_to_string

from portal.pdf import pdf
from portal.results.cards import card_of
from portal.results.dates import whole_day
from portal.results.doctor import details
from portal.results.page import Page, language

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
    html = render_to_string(
        "results/doctor.html", {"page": page, "parts": parts, "day": whole_day(at.date())}
    )
    return pdf(html, style=_STYLE)
