"""How allauth's accounts behave here."""

import base64
from itertools import count

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.http import HttpRequest
from django.utils.translation import get_language, gettext

from portal.accounts.models import User
from portal.accounts.sealing import seal, unseal

MFA_CONTEXT = "accounts.second-factor"


def display(user: User) -> str:
    """Return what a person is called on account pages: never by the number of the row."""
    return user.name or user.email


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


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Keeps the seeds of second factors sealed, and gives keys plain names."""

    def generate_authenticator_name(self, user: User, type: str) -> str:  # noqa: A002  # its name
        """Return the name that a new key has until the person thinks of a better one."""
        keys = Authenticator.objects.filter(user=user, type=type)
        taken = {str(key.wrap()) for key in keys}
        names = (gettext("Key %(number)d") % {"number": number} for number in count(1))
        return next(name for name in names if name not in taken)

    def encrypt(self, text: str) -> str:
        """Seal what a second factor is computed from."""
        return base64.b64encode(seal(text.encode(), context=MFA_CONTEXT)).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Open it again."""
        return unseal(base64.b64decode(encrypted_text), context=MFA_CONTEXT).decode()
