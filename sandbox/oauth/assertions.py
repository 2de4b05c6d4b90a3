"""Client authentication by a signed assertion (private_key_jwt), as SMART asks for it."""

from typing import Any

from authlib.oauth2.rfc6749 import InvalidClientError
from authlib.oauth2.rfc7523 import JWTBearerClientAssertion
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from sandbox.oauth.clients import Client
from sandbox.oauth.keys import client_keys
from sandbox.oauth.tokens import remember_assertion
from sandbox.system import System, now_s

ALGORITHMS = ("RS384", "ES384")
LONGEST_S = 300
_LEEWAY_S = 5


class PrivateKeyJwt(JWTBearerClientAssertion):  # type: ignore[misc]  # Authlib has no types
    """RS384 or ES384, for this token endpoint, at most five minutes, once."""

    CLIENT_AUTH_METHOD = "private_key_jwt"

    def __init__(self, system: System) -> None:
        """Accept assertions made for one system."""
        super().__init__(leeway=_LEEWAY_S)
        self.system = system

    def get_audiences(self) -> list[str]:
        """Return what `aud` must be."""
        return [self.system.token_url]

    def resolve_client_public_key(self, client: Client) -> KeySet:
        """Return the keys that may have signed; a client of another method has none."""
        if client.auth_method != self.CLIENT_AUTH_METHOD:
            raise InvalidClientError(description="The client is registered with another method.")
        return client_keys(client)

    def process_assertion_claims(self, assertion: str, resolve_key: KeySet) -> dict[str, Any]:
        """Check the signature with the two algorithms, then the claims."""
        try:
            token = jwt.decode(assertion, resolve_key, algorithms=list(ALGORITHMS))
        except (JoseError, ValueError) as error:
            raise InvalidClientError(description="The assertion cannot be verified.") from error
        self.verify_claims(token.claims)
        return token.claims

    def verify_claims(self, claims: dict[str, Any]) -> None:
        """Check the times before anything is remembered, then all the rest."""
        expires_at = claims.get("exp")
        if not isinstance(expires_at, int | float):
            raise InvalidClientError(description="The assertion has no exp.")
        if expires_at > now_s() + LONGEST_S + _LEEWAY_S:
            raise InvalidClientError(description="The assertion lives longer than five minutes.")
        super().verify_claims(claims)

    def validate_jti(self, claims: dict[str, Any], jti: str) -> bool:
        """Accept each id once."""
        with self.system.store.writing() as db:
            return remember_assertion(db, str(claims["iss"]), str(jti), float(claims["exp"]))
