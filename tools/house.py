"""House rules that no other checker knows: pages, sizes, and what may not be in the repository."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import yaml

from tools.plan import ROOT

LONGEST_FUNCTION = 50
# Bars for the whole: half of the functions, and 19 of 20 functions and files of the site.
MOST_LINES_OF_HALF = 8
MOST_LINES_OF_19_IN_20 = 25
MOST_LINES_OF_FILES = 300
SITE = ("portal/", "consent/", "sharing/", "sandbox/", "tools/")
LARGEST_BYTES = 1_500_000
BINARY = {".png", ".gz", ".bgz", ".pdf", ".woff2", ".mo", ".ico", ".zip", ".bam", ".tbi"}
# Words are cut in two so that this file does not find itself.
HOSTS = ["py" + r"pi\.org", "python" + "hosted", "npm" + r"js\.(?:org|com)", r"deb\." + "debian"]
PATHS = ["/" + "root/", "/" + r"work/\w"]
FORBIDDEN = re.compile("|".join(HOSTS + PATHS))
INLINE = re.compile(
    r"\sstyle=|\son[a-z]+=[\"']|\shx-on|javascript:|<script(?![^>]*\bsrc=)[^>]*>|<style\b",
    re.IGNORECASE,
)
UNFINISHED = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X)\b|NotImplemented" + "Error")
COMPOSE_NEEDS = {"postgres", "redis", "web", "worker", "beat"}


def problems() -> Iterator[str]:
    """Yield one line for each broken rule."""
    for path in _tracked():
        if path.suffix in BINARY:
            continue
        if path.stat().st_size > LARGEST_BYTES:
            yield f"{_name(path)}: over {LARGEST_BYTES} bytes"
            continue
        yield from _of_file(path, path.read_text("utf-8", "ignore"))
    yield from _of_compose()
    yield from _of_sizes()


def _of_file(path: Path, text: str) -> Iterator[str]:
    if "tests/data/" in _name(path):
        return
    yield from _lines(path, text, FORBIDDEN, "an index host or a path of one machine")
    if path.suffix == ".html":
        yield from _lines(path, text, INLINE, "inline script, style or handler")
    if path.suffix == ".py" and "/migrations/" not in _name(path):
        yield from _lines(path, text, UNFINISHED, "unfinished")
        yield from _of_code(path, ast.parse(text))


def _lines(path: Path, text: str, pattern: re.Pattern[str], rule: str) -> Iterator[str]:
    for number, line in enumerate(text.splitlines(), 1):
        if pattern.search(line):
            yield f"{_name(path)}:{number}: {rule}"


def _of_code(path: Path, tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                size = _size(node)
                if size > LONGEST_FUNCTION:
                    yield f"{_name(path)}:{node.lineno}: {node.name} has {size} lines"
                if node.name.startswith("test_") and not _claims_something(node):
                    yield f"{_name(path)}:{node.lineno}: {node.name} asserts nothing"
            case (
                ast.ExceptHandler(type=None)
                | ast.ExceptHandler(type=ast.Name(id="Exception" | "BaseException"))
            ):
                yield f"{_name(path)}:{node.lineno}: a handler that catches everything"


def _size(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def _of_sizes() -> Iterator[str]:
    paths = [path for path in _tracked() if path.suffix == ".py" and _name(path).startswith(SITE)]
    texts = [path.read_text() for path in paths if "/migrations/" not in _name(path)]
    functions = [
        _size(node)
        for text in texts
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    files = [text.count("\n") for text in texts]
    for said, sizes, share, most in (
        ("half of all functions have", functions, 0.5, MOST_LINES_OF_HALF),
        ("one function in 20 has", functions, 0.95, MOST_LINES_OF_19_IN_20),
        ("one file in 20 has", files, 0.95, MOST_LINES_OF_FILES),
    ):
        measured = sorted(sizes)[int(len(sizes) * share)]
        if measured > most:
            yield f"the site: {said} {measured} lines or more, and {most} is the bar"


def _claims_something(test: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    words = ("raises", "expect", "check", "assert", "verify", "warns")
    for node in ast.walk(test):
        if isinstance(node, ast.Assert):
            return True
        called = node.func if isinstance(node, ast.Call) else None
        name = getattr(called, "attr", getattr(called, "id", ""))
        if any(word in name for word in words):
            return True
    return False


def _of_compose() -> Iterator[str]:
    path = ROOT / "compose.yaml"
    if not path.is_file():
        yield "compose.yaml: missing"
        return
    services = yaml.safe_load(path.read_text()).get("services", {})
    for missing in sorted(COMPOSE_NEEDS - set(services)):
        yield f"compose.yaml: no service {missing}"
    for name, service in services.items():
        for other in service.get("depends_on", {}):
            if other not in services:
                yield f"compose.yaml: {name} depends on {other}, which is not there"


def _tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    paths = [ROOT / name for name in listed.stdout.split("\0") if name]
    return [path for path in paths if path.is_file() and not path.is_symlink()]


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


if __name__ == "__main__":
    found = list(problems())
    sys.stdout.write("".join(f"{line}\n" for line in found))
    raise SystemExit(1 if found else 0)
