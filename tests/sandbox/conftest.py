"""A lab with its people, made once and copied for each test."""

import shutil
from pathlib import Path

import pytest
from flask import Flask

from sandbox.oauth.keys import signing_key
from sandbox.web import record_app
from tests.sandbox.visitors import a_system


@pytest.fixture(scope="session")
def filled_lab(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Fill a lab once: it takes a while."""
    folder = tmp_path_factory.mktemp("lab")
    signing_key(a_system(folder).store)
    return folder


@pytest.fixture
def lab(filled_lab: Path, tmp_path: Path) -> Flask:
    """A lab of the test's own."""
    shutil.copytree(filled_lab, tmp_path / "lab")
    return record_app(a_system(tmp_path / "lab"))
