"""The page where a person makes a token for programs of their own, and ends it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from rest_framework.authtoken.models import Token

from portal.accounts.access import fresh_sign_in, signed_in
from sharing.services import tokens


@require_http_methods(["GET", "POST"])
@never_cache
@fresh_sign_in
def token(request: HttpRequest) -> HttpResponse:
    """Show whether there is a token; make one and show it once; end it."""
    user, shown = signed_in(request), ""
    if request.method == "POST":
        if request.POST.get("what") == "end":
            tokens.end(user=user, at=timezone.now())
            messages.success(request, _("The token no longer works."))
            return redirect("api:token")
        shown = tokens.make(user=user, at=timezone.now())
    kept = Token.objects.filter(user=user).first()
    context = {"shown": shown, "has_one": kept, "ends_at": kept and kept.created + tokens.LIVES}
    return render(request, "sharing/token.html", context)
