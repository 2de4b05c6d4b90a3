"""Answers in FHIR: a resource, or an OperationOutcome that says what was wrong."""

from email.utils import format_datetime

import orjson
from flask import Response

from sandbox.fhir.params import span
from sandbox.fhir.resources import Stored
from sandbox.fhir.shapes import JsonObject, outcome

FHIR_JSON = "application/fhir+json; charset=utf-8"


class Refused(Exception):
    """The request gets an OperationOutcome."""

    def __init__(self, status: int, code: str, words: str, expression: str = "") -> None:
        """Answer `status`, with an issue type of FHIR and plain words."""
        super().__init__(words)
        self.status = status
        self.body = outcome(code, words, expression)
        self.headers: dict[str, str] = {}

    def answer(self) -> Response:
        """Make the response."""
        response = fhir_answer(self.body, status=self.status)
        response.headers.update(self.headers)
        return response


def fhir_answer(body: JsonObject, *, status: int = 200, stored: Stored | None = None) -> Response:
    """Answer with a resource; a stored one brings its ETag and Last-Modified."""
    response = Response(orjson.dumps(body), status=status, content_type=FHIR_JSON)
    response.headers["Cache-Control"] = "no-store"
    if stored:
        response.headers["ETag"] = stored.etag
        response.headers["Last-Modified"] = http_date(stored.updated_at)
    return response


def http_date(instant: str) -> str:
    """Write an instant as an HTTP date."""
    return format_datetime(span(instant)[0], usegmt=True)
