"""Signing people in for tests, as the site itself would have done it."""

import time

from allauth.account.internal.flows import login
from allauth.mfa.models import Authenticator
from django.test import Client

from portal.accounts.models import User


def sign_in(client: Client, user: User) -> User:
    """Sign `user` in just now; those who need a second factor have one and used it."""
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    methods = ["password"]
    if user.needs_second_factor:
        Authenticator.objects.get_or_create(
            user=user, type=Authenticator.Type.TOTP, defaults={"data": {"secret": "x"}}
        )
        methods.append("mfa")
    session = client.session
    session[login.AUTHENTICATION_METHODS_SESSION_KEY] = [
        {"method": method, "at": time.time()} for method in methods
    ]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()
    return user
