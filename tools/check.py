"""All checks that need no running site.

python -m tools.check            all of them
python -m tools.check mypy ruff  some of them
"""

import base64
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from tools.plan import ROOT

CODE = ("portal", "consent", "sharing")
AT_ONCE = 2


@dataclass(frozen=True)
class Check:
    """One command that ends with 0 when all is well."""

    name: str
    command: list[str]
    environment: Mapping[str, str] = field(default_factory=dict)


# What the settings ask for, as it would be in production; nothing of it is secret or reached.
PRODUCTION = {
    "SECRET_KEY": "not-a-secret-" + "".join(chr(97 + i * 7 % 26) + str(i) for i in range(40)),
    "SEAL_KEYS": "check:" + base64.b64encode(bytes(range(32))).decode(),
    "DATABASE_URL": "postgresql://nobody@localhost:1/none",
    "BROKER_URL": "redis://localhost:1/0",
    "SITE_URL": "https://portal.example",
    "ALLOWED_HOSTS": "portal.example",
}


def checks() -> list[Check]:
    """Return every check."""
    manage = _python("manage.py")
    return [
        Check("mypy", _module("mypy", "."), PRODUCTION),
        Check("ruff", _module("ruff", "check")),
        Check("format", _module("ruff", "format", "--check")),
        Check("imports", _script("lint-imports", "--no-cache")),
        Check("house", _module("tools.house")),
        Check("djlint", _module("djlint", "templates", "--lint", "--quiet")),
        Check("djhtml", _module("djhtml", "--check", "--tabwidth", "2", "templates")),
        Check("bandit", _module("bandit", "-q", "-ll", "-r", *CODE, "-c", "pyproject.toml")),
        Check("messages", _module("tools.messages", "check"), PRODUCTION),
        Check("migrations", [*manage, "makemigrations", "--check", "--dry-run"], PRODUCTION),
        Check("deploy", [*manage, "check", "--deploy", "--fail-level", "WARNING"], PRODUCTION),
    ]


def main(names: list[str]) -> int:
    """Run the named checks, or all; print what each has to say; return the exit code."""
    chosen = [check for check in checks() if not names or check.name in names]
    unknown = set(names) - {check.name for check in chosen}
    if unknown:
        sys.stderr.write(f"No such check: {', '.join(sorted(unknown))}\n")
        return 2
    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        good = list(pool.map(_run, chosen))
    failed = [check.name for check, passed in zip(chosen, good, strict=True) if not passed]
    sys.stdout.write(f"{len(chosen) - len(failed)} checks passed, {len(failed)} failed")
    sys.stdout.write(f": {', '.join(failed)}\n" if failed else "\n")
    return 1 if failed else 0


def _run(check: Check) -> bool:
    began = time.monotonic()
    done = subprocess.run(
        check.command,
        cwd=ROOT,
        env={**os.environ, **check.environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    word = "ok" if done.returncode == 0 else "FAILED"
    said = "" if done.returncode == 0 else f"\n{done.stdout.rstrip()}"
    sys.stdout.write(f"{check.name:12} {word:7} {time.monotonic() - began:5.1f} s{said}\n")
    sys.stdout.flush()
    return done.returncode == 0


def _python(*arguments: str) -> list[str]:
    return [sys.executable, *arguments]


def _module(*arguments: str) -> list[str]:
    return _python("-m", *arguments)


def _script(name: str, *arguments: str) -> list[str]:
    return [str(ROOT / ".venv" / "bin" / name), *arguments]


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
