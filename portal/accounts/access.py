"""Who may open which page. Every page is for signed-in people unless it says otherwise."""

from collections.abc import Callable
from functools import wraps

from allauth.account.decorators import reauthentication_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from portal.accounts.models import User

type View = Callable[..., HttpResponseBase]


def signed_in(request: HttpRequest) -> User:
    """Return the person of a request that passed the sign-in rules."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def _only(role: str) -> Callable[[View], View]:
    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
            if signed_in(request).role != role:
                raise PermissionDenied
            return view(request, *args, **kwargs)

        guarded.role = role  # type: ignore[attr-defined]  # read by the route matrix test
        return guarded

    return decorate


patient_page = _only(User.Role.PATIENT)
staff_page = _only(User.Role.STAFF)
admin_page = _only(User.Role.ADMIN)


def fresh_sign_in(view: View) -> View:
    """Ask for the password or passkey again when the last time is over five minutes ago."""
    return reauthentication_required(view)  # type: ignore[no-any-return]


class _HasRole(BasePermission):
    role: str

    def has_permission(self, request: Request, view: APIView) -> bool:  # noqa: ARG002
        return isinstance(request.user, User) and request.user.role == self.role


class IsPatient(_HasRole):
    """Only a patient, who then sees only their own."""

    role = User.Role.PATIENT


class IsStaff(_HasRole):
    """Only staff of a program, who then see only their program's."""

    role = User.Role.STAFF
