"""The front door: each person's own start page, and their language."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views import i18n
from django.views.decorators.http import require_POST, require_safe

from portal.accounts.models import User

START = {
    User.Role.PATIENT: "results:list",
    User.Role.STAFF: "review:queue",
    User.Role.ADMIN: "consent_admin:documents",
}


@login_not_required
@require_POST
def set_language(request: HttpRequest) -> HttpResponseBase:
    """Change the language of the pages, and of what is written to this person later."""
    chosen = request.POST.get("language")
    if isinstance(request.user, User) and chosen in dict(settings.LANGUAGES):
        User.objects.filter(pk=request.user.pk).update(language=chosen)
    return i18n.set_language(request)


@login_not_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    if isinstance(request.user, User):
        return redirect(START[User.Role(request.user.role)])
    return render(request, "site/welcome.html")
