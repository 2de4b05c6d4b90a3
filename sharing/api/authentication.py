"""Sign-in by token, where the table holds only hashes."""

from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import TokenAuthentication
from rest_framework.exceptions import AuthenticationFailed

from portal.accounts.middleware import SECOND_FACTORS
from sharing.services import tokens


class HashedTokenAuthentication(TokenAuthentication):
    """`Authorization: Token …`, or `Bearer …`; the table holds only hashes."""

    def authenticate(self, request: Any) -> Any:  # noqa: ANN401  # DRF's own signature
        """Read the header in either spelling."""
        said = str(request.META.get("HTTP_AUTHORIZATION", ""))
        self.keyword = "Bearer" if said.lower().startswith("bearer ") else "Token"
        return super().authenticate(request)

    def authenticate_credentials(self, key: str) -> Any:  # noqa: ANN401  # DRF's own signature
        """Find whose token it is."""
        user, token = super().authenticate_credentials(tokens.hashed(key))
        # A token was made in a session with a second factor, and ends with the last factor.
        if user.needs_second_factor and not is_mfa_enabled(user, SECOND_FACTORS):
            raise AuthenticationFailed
        now = timezone.now()  # noqa: TID251  # a request, like a view
        if not tokens.is_good(token=key, kept=token, at=now):
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
