"""Which addresses may be called. Pure: it decides about text and numbers, and opens nothing.

An address is called only when it stands, character for character, under a registered base. What
two readers of one URL could read in two ways (encoded dots, back slashes, user names, odd
numbers for an IP address) is refused, not repaired.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

MOST_CHARACTERS: Final = 8_000
MOST_IN_A_NAME: Final = 253
LAST_PORT: Final = 65_535
LOOPBACK_NAMES: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})
DEFAULT_PORTS: Final = {"https": 443, "http": 80}

_URL = re.compile(
    r"(?P<scheme>[A-Za-z]+)://(?P<place>[^/?#]+)(?P<path>/[^?#]*)?(?P<query>\?[^#]*)?"
)
_PLACE = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)(?::(?P<port>[1-9][0-9]{0,4}))?")
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_NUMBER = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)")
_PRINTABLE = re.compile(r"[!-~]*")
_ESCAPE = re.compile(r"%(?P<code>..?)?")
# Characters that no server address needs, and that readers disagree about.
_NEVER_IN_PATH = frozenset('\\;"<>^`{|}')
_NEVER_ESCAPED = frozenset("./\\%;?#@")
_TRANSLATED = ip_network("64:ff9b::/96")  # NAT64 carries any IPv4 address


class UrlRefused(ValueError):
    """The address must not be called; the message says which rule it breaks."""


@dataclass(frozen=True)
class Target:
    """An address that was taken apart once; nobody reads the text a second time."""

    scheme: str
    host: str
    port: int
    path: str
    query: str = ""

    @property
    def origin(self) -> tuple[str, str, int]:
        """Scheme, host and port."""
        return (self.scheme, self.host, self.port)

    @property
    def url(self) -> str:
        """The address in its one normal form."""
        port = "" if DEFAULT_PORTS[self.scheme] == self.port else f":{self.port}"
        return f"{self.scheme}://{self.host}{port}{self.path}{self.query}"

    @property
    def is_loopback(self) -> bool:
        """Whether it names this machine."""
        return self.host in LOOPBACK_NAMES


def split(url: str) -> Target:
    """Take an address apart.

    Raises UrlRefused for whatever has more than one reading.
    """
    if len(url) > MOST_CHARACTERS:
        raise UrlRefused("It is too long.")
    if not _PRINTABLE.fullmatch(url):
        raise UrlRefused("It holds blanks, control characters or letters outside ASCII.")
    parts = _URL.fullmatch(url)
    if parts is None or parts["scheme"].lower() not in DEFAULT_PORTS:
        raise UrlRefused("It is not a plain http or https address.")
    scheme = parts["scheme"].lower()
    host, port = _split_place(parts["place"], scheme)
    path = parts["path"] or ""
    _check_path(path)
    _check_escapes(parts["query"] or "", never=frozenset())
    return Target(scheme, host, port, path, parts["query"] or "")


def register(url: str, *, loopback: bool) -> Target:
    """Take apart the base address of a source that is being registered.

    `loopback` allows http, and this machine. Raises UrlRefused.
    """
    target = split(url)
    if target.query:
        raise UrlRefused("A base address has no question mark.")
    if target.is_loopback:
        if not loopback:
            raise UrlRefused("It points to this machine.")
    elif target.scheme != "https":
        raise UrlRefused("Only https addresses are used.")
    elif target.host.startswith("[") or _NUMBER.fullmatch(target.host.rpartition(".")[2]):
        check_address(target.host.strip("[]"), loopback=False)
    return Target(target.scheme, target.host, target.port, target.path.rstrip("/"))


def under(url: str, bases: Sequence[Target]) -> Target:
    """Take apart an address that stands under one of the registered bases.

    Raises UrlRefused for every other one.
    """
    target = split(url)
    for base in bases:
        if target.origin == base.origin and (
            target.path == base.path or target.path.startswith(base.path + "/")
        ):
            return target
    raise UrlRefused("It is not under the registered address.")


def check_address(address: str, *, loopback: bool) -> None:
    """Refuse an IP address that a source may not have.

    A source registered on this machine must resolve to this machine, every other one to the
    public network. Raises UrlRefused.
    """
    try:
        number = ip_address(address)
    except ValueError:
        raise UrlRefused("The name does not resolve to an address.") from None
    allowed = number.is_loopback if loopback else _is_public(number)
    if not allowed:
        raise UrlRefused("The name resolves to an address that may not be called.")


def _split_place(place: str, scheme: str) -> tuple[str, int]:
    parts = _PLACE.fullmatch(place)
    if parts is None:
        raise UrlRefused("Its host or port is not plain.")
    host = parts["host"].lower()
    port = int(parts["port"] or DEFAULT_PORTS[scheme])
    if port > LAST_PORT:
        raise UrlRefused("Its port does not exist.")
    if not host.startswith("["):
        _check_name(host)
    elif f"[{_ipv6(host[1:-1])}]" != host:
        raise UrlRefused("Its IP address is not in the usual form.")
    return host, port


def _ipv6(text: str) -> str:
    try:
        return str(IPv6Address(text))
    except ValueError:
        raise UrlRefused("Its IP address is not one.") from None


def _check_name(host: str) -> None:
    labels = host.split(".")
    if len(host) > MOST_IN_A_NAME or not all(_LABEL.fullmatch(label) for label in labels):
        raise UrlRefused("Its host name is not plain.")
    if _NUMBER.fullmatch(labels[-1]):
        try:
            usual = str(IPv4Address(host))
        except ValueError:
            raise UrlRefused("Its IP address is not in the usual form.") from None
        if usual != host:
            raise UrlRefused("Its IP address is not in the usual form.")


def _check_path(path: str) -> None:
    if _NEVER_IN_PATH & set(path):
        raise UrlRefused("Its path holds characters that have two readings.")
    _check_escapes(path, never=_NEVER_ESCAPED)
    segments = path.split("/")
    if any(segment in {".", ".."} for segment in segments) or "" in segments[1:-1]:
        raise UrlRefused("Its path has dot or empty segments.")


def _check_escapes(text: str, *, never: frozenset[str]) -> None:
    for escape in _ESCAPE.finditer(text):
        code = escape["code"] or ""
        if not re.fullmatch(r"[0-9A-Fa-f]{2}", code):
            raise UrlRefused("A percent sign stands alone.")
        character = chr(int(code, 16))
        if character in never or not character.isprintable():
            raise UrlRefused("It hides a character behind a percent sign.")


def _is_public(number: IPv4Address | IPv6Address) -> bool:
    if isinstance(number, IPv6Address):
        inner = number.ipv4_mapped or number.sixtofour or (number.teredo or (None, None))[1]
        if inner is not None or number in _TRANSLATED:
            return False
    return number.is_global and not number.is_multicast and not number.is_reserved
