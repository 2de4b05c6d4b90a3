"""Numbers as their source wrote them: 1.50 says more than 1.5, and JSON readers tell them alike."""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

# What a reader of JSON writes otherwise than it stood: zeros at the end, exponents, many digits,
# and numbers so small that it would write them with an exponent.
_LOST = re.compile(rb"\.(?:[0-9]*0[\s,}\]]|[0-9]+[eE]|[0-9]{9}|0000)")

_LONGEST = 40  # digits before a dot, and blanks before them


class Written(float):
    """A decimal with the text that it was written as; equal to any float of its size."""

    __slots__ = ("text",)
    text: str

    def __new__(cls, text: str) -> "Written":
        """Keep the text beside the number."""
        number = super().__new__(cls, text)
        number.text = text
        return number

    def __repr__(self) -> str:
        """Return it as it was written."""
        return self.text


_reader = msgspec.json.Decoder(float_hook=Written)


def exact(body: Mapping[str, Any], raw: bytes) -> Mapping[str, Any]:
    """Return a resource with its decimals as written: the one given where none would be lost."""
    if not any(_is_number(raw, found.start()) for found in _LOST.finditer(raw)):
        return body
    try:
        again = _reader.decode(raw)
    except (msgspec.DecodeError, RecursionError):
        return body  # what one reader takes another may refuse
    return again if isinstance(again, dict) and again == body else body


def _is_number(raw: bytes, dot: int) -> bool:
    """Tell a number from the many dots in words and addresses, by what stands before its digits."""
    before = raw[max(0, dot - _LONGEST) : dot].rstrip(b"0123456789").removesuffix(b"-").rstrip()
    return before.endswith((b":", b"[", b","))


def as_sent(number: object) -> str:
    """Return how a number was written, where JSON of ours would write it otherwise."""
    if not isinstance(number, Written):
        return ""
    plain = int(number) if number.is_integer() else float(number)
    return number.text if number.text != repr(plain) else ""
