"""Every refusal as problem details (RFC 9457), in the language of the person."""

from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase, JsonResponse
from django.urls import reverse
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import defaults
from django.views.csrf import csrf_failure
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler

from portal.accounts.models import User

MEDIA_TYPE = "application/problem+json"


class BrokenHere(Exception):
    """Something went wrong that is no refusal."""


type Kinds = tuple[type[Exception], ...]

_KINDS: list[tuple[Kinds, str, Promise]] = [
    ((Http404, exceptions.NotFound), "not-found", gettext_lazy("There is nothing here for you.")),
    (
        (exceptions.NotAuthenticated, exceptions.AuthenticationFailed),
        "sign-in",
        gettext_lazy("Please sign in, or send a token that works."),
    ),
    (
        (PermissionDenied, exceptions.PermissionDenied),
        "not-allowed",
        gettext_lazy("You may not do this."),
    ),
    ((exceptions.Throttled,), "too-many", gettext_lazy("Too many requests. Please wait a little.")),
    ((exceptions.MethodNotAllowed,), "method", gettext_lazy("This cannot be done here.")),
    ((exceptions.NotAcceptable,), "format", gettext_lazy("We answer in JSON only.")),
    (
        (exceptions.ValidationError,),
        "invalid",
        gettext_lazy("Something in the request is not right."),
    ),
    (
        (BrokenHere,),
        "broken",
        gettext_lazy("Something went wrong here. Try again in a few minutes."),
    ),
]


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """Return an error as problem details; None lets what is no refusal be a plain error."""
    answer = exception_handler(error, context)
    if answer is None:
        return None
    user = getattr(context.get("request"), "user", None)
    language = user.language if isinstance(user, User) else translation.get_language()
    with translation.override(language):
        problem = _problem(error, answer)
    made = Response(problem, status=answer.status_code, content_type=MEDIA_TYPE)
    for name in ("WWW-Authenticate", "Retry-After", "Allow"):
        if name in answer.headers:
            made[name] = answer.headers[name]
    return made


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Answer what cannot be read: below the API in its own form, else with a page."""
    told = _told(request, exception, HTTPStatus.BAD_REQUEST)
    return told or defaults.bad_request(request, exception)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Answer what may not be done: below the API in its own form, else with a page."""
    told = _told(request, exception, HTTPStatus.FORBIDDEN)
    return told or defaults.permission_denied(request, exception)


def foreign_form(request: HttpRequest, reason: str = "") -> HttpResponseBase:
    """Answer a form that may not be of this site: below the API in its own form, else a page."""
    told = _told(request, PermissionDenied(reason), HTTPStatus.FORBIDDEN)
    return told or csrf_failure(request, reason)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Answer an address that there is not: below the API in its own form, else with a page."""
    told = _told(request, exception, HTTPStatus.NOT_FOUND)
    return told or defaults.page_not_found(request, exception)


def broken(request: HttpRequest) -> HttpResponseBase:
    """Answer when something broke here: below the API in its own form, else with a page."""
    told = _told(request, BrokenHere(), HTTPStatus.INTERNAL_SERVER_ERROR)
    return told or defaults.server_error(request)


def _told(request: HttpRequest, error: Exception, status: HTTPStatus) -> JsonResponse | None:
    if not request.path.startswith(reverse("api:docs").removesuffix("docs/")):
        return None
    return JsonResponse(_stated(error, status), status=status, content_type=MEDIA_TYPE)


def _problem(error: Exception, answer: Response) -> dict[str, Any]:
    problem = _stated(error, answer.status_code)
    if isinstance(error, exceptions.ValidationError):
        problem["errors"] = answer.data
    return problem


def _stated(error: Exception, status: int) -> dict[str, Any]:
    kind, title = _kind(error)
    return {"type": f"urn:sync-for-genes:problem:{kind}", "title": title, "status": int(status)}


def _kind(error: Exception) -> tuple[str, str]:
    for kinds, name, title in _KINDS:
        if isinstance(error, kinds):
            return name, str(title)
    return "refused", _("The request cannot be understood.")
