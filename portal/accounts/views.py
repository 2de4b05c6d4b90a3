"""The front door: each person's own start page."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from portal.accounts.models import User

START = {
    User.Role.PATIENT: "results:list",
    User.Role.STAFF: "review:queue",
    User.Role.ADMIN: "consent_admin:documents",
}


@login_not_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    if isinstance(request.user, User):
        return redirect(START[User.Role(request.user.role)])
    return render(request, "site/welcome.html")
