"""Staff and admins see data of others, so they get nowhere without a second factor."""

import time
from collections.abc import Callable

from allauth.mfa.utils import is_mfa_enabled
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from portal.accounts.models import User

# A session is written again at most this often, so that a page costs no write.
RENEW_AFTER_S = 300

# Where someone without a second factor may go: to set it up, or to leave.
OPEN_NAMES = frozenset(
    {
        "account_logout",
        "account_reauthenticate",
        "mfa_index",
        "mfa_activate_totp",
        "mfa_add_webauthn",
        "mfa_list_webauthn",
        "mfa_reauthenticate",
        "mfa_reauthenticate_webauthn",
        "mfa_view_recovery_codes",
        "mfa_generate_recovery_codes",
        "set_language",
        "jsi18n",
    }
)


class SecondFactorMiddleware:
    """Send people who need a second factor and have none to the page that sets it up."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer as the rest of the site does."""
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, _view: object, _args: object, _kwargs: object
    ) -> HttpResponse | None:
        """Turn someone away who may not go further yet; None lets them through."""
        user = request.user
        if not isinstance(user, User) or not user.needs_second_factor:
            return None
        match = request.resolver_match
        if match is not None and (match.view_name in OPEN_NAMES or is_mfa_enabled(user)):
            return None
        return redirect("mfa_index")


class StaySignedInMiddleware:
    """Move the end of a session while its person is active."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, and note at times that the person was here."""
        if request.user.is_authenticated:
            now = int(time.time())
            if now - request.session.get("seen", 0) > RENEW_AFTER_S:
                request.session["seen"] = now
        return self.get_response(request)
