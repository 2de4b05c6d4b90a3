"""The repository as a whole keeps the house rules."""

import re
import stat

from tools.plan import ROOT


def test_every_variable_that_the_settings_read_is_explained() -> None:
    settings = (ROOT / "portal" / "settings.py").read_text()
    read = set(re.findall(r'_(?:text|flag|words|secret)\("([A-Z_]+)"', settings))

    explained = set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))

    assert read - explained == set()


def test_what_people_start_can_be_started() -> None:
    for name in ("tools/bootstrap", ".ci/run"):
        assert (ROOT / name).stat().st_mode & stat.S_IXUSR
