"""What ties the approve page to the sign-in page: a ticket, used once. No cookies:
they are shared by every port of one machine."""

import secrets

from sandbox.oauth.clients import hashed
from sandbox.store import Store
from sandbox.system import now_s

SCHEMA = """
CREATE TABLE IF NOT EXISTS sign_in (
  ticket_hash TEXT PRIMARY KEY, patient TEXT NOT NULL, expires_at REAL NOT NULL
);
"""
_LIFETIME_S = 600


def open_ticket(store: Store, patient: str) -> str:
    """Note that a person signed in; return the ticket for the next page."""
    ticket = secrets.token_urlsafe(32)
    row = (hashed(ticket), patient, now_s() + _LIFETIME_S)
    with store.writing() as db:
        db.execute("INSERT INTO sign_in VALUES (?, ?, ?)", row)
    return ticket


def use_ticket(store: Store, ticket: str) -> str | None:
    """Return who signed in with the ticket, once."""
    sql = "DELETE FROM sign_in WHERE ticket_hash = ? RETURNING patient, expires_at"
    with store.writing() as db:
        row = db.execute(sql, (hashed(ticket),)).fetchone()
    return row["patient"] if row and row["expires_at"] > now_s() else None
