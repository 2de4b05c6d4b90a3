"""Pages that are the same for everybody: help, privacy, a copy in hand, the way to an account."""

from collections.abc import Callable
from http import HTTPStatus

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST
from django.views.generic import TemplateView

app_name = "site"


class ButtonsOnlyMiddleware:
    """Give a page to those who open the address of a button; without it the window stays blank."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Keep what answers."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, and fill an answer that says only that the method is another."""
        answer = self.get_response(request)
        if not isinstance(answer, HttpResponseNotAllowed) or answer.content:
            return answer
        page = render(request, "405.html", status=HTTPStatus.METHOD_NOT_ALLOWED)
        page["Allow"] = answer["Allow"]
        return page


@require_POST
def still_here(request: HttpRequest) -> HttpResponse:
    """Let a session live on; site.js asks for it before the end, a browser without it reloads."""
    request.session.modified = True
    return HttpResponse(status=204) if "quiet" in request.POST else redirect("home")


urlpatterns = [
    *(
        path(
            f"{name}/",
            login_not_required(TemplateView.as_view(template_name=f"site/{name}.html")),
            name=name,
        )
        for name in ("help", "words", "privacy", "accessibility", "doctors")
    ),
    path("account/", TemplateView.as_view(template_name="site/account.html"), name="account"),
    path("still-here/", still_here, name="still_here"),
]
