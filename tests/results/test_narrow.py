"""Names of results on the narrowest screens."""

from pathlib import Path

import pytest

from tests.whole.browser import a_browser, chromium

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(chromium() is None, reason="there is no Chromium on this machine"),
]

STYLES = Path("static_built/site/site.css")
NAME = "NC_000012.12:g.21176804A&gt;GTTTTTTTTTTTTTTTTTTTTTT"


def test_a_long_name_in_a_brief_list_breaks_at_320_px() -> None:
    row = f'<ul class="brief"><li><a href="#x">{NAME}</a> <span class="quiet">PASS</span></li></ul>'
    with a_browser() as browser:
        page = browser.new_page(viewport={"width": 320, "height": 600})
        page.set_content(f'<body class="site-main"><main class="site-main">{row}</main></body>')
        page.add_style_tag(path=STYLES)

        wide = page.evaluate("document.documentElement.scrollWidth")

    assert wide <= 320
