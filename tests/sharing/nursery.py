"""A process that bears senders on command, so that tests can kill them. Speaks on its pipes.

Each line "SECONDS" bears a sender whose clock is so many seconds ahead; it does what the sweep
and the workers do. The answer is its process id, and "over" when it is gone.
"""

import os
import sys
from datetime import datetime, timedelta

import django

django.setup()

from django.db import connections  # noqa: E402
from django.utils import timezone  # noqa: E402

from sharing import services, tasks  # noqa: E402


def work(ahead: timedelta) -> None:
    """Follow the agreements, then send all that is due."""

    def clock() -> datetime:
        return timezone.now() + ahead

    services.follow_all(at=clock())
    for delivery_id in services.hints(at=clock()):
        tasks.deliver(delivery_id, clock=clock)


def main() -> None:
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            connections.close_all()
            work(timedelta(seconds=float(line)))
            os._exit(0)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()
        os.waitpid(child, 0)
        sys.stdout.write("over\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
