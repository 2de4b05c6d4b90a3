"""Going to a source to sign in, coming back, and ending a connection."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from django.db import transaction

from portal.accounts import sealing
from portal.accounts.models import User
from portal.audit import actions
from portal.audit import services as audit
from portal.connections import smart
from portal.connections.models import (
    ATTEMPT_LIVES,
    AuthorizationAttempt,
    Connection,
    Import,
    Source,
)
from portal.connections.services import imports, tokens
from portal.connections.source_api import SourceApi
from portal.records import services as records
from portal.records.models import Origin


class ConnectRefused(Exception):
    """The trip to the source did not end in a connection; `code` says why."""

    code: ClassVar[str] = "refused"


class UnknownAttempt(ConnectRefused):
    """This browser did not start this trip, or it was used before."""

    code = "unknown-attempt"


class AttemptTooOld(ConnectRefused):
    """The trip took longer than ten minutes."""

    code = "too-old"


class SignInRefused(ConnectRefused):
    """The person said no there, or the source did."""

    code = "sign-in-refused"


class WrongIssuer(ConnectRefused):
    """Somebody else answered in the name of the source."""

    code = "wrong-issuer"


class NoToken(ConnectRefused):
    """The source gave no token for the code."""

    code = "no-token"


class NoPatient(ConnectRefused):
    """The source did not say whose record it opened."""

    code = "no-patient"


class NothingGranted(ConnectRefused):
    """The person let us read nothing."""

    code = "nothing-granted"


class StillConnected(Exception):
    """The connection has to be ended first."""


@dataclass(frozen=True)
class Answer:
    """What came back in the address of the return page."""

    state: str = field(repr=False)
    code: str = field(repr=False)
    issuer: str
    error: str


@transaction.atomic
def begin(*, patient: User, source: Source, browser: str, redirect_uri: str, at: datetime) -> str:
    """Return the address of the source's sign-in page, good for this browser, once.

    `browser` is a secret that only this browser's session holds.
    """
    state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(64)
    attempt = AuthorizationAttempt(
        patient=patient,
        source=source,
        state_sha256=_sha256(state),
        browser_sha256=_sha256(browser),
        scopes=source.scopes,
        created_at=at,
        expires_at=at + ATTEMPT_LIVES,
    )
    attempt.sealed_verifier = sealing.seal(verifier.encode(), context=attempt.verifier_context)
    attempt.save()
    client = smart.Client(source.client_id, redirect_uri, source.scopes)
    return smart.authorize_address(
        source.authorize_url, client, audience=source.base_url, state=state, verifier=verifier
    )


def use_attempt(
    *, patient: User, browser: str, answer: Answer, at: datetime
) -> AuthorizationAttempt:
    """Take back an attempt, once. The first thing on the way home, before anything is asked.

    Raises UnknownAttempt, AttemptTooOld, WrongIssuer, SignInRefused.
    """
    attempt = (
        AuthorizationAttempt.objects.select_related("source")
        .filter(state_sha256=_sha256(answer.state), patient=patient)
        .first()
    )
    if attempt is None or not hmac.compare_digest(attempt.browser_sha256, _sha256(browser)):
        raise UnknownAttempt
    unused = AuthorizationAttempt.objects.filter(pk=attempt.pk, used_at=None)
    if not unused.update(used_at=at):
        raise UnknownAttempt
    if attempt.expires_at <= at:
        raise AttemptTooOld
    _check_issuer(attempt.source, answer.issuer)
    if answer.error or not answer.code:
        raise SignInRefused
    return attempt


def finish(
    *, attempt: AuthorizationAttempt, code: str, redirect_uri: str, api: SourceApi, at: datetime
) -> Import:
    """Change the code for tokens, and queue the first import in the same transaction.

    Raises NoToken, NoPatient, NothingGranted, SourceUnavailable.
    """
    verifier = sealing.unseal(attempt.sealed_verifier, context=attempt.verifier_context).decode()
    fields = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "code_verifier": verifier,
    }
    try:
        given = tokens.ask_token(attempt.source, fields, api=api, at=at)
    except smart.TokenRefused:
        raise NoToken from None
    refusal = _why_not(given)
    if refusal is not None:
        tokens.give_back(attempt.source, given, api=api, at=at)
        raise refusal
    return _connect(attempt, given, at)


def _why_not(given: smart.Tokens) -> ConnectRefused | None:
    if not given.patient_id:
        return NoPatient()
    if not smart.readable(given.scopes, types=imports.ALL_TYPES):
        return NothingGranted()
    return None


@transaction.atomic
def disconnect(*, connection: Connection, delete_copies: bool, at: datetime) -> None:
    """End a connection: nothing more is asked; its tokens end at the source soon after.

    With `delete_copies` everything that came over it is erased here.
    """
    connection = Connection.objects.select_for_update().get(pk=connection.pk)
    if connection.state == Connection.State.DISCONNECTED:
        return
    imports.stop(connection=connection, at=at)
    connection.state = Connection.State.DISCONNECTED
    connection.ended_at = at
    connection.next_import_at = None
    connection.save()
    erased = records.erase(origin=connection.origin) if delete_copies else 0
    audit.record(
        actions.DISCONNECTED,
        by=connection.patient,
        patient_id=connection.patient_id,
        about=f"connections.connection:{connection.pk}",
        facts={"erased": erased},
        at=at,
    )


@transaction.atomic
def delete_copies(*, connection: Connection, at: datetime) -> None:
    """Erase everything that came over a connection that was ended before.

    Raises StillConnected.
    """
    connection = Connection.objects.select_for_update().get(pk=connection.pk)
    if connection.state != Connection.State.DISCONNECTED:
        raise StillConnected
    audit.record(
        actions.COPIES_DELETED,
        by=connection.patient,
        patient_id=connection.patient_id,
        about=f"connections.connection:{connection.pk}",
        facts={"erased": records.erase(origin=connection.origin)},
        at=at,
    )


@transaction.atomic
def _connect(attempt: AuthorizationAttempt, given: smart.Tokens, at: datetime) -> Import:
    # Two trips of one person may end at the same moment; the second finds what the first made.
    User.objects.select_for_update(no_key=True).get(pk=attempt.patient_id)
    connection = _find_or_make(attempt, given, at)
    tokens.store(connection, given, at=at)
    run = imports.queue(connection=connection, kind=Import.Kind.FIRST, at=at)
    audit.record(
        actions.CONNECTED,
        by=attempt.patient,
        patient_id=attempt.patient_id,
        about=f"connections.connection:{connection.pk}",
        facts={"source": attempt.source_id},
        at=at,
    )
    return run


def _find_or_make(attempt: AuthorizationAttempt, given: smart.Tokens, at: datetime) -> Connection:
    """Return the connection to the same record there, opened again, or a new one."""
    connection = (
        Connection.objects.select_for_update()
        .filter(
            patient=attempt.patient,
            source=attempt.source,
            remote_patient_id=given.patient_id,
        )
        .first()
    )
    if connection is None:
        connection = Connection(
            patient=attempt.patient,
            source=attempt.source,
            remote_patient_id=given.patient_id,
            origin=_origin(attempt, given, at),
        )
    connection.state = Connection.State.LIVE
    connection.scopes = given.scopes
    connection.connected_at = at
    connection.ended_at = None
    connection.save()
    return connection


def _origin(attempt: AuthorizationAttempt, given: smart.Tokens, at: datetime) -> Origin:
    return Origin.objects.create(
        patient=attempt.patient,
        kind=Origin.Kind.CONNECTION,
        name=attempt.source.name,
        remote_patient_id=given.patient_id,
        base_url=attempt.source.base_url,
        created_at=at,
    )


def _check_issuer(source: Source, issuer: str) -> None:
    """Spec: RFC 9207. A promised `iss` must come, and one that comes must be the pinned one."""
    if issuer != source.issuer and (issuer or source.issuer_in_answers):
        raise WrongIssuer


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
