"""The repository as a whole keeps the house rules."""

import re
import stat

from tools.plan import ROOT

# What compose.yaml makes addresses of, before the settings read anything.
OF_COMPOSE = {"OWNER_DATABASE_PASSWORD"}


def test_every_variable_that_the_settings_read_is_explained_and_no_other() -> None:
    settings = (ROOT / "portal" / "settings.py").read_text()
    read = set(re.findall(r'_(?:text|flag|words|secret)\(\s*"([A-Z_]+)"', settings))

    explained = set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))

    assert explained == read | OF_COMPOSE
    assert all(f"${{{name}" in (ROOT / "compose.yaml").read_text() for name in OF_COMPOSE)


def test_what_people_start_can_be_started() -> None:
    for name in ("tools/bootstrap", ".ci/run"):
        assert (ROOT / name).stat().st_mode & stat.S_IXUSR
