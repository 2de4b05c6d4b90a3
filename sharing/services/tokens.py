"""Tokens with which programs of a person's own sign in at the API. Only hashes are kept."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac
from rest_framework.authtoken.models import Token

from portal.accounts.models import User
from portal.audit import actions
from portal.audit import services as audit

HASH_LENGTH: Final = 40
TOKEN_BYTES: Final = 32
MARK_LENGTH: Final = 16
LIVES: Final = timedelta(days=90)


@transaction.atomic
def make(*, user: User, at: datetime) -> str:
    """Return a new token of a person, that ends the old one; it is to be seen only now."""
    token = f"{secrets.token_urlsafe(TOKEN_BYTES)}.{_mark(user)}"
    Token.objects.filter(user=user).delete()
    Token.objects.create(user=user, key=hashed(token))
    _write_down(actions.TOKEN_MADE, user, at)
    return token


@transaction.atomic
def end(*, user: User, at: datetime) -> None:
    """End the token of a person, where there is one."""
    ended, _per_model = Token.objects.filter(user=user).delete()
    if ended:
        _write_down(actions.TOKEN_ENDED, user, at)


def hashed(token: str) -> str:
    """Return what is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()[:HASH_LENGTH]


def is_good(*, token: str, kept: Token, at: datetime) -> bool:
    """Whether a token is young enough, and was made under the password that the person has now."""
    is_young = at - kept.created < LIVES
    return is_young and constant_time_compare(token.rpartition(".")[2], _mark(kept.user))


def _mark(user: User) -> str:
    """Return what ties a token to the password that the person had when it was made."""
    of_password = user.get_session_auth_hash()
    return salted_hmac("sharing.token", of_password, algorithm="sha256").hexdigest()[:MARK_LENGTH]


def _write_down(action: str, user: User, at: datetime) -> None:
    whose = user.pk if user.is_patient else None
    audit.record(action, by=user, patient_id=whose, about=f"accounts.user:{user.pk}", at=at)
