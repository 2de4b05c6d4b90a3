"""The command line on a machine where nothing is set."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def manage(*words: str) -> subprocess.CompletedProcess[str]:
    """Run a command with none of the site's variables."""
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    command = [sys.executable, "manage.py", *words]
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


def test_help_needs_no_secret() -> None:
    said = manage("add_source", "--help")

    assert said.returncode == 0
    assert "--client-id" in said.stdout


def test_a_missing_secret_stops_a_command_in_one_sentence() -> None:
    said = manage("check")

    assert said.returncode == 1
    assert said.stderr.strip() == "SECRET_KEY is not set. See .env.example for what it is."
