"""Somebody who sends to a research program, with keys of their own."""

import json
import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from flask import Flask
from joserfc import jwt
from joserfc.jwk import ECKey, Key, RSAKey
from werkzeug.test import TestResponse

from sandbox.oauth import clients
from sandbox.research.rules import rules_of
from sandbox.store import Store
from sandbox.system import System
from sandbox.web import PROGRAM_TYPES, SCHEMAS, program_app

TOKEN_URL = "http://127.0.0.1:1/oauth/token"
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
EC_KEY = ECKey.generate_key("P-384", {"kid": "ec"})
RSA_KEY = RSAKey.generate_key(2048, {"kid": "rsa"})
JWKS = {"keys": [key.as_dict(private=False) for key in (EC_KEY, RSA_KEY)]}


def a_program(folder: Path, profile: str = "all-of-us") -> Flask:
    """Open a program that knows two senders, `portal` and `other`, by one key set."""
    store = Store(folder / "store.sqlite3", SCHEMAS)
    for client_id in ("portal", "other"):
        metadata = {"token_endpoint_auth_method": "private_key_jwt", "jwks": JWKS}
        clients.save(store, client_id, metadata)
    rules = rules_of(profile)
    system = System(
        kind="program",
        title=rules.title,
        public_url="http://127.0.0.1:1",
        store=store,
        resource_types=PROGRAM_TYPES,
    )
    return program_app(system, rules)


def assertion(key: Key = EC_KEY, alg: str = "ES384", **changed: Any) -> str:  # noqa: ANN401  # any JSON
    """Sign a client assertion; None takes a claim away."""
    claims = {
        "iss": "portal",
        "sub": "portal",
        "aud": TOKEN_URL,
        "exp": int(time.time()) + 240,
        "jti": secrets.token_hex(16),
        **changed,
    }
    kept = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode({"alg": alg, "kid": str(key.kid)}, kept, key, algorithms=[alg])


def ask_token(app: Flask, signed: str, scope: str = "system/*.cruds") -> TestResponse:
    """Ask for a token."""
    form = {
        "grant_type": "client_credentials",
        "scope": scope,
        "client_assertion_type": ASSERTION,
        "client_assertion": signed,
    }
    return app.test_client().post("/oauth/token", data=form)


@dataclass
class Sender:
    """Somebody with a token."""

    app: Flask
    token: str

    @classmethod
    def known(cls, app: Flask, scope: str = "system/*.cruds", client_id: str = "portal") -> Self:
        """Get a token."""
        answer = ask_token(app, assertion(iss=client_id, sub=client_id), scope)
        assert answer.status_code == 200, answer.text
        return cls(app, answer.get_json()["access_token"])

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> TestResponse:
        """Send one request."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.app.test_client().open(
            path,
            method=method,
            data=None if body is None else json.dumps(body),
            content_type="application/fhir+json",
            headers={"Authorization": f"Bearer {self.token}", **named},
        )

    def send(self, *entries: dict[str, Any], identifier: str = "", **headers: str) -> TestResponse:
        """Send a transaction."""
        bundle: dict[str, Any] = {
            "resourceType": "Bundle",
            "type": "transaction",
            "entry": list(entries),
        }
        if identifier:
            bundle["identifier"] = {"system": "urn:sha256", "value": identifier}
        return self.ask("POST", "/fhir", bundle, **headers)

    def held(self) -> dict[str, tuple[int, bool]]:
        """Return what the program holds: version, and whether it is deleted."""
        rows = self.app.test_client().get("/held").get_json()
        return {f"{row['type']}/{row['id']}": (row["version"], row["deleted"]) for row in rows}


def put(
    address: str,
    if_match: str = "",
    full_url: str = "",
    **content: Any,  # noqa: ANN401  # any JSON
) -> dict[str, Any]:
    """Make an entry that puts a resource."""
    resource_type, _, resource_id = address.partition("/")
    entry: dict[str, Any] = {
        "resource": {"resourceType": resource_type, "id": resource_id, **content},
        "request": {"method": "PUT", "url": address},
    }
    if if_match:
        entry["request"]["ifMatch"] = if_match
    if full_url:
        entry["fullUrl"] = full_url
    return entry


def post(
    resource_type: str,
    identifier: str = "",
    full_url: str = "",
    **content: Any,  # noqa: ANN401
) -> dict[str, Any]:
    """Make an entry that creates a resource, once by identifier."""
    entry: dict[str, Any] = {
        "resource": {"resourceType": resource_type, **content},
        "request": {"method": "POST", "url": resource_type},
    }
    if identifier:
        entry["resource"]["identifier"] = [{"system": "urn:us", "value": identifier}]
        entry["request"]["ifNoneExist"] = f"identifier=urn:us|{identifier}"
    if full_url:
        entry["fullUrl"] = full_url
    return entry


def delete(address: str) -> dict[str, Any]:
    """Make an entry that deletes."""
    return {"request": {"method": "DELETE", "url": address}}
