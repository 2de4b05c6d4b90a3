"""The authorization server of a system, put together from Authlib's parts."""

from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import OAuth2Request
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7662 import IntrospectionEndpoint
from authlib.oauth2.rfc9207 import IssuerParameter
from flask import Flask, Response

from sandbox.oauth import clients
from sandbox.oauth.assertions import PrivateKeyJwt
from sandbox.oauth.clients import AUTH_METHODS, Client, hashed
from sandbox.oauth.grants import (
    BackendGrant,
    CodeGrant,
    IdToken,
    RefreshGrant,
    S256Only,
    SmartLaunch,
    patient_on_refresh,
)
from sandbox.oauth.scopes import Offer
from sandbox.oauth.tokens import (
    REFRESH_LIFETIME_S,
    Approval,
    Token,
    revoke_access,
    revoke_family,
)
from sandbox.system import System, now_s


class SandboxServer(AuthorizationServer):  # type: ignore[misc]  # Authlib has no types
    """Authlib's server over the store of one system."""

    def __init__(self, app: Flask, system: System, offer: Offer) -> None:
        """Serve one system; `offer` is what it can give at all."""
        app.config["OAUTH2_REFRESH_TOKEN_GENERATOR"] = True
        app.config["OAUTH2_TOKEN_EXPIRES_IN"] = dict.fromkeys(
            ("authorization_code", "refresh_token", "client_credentials"), system.token_lifetime_s
        )
        self.system = system
        self.offer = offer
        self.issuer = Issuer(system)
        super().__init__(app, self.find_client, self.keep_token)
        self.register_client_auth_method("private_key_jwt", PrivateKeyJwt(system))
        self.register_extension(self.issuer)

    def find_client(self, client_id: str) -> Client | None:
        """Look a client up."""
        with self.system.store.reading() as db:
            found = clients.load(db, client_id)
        if found is None:
            return None
        backend = self.system.kind == "program"
        grant_types = (
            ("client_credentials",) if backend else ("authorization_code", "refresh_token")
        )
        return Client(client_id, *found, offer=self.offer, grant_types=grant_types)

    def keep_token(self, token: dict[str, Any], request: OAuth2Request) -> None:
        """Store a new token under its family."""
        at = now_s()
        approval: Approval = request.user or Approval(request.client.client_id, token["scope"])
        refresh = token.get("refresh_token")
        row = (
            hashed(token["access_token"]),
            hashed(refresh) if refresh else None,
            _family(request, token["access_token"]),
            request.client.client_id,
            approval.patient,
            token["scope"],
            at,
            at + token["expires_in"],
            at + REFRESH_LIFETIME_S,
        )
        with self.system.store.writing() as db:
            db.execute("INSERT INTO token VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0)", row)

    def refuse(self, request: OAuth2Request, error: Exception) -> Response:
        """Send the person back with the error, and with `iss`."""
        response: Response = self.handle_error_response(request, error)
        self.issuer.add_issuer_parameter(self, response)
        return response


def _family(request: OAuth2Request, access_token: str) -> str:
    credential = request.authorization_code or request.refresh_token
    return credential.family if credential else hashed(access_token)


class Issuer(IssuerParameter):  # type: ignore[misc]  # Authlib has no types
    """`iss` in each authorization answer (RFC 9207)."""

    def __init__(self, system: System) -> None:
        """Name one system."""
        self.system = system

    def get_issuer(self) -> str:
        """Return the FHIR base."""
        return self.system.fhir_base


class Revocation(RevocationEndpoint):  # type: ignore[misc]  # Authlib has no types
    """Ending tokens early (RFC 7009)."""

    CLIENT_AUTH_METHODS = list(AUTH_METHODS)

    def query_token(self, token: str, _: str | None) -> Token | None:
        """Find the token, whatever the hint."""
        with self.server.system.store.reading() as db:
            return Token.find(db, token)

    def revoke_token(self, token: Token, _: OAuth2Request) -> None:
        """End the approval with its refresh token; an access token ends alone."""
        with self.server.system.store.writing() as db:
            if token.shown == "refresh":
                revoke_family(db, token.family)
            else:
                revoke_access(db, token)


class Introspection(IntrospectionEndpoint):  # type: ignore[misc]  # Authlib has no types
    """Asking what a token is worth (RFC 7662); a client asks about its own."""

    CLIENT_AUTH_METHODS = ["private_key_jwt", "client_secret_basic"]

    def query_token(self, token: str, _: str | None) -> Token | None:
        """Find the token, whatever the hint."""
        with self.server.system.store.reading() as db:
            return Token.find(db, token)

    def check_permission(self, token: Token, client: Client, _: OAuth2Request) -> bool:
        """Let nobody ask about another client's token."""
        return token.check_client(client)

    def introspect_token(self, token: Token) -> dict[str, Any]:
        """Say what SMART clients look for."""
        end = token.expires_at if token.shown == "access" else token.refresh_expires_at
        told = {
            "active": True,
            "client_id": token.client_id,
            "scope": token.scope,
            "iss": self.server.system.fhir_base,
            "iat": int(token.issued_at),
            "exp": int(end),
        }
        return told if self.server.system.kind == "program" else {**told, "patient": token.patient}


def patient_server(app: Flask, system: System, offer: Offer) -> SandboxServer:
    """Make the server of a lab or an EHR."""
    server = SandboxServer(app, system, offer)
    server.register_grant(CodeGrant, [S256Only(), SmartLaunch(), IdToken(system)])
    server.register_grant(RefreshGrant, [patient_on_refresh])
    server.register_endpoint(Revocation)
    server.register_endpoint(Introspection)
    return server


def backend_server(app: Flask, system: System, offer: Offer) -> SandboxServer:
    """Make the server of a research program."""
    server = SandboxServer(app, system, offer)
    server.register_grant(BackendGrant)
    server.register_endpoint(Revocation)
    server.register_endpoint(Introspection)
    return server
