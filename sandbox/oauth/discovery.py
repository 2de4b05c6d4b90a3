"""The `.well-known` documents and the public keys."""

from typing import Any

from flask import Blueprint, Response, current_app, jsonify

from sandbox.oauth.assertions import ALGORITHMS
from sandbox.oauth.clients import AUTH_METHODS
from sandbox.oauth.keys import signing_key
from sandbox.oauth.scopes import PLAIN
from sandbox.system import System, this_system

pages = Blueprint("discovery", __name__)


@pages.get("/fhir/.well-known/smart-configuration")
def smart_configuration() -> Response:
    """Say where to sign in and what is possible."""
    system = this_system()
    return jsonify(backend_part(system) if system.kind == "program" else launch_part(system))


@pages.get("/fhir/.well-known/openid-configuration")
def openid_configuration() -> Response:
    """Say the same for OpenID clients, which look here for the keys."""
    system = this_system()
    return jsonify(
        {
            **launch_part(system),
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }
    )


@pages.get("/oauth/jwks")
def jwks() -> Response:
    """Publish the public half of the key that signs id tokens."""
    if current_app.extensions["sandbox_system"].kind == "program":
        return jsonify({"keys": []})
    key = signing_key(this_system().store)
    return jsonify({"keys": [key.as_dict(private=False)]})


def backend_part(system: System) -> dict[str, Any]:
    """Describe SMART Backend Services."""
    return {
        "token_endpoint": system.token_url,
        "introspection_endpoint": f"{system.public_url}/oauth/introspect",
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
        "grant_types_supported": ["client_credentials"],
        "scopes_supported": ["system/*.cruds"],
        "capabilities": ["client-confidential-asymmetric", "permission-v2"],
    }


def launch_part(system: System) -> dict[str, Any]:
    """Describe the SMART standalone launch."""
    oauth = f"{system.public_url}/oauth"
    return {
        "issuer": system.fhir_base,
        "jwks_uri": f"{oauth}/jwks",
        "authorization_endpoint": f"{oauth}/authorize",
        "token_endpoint": system.token_url,
        "revocation_endpoint": f"{oauth}/revoke",
        "introspection_endpoint": f"{oauth}/introspect",
        "registration_endpoint": f"{system.public_url}/register",
        "token_endpoint_auth_methods_supported": list(AUTH_METHODS),
        "token_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "response_types_supported": ["code"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
        "scopes_supported": [*PLAIN, "patient/*.rs", "patient/*.read"],
        "capabilities": [
            "launch-standalone",
            "authorize-post",
            "client-public",
            "client-confidential-symmetric",
            "client-confidential-asymmetric",
            "sso-openid-connect",
            "context-standalone-patient",
            "permission-offline",
            "permission-patient",
            "permission-v1",
            "permission-v2",
        ],
    }
