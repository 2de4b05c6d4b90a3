"""The signing key of a system, and the public keys of its clients."""

import json
import urllib.request
from functools import cache
from urllib.parse import urlsplit

from authlib.oauth2.rfc6749 import InvalidClientError
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, RSAKey

from sandbox.oauth.clients import Client
from sandbox.store import Store

SCHEMA = "CREATE TABLE IF NOT EXISTS signing_key (kid TEXT PRIMARY KEY, jwk TEXT NOT NULL);"
LOOPBACK = ("127.0.0.1", "localhost", "::1")
_FETCH_TIMEOUT_S = 5
_MAX_BYTES = 100_000


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A key set that moved is a key set that is not there."""

    def redirect_request(self, *args: object) -> None:
        """Follow nothing."""


def signing_key(store: Store) -> RSAKey:
    """Return the key for id tokens; made at the first call, then kept."""
    with store.writing() as db:
        row = db.execute("SELECT jwk FROM signing_key").fetchone()
        if row:
            return _read_key(row["jwk"])
        key = RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, auto_kid=True)
        db.execute(
            "INSERT INTO signing_key VALUES (?, ?)",
            (key.kid, json.dumps(key.as_dict(private=True))),
        )
    return key


@cache
def _read_key(jwk: str) -> RSAKey:
    """Read a key; that takes a while, because its numbers are checked."""
    return RSAKey.import_key(json.loads(jwk))


def client_keys(client: Client) -> KeySet:
    """Return a client's public keys, given inline or fetched from its loopback address.

    Raises InvalidClientError when there are none to be had.
    """
    inline = client.metadata.get("jwks")
    try:
        return KeySet.import_key_set(inline or json.loads(_fetch(client.jwks_uri)))
    except (OSError, ValueError, KeyError, JoseError) as error:
        raise InvalidClientError(description="The client's key set cannot be read.") from error


def _fetch(url: str) -> bytes:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or parts.hostname not in LOOPBACK:
        raise InvalidClientError(description="The client's key set must be on loopback.")
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect)
    with opener.open(url, timeout=_FETCH_TIMEOUT_S) as answer:
        body: bytes = answer.read(_MAX_BYTES)
    return body
