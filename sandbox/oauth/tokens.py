"""Codes and tokens of a system. Only their hashes are stored."""

import sqlite3
from dataclasses import dataclass
from typing import Literal, Self

from authlib.oauth2.rfc6749 import AuthorizationCodeMixin, TokenMixin

from sandbox.oauth.clients import Client, hashed
from sandbox.system import now_s

SCHEMA = """
CREATE TABLE IF NOT EXISTS code (
  code_hash TEXT PRIMARY KEY, family TEXT NOT NULL, client_id TEXT NOT NULL,
  patient TEXT NOT NULL, scope TEXT NOT NULL, redirect_uri TEXT NOT NULL,
  challenge TEXT NOT NULL, nonce TEXT NOT NULL, issued_at REAL NOT NULL,
  expires_at REAL NOT NULL, used INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS token (
  access_hash TEXT PRIMARY KEY, refresh_hash TEXT UNIQUE, family TEXT NOT NULL,
  client_id TEXT NOT NULL, patient TEXT NOT NULL, scope TEXT NOT NULL,
  issued_at REAL NOT NULL, expires_at REAL NOT NULL, refresh_expires_at REAL NOT NULL,
  revoked INTEGER NOT NULL DEFAULT 0, refresh_used INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS token_family ON token (family);
CREATE TABLE IF NOT EXISTS assertion_id (
  client_id TEXT NOT NULL, jti TEXT NOT NULL, expires_at REAL NOT NULL,
  PRIMARY KEY (client_id, jti)
);
"""
CODE_LIFETIME_S = 60
REFRESH_LIFETIME_S = 90 * 24 * 3600


@dataclass(frozen=True)
class Approval:
    """A person's answer on the approve page: whose record, and which scopes."""

    patient: str
    scope: str


@dataclass(frozen=True)
class Code(AuthorizationCodeMixin):  # type: ignore[misc]  # Authlib has no types
    """An authorization code that waits to be exchanged, or was."""

    code_hash: str
    family: str
    client_id: str
    patient: str
    scope: str
    redirect_uri: str
    challenge: str
    nonce: str
    issued_at: float
    expires_at: float
    used: int

    @classmethod
    def find(cls, db: sqlite3.Connection, code: str) -> Self | None:
        """Look a code up."""
        row = db.execute("SELECT * FROM code WHERE code_hash = ?", (hashed(code),)).fetchone()
        return cls(**row) if row else None

    @property
    def code_challenge(self) -> str:
        """The S256 challenge, as Authlib asks for it."""
        return self.challenge

    @property
    def code_challenge_method(self) -> str:
        """The only method there is."""
        return "S256"

    def get_redirect_uri(self) -> str:
        """Return the address that the exchange must repeat."""
        return self.redirect_uri

    def get_scope(self) -> str:
        """Return what was granted, not what was asked."""
        return self.scope

    def get_nonce(self) -> str:
        """Return the nonce for the id token."""
        return self.nonce

    def get_auth_time(self) -> int:
        """Return when the person signed in."""
        return int(self.issued_at)

    def get_acr(self) -> None:
        """Claim no level of sign-in."""

    def get_amr(self) -> None:
        """Claim no method of sign-in."""


@dataclass(frozen=True)
class Token(TokenMixin):  # type: ignore[misc]  # Authlib has no types
    """An access token with its refresh token; `shown` is the one of them that was shown."""

    access_hash: str
    refresh_hash: str | None
    family: str
    client_id: str
    patient: str
    scope: str
    issued_at: float
    expires_at: float
    refresh_expires_at: float
    revoked: int
    refresh_used: int
    shown: Literal["access", "refresh"]

    @classmethod
    def find(cls, db: sqlite3.Connection, token: str) -> Self | None:
        """Look a token up, whichever kind it is."""
        digest = hashed(token)
        row = db.execute(
            "SELECT * FROM token WHERE access_hash = ? OR refresh_hash = ?", (digest, digest)
        ).fetchone()
        if row is None:
            return None
        return cls(**row, shown="access" if row["access_hash"] == digest else "refresh")

    def check_client(self, client: Client) -> bool:
        """Say whether the token was given to this client."""
        return self.client_id == client.client_id

    def get_scope(self) -> str:
        """Return the granted scopes."""
        return self.scope

    def is_expired(self) -> bool:
        """Say whether its time is over."""
        end = self.expires_at if self.shown == "access" else self.refresh_expires_at
        return end <= now_s()

    def is_revoked(self) -> bool:
        """Say whether it was ended before its time; a refresh token also by its use."""
        return bool(self.revoked) or (self.shown == "refresh" and bool(self.refresh_used))


def claim_code(db: sqlite3.Connection, code: Code) -> bool:
    """Use a code up; False when somebody was faster."""
    sql = "UPDATE code SET used = 1 WHERE code_hash = ? AND used = 0"
    return db.execute(sql, (code.code_hash,)).rowcount == 1


def claim_refresh(db: sqlite3.Connection, token: Token) -> bool:
    """Use a refresh token up; False when somebody was faster."""
    sql = "UPDATE token SET refresh_used = 1 WHERE access_hash = ? AND refresh_used = 0"
    return db.execute(sql, (token.access_hash,)).rowcount == 1


def revoke_family(db: sqlite3.Connection, family: str) -> None:
    """End every token that came from one approval."""
    db.execute("UPDATE token SET revoked = 1 WHERE family = ?", (family,))


def revoke_access(db: sqlite3.Connection, token: Token) -> None:
    """End one access token; its refresh token lives."""
    db.execute("UPDATE token SET expires_at = 0 WHERE access_hash = ?", (token.access_hash,))


def remember_assertion(db: sqlite3.Connection, client_id: str, jti: str, expires_at: float) -> bool:
    """Note the id of a client assertion; False when it was seen before."""
    db.execute("DELETE FROM assertion_id WHERE expires_at < ?", (now_s() - 3600,))
    sql = "INSERT OR IGNORE INTO assertion_id VALUES (?, ?, ?)"
    return db.execute(sql, (client_id, jti, expires_at)).rowcount == 1
