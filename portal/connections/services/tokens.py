"""The vault: tokens are sealed, renewed by one worker at a time, and stored before use."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import uuid4

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP384R1, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.db import transaction

from portal.accounts import sealing
from portal.audit import actions
from portal.audit import services as audit
from portal.connections import smart
from portal.connections.models import Connection, Credential, Source
from portal.connections.source_api import Answer, SourceApi, SourceRefused, SourceUnavailable

RENEW_BEFORE = timedelta(seconds=60)
REVOKE_FOR = timedelta(days=1)
ASSERTION_LIVES = timedelta(minutes=4)
SMALLEST_RSA_BITS = 2048
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class SignInNeeded(Exception):
    """The source no longer takes our tokens; only the person can open it again."""


@dataclass(frozen=True)
class Bearer:
    """An access token that can be used now, and the generation that it belongs to."""

    token: str = field(repr=False)
    generation: int


def ask_token(
    source: Source, fields: Mapping[str, str], *, api: SourceApi, at: datetime
) -> smart.Tokens:
    """Send a grant to the pinned token address. Raises smart.TokenRefused, SourceUnavailable."""
    try:
        answer = _post(source, source.token_url, fields, api, at)
    except SourceRefused as refusal:
        raise smart.TokenRefused(refusal.code) from None
    return smart.read_tokens(answer.status, answer.body, asked=source.scopes)


@transaction.atomic
def store(connection: Connection, tokens: smart.Tokens, *, at: datetime) -> Credential:
    """Seal the tokens of a connection as a new generation."""
    credential = Credential.objects.select_for_update().filter(
        connection=connection
    ).first() or Credential(connection=connection, generation=0)
    _put(credential, tokens, at, refresh=tokens.refresh)
    return credential


def bearer(
    *, connection: Connection, api: SourceApi, at: datetime, refused: Bearer | None = None
) -> Bearer:
    """Return a token that can be used, renewed if it ends soon or if `refused` was the last one.

    Raises SignInNeeded, SourceUnavailable.
    """
    credential = Credential.objects.filter(connection=connection).first()
    if credential is None:
        raise SignInNeeded
    if _is_good(credential, at, refused):
        return _open(credential)
    try:
        return _renew(connection, api, at, refused)
    except smart.TokenRefused as refusal:
        if refusal.code == "no-json":  # a page of somebody in between, not a word of the source
            raise SourceUnavailable("answer-unreadable") from None
        needs_sign_in(connection, at=at)
        raise SignInNeeded from None


@transaction.atomic
def needs_sign_in(connection: Connection, *, at: datetime) -> None:
    """Note that the source no longer lets us in."""
    changed = Connection.objects.filter(pk=connection.pk, state=Connection.State.LIVE).update(
        state=Connection.State.SIGN_IN
    )
    if changed:
        audit.record(
            actions.SIGN_IN_NEEDED,
            by=None,
            patient_id=connection.patient_id,
            about=f"connections.connection:{connection.pk}",
            at=at,
        )


def revoke(*, connection: Connection, api: SourceApi, at: datetime) -> None:
    """Tell the source that the tokens of an ended connection end, then forget them.

    A source that does not answer is asked again, for a day. Raises SourceUnavailable.
    """
    credential = Credential.objects.filter(connection=connection).first()
    if credential is None or connection.ended_at is None:
        return
    source = connection.source
    for token in _tokens_to_end(credential) if source.revoke_url else ():
        try:
            _post(source, source.revoke_url, {"token": token}, api, at)
        except SourceRefused:
            continue  # it does not know the token any more, which is what we want
        except SourceUnavailable:
            if at - connection.ended_at < REVOKE_FOR:
                raise
    credential.delete()


def give_back(source: Source, tokens: smart.Tokens, *, api: SourceApi, at: datetime) -> None:
    """End tokens that we were given and cannot use; where that fails, they end by themselves."""
    for token in filter(None, (tokens.refresh, tokens.access)) if source.revoke_url else ():
        try:
            _post(source, source.revoke_url, {"token": token}, api, at)
        except (SourceRefused, SourceUnavailable):
            return


def _tokens_to_end(credential: Credential) -> list[str]:
    tokens = [_unseal(credential, "access")]
    if credential.sealed_refresh is not None:
        tokens.insert(0, _unseal(credential, "refresh"))
    return tokens


@transaction.atomic
def _renew(connection: Connection, api: SourceApi, at: datetime, refused: Bearer | None) -> Bearer:
    """Renew under the lock of the row: whoever comes second finds the new generation."""
    credential = Credential.objects.select_for_update().get(connection=connection)
    if _is_good(credential, at, refused):
        return _open(credential)
    if credential.sealed_refresh is None:
        raise smart.TokenRefused("no-refresh")
    spent = _unseal(credential, "refresh")
    fields = {"grant_type": "refresh_token", "refresh_token": spent}
    tokens = ask_token(connection.source, fields, api=api, at=at)
    _put(credential, tokens, at, refresh=tokens.refresh or spent)
    return _open(credential)


def _is_good(credential: Credential, at: datetime, refused: Bearer | None) -> bool:
    if refused is not None and credential.generation <= refused.generation:
        return False
    if credential.expires_at is None:
        return True
    return credential.expires_at - at > RENEW_BEFORE or (
        credential.sealed_refresh is None and credential.expires_at > at
    )


def _put(credential: Credential, tokens: smart.Tokens, at: datetime, *, refresh: str) -> None:
    credential.generation += 1
    credential.sealed_access = _seal(credential, "access", tokens.access)
    credential.sealed_refresh = _seal(credential, "refresh", refresh) if refresh else None
    lives = tokens.expires_in_s
    credential.expires_at = None if lives is None else at + timedelta(seconds=lives)
    credential.stored_at = at
    credential.save()


def _open(credential: Credential) -> Bearer:
    return Bearer(_unseal(credential, "access"), credential.generation)


def _seal(credential: Credential, name: str, value: str) -> bytes:
    return sealing.seal(value.encode(), context=credential.context(name))


def _unseal(credential: Credential, name: str) -> str:
    sealed = credential.sealed_access if name == "access" else credential.sealed_refresh
    if sealed is None:
        raise SignInNeeded
    return sealing.unseal(sealed, context=credential.context(name)).decode()


def _post(
    source: Source, url: str, fields: Mapping[str, str], api: SourceApi, at: datetime
) -> Answer:
    """Send a form with whatever proves who we are."""
    if source.auth_method == Source.AuthMethod.BASIC:
        header = smart.basic_header(source.client_id, _secret(source))
        return api.post_form(url, fields, headers={"Authorization": header})
    proof = {"client_id": source.client_id}
    if source.auth_method == Source.AuthMethod.PRIVATE_KEY_JWT:
        proof |= {
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": assertion(source, at),
        }
    return api.post_form(url, {**fields, **proof})


def assertion(source: Source, at: datetime) -> str:
    """Return a signed assertion of who we are, for the token address of the source."""
    key = _private_key(source)
    claims = {
        "iss": source.client_id,
        "sub": source.client_id,
        "aud": source.token_url,
        "iat": int(at.timestamp()),
        "exp": int((at + ASSERTION_LIVES).timestamp()),
        "jti": str(uuid4()),
    }
    return jwt.encode(claims, key, algorithm=_algorithm(key), headers={"kid": source.slug})


def public_keys() -> list[dict[str, object]]:
    """Return the public keys of all sources where we sign, as a JWK set has them."""
    return [
        _public_key(source)
        for source in Source.objects.filter(auth_method=Source.AuthMethod.PRIVATE_KEY_JWT)
    ]


def _public_key(source: Source) -> dict[str, object]:
    key = _private_key(source)
    public = key.public_key()
    algorithm = jwt.get_algorithm_by_name(_algorithm(key))
    jwk: dict[str, object] = json.loads(algorithm.to_jwk(public))
    return {**jwk, "kid": source.slug, "alg": _algorithm(key), "use": "sig", "key_ops": ["verify"]}


def _algorithm(key: RSAPrivateKey | EllipticCurvePrivateKey) -> str:
    return "RS384" if isinstance(key, RSAPrivateKey) else "ES384"


def _private_key(source: Source) -> RSAPrivateKey | EllipticCurvePrivateKey:
    return read_key(_secret(source))


def read_key(pem: str) -> RSAPrivateKey | EllipticCurvePrivateKey:
    """Return the private key in a PEM text, when it can sign RS384 or ES384.

    Raises smart.TokenRefused.
    """
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise smart.TokenRefused("our-key") from None
    if isinstance(key, RSAPrivateKey) and key.key_size >= SMALLEST_RSA_BITS:
        return key
    if isinstance(key, EllipticCurvePrivateKey) and isinstance(key.curve, SECP384R1):
        return key
    raise smart.TokenRefused("our-key")


def _secret(source: Source) -> str:
    if source.sealed_secret is None:
        raise smart.TokenRefused("our-secret")
    return sealing.unseal(source.sealed_secret, context=source.secret_context).decode()
