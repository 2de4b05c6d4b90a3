"""How allauth's accounts behave here."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.utils.translation import get_language

from portal.accounts.models import User


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Only patients sign up by themselves; staff and admins are made by admins."""

    def save_user(  # noqa: D102
        self,
        request: HttpRequest,
        user: User,
        form: object,
        commit: bool = True,  # noqa: FBT001, FBT002
    ) -> User:
        user.role = User.Role.PATIENT
        user.language = (get_language() or "en")[:2]
        return super().save_user(request, user, form, commit)  # type: ignore[no-any-return]
