"""A source that answers from a script, and remembers what it was asked."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from portal.connections.source_api import Answer


@dataclass
class FakeApi:
    """Answers each address, and each grant, from what it was given; exceptions are raised."""

    pages: dict[str, bytes | Exception] = field(default_factory=dict)
    tokens: list[tuple[int, object] | Exception] = field(default_factory=list)
    got: list[tuple[str, str, str]] = field(default_factory=list)
    posted: list[tuple[str, dict[str, str], dict[str, str]]] = field(default_factory=list)

    def get(self, url: str, *, bearer: str = "", accept: str = "") -> Answer:
        self.got.append((url, bearer, accept))
        found = self.pages[url]
        if isinstance(found, Exception):
            raise found
        return Answer(200, found, "application/fhir+json")

    def post_form(
        self, url: str, fields: Mapping[str, str], *, headers: Mapping[str, str] | None = None
    ) -> Answer:
        self.posted.append((url, dict(fields), dict(headers or {})))
        answer = self.tokens.pop(0)
        if isinstance(answer, Exception):
            raise answer
        status, body = answer
        return Answer(status, json.dumps(body).encode(), "application/json")


def granted(**more: object) -> tuple[int, object]:
    """Return an answer of a token endpoint."""
    body = {
        "access_token": "an-access-token",
        "token_type": "Bearer",
        "expires_in": 300,
        "refresh_token": "a-refresh-token",
        "scope": "launch/patient offline_access patient/*.rs",
        "patient": "p1",
    }
    return 200, {name: value for name, value in (body | more).items() if value is not None}
