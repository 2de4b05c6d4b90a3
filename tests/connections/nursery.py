"""A process that bears workers on command, so that tests can kill them. Speaks on its pipes.

Each line "RUN SECONDS" bears a worker for an import whose clock is so many seconds ahead; the
answer is the worker's process id.
"""

import os
import sys
from datetime import datetime, timedelta

import django

django.setup()

from django.db import connections  # noqa: E402
from django.utils import timezone  # noqa: E402

from portal.connections import clients  # noqa: E402
from portal.connections.services import fetching, imports, working  # noqa: E402


def work(run_id: int, ahead: timedelta) -> None:
    """Do what the task does, with a clock that is ahead."""

    def clock() -> datetime:
        return timezone.now() + ahead

    lease = imports.claim(run_id=run_id, owner=str(os.getpid()), at=clock())
    if lease is not None:
        with clients.for_source(lease.run.connection.source) as api:
            fetching.work(working.Worker(lease, api, clock))


def main() -> None:
    for line in sys.stdin:
        run_id, seconds = line.split()
        child = os.fork()
        if child == 0:
            connections.close_all()
            work(int(run_id), timedelta(seconds=float(seconds)))
            os._exit(0)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()
        os.waitpid(child, 0)
        sys.stdout.write("over\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
