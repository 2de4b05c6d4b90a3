"""Who gets how far: sign-in, the second factor, the end of a session, what browsers keep."""

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.contrib.auth import logout
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, resolve_url
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.http import url_has_allowed_host_and_scheme, urlencode

from portal.accounts.models import User

# A session is written again at most this often, so that a page costs no write.
RENEW_AFTER_S = 300
# However active somebody is, after this long they sign in again.
LONGEST_SESSION_S = 12 * 60 * 60

# Recovery codes stand in for a factor that is lost; alone they are none, and sign-in asks for none.
SECOND_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)

# Where someone who has not used a second factor may go: to use it, or to leave.
OPEN_NAMES = frozenset(
    {
        "account_logout",
        "mfa_reauthenticate",
        "mfa_reauthenticate_webauthn",
        "set_language",
        "jsi18n",
    }
)
# And someone who has none: to set it up. With one, a password must not be enough to add another
# or to read the recovery codes.
SET_UP_NAMES = OPEN_NAMES | frozenset(
    {
        "account_reauthenticate",
        "mfa_index",
        "mfa_activate_totp",
        "mfa_add_webauthn",
        "mfa_list_webauthn",
    }
)


class SignInMiddleware(LoginRequiredMiddleware):
    """Lead people whose session ended to the sign-in, and from there back to where they were."""

    def process_view(
        self,
        request: HttpRequest,
        view_func: Callable[..., HttpResponseBase],
        view_args: tuple[Any, ...],
        view_kwargs: dict[str, Any],
    ) -> HttpResponseBase | None:
        """Turn someone away who is not signed in; None lets them through."""
        refused = super().process_view(request, view_func, view_args, view_kwargs)
        if refused is None or "HX-Request" not in request.headers:
            return refused
        # A piece of a page is asked for: the whole page must go, or the form lands inside it.
        return HttpResponse(headers={"HX-Redirect": refused["Location"]})

    def handle_no_permission(
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponseRedirect:
        """Come back to the page of a form, not to an address that only takes what it sends."""
        return redirect_to_login(_page_of(request), resolve_url(self.get_login_url(view_func)))


def _page_of(request: HttpRequest) -> str:
    """Return the page where a person was: of a form or a piece, the one that it stands on."""
    is_piece = "HX-Request" in request.headers
    if request.method in {"GET", "HEAD"} and not is_piece:
        return request.get_full_path()
    page = request.headers.get("HX-Current-URL" if is_piece else "Referer", "")
    if not url_has_allowed_host_and_scheme(page, {request.get_host()}):
        return reverse("home")
    parts = urlsplit(page)
    return urlunsplit(("", "", parts.path, parts.query, ""))


class SecondFactorMiddleware:
    """Let people who need a second factor go on only in a session that has used one."""

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
        name = match.view_name if match is not None else ""
        if name in OPEN_NAMES:
            return None
        if not is_mfa_enabled(user, SECOND_FACTORS):
            return None if name in SET_UP_NAMES else redirect("mfa_index")
        if not _used_second_factor(request, user):
            back = urlencode({"next": request.get_full_path()})
            return redirect(f"{reverse('mfa_reauthenticate')}?{back}")
        return None


def _used_second_factor(request: HttpRequest, user: User) -> bool:
    records = get_authentication_records(request, user)
    return any(record.get("method") == "mfa" for record in records)


class StaySignedInMiddleware:
    """Move the end of a session while its person is active, up to a longest time."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, and note at times that the person was here."""
        if request.user.is_authenticated:
            now = int(time.time())
            if now - request.session.setdefault("began", now) > LONGEST_SESSION_S:
                logout(request)
                return self.get_response(request)
            if now - request.session.get("seen", 0) > RENEW_AFTER_S:
                request.session["seen"] = now
        return self.get_response(request)


class NothingKeptMiddleware:
    """Forbid browsers and proxies to keep what a signed-in person was shown."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Mark the answer, unless its page decided itself."""
        response = self.get_response(request)
        if request.user.is_authenticated and not response.has_header("Cache-Control"):
            patch_cache_control(response, private=True, no_store=True)
        return response
