"""What the demo leaves for people who want to run commands against it."""

import subprocess
from pathlib import Path

from tools import plan


def test_a_shell_reads_back_exactly_what_was_kept_and_nobody_else_may_read_it(
    tmp_path: Path,
) -> None:
    given = {"DATABASE_URL": "host=/tmp/a b dbname=sync user='o'", "SECRET_KEY": 'a$b`c"d'}

    path = plan.keep_environment(plan.Place(tmp_path), given)

    command = f'. "{path}" && printf "%s\\n%s" "$DATABASE_URL" "$SECRET_KEY"'
    said = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True)
    assert said.stdout.splitlines() == list(given.values())
    assert path.stat().st_mode & 0o077 == 0
