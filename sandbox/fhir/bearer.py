"""Who asks: the bearer token of a request."""

from authlib.oauth2.rfc6749 import OAuth2Error, OAuth2Request, ResourceProtector
from authlib.oauth2.rfc6750 import BearerTokenValidator

from sandbox.fhir.answers import Refused
from sandbox.oauth.tokens import Token
from sandbox.system import this_system


class _Validator(BearerTokenValidator):  # type: ignore[misc]  # Authlib has no types
    def authenticate_token(self, token_string: str) -> Token | None:
        """Find an access token; a refresh token opens nothing."""
        with this_system().store.reading() as db:
            found = Token.find(db, token_string)
        return found if found and found.shown == "access" else None


_protector = ResourceProtector()
_protector.register_token_validator(_Validator())


def bearer(request: OAuth2Request) -> Token:
    """Return the live token of a request.

    Raises Refused with 401 when there is none.
    """
    try:
        token: Token = _protector.validate_request(None, request)
    except OAuth2Error as error:
        refusal = Refused(401, "login", "The access token is missing, unknown or over.")
        refusal.headers["WWW-Authenticate"] = f'Bearer realm="fhir", error="{error.error}"'
        raise refusal from error
    return token
