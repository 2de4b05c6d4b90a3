"""How time is taken: of the processor, and the least of several rounds.

What is compared runs in turns, round after round, so that a busy machine is as busy for all.
"""

import gc
import time
from collections.abc import Callable

ROUNDS = 5


def together(*works: Callable[[], object], rounds: int = ROUNDS) -> list[float]:
    """Return the seconds of the processor that each piece of work takes at best."""
    best = [float("inf")] * len(works)
    for _ in range(rounds):
        for place, work in enumerate(works):
            best[place] = min(best[place], _seconds(work))
    return best


def _seconds(work: Callable[[], object]) -> float:
    gc.collect()
    began = time.process_time()
    work()
    return time.process_time() - began
