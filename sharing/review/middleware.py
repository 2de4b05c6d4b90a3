"""Puts the database's wall around every request of a program's staff."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from portal.accounts.models import User
from sharing.services.wall import only_programs_of


class ProgramWallMiddleware:
    """Other people's requests pass as they are."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Keep what comes next."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Show a member of staff the rows of their programs only."""
        user = request.user
        if not isinstance(user, User) or not user.is_program_staff:
            return self.get_response(request)
        with only_programs_of(user):
            return self.get_response(request)
