"""The made-up people of the demo, and how each signs in."""

import base64
import hmac
from collections.abc import Iterator
from dataclasses import dataclass

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.conf import settings
from django.contrib.auth.models import Permission
from django.db import transaction

from portal.accounts.models import User

FEWEST_CODES = 5
# What the admins of the demo look after in the browser: sources, and servers and staff of programs.
LOOKS_AFTER = (
    "add_source",
    "change_source",
    "view_source",
    "add_endpoint",
    "change_endpoint",
    "view_endpoint",
    "add_member",
    "view_member",
    "delete_member",
)


@dataclass(frozen=True)
class Person:
    """Someone of the demo."""

    email: str
    name: str
    role: User.Role
    shown: bool = True


PATIENT = Person("maria@patient.example", "Maria Rivera", User.Role.PATIENT)
STAFF = Person("sam@program.example", "Sam Okafor", User.Role.STAFF)
ADMIN = Person("ana@consent.example", "Ana Lindqvist", User.Role.ADMIN)
# Publishing a consent text takes a second person.
SECOND_ADMIN = Person("ben@consent.example", "Ben Adeyemi", User.Role.ADMIN, shown=False)
PEOPLE = (PATIENT, STAFF, ADMIN, SECOND_ADMIN)


def make() -> Iterator[Person]:
    """Make the people who are missing; yield all of them."""
    for person in PEOPLE:
        _make(person)
        yield person


def sign_in(person: Person) -> dict[str, object]:
    """Return what a visitor of the demo types to sign in as this person."""
    user = User.objects.get(email=person.email)
    facts: dict[str, object] = {
        "role": person.role.value,
        "shown": person.shown,
        "email": person.email,
        "password": _password(person),
    }
    if user.needs_second_factor:
        facts["recovery_codes"] = _recovery_codes(user)
        facts["authenticator_key"] = _authenticator_key(person)
    return facts


@transaction.atomic
def _make(person: Person) -> None:
    user = User.objects.filter(email=person.email).first()
    if user is None:
        user = User.objects.create_user(
            person.email,
            _password(person),
            name=person.name,
            role=person.role,
            is_staff=person.role == User.Role.ADMIN,
        )
    EmailAddress.objects.get_or_create(
        user=user, email=person.email, defaults={"verified": True, "primary": True}
    )
    if person.role == User.Role.ADMIN:
        user.user_permissions.set(Permission.objects.filter(codename__in=LOOKS_AFTER))
    if user.needs_second_factor:
        _give_second_factor(user, person)


def _password(person: Person) -> str:
    """Return a password that is the same at every start, and another in every checkout."""
    digits = _secret("password", person).hex()
    return "-".join(["demo", digits[:4], digits[4:8], digits[8:12]])


def _authenticator_key(person: Person) -> str:
    """Return the key that an authenticator app turns into six digits."""
    return base64.b32encode(_secret("authenticator", person)[:20]).decode()


def _secret(purpose: str, person: Person) -> bytes:
    said = f"{purpose}:{person.email}".encode()
    return hmac.new(settings.SECRET_KEY.encode(), said, "sha256").digest()


def _give_second_factor(user: User, person: Person) -> None:
    """Give an authenticator, and recovery codes to use in its place."""
    if not Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists():
        TOTP.activate(user, _authenticator_key(person))
    RecoveryCodes.activate(user)


def _recovery_codes(user: User) -> list[str]:
    codes: list[str] = RecoveryCodes.activate(user).get_unused_codes()
    if len(codes) < FEWEST_CODES:
        Authenticator.objects.filter(user=user, type=Authenticator.Type.RECOVERY_CODES).delete()
        codes = RecoveryCodes.activate(user).get_unused_codes()
    return codes
