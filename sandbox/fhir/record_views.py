"""The FHIR API of a lab or an EHR: a patient's own record, read and searched."""

import base64

from authlib.integrations.flask_oauth2.requests import FlaskOAuth2Request
from flask import Blueprint, Response, request

from sandbox.fhir import params, resources, search
from sandbox.fhir.answers import Refused, fhir_answer
from sandbox.fhir.bearer import bearer
from sandbox.fhir.resources import Stored
from sandbox.fhir.search import Access
from sandbox.oauth.scopes import data_scopes
from sandbox.system import this_system

pages = Blueprint("record", __name__, url_prefix="/fhir")


@pages.get("/<resource_type>")
def search_type(resource_type: str) -> Response:
    """Search, or turn a page."""
    return _search(resource_type, list(request.args.items(multi=True)))


@pages.post("/<resource_type>/_search")
def search_by_post(resource_type: str) -> Response:
    """Search with the parameters in the body."""
    return _search(
        resource_type, [*request.args.items(multi=True), *request.form.items(multi=True)]
    )


def _search(resource_type: str, arguments: list[tuple[str, str]]) -> Response:
    access = _access(resource_type, "s")
    system = this_system()
    token = request.args.get("_page")
    with system.store.writing() as db:
        if token:
            bundle = search.run_page(db, system, access, token)
        else:
            query = search.read_query(resource_type, arguments, system.page_size)
            if query.ignored and "handling=strict" in request.headers.get("Prefer", ""):
                raise Refused(400, "not-supported", f"Unknown: {', '.join(query.ignored)}")
            bundle = search.run(db, system, access, query)
    bundle["link"].insert(0, {"relation": "self", "url": system.address_of(request.full_path)})
    return fhir_answer(bundle)


@pages.get("/<resource_type>/<resource_id>")
def read(resource_type: str, resource_id: str) -> Response:
    """Read the newest version."""
    access = _access(resource_type, "r")
    with this_system().store.reading() as db:
        stored = resources.find(db, resource_type, resource_id)
    return _answer(access, stored)


@pages.get("/<resource_type>/<resource_id>/_history/<int:version>")
def read_version(resource_type: str, resource_id: str, version: int) -> Response:
    """Read one version."""
    access = _access(resource_type, "r")
    with this_system().store.reading() as db:
        stored = resources.find_version(db, (resource_type, resource_id), version)
    return _answer(access, stored)


@pages.get("/<resource_type>/<resource_id>/_history")
def read_history(resource_type: str, resource_id: str) -> Response:
    """List the versions of a resource, newest first."""
    access = _access(resource_type, "r")
    system = this_system()
    with system.store.reading() as db:
        newest = resources.find(db, resource_type, resource_id)
        versions = resources.versions(db, resource_type, resource_id)
    if newest is None or newest.owner != access.patient:
        raise Refused(404, "not-found", "There is no such resource.")
    entries = [
        {"fullUrl": f"{system.fhir_base}/{one.address}", "resource": one.body}
        for one in versions
        if not one.deleted and access.allows(one, "r")
    ]
    return fhir_answer(
        {"resourceType": "Bundle", "type": "history", "total": len(entries), "entry": entries}
    )


def _answer(access: Access, stored: Stored | None) -> Response:
    if stored is None or stored.owner != access.patient:
        raise Refused(404, "not-found", "There is no such resource.")
    if stored.deleted:
        raise Refused(410, "deleted", "The resource was deleted.")
    if not access.allows(stored, "r"):
        raise Refused(403, "forbidden", "The granted scopes do not cover this resource.")
    if request.headers.get("If-None-Match") == stored.etag:
        return Response(status=304, headers={"ETag": stored.etag})
    accept = request.headers.get("Accept", "")
    if stored.type == "Binary" and "json" not in accept:
        raw = base64.b64decode(stored.body.get("data", ""))
        return Response(raw, content_type=stored.body["contentType"], headers={"ETag": stored.etag})
    return fhir_answer(stored.body, stored=stored)


@pages.before_request
def _speak_json_only() -> None:
    """Refuse other formats, but for files, which come as what they are."""
    wanted = request.args.get("_format", "") or request.headers.get("Accept", "")
    is_file = request.path.startswith("/fhir/Binary/") and "_format" not in request.args
    if wanted and not is_file and "json" not in wanted and "*/*" not in wanted:
        raise Refused(406, "not-supported", "This server speaks application/fhir+json only.")


def _access(resource_type: str, letter: str) -> Access:
    token = bearer(FlaskOAuth2Request(request))
    access = Access(token.patient, tuple(data_scopes(token.scope)))
    if resource_type not in this_system().resource_types:
        raise Refused(404, "not-supported", f"This server has no {resource_type}.")
    if not access.allows_type(resource_type, letter):
        raise Refused(403, "forbidden", f"The granted scopes do not cover {resource_type}.")
    return access


@pages.errorhandler(params.BadParameter)
def _bad_parameter(error: params.BadParameter) -> Response:
    return Refused(400, "invalid", str(error)).answer()


@pages.errorhandler(search.NoSuchPage)
def _no_such_page(_: search.NoSuchPage) -> Response:
    return Refused(410, "not-found", "This page is gone: search again.").answer()
