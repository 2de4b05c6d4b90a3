"""The pages where a person signs in and approves, and the endpoints for applications."""

from urllib.parse import urlsplit

from authlib.oauth2.rfc6749 import OAuth2Error
from flask import Blueprint, Response, current_app, make_response, render_template, request

from sandbox.fhir import resources
from sandbox.oauth import signins
from sandbox.oauth.grants import CodeGrant
from sandbox.oauth.scopes import in_words, settle, spread
from sandbox.oauth.server import SandboxServer
from sandbox.oauth.tokens import Approval
from sandbox.people import people_of
from sandbox.system import this_system

pages = Blueprint("oauth", __name__, url_prefix="/oauth")
ASKED = (
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "aud",
    "launch",
    "nonce",
    "prompt",
    "code_challenge",
    "code_challenge_method",
)


def server() -> SandboxServer:
    """Return the authorization server of this application."""
    found: SandboxServer = current_app.extensions["sandbox_oauth"]
    return found


@pages.route("/authorize", methods=["GET", "POST"])
def authorize() -> Response:
    """Take a person from the application's request to an answer, in two pages."""
    try:
        grant: CodeGrant = server().get_consent_grant()
    except OAuth2Error as error:
        if not error.redirect_uri:
            return _page("refused.html", status=400, words=error.description or error.error)
        return server().refuse(server().create_oauth2_request(None), error)
    if request.form.get("answer") in ("allow", "deny"):
        return _answered(grant)
    if request.form.get("person"):
        return _approve_page(grant, request.form["person"])
    return _sign_in_page(grant)


def _sign_in_page(grant: CodeGrant) -> Response:
    people = people_of(this_system().store)
    return _page("sign_in.html", client=grant.client, people=people, asked=_asked())


def _approve_page(grant: CodeGrant, patient: str) -> Response:
    system = this_system()
    person = next((one for one in people_of(system.store) if one.patient == patient), None)
    if person is None:
        return _page("refused.html", status=400, words="There is no such person here.")
    ticket = signins.open_ticket(system.store, patient)
    held = _held(patient)
    scopes = [part for word in grant.request.scope.split() for part in spread(word, held)]
    return _page(
        "approve.html",
        back_to=grant.request.payload.redirect_uri,
        client=grant.client,
        person=person,
        scopes=[(scope, in_words(scope)) for scope in dict.fromkeys(scopes)],
        ticket=ticket,
        asked=_asked(),
    )


def _answered(grant: CodeGrant) -> Response:
    patient = signins.use_ticket(this_system().store, request.form.get("ticket", ""))
    if patient is None:
        return _sign_in_page(grant)
    scope = settle(grant.request.scope, request.form.getlist("granted"), _held(patient))
    allowed = request.form["answer"] == "allow" and bool(scope)
    response: Response = server().create_authorization_response(
        grant=grant,
        grant_user=Approval(patient, scope) if allowed else None,
    )
    return response


def _held(patient: str) -> list[str]:
    system = this_system()
    with system.store.reading() as db:
        held = resources.types_of(db, patient)
    return [name for name in system.resource_types if name in held]


def _asked() -> list[tuple[str, str]]:
    return [(name, request.values[name]) for name in ASKED if name in request.values]


def _page(name: str, *, status: int = 200, back_to: str = "", **values: object) -> Response:
    response = make_response(render_template(name, system=this_system(), **values), status)
    if back_to:
        parts = urlsplit(back_to)
        response.headers["Content-Security-Policy"] = (
            "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none';"
            f" form-action 'self' {parts.scheme}://{parts.netloc}"
        )
    return response


@pages.post("/token")
def token() -> Response:
    """Exchange a code, a refresh token or a signed assertion for an access token."""
    response: Response = server().create_token_response()
    return response


@pages.post("/revoke")
def revoke() -> Response:
    """End a token."""
    response: Response = server().create_endpoint_response("revocation")
    return response


@pages.post("/introspect")
def introspect() -> Response:
    """Tell a client about a token of its own."""
    response: Response = server().create_endpoint_response("introspection")
    return response
