"""Pages as PDF/UA-1. Nothing is fetched from anywhere while one is made."""

from importlib import import_module
from pathlib import Path
from types import ModuleType

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

NO_SERVICE = 503


class PdfUnavailable(Exception):
    """The system's text drawing library (Pango) is not on this machine."""


class FetchRefused(ValueError):
    """The page asked for something outside of itself."""


def pdf(html: str, *, style: Path) -> bytes:
    """Return a whole HTML page as PDF/UA-1, drawn with one stylesheet.

    Raises PdfUnavailable.
    Spec: https://pdfa.org/resource/iso-14289-pdfua/
    """
    printer = _printer()
    document = printer.HTML(string=html, url_fetcher=_nothing)
    sheet = printer.CSS(filename=str(style), url_fetcher=_nothing)
    return bytes(document.write_pdf(stylesheets=[sheet], pdf_variant="pdf/ua-1") or b"")


def _printer() -> ModuleType:
    # Late, since it loads libraries of the system: without them all else still works.
    try:
        return import_module("weasyprint")
    except OSError as error:
        raise PdfUnavailable from error


def _nothing(url: str) -> dict[str, object]:
    raise FetchRefused(url)


class PdfUnavailableMiddleware:
    """Say in words that a PDF cannot be made here, and what to do instead."""

    def __init__(self, get_response: object) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer as the rest of the site does."""
        return self.get_response(request)  # type: ignore[operator, no-any-return]

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer for pages that wanted a PDF; leave everything else alone."""
        if isinstance(exception, PdfUnavailable):
            return render(request, "site/no_pdf.html", status=NO_SERVICE)
        return None
