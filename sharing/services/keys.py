"""The key pairs with which we sign in at programs, and what of them is published."""

import secrets
from datetime import datetime, timedelta
from typing import Any

import orjson
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from django.db import transaction
from django.db.models import Q
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from portal.accounts.sealing import seal, unseal
from portal.audit import actions
from portal.audit import services as audit
from sharing.models import Endpoint, SigningKey

RSA_BITS = 3072
# Programs may hold on to our key set for a day, and a signature of ours lives for minutes.
STAYS_PUBLISHED = timedelta(days=2)


def current(algorithm: str, *, at: datetime) -> SigningKey:
    """Return the key of this algorithm that is in use, made on the first call."""
    found = SigningKey.objects.filter(algorithm=algorithm, retired_at=None).first()
    return found or _make(algorithm, at)


@transaction.atomic
def rotate(*, algorithm: str, at: datetime) -> SigningKey:
    """Retire the key in use and make another; the old one stays published for a while."""
    SigningKey.objects.filter(algorithm=algorithm, retired_at=None).update(retired_at=at)
    made = _make(algorithm, at)
    audit.record(actions.SIGNING_KEY_ROTATED, by=None, patient_id=None, about=made.kid, at=at)
    return made


def private_pem(key: SigningKey) -> bytes:
    """Return the private half, opened."""
    return unseal(key.sealed_private, context=_context(key.kid))


def published(*, at: datetime) -> dict[str, list[dict[str, Any]]]:
    """Return the public halves as a JSON Web Key Set."""
    in_use = Q(retired_at=None) | Q(retired_at__gt=at - STAYS_PUBLISHED)
    newest = SigningKey.objects.filter(in_use).order_by("algorithm", "-created_at")
    return {"keys": [key.public_jwk for key in newest]}


def _context(kid: str) -> str:
    return f"sharing.signing-key:{kid}"


def _make(algorithm: str, at: datetime) -> SigningKey:
    kid = f"{algorithm.lower()}-{secrets.token_hex(8)}"
    pem, public = _rsa() if algorithm == Endpoint.Algorithm.RS384 else _elliptic()
    jwk = {**public, "kid": kid, "alg": algorithm, "use": "sig", "key_ops": ["verify"]}
    made = SigningKey(
        kid=kid,
        algorithm=algorithm,
        sealed_private=seal(pem, context=_context(kid)),
        public_jwk=jwk,
        created_at=at,
    )
    # Two workers may need the first key at the same moment; one of theirs stays.
    SigningKey.objects.bulk_create([made], ignore_conflicts=True)
    return SigningKey.objects.get(algorithm=algorithm, retired_at=None)


def _rsa() -> tuple[bytes, dict[str, Any]]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)
    return _pem(key), orjson.loads(RSAAlgorithm.to_jwk(key.public_key()))


def _elliptic() -> tuple[bytes, dict[str, Any]]:
    key = ec.generate_private_key(ec.SECP384R1())
    return _pem(key), orjson.loads(ECAlgorithm.to_jwk(key.public_key()))


def _pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
