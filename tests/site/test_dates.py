"""Dates are written in full, and moments say their time zone."""

from datetime import UTC, datetime

import pytest
from django.template import Context, Template
from django.utils import translation


@pytest.mark.parametrize(
    ("language", "day", "moment"),
    [
        ("en", "March 3, 2026", "March 3, 2026, 2:30 p.m. UTC"),
        ("es", "3 de marzo de 2026", "3 de marzo de 2026, 14:30 UTC"),
    ],
)
def test_a_date_is_written_in_full_and_a_moment_with_its_zone(
    language: str, day: str, moment: str
) -> None:
    template = Template('{{ at|date:"DATE_FORMAT" }}|{{ at|date:"DATETIME_FORMAT" }}')

    with translation.override(language):
        written = template.render(Context({"at": datetime(2026, 3, 3, 14, 30, tzinfo=UTC)}))

    assert written == f"{day}|{moment}"
