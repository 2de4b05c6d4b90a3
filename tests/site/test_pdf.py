"""PDFs are made without fetching, and their absence is said in words."""

from pathlib import Path

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from portal.pdf import FetchRefused, PdfUnavailable, PdfUnavailableMiddleware, _nothing, pdf

PAGE = '<html lang="en"><head><title>A page</title></head><body><p>Words.</p></body></html>'


def test_a_page_becomes_a_tagged_pdf(tmp_path: Path) -> None:
    style = tmp_path / "page.css"
    style.write_text("p { color: black }")

    made = pdf(PAGE, style=style)

    assert made.startswith(b"%PDF-")
    assert b"/StructTreeRoot" in made or b"/ObjStm" in made


def test_nothing_outside_of_a_page_is_fetched() -> None:
    with pytest.raises(FetchRefused):
        _nothing("http://127.0.0.1/picture.png")


def test_a_missing_library_is_said_in_words() -> None:
    middleware = PdfUnavailableMiddleware(lambda _request: HttpResponse())

    answer = middleware.process_exception(_request(), PdfUnavailable())

    assert answer is not None
    assert answer.status_code == 503
    assert "cannot make a PDF" in answer.content.decode()


def test_other_errors_are_left_alone() -> None:
    middleware = PdfUnavailableMiddleware(lambda _request: HttpResponse())

    assert middleware.process_exception(_request(), ValueError()) is None


def _request() -> HttpRequest:
    from django.contrib.auth.models import AnonymousUser  # noqa: PLC0415  # needs set-up

    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    request.session = {}  # type: ignore[assignment]
    return request
