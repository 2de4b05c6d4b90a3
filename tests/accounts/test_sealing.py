"""Sealed values open only in their place, unchanged, with a key that is still there."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from portal.accounts.sealing import BrokenSeal, seal, unseal


@given(plain=st.binary(max_size=200), context=st.text(max_size=40))
def test_what_is_sealed_comes_back(plain: bytes, context: str) -> None:
    assert unseal(seal(plain, context=context), context=context) == plain


def test_the_same_value_never_looks_the_same_twice() -> None:
    assert seal(b"token", context="a") != seal(b"token", context="a")


def test_a_seal_does_not_open_in_another_place() -> None:
    sealed = seal(b"token", context="connection:1:access:1")

    with pytest.raises(BrokenSeal):
        unseal(sealed, context="connection:2:access:1")


@given(position=st.integers(min_value=0, max_value=60), flip=st.integers(1, 255))
def test_a_changed_byte_breaks_the_seal(position: int, flip: int) -> None:
    sealed = bytearray(seal(b"a token of some length, forty-odd bytes", context="x"))
    sealed[position % len(sealed)] ^= flip

    with pytest.raises(BrokenSeal):
        unseal(bytes(sealed), context="x")


@pytest.mark.parametrize("rubbish", [b"", b"\x01", b"\x01\xff", b"\x02" + b"x" * 60])
def test_rubbish_is_a_broken_seal(rubbish: bytes) -> None:
    with pytest.raises(BrokenSeal):
        unseal(rubbish, context="x")


def test_an_older_key_still_opens_and_the_first_key_seals(settings: Settings) -> None:
    old = {"one": base64.b64decode("A" * 43 + "=")}
    settings.SEAL_KEYS = old
    sealed = seal(b"token", context="x")
    settings.SEAL_KEYS = {"two": b"k" * 32} | old

    assert unseal(sealed, context="x") == b"token"
    assert b"two" in seal(b"token", context="x")[:6]


def test_a_lost_key_is_a_broken_seal(settings: Settings) -> None:
    sealed = seal(b"token", context="x")
    settings.SEAL_KEYS = {"other": b"k" * 32}

    with pytest.raises(BrokenSeal):
        unseal(sealed, context="x")
