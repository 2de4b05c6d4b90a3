"""All measurements, or some of them.

python -m tools.bench           all
python -m tools.bench variants  some
"""

import sys
from collections.abc import Callable, Iterator

from tools.bench import pages, pictures, reading, variants

BENCHES: dict[str, Callable[[], Iterator[str]]] = {
    "reading": reading.lines,
    "variants": variants.lines,
    "pages": pages.lines,
    "pictures": pictures.lines,
}


def main(names: list[str]) -> int:
    """Run the named measurements and print what each has to say."""
    unknown = set(names) - BENCHES.keys()
    if unknown:
        sys.stderr.write(f"No such measurement: {', '.join(sorted(unknown))}\n")
        return 2
    for name in names or BENCHES:
        sys.stdout.write(f"{name}\n")
        for line in BENCHES[name]():
            sys.stdout.write(f"  {line}\n")
            sys.stdout.flush()
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
