"""A system as a web application: its pages, its API, its gateway."""

from flask import Flask, Response

from sandbox import desk, faults, people, seen
from sandbox.fhir import record_views, resources, search
from sandbox.fhir.answers import Refused
from sandbox.gateway import Gateway
from sandbox.oauth import clients, discovery, keys, registration, signins, tokens
from sandbox.oauth import views as oauth_views
from sandbox.oauth.scopes import PLAIN, Offer
from sandbox.oauth.server import patient_server
from sandbox.system import System

SCHEMAS = (
    clients.SCHEMA,
    tokens.SCHEMA,
    keys.SCHEMA,
    signins.SCHEMA,
    people.SCHEMA,
    resources.SCHEMA,
    search.SCHEMA,
    seen.SCHEMA,
    faults.SCHEMA,
)
_POLICY = (
    "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none';"
    " base-uri 'none'"
)


def bare_app(system: System) -> Flask:
    """Make what every system has: pages for people, discovery, registration, knobs."""
    app = Flask("sandbox")
    app.extensions["sandbox_system"] = system
    for blueprint in (desk.pages, discovery.pages, registration.pages, oauth_views.pages):
        app.register_blueprint(blueprint)
    app.register_error_handler(Refused, lambda error: error.answer())
    app.after_request(_secured)
    app.wsgi_app = Gateway(app.wsgi_app, system)  # type: ignore[method-assign]
    return app


def record_app(system: System) -> Flask:
    """Make a lab or an EHR."""
    app = bare_app(system)
    app.register_blueprint(record_views.pages)
    offer = Offer(
        contexts=("patient",), resource_types=search.TYPES, letters="rs", plain=tuple(PLAIN)
    )
    server = patient_server(app, system, offer)
    server.register_endpoint(registration.Registration)
    app.extensions["sandbox_oauth"] = server
    return app


def _secured(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", _POLICY)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers.setdefault("Cache-Control", "no-store")
    return response
