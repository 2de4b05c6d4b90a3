"""Browsers have names that people know."""

import pytest

from portal.accounts.templatetags.browsers import browser

APPLE = "AppleWebKit/605.1.15 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("said", "called"),
    [
        (
            f"Mozilla/5.0 (iPhone; like Mac OS X) {APPLE} Version/18.1 Safari/604.1",
            "Safari, iPhone",
        ),
        ("Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/140.0", "Firefox, Linux"),
        (f"Mozilla/5.0 (Windows NT 10.0) {APPLE} Chrome/150.0 Edg/150.0", "Edge, Windows"),
        (f"Mozilla/5.0 (Linux; Android 16) {APPLE} Chrome/150.0 Safari/537.36", "Chrome, Android"),
        ("curl/8.5.0", "curl/8.5.0"),
    ],
)
def test_a_browser_is_called_by_its_name_and_system(said: str, called: str) -> None:
    assert browser(said) == called
