"""One demo for all tests of a worker that look at the whole site."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.whole.running import Demo


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    # A demo that runs already, while one works on these tests.
    if given := os.environ.get("RUNNING_DEMO"):
        yield Demo(Path(given))
        return
    running = Demo(_reachable(tmp_path_factory.mktemp("demo")))
    try:
        running.start()
        yield running
    finally:
        running.stop()


@pytest.fixture
def own_demo(tmp_path: Path) -> Iterator[Demo]:
    """A demo that a test may break; not started."""
    running = Demo(_reachable(tmp_path))
    try:
        yield running
    finally:
        running.stop()


def _reachable(folder: Path) -> Path:
    """Let PostgreSQL, which is another user when we are root, pass through."""
    for path in (folder, folder.parent, folder.parent.parent):
        path.chmod(0o755)
    return folder
