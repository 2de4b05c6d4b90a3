"""The copy for a doctor: a tagged PDF with every detail and nothing private beside it."""

from datetime import datetime
from pathlib import Path

from django.template.loader import render_to_string
from weasyprint import CSS, HTML

from portal.results.cards import card_of
from portal.results.dates import whole_day
from portal.results.doctor import details
from portal.results.page import Page, language

_STYLE = Path(__file__).parent / "doctor.css"


class FetchRefused(ValueError):
    """The copy asked for something outside of itself."""


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
    document = HTML(string=html, url_fetcher=_nothing)
    style = CSS(filename=str(_STYLE), url_fetcher=_nothing)
    return bytes(document.write_pdf(stylesheets=[style], pdf_variant="pdf/ua-1") or b"")


def _nothing(url: str) -> dict[str, object]:
    raise FetchRefused(url)
