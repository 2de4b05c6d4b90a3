"""The most memory that a command of the site took, Python and Django included."""

import subprocess
import sys

from tools.plan import ROOT

_KB = 1024
_ASK = (
    "import resource, subprocess, sys;"
    "subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL);"
    "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
)


def peak_mb(*command: str) -> float:
    """Return the most that a command of manage.py took, in MB."""
    asked = [sys.executable, "-c", _ASK, sys.executable, "manage.py", *command]
    done = subprocess.run(asked, cwd=ROOT, capture_output=True, check=True)
    return int(done.stdout) / _KB
