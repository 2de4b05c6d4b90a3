"""Programs' servers and staff, entered by those who run the site."""

import secrets
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from consent.models import Program
from portal.accounts.models import User
from portal.accounts.sealing import seal
from portal.audit import actions
from portal.audit import services as audit
from portal.connections import guard
from sharing.models import Endpoint, Member

SECRET_BYTES = 32


class BadAddress(Exception):
    """An address that may not be called; the message says which rule it breaks."""


class CannotSignIn(Exception):
    """A server where we sign in has a token address, and there we have a name."""


class NotStaff(Exception):
    """Only somebody with the role of program staff can join a program's staff."""


@dataclass(frozen=True)
class Server:
    """What must be known of a program's server."""

    base_url: str
    token_url: str = ""
    notice_url: str = ""
    sign_in: str = Endpoint.Sign.BACKEND
    client_id: str = ""
    algorithm: str = Endpoint.Algorithm.RS384
    oauth_scope: str = "system/*.cruds"
    writing: str = Endpoint.Way.OWN_IDS
    if_match: bool = True
    counts: bool = True
    deletes: bool = True


@transaction.atomic
def register(
    *,
    program: Program,
    server: Server,
    active: bool | None = None,
    by: User | None = None,
    at: datetime,
) -> Endpoint:
    """Say where the bytes for a program go, or correct it; its secret stays what it was.

    It stays open or closed as it is unless `active` says so. Raises BadAddress, CannotSignIn.
    """
    check_sign_in(server.sign_in, server.token_url, server.client_id)
    for url in (server.base_url, server.token_url, server.notice_url):
        check_address(url)
    words = {**asdict(server), "base_url": server.base_url.rstrip("/")}
    if active is not None:
        words["active"] = active
    endpoint = _keep(program, words, at)
    audit.record(
        actions.SHARING_SERVER_CHANGED,
        by=by,
        patient_id=None,
        about=f"sharing.endpoint:{endpoint.pk}",
        facts={"program": program.pk, "active": endpoint.active},
        at=at,
    )
    return endpoint


def _keep(program: Program, words: dict[str, Any], at: datetime) -> Endpoint:
    found = Endpoint.objects.select_for_update().filter(program=program).first()
    if found is None:
        sealed = seal(secrets.token_bytes(SECRET_BYTES), context=f"sharing.endpoint:{program.pk}")
        return Endpoint.objects.create(
            program=program, sealed_secret=sealed, created_at=at, **words
        )
    Endpoint.objects.filter(pk=found.pk).update(**words)
    return Endpoint.objects.get(pk=found.pk)


def check_sign_in(sign_in: str, token_url: str, client_id: str) -> None:
    """Refuse a server where we could not sign in. Raises CannotSignIn."""
    if sign_in != Endpoint.Sign.NONE and not (token_url and client_id):
        raise CannotSignIn


def check_address(url: str) -> None:
    """Refuse an address that may not be called. Raises BadAddress."""
    try:
        if url:
            guard.register(url, loopback=settings.LOOPBACK_HOSTS_ALLOWED)
    except guard.UrlRefused as refusal:
        raise BadAddress(str(refusal)) from refusal


@transaction.atomic
def join(*, user: User, program: Program, by: User | None = None, at: datetime) -> Member:
    """Let somebody read what is shared with a program. Raises NotStaff."""
    if not user.is_program_staff:
        raise NotStaff
    member, is_new = Member.objects.get_or_create(
        user=user, program=program, defaults={"since": at}
    )
    if is_new:
        _write_down(actions.SHARING_STAFF_JOINED, member, by, at)
    return member


@transaction.atomic
def leave(*, member: Member, by: User | None, at: datetime) -> None:
    """Let somebody read no more of what is shared with a program."""
    _write_down(actions.SHARING_STAFF_LEFT, member, by, at)
    member.delete()


def _write_down(action: str, member: Member, by: User | None, at: datetime) -> None:
    audit.record(
        action,
        by=by,
        patient_id=None,
        about=f"accounts.user:{member.user_id}",
        facts={"program": member.program_id},
        at=at,
    )
