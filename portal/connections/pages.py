"""One page of a search, as a source sends it: its entries untouched, and where to go on. Pure."""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urljoin

import orjson

from portal.records import fhir
from portal.records.fhir import Incoming

MOST_ENTRIES: Final = 20_000

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


class PageRefused(ValueError):
    """The page cannot be taken in; `code` names the rule, and quotes nothing."""

    def __init__(self, code: str) -> None:
        """Name the rule that is broken."""
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class SearchPage:
    """The entries of a page; `next_url` is empty on the last one."""

    entries: tuple[Incoming, ...]
    next_url: str = ""
    total: int | None = None
    flaw: str = ""  # what is wrong with the page, beside its entries


def read_page(body: bytes, *, address: str) -> SearchPage:
    """Return a page of a search, or the one resource that a read answers with.

    `address` is where the page came from; a relative link starts there. Raises PageRefused.
    """
    try:
        raw = fhir.as_utf8(body)
        fhir.depth(raw)
        parts = fhir.members(raw)
        if not fhir.looks_like_bundle(parts):
            return SearchPage((Incoming(raw.strip()),))
        entries = tuple(fhir.resources(raw, is_bundle=True))
    except fhir.TooDeep:
        raise PageRefused("too-deep") from None
    except fhir.NotJson:
        raise PageRefused("not-json") from None
    if len(entries) > MOST_ENTRIES:
        raise PageRefused("too-many-entries")
    named = dict(parts)
    next_url, flaw = _next(named.get("link", b"[]"), address)
    return SearchPage(entries, next_url, _total(named.get("total", b"")), flaw)


def _next(links: bytes, address: str) -> tuple[str, str]:
    """Return the address of the next page, and what is wrong with it."""
    try:
        given = orjson.loads(links)
    except ValueError:
        return "", "bad-link"
    if not isinstance(given, list):
        return "", "bad-link"
    for link in given:
        if isinstance(link, dict) and link.get("relation") == "next":
            url = link.get("url")
            if not isinstance(url, str) or not url:
                return "", "bad-link"
            return _absolute(url, address), ""
    return "", ""


def _absolute(url: str, address: str) -> str:
    """Return the link; one that names no host starts at the page that it stands on."""
    if _SCHEME.match(url) or url.startswith("//") or "\\" in url:
        return url
    try:
        return urljoin(address, url)
    except ValueError:
        return url


def _total(raw: bytes) -> int | None:
    return int(raw) if raw.isdigit() and len(raw) < 10 else None  # noqa: PLR2004  # fits a column
