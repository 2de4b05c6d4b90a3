"""Letting further applications in (RFC 7591), by anyone: it is a sandbox."""

import secrets
from typing import Any

from authlib.oauth2.rfc6749 import JsonRequest, OAuth2Request
from authlib.oauth2.rfc7591 import ClientRegistrationEndpoint
from flask import Blueprint, Response, make_response, render_template, request

from sandbox.oauth import clients
from sandbox.oauth.clients import Client
from sandbox.oauth.views import server
from sandbox.system import this_system

pages = Blueprint("registration", __name__)


class Registration(ClientRegistrationEndpoint):  # type: ignore[misc]  # Authlib has no types
    """Open registration; the name of the caller is not asked."""

    def generate_client_id(self, request: JsonRequest) -> str:
        """Grant the id that is wished for, when it is free."""
        return free_id(str(request.payload.data.get("client_id", "")))

    def authenticate_token(self, _: OAuth2Request) -> bool:
        """Let everybody register."""
        return True

    def get_server_metadata(self) -> dict[str, Any]:
        """Tell what a client may ask for."""
        return {"token_endpoint_auth_methods_supported": list(clients.AUTH_METHODS)}

    def save_client(
        self, info: dict[str, Any], metadata: dict[str, Any], _: OAuth2Request
    ) -> Client:
        """Keep the client."""
        client_id: str = info["client_id"]
        clients.save(self.server.system.store, client_id, metadata, info["client_secret"])
        found: Client = self.server.find_client(client_id)
        return found


def free_id(wished: str) -> str:
    """Return the wished client id, or a new one when that is taken or empty."""
    if wished and server().find_client(wished) is None:
        return wished
    return secrets.token_urlsafe(12)


@pages.get("/register")
def register_page() -> str:
    """Show the form."""
    return render_template("register.html", system=this_system(), made=None)


@pages.post("/register")
def register() -> Response:
    """Register by JSON (RFC 7591) or by the form."""
    if request.is_json:
        response: Response = server().create_endpoint_response("client_registration")
        return response
    form = request.form
    metadata = {
        "client_name": form.get("client_name", ""),
        "redirect_uris": form.get("redirect_uris", "").split(),
        "token_endpoint_auth_method": form.get("token_endpoint_auth_method", "none"),
        "jwks_uri": form.get("jwks_uri", ""),
    }
    client_id = free_id(form.get("client_id", "").strip())
    secret = secrets.token_urlsafe(32)
    clients.save(this_system().store, client_id, metadata, secret)
    made = {"client_id": client_id, "client_secret": secret}
    return make_response(render_template("register.html", system=this_system(), made=made), 201)
