"""The second wall: while staff of a program are served, the database shows only their programs."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from psycopg.pq import TransactionStatus

from portal.accounts.models import User
from sharing.models import Member

NOBODY = "none"


def program_ids(user: User) -> str:
    """Return the programs of a member of staff as the database's rules read them."""
    ids = Member.objects.filter(user=user).order_by("program_id")
    return ",".join(str(one) for one in ids.values_list("program_id", flat=True)) or NOBODY


@contextmanager
def only_programs_of(user: User) -> Iterator[None]:
    """Show only the rows of this person's programs until the end of the block."""
    before = _set(program_ids(user))
    try:
        yield
    finally:
        _set(before)


def _set(value: str) -> str:
    """Set the wall, and return where it stood."""
    connection.ensure_connection()
    if connection.connection.info.transaction_status == TransactionStatus.INERROR:
        return ""  # the setting falls back with the transaction that is broken
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(current_setting('app.program_ids', true), ''),"
            " set_config('app.program_ids', %s, false)",
            [value],
        )
        row = cursor.fetchone()
    return str(row[0]) if row else ""
