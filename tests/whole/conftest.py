"""One demo for all tests of a worker that look at the whole site."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.whole.running import Demo
from tools import plan


@pytest.fixture(scope="session")
def demo() -> Iterator[Demo]:
    # A demo that runs already, while one works on these tests.
    if given := os.environ.get("RUNNING_DEMO"):
        yield Demo(Path(given))
        return
    with _a_folder() as folder:
        running = Demo(folder)
        try:
            running.start()
            yield running
        finally:
            running.stop()


@pytest.fixture
def own_demo() -> Iterator[Demo]:
    """A demo that a test may break; not started."""
    with _a_folder() as folder:
        running = Demo(folder)
        try:
            yield running
        finally:
            running.stop()


@contextmanager
def _a_folder() -> Iterator[Path]:
    """Give a folder that PostgreSQL, which is another user when we are root, can reach.

    Those of pytest are closed. What was logged stays in `.artifacts`.
    """
    folder = Path(tempfile.mkdtemp(prefix="sync-demo-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        kept = plan.ROOT / ".artifacts" / "logs" / folder.name
        shutil.copytree(folder / "logs", kept, dirs_exist_ok=True)
        shutil.rmtree(folder, ignore_errors=True)
