"""The applications that may use a system."""

import hashlib
import hmac
import json
import sqlite3
from dataclasses import dataclass, field
from typing import Any

from authlib.oauth2.rfc6749 import ClientMixin

from sandbox.oauth.scopes import Offer
from sandbox.store import Store

SCHEMA = """
CREATE TABLE IF NOT EXISTS client (
  client_id TEXT PRIMARY KEY,
  metadata TEXT NOT NULL,
  secret_hash TEXT NOT NULL
);
"""
AUTH_METHODS = ("private_key_jwt", "client_secret_basic", "none")


def hashed(secret: str) -> str:
    """Hash what must never be readable in a store: it is long and random, so no salt."""
    return hashlib.sha256(secret.encode()).hexdigest()


@dataclass(frozen=True)
class Client(ClientMixin):  # type: ignore[misc]  # Authlib has no types
    """One registered application, in the words of RFC 7591."""

    client_id: str
    metadata: dict[str, Any]
    secret_hash: str
    offer: Offer
    grant_types: tuple[str, ...] = field(default=("authorization_code", "refresh_token"))

    @property
    def name(self) -> str:
        """What people are told the application is called."""
        return str(self.metadata.get("client_name") or self.client_id)

    @property
    def redirect_uris(self) -> list[str]:
        """The exact addresses to which people may be sent back."""
        return list(self.metadata.get("redirect_uris") or ())

    @property
    def auth_method(self) -> str:
        """How the application proves itself at the token endpoint."""
        return str(self.metadata.get("token_endpoint_auth_method") or "none")

    @property
    def jwks_uri(self) -> str:
        """Where its public keys are, empty when it has none."""
        return str(self.metadata.get("jwks_uri") or "")

    def get_client_id(self) -> str:
        """Return the client id."""
        return self.client_id

    def get_default_redirect_uri(self) -> None:
        """Have no default: the address must always be named."""

    def get_allowed_scope(self, scope: str | None) -> str | None:
        """Keep what this server can give; None, when that is nothing, is refused."""
        return self.offer.narrow(scope or "") or None

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Compare whole addresses, byte for byte."""
        return redirect_uri in self.redirect_uris

    def check_client_secret(self, client_secret: str) -> bool:
        """Compare with the stored hash."""
        return hmac.compare_digest(self.secret_hash, hashed(client_secret))

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """Accept the registered method only, at every endpoint."""
        return method == self.auth_method and bool(endpoint)

    def check_response_type(self, response_type: str) -> bool:
        """Know the code flow only."""
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        """Say whether this kind of client may use the grant."""
        return grant_type in self.grant_types


def save(store: Store, client_id: str, metadata: dict[str, Any], secret: str = "") -> None:
    """Register a client, or write it again."""
    row = (client_id, json.dumps(metadata), hashed(secret) if secret else "")
    with store.writing() as db:
        db.execute("INSERT OR REPLACE INTO client VALUES (?, ?, ?)", row)


def load(db: sqlite3.Connection, client_id: str) -> tuple[dict[str, Any], str] | None:
    """Return the metadata and the secret's hash of a client, if it is known."""
    row = db.execute("SELECT * FROM client WHERE client_id = ?", (client_id,)).fetchone()
    return (json.loads(row["metadata"]), row["secret_hash"]) if row else None
