"""Sealing of secrets with AES-256-GCM: key ids, and a context that binds the seal to its place.

A sealed value is `version (1) | length of key id (1) | key id | nonce (12) | ciphertext and tag`.
"""

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

_VERSION = b"\x01"
_NONCE_BYTES = 12


class BrokenSeal(Exception):
    """The value was changed, moved to another place, or sealed with a key that is gone."""


def seal(plain: bytes, *, context: str) -> bytes:
    """Return `plain` sealed under the current key; only the same `context` opens it."""
    key_id, key = next(iter(settings.SEAL_KEYS.items()))
    nonce = secrets.token_bytes(_NONCE_BYTES)
    name = key_id.encode()
    box = AESGCM(key).encrypt(nonce, plain, context.encode())
    return _VERSION + bytes([len(name)]) + name + nonce + box


def unseal(sealed: bytes | memoryview, *, context: str) -> bytes:
    """Return what was sealed. Raises BrokenSeal."""
    box = bytes(sealed)
    if box[:1] != _VERSION or len(box) < 2 + _NONCE_BYTES:
        raise BrokenSeal
    end = 2 + box[1]
    key = settings.SEAL_KEYS.get(box[2:end].decode("utf-8", "replace"))
    if key is None:
        raise BrokenSeal
    nonce, rest = box[end : end + _NONCE_BYTES], box[end + _NONCE_BYTES :]
    try:
        return AESGCM(key).decrypt(nonce, rest, context.encode())
    except (InvalidTag, ValueError) as error:
        raise BrokenSeal from error
