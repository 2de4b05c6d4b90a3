"""Registering a source: ask it once how to sign in there, and pin what it says."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db import transaction

from portal.accounts import sealing
from portal.accounts.models import User
from portal.audit import actions
from portal.audit import services as audit
from portal.connections import guard, smart
from portal.connections.models import Source
from portal.connections.services import tokens
from portal.connections.source_api import SourceApi, SourceRefused

CONFIGURATION = "/.well-known/smart-configuration"


@dataclass(frozen=True)
class Registration:
    """What an admin says about a source; the rest is asked of the source itself."""

    slug: str
    kind: str
    name: str
    base: guard.Target
    client_id: str
    auth_method: str = Source.AuthMethod.NONE
    secret: str = field(default="", repr=False)
    scopes: str = ""
    place: str = ""


@dataclass(frozen=True)
class Told:
    """What a server said about itself."""

    discovery: smart.Discovery
    types: tuple[str, ...]


class BadKey(ValueError):
    """The private key cannot sign in the ways that sources take."""


def register(
    *, registration: Registration, api: SourceApi, by: User | None, at: datetime
) -> Source:
    """Add a source, or renew what is pinned for it.

    Raises BadKey, smart.NotSmart when the server cannot be used, and what SourceApi raises.
    """
    check_key(registration.auth_method, registration.secret)
    return keep(registration=registration, told=ask(registration.base, api=api), by=by, at=at)


def check_key(auth_method: str, secret: str) -> None:
    """Refuse a key with which nobody could sign. Raises BadKey.

    All public keys stand on one page: a key that cannot be read would take it from everybody.
    """
    if auth_method != Source.AuthMethod.PRIVATE_KEY_JWT or not secret:
        return
    try:
        tokens.read_key(secret)
    except smart.TokenRefused:
        raise BadKey from None


def ask(base: guard.Target, *, api: SourceApi) -> Told:
    """Ask a server how to sign in there and what it has. Raises as `register` does."""
    capability = api.get(f"{base.url}/metadata").body
    if not smart.fhir_version(capability).startswith("4."):
        raise smart.NotSmart("not-r4")
    found = discover(base.url, capability, api)
    _check_loopback(found, loopback=base.is_loopback)
    return Told(found, smart.served_types(capability))


def discover(base_url: str, capability: bytes, api: SourceApi) -> smart.Discovery:
    """Ask how to sign in: SMART's own document first, the CapabilityStatement as fallback."""
    try:
        answer = api.get(base_url + CONFIGURATION, accept="application/json")
        found = smart.read_configuration(answer.body)
    except SourceRefused:
        found = smart.read_capability(capability)
    except smart.NotSmart as missing:
        if missing.code not in {"no-configuration", "no-endpoints"}:
            raise
        found = smart.read_capability(capability)
    return found if found.issuer else replace(found, issuer=base_url)


def _check_loopback(found: smart.Discovery, *, loopback: bool) -> None:
    """Every address of a source is on this machine, or none, and then under https."""
    try:
        for url in filter(None, (found.authorize_url, found.token_url, found.revoke_url)):
            target = guard.register(url.partition("?")[0], loopback=loopback)
            if target.is_loopback != loopback:
                raise smart.NotSmart("bad-endpoints")
    except guard.UrlRefused:
        raise smart.NotSmart("bad-endpoints") from None


@transaction.atomic
def keep(*, registration: Registration, told: Told, by: User | None, at: datetime) -> Source:
    """Store a source with what was pinned for it."""
    source = Source.objects.filter(slug=registration.slug).first() or Source(
        slug=registration.slug, registered_at=at
    )
    source.kind = registration.kind
    source.name = registration.name
    source.place = registration.place
    source.base_url = registration.base.url
    source.loopback = registration.base.is_loopback
    source.client_id = registration.client_id
    source.auth_method = registration.auth_method
    source.scopes = registration.scopes or smart.scopes_to_ask(told.discovery)
    source.types = list(told.types)
    _pin(source, told.discovery)
    if registration.secret:
        source.sealed_secret = sealing.seal(
            registration.secret.encode(), context=source.secret_context
        )
    source.full_clean()
    source.save()
    audit.record(
        actions.SOURCE_REGISTERED,
        by=by,
        patient_id=None,
        about=f"connections.source:{source.pk}",
        at=at,
    )
    return source


def _pin(source: Source, found: smart.Discovery) -> None:
    source.issuer = found.issuer
    source.issuer_in_answers = found.issuer_in_answers
    source.authorize_url = found.authorize_url
    source.token_url = found.token_url
    source.revoke_url = found.revoke_url
