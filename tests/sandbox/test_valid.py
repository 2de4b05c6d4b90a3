"""What the systems say themselves is valid FHIR R4, by a validator that others wrote."""

import json
from pathlib import Path

import fhirkit
from flask import Flask
from werkzeug.test import TestResponse

from tests.sandbox.senders import Sender, a_program, delete, post, put
from tests.sandbox.visitors import MAYA, Visitor


def _errors(answer: TestResponse) -> list[str]:
    found = fhirkit.validate(json.dumps(answer.get_json()))
    return [str(issue) for issue in found if issue.severity == "error"]


def test_the_statements_are_valid(lab: Flask, tmp_path: Path) -> None:
    for app in (lab, a_program(tmp_path / "1"), a_program(tmp_path / "2", "second")):
        assert _errors(app.test_client().get("/fhir/metadata")) == []


def test_refusals_are_valid(lab: Flask, tmp_path: Path) -> None:
    visitor = Visitor.signed_in(lab, "patient/Patient.rs")
    sender = Sender.known(a_program(tmp_path))

    assert _errors(lab.test_client().get("/fhir/Patient")) == []
    assert _errors(visitor.get("/fhir/Observation")) == []
    assert _errors(visitor.get("/fhir/Patient/nobody")) == []
    assert _errors(sender.send(put("Spaceship/1"))) == []


def test_made_up_resources_are_valid(lab: Flask) -> None:
    visitor = Visitor.signed_in(lab)

    assert _errors(visitor.get(f"/fhir/Patient/{MAYA}")) == []
    assert _errors(visitor.get("/fhir/DocumentReference")) == []
    assert _errors(visitor.get("/fhir/Immunization")) == []


def test_the_answer_to_a_transaction_is_valid(tmp_path: Path) -> None:
    sender = Sender.known(a_program(tmp_path))

    answer = sender.send(put("Observation/a"), post("Patient", "p"), delete("Observation/b"))

    assert _errors(answer) == []
