"""A system as a web application: its pages, its API, its gateway."""

from http import HTTPStatus

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as BaseResponse

from sandbox import desk, faults, people, seen
from sandbox.fhir import params, record_views, resources, search
from sandbox.fhir.answers import Refused, fhir_answer
from sandbox.fhir.capability import capability_of_record
from sandbox.gateway import Gateway
from sandbox.oauth import clients, discovery, keys, registration, signins, tokens
from sandbox.oauth import views as oauth_views
from sandbox.oauth.scopes import PLAIN, Offer
from sandbox.oauth.server import backend_server, patient_server
from sandbox.research import intake
from sandbox.research import views as research_views
from sandbox.research.rules import Rules
from sandbox.research.statement import capability_of_program
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
    intake.SCHEMA,
)
PROGRAM_TYPES = (
    *search.RECORD_TYPES,
    "Consent",
    "ResearchSubject",
    "List",
    "Composition",
    "Communication",
)
_ISSUES: dict[int, str] = {404: "not-found", 405: "not-supported"}
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
    app.register_error_handler(HTTPException, _in_fhir)
    app.after_request(_secured)
    app.wsgi_app = Gateway(app.wsgi_app, system)  # type: ignore[method-assign]
    return app


def record_app(system: System) -> Flask:
    """Make a lab or an EHR."""
    app = bare_app(system)
    app.register_blueprint(record_views.pages)
    offer = Offer(
        contexts=("patient",),
        resource_types=system.resource_types,
        letters="rs",
        plain=tuple(PLAIN),
        limits=params.KNOWN,
    )
    app.add_url_rule(
        "/fhir/metadata", "metadata", lambda: fhir_answer(capability_of_record(system))
    )
    server = patient_server(app, system, offer)
    server.register_endpoint(registration.Registration)
    app.extensions["sandbox_oauth"] = server
    return app


def program_app(system: System, rules: Rules) -> Flask:
    """Make a research program."""
    app = bare_app(system)
    app.extensions["sandbox_rules"] = rules
    app.register_blueprint(record_views.pages)
    app.register_blueprint(research_views.pages)
    app.add_url_rule(
        "/fhir/metadata", "metadata", lambda: fhir_answer(capability_of_program(system, rules))
    )
    offer = Offer(contexts=("system",), resource_types=system.resource_types, letters="cruds")
    server = backend_server(app, system, offer)
    server.register_endpoint(registration.Registration)
    app.extensions["sandbox_oauth"] = server
    return app


def _in_fhir(error: HTTPException) -> BaseResponse | HTTPException:
    """Answer an error of the FHIR API in FHIR; any other as it is."""
    if not request.path.startswith("/fhir"):
        return error
    status = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
    refusal = Refused(status, _ISSUES.get(status, "exception"), error.name)
    refusal.headers.update({name: value for name, value in error.get_headers() if name == "Allow"})
    return refusal.answer()


def _secured(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", _POLICY)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers.setdefault("Cache-Control", "no-store")
    return response
