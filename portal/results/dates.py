"""FHIR dates in words: only as exact as the lab gave them."""

import re
from datetime import date

from django.utils.formats import date_format

_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?(?:T.*)?$")


def day_words(sent: str) -> str:
    """Return "March 3, 2026", "March 2026" or "2026"; what is no date comes back as sent."""
    found = _DATE.match(sent.strip())
    if not found:
        return sent
    year, month, day = (int(part) if part else None for part in found.groups())
    try:
        first = date(year or 1, month or 1, day or 1)
    except ValueError:
        return sent
    if day:
        return whole_day(first)
    return date_format(first, "YEAR_MONTH_FORMAT") if month else str(year)


def whole_day(day: date) -> str:
    """Return a whole date in words, in the language of the page."""
    return date_format(day)
