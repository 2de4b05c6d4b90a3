"""What a first visit costs, and that the stylesheet carries nobody else's name or fonts."""

import gzip
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from tools import assets

STATIC = re.compile(r'(?:href|src)="/static/([^"]+)"')
KILOBYTE = 1024


@pytest.fixture(scope="module")
def built() -> Path:
    if not assets.is_fresh():
        assets.build()
    return assets.TARGET


def weight(name: str, built: Path) -> int:
    found = finders.find(name)
    path = Path(found) if isinstance(found, str) else built.parent / name
    return len(gzip.compress(path.read_bytes()))


@pytest.mark.django_db
def test_a_first_visit_weighs_less_than_100_kb_in_at_most_8_requests(built: Path) -> None:
    page = Client().get("/")

    names = sorted(set(STATIC.findall(page.text)))
    total = len(gzip.compress(page.content)) + sum(weight(name, built) for name in names)
    assert len(names) + 1 <= 8
    assert total <= 100 * KILOBYTE


def test_the_stylesheet_has_no_foreign_name_font_or_address(built: Path) -> None:
    style = (built / "site.css").read_text()

    assert "frutiger" not in style.lower()
    assert "@font-face" not in style
    assert "url(http" not in style.replace('"', "").replace("'", "")


def test_nothing_is_built_again_when_nothing_changed(built: Path) -> None:
    assert assets.is_fresh()
