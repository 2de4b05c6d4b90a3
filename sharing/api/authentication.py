"""Sign-in by token, where the table holds only hashes."""

import hashlib
import secrets
from datetime import timedelta
from typing import Any, Final

from allauth.mfa.utils import is_mfa_enabled
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import TokenAuthentication
from rest_framework.authtoken.models import Token
from rest_framework.exceptions import AuthenticationFailed

from portal.accounts.middleware import SECOND_FACTORS
from portal.accounts.models import User

HASH_LENGTH: Final = 40
TOKEN_BYTES: Final = 32
MARK_LENGTH: Final = 16
LIVES: Final = timedelta(days=90)


def make(user: User) -> str:
    """Return a new token of a person, that ends the old one; it is to be seen only now."""
    token = f"{secrets.token_urlsafe(TOKEN_BYTES)}.{_mark(user)}"
    Token.objects.filter(user=user).delete()
    Token.objects.create(user=user, key=hashed(token))
    return token


def hashed(token: str) -> str:
    """Return what is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()[:HASH_LENGTH]


def _mark(user: User) -> str:
    """Return what ties a token to the password that the person had when it was made."""
    of_password = user.get_session_auth_hash()
    return salted_hmac("sharing.token", of_password, algorithm="sha256").hexdigest()[:MARK_LENGTH]


class HashedTokenAuthentication(TokenAuthentication):
    """`Authorization: Token …`, or `Bearer …`; the table holds only hashes."""

    def authenticate(self, request: Any) -> Any:  # noqa: ANN401  # DRF's own signature
        """Read the header in either spelling."""
        said = str(request.META.get("HTTP_AUTHORIZATION", ""))
        self.keyword = "Bearer" if said.lower().startswith("bearer ") else "Token"
        return super().authenticate(request)

    def authenticate_credentials(self, key: str) -> Any:  # noqa: ANN401  # DRF's own signature
        """Find whose token it is."""
        user, token = super().authenticate_credentials(hashed(key))
        # A token was made in a session with a second factor, and ends with the last factor.
        if user.needs_second_factor and not is_mfa_enabled(user, SECOND_FACTORS):
            raise AuthenticationFailed
        now = timezone.now()  # noqa: TID251  # a request, like a view
        is_old = now - token.created >= LIVES
        if is_old or not constant_time_compare(key.rpartition(".")[2], _mark(user)):
            raise AuthenticationFailed
        return user, token

    def authenticate_header(self, request: Any) -> str:  # noqa: ANN401, ARG002
        """Ask for a token."""
        return "Bearer"


class _TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "sharing.api.authentication.HashedTokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:  # noqa: ANN401, ARG002
        return {"type": "http", "scheme": "bearer"}
