"""Somebody with an application and a browser, who visits a lab or an EHR."""

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from sandbox.content.build import fill
from sandbox.fhir.search import RECORD_TYPES
from sandbox.oauth import clients
from sandbox.store import Store
from sandbox.system import Kind, System
from sandbox.web import SCHEMAS

BACK = "http://127.0.0.1:9/back"
MAYA = "L-1001"
EVERYTHING = "launch/patient openid fhirUser offline_access patient/*.rs"


def a_system(folder: Path, kind: Kind = "lab", **changed: int) -> System:
    """Open a filled store with one public client, `portal`."""
    store = Store(folder / "store.sqlite3", SCHEMAS)
    metadata = {"redirect_uris": [BACK], "token_endpoint_auth_method": "none"}
    clients.save(store, "portal", metadata)
    system = System(
        kind=kind,
        title=kind,
        public_url="http://127.0.0.1:1",
        store=store,
        resource_types=RECORD_TYPES,
        **changed,
    )
    fill(system)
    return system


class _Fields(HTMLParser):
    """The fields of a form, as a browser would send them."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden: dict[str, str] = {}
        self.choices: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "input" and found.get("type") == "hidden":
            self.hidden[found["name"]] = found["value"]
        elif tag == "input" and found.get("type") in ("radio", "checkbox"):
            self.choices.append((found["name"], found["value"]))


def fields_of(page: TestResponse) -> _Fields:
    """Read the form of a page."""
    fields = _Fields()
    fields.feed(page.text)
    return fields


@dataclass
class Visitor:
    """One launch: the application's secrets, and what came back."""

    app: Flask
    client_id: str = "portal"
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))
    state: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    token: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def signed_in(cls, app: Flask, scope: str = EVERYTHING, patient: str = MAYA) -> Self:
        """Go all the way to a token."""
        visitor = cls(app)
        answer = visitor.exchange(visitor.code(scope, patient=patient))
        assert answer.status_code == 200, answer.text
        visitor.token = answer.get_json()
        return visitor

    @property
    def http(self) -> FlaskClient:
        """A browser without a memory."""
        return self.app.test_client(use_cookies=False)

    def asked(self, **changed: str | None) -> dict[str, str]:
        """Return the parameters of a launch; None takes one away."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        asked: dict[str, str | None] = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": BACK,
            "scope": EVERYTHING,
            "state": self.state,
            "aud": self.app.extensions["sandbox_system"].fhir_base,
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
            **changed,
        }
        return {name: value for name, value in asked.items() if value is not None}

    def launch(self, **changed: str | None) -> TestResponse:
        """Open the sign-in page."""
        return self.http.get("/oauth/authorize", query_string=self.asked(**changed))

    def approve_page(self, scope: str, patient: str = MAYA) -> TestResponse:
        """Sign in."""
        form = {**fields_of(self.launch(scope=scope)).hidden, "person": patient}
        return self.http.post("/oauth/authorize", data=form)

    def answer(
        self, scope: str, patient: str = MAYA, *, untick: tuple[str, ...] = (), say: str = "allow"
    ) -> dict[str, str]:
        """Sign in and answer; return the parameters that came back to the application."""
        fields = fields_of(self.approve_page(scope, patient))
        ticked = [value for name, value in fields.choices if value not in untick]
        back = self.http.post(
            "/oauth/authorize", data={**fields.hidden, "granted": ticked, "answer": say}
        )
        assert back.status_code == 302, back.text
        assert back.location.startswith(f"{BACK}?")
        return dict(parse_qsl(urlsplit(back.location).query))

    def code(self, scope: str = EVERYTHING, patient: str = MAYA) -> str:
        """Sign in and allow everything."""
        return self.answer(scope, patient)["code"]

    def exchange(self, code: str, **changed: str) -> TestResponse:
        """Exchange a code."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": BACK,
            "client_id": self.client_id,
            "code_verifier": self.verifier,
            **changed,
        }
        return self.http.post("/oauth/token", data=form)

    def refresh(self, token: str) -> TestResponse:
        """Use a refresh token."""
        form = {"grant_type": "refresh_token", "refresh_token": token, "client_id": self.client_id}
        return self.http.post("/oauth/token", data=form)

    def get(self, path: str, token: str = "", **headers: str) -> TestResponse:
        """Ask the FHIR API."""
        bearer = token or self.token["access_token"]
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.http.get(path, headers={"Authorization": f"Bearer {bearer}", **headers})

    def pages(self, path: str) -> list[dict[str, Any]]:
        """Follow the `next` links; return the bundles."""
        bundles = []
        while path:
            answer = self.get(path)
            assert answer.status_code == 200, answer.text
            bundles.append(answer.get_json())
            links = {link["relation"]: link["url"] for link in bundles[-1]["link"]}
            path = links.get("next", "").partition("http://127.0.0.1:1")[2]
        return bundles
