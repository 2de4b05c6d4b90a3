"""SMART App Launch 2.2, the client's side of it: discovery, scopes, the trip, the tokens. Pure.

Spec: https://hl7.org/fhir/smart-app-launch/STU2.2/app-launch.html
"""

import base64
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote

import orjson
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from portal.connections import guard
from portal.records import fhir

DEFAULT_SCOPES: Final = "launch/patient offline_access patient/*.rs"
OLD_SCOPES: Final = "launch/patient offline_access patient/*.read"
EVERY_TYPE: Final = "*"
OAUTH_URIS: Final = "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"
MOST_SCOPES: Final = 8_000
LONGEST_LIFE_S: Final = 86_400  # a token that is said to live for ever is renewed once a day

_SCOPE = re.compile(r"patient/(\*|[A-Z][A-Za-z]+)\.(read|write|\*|c?r?u?d?s?)(\?[^\s]*)?")
_ERROR = re.compile(r"[a-z_]{1,40}")
_PATIENT = re.compile(r"(?:Patient/)?[A-Za-z0-9._~-]{1,190}")


class NotSmart(ValueError):
    """The server cannot be used; `code` says why."""

    def __init__(self, code: str) -> None:
        """Name what is missing."""
        super().__init__(code)
        self.code = code


class TokenRefused(Exception):
    """The source gave no token; `code` is OAuth's word for it, or ours."""

    def __init__(self, code: str) -> None:
        """Keep the code; descriptions by the source may hold anything."""
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Discovery:
    """What a server says about signing in there."""

    authorize_url: str
    token_url: str
    revoke_url: str = ""
    issuer: str = ""
    issuer_in_answers: bool = False
    scopes: frozenset[str] = field(default_factory=frozenset)
    capabilities: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True)
class Client:
    """Who we are at a source."""

    client_id: str
    redirect_uri: str
    scopes: str


@dataclass(frozen=True)
class Tokens:
    """What a token endpoint answered. Never shown, never logged."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    expires_in_s: int | None
    scopes: str
    patient_id: str = field(repr=False)


def read_configuration(body: bytes) -> Discovery:
    """Read `.well-known/smart-configuration`. Raises NotSmart."""
    told = _object(body, "no-configuration")
    methods = told.get("code_challenge_methods_supported")
    if isinstance(methods, list) and "S256" not in methods:
        raise NotSmart("no-pkce")
    return _checked(
        Discovery(
            authorize_url=_text(told.get("authorization_endpoint")),
            token_url=_text(told.get("token_endpoint")),
            revoke_url=_text(told.get("revocation_endpoint")),
            issuer=_text(told.get("issuer")),
            issuer_in_answers=told.get("authorization_response_iss_parameter_supported") is True,
            scopes=_words(told.get("scopes_supported")),
            capabilities=_words(told.get("capabilities")),
        )
    )


def read_capability(body: bytes) -> Discovery:
    """Read the sign-in addresses out of a CapabilityStatement. Raises NotSmart."""
    uris = {
        _text(part.get("url")): _text(part.get("valueUri"))
        for rest in _objects(_object(body, "no-capability").get("rest"))
        for extension in _objects(_object_in(rest, "security").get("extension"))
        if extension.get("url") == OAUTH_URIS
        for part in _objects(extension.get("extension"))
    }
    if not uris:
        raise NotSmart("no-smart")
    return _checked(
        Discovery(uris.get("authorize", ""), uris.get("token", ""), uris.get("revoke", ""))
    )


def served_types(body: bytes) -> tuple[str, ...]:
    """Return the resource types that a CapabilityStatement says it has; none when it is silent."""
    told = _object(body, "no-capability")
    if told.get("resourceType") not in {"CapabilityStatement", "Conformance"}:
        raise NotSmart("no-capability")
    kinds = [
        _text(resource.get("type"))
        for rest in _objects(told.get("rest"))
        for resource in _objects(rest.get("resource"))
    ]
    return tuple(
        dict.fromkeys(kind for kind in kinds if re.fullmatch(r"[A-Z][A-Za-z]{1,60}", kind))
    )


def fhir_version(body: bytes) -> str:
    """Return the FHIR version that a CapabilityStatement states."""
    return _text(_object(body, "no-capability").get("fhirVersion"))


def scopes_to_ask(discovery: Discovery) -> str:
    """Return the scopes to ask for: those of SMART 2, or of SMART 1 where only these are known."""
    only_old = "permission-v2" not in discovery.capabilities and (
        "permission-v1" in discovery.capabilities
        or any(scope.endswith((".read", ".*")) for scope in discovery.scopes)
    )
    return OLD_SCOPES if only_old else DEFAULT_SCOPES


def authorize_address(url: str, client: Client, *, audience: str, state: str, verifier: str) -> str:
    """Return the address of the sign-in page at the source, with PKCE S256 and the audience."""
    address: str = prepare_grant_uri(
        url,
        client_id=client.client_id,
        response_type="code",
        redirect_uri=client.redirect_uri,
        scope=client.scopes,
        state=state,
        aud=audience,
        code_challenge=create_s256_code_challenge(verifier),
        code_challenge_method="S256",
    )
    return address


def basic_header(client_id: str, secret: str) -> str:
    """Return the Authorization header of a confidential client. Spec: RFC 6749, 2.3.1."""
    pair = f"{quote(client_id, safe='')}:{quote(secret, safe='')}"
    return f"Basic {base64.b64encode(pair.encode()).decode()}"


def read_tokens(status: int, body: bytes, *, asked: str) -> Tokens:
    """Read the answer of a token endpoint. Raises TokenRefused."""
    try:
        told = _object(body, "no-json")
    except NotSmart:
        raise TokenRefused("no-json") from None
    error = _text(told.get("error"))
    if status != 200 or error:  # noqa: PLR2004  # OK
        raise TokenRefused(error if _ERROR.fullmatch(error) else "refused")
    access = _text(told.get("access_token"))
    if not access or not access.isascii() or not access.isprintable():
        raise TokenRefused("no-token")
    if _text(told.get("token_type")).lower() != "bearer":
        raise TokenRefused("no-bearer")
    scope = told.get("scope")
    return Tokens(
        access=access,
        refresh=_text(told.get("refresh_token")),
        expires_in_s=_seconds(told.get("expires_in")),
        scopes=_plain_words(scope) if isinstance(scope, str) else asked,
        patient_id=_patient(_text(told.get("patient"))),
    )


def _plain_words(scope: str) -> str:
    """Return the scopes that can be scopes (RFC 6749, 3.3), no more of them than can be kept."""
    words = [word for word in scope.split() if word.isascii() and word.isprintable()]
    while words and len(" ".join(words)) > MOST_SCOPES:
        words.pop()
    return " ".join(words)


def _patient(told: str) -> str:
    """Return the id of a record; empty for what cannot stand in an address."""
    return told if _PATIENT.fullmatch(told) else ""


def readable(scopes: str, *, types: Iterable[str]) -> frozenset[str]:
    """Return which of the types a granted set of scopes lets us search."""
    granted = {match[1] for word in scopes.split() if (match := _reads(word))}
    return frozenset(types) if EVERY_TYPE in granted else frozenset(types) & granted


def _reads(scope: str) -> re.Match[str] | None:
    match = _SCOPE.fullmatch(scope)
    if match is None:
        return None
    may = match[2]
    return match if may in {"read", "*"} or ("r" in may and "s" in may and may != "write") else None


def _checked(found: Discovery) -> Discovery:
    if not found.authorize_url or not found.token_url:
        raise NotSmart("no-endpoints")
    try:
        for url in (found.authorize_url, found.token_url, found.revoke_url):
            if url:
                guard.split(url)
    except guard.UrlRefused:
        raise NotSmart("bad-endpoints") from None
    return found


def _object(body: bytes, code: str) -> Mapping[str, Any]:
    try:
        raw = fhir.as_utf8(body)
        fhir.depth(raw)
        told = orjson.loads(raw)
    except ValueError:
        raise NotSmart(code) from None
    if not isinstance(told, dict):
        raise NotSmart(code)
    return told


def _object_in(whole: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = whole.get(name)
    return value if isinstance(value, dict) else {}


def _objects(value: object) -> list[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _words(value: object) -> frozenset[str]:
    return frozenset(
        item for item in (value if isinstance(value, list) else []) if isinstance(item, str)
    )


def _seconds(value: object) -> int | None:
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value[:10])
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        return None
    return min(value, LONGEST_LIFE_S)
