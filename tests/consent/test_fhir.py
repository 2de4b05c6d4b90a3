"""An agreement says the same as a FHIR R4 Consent, both ways; nothing is ever guessed from one."""

import json
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import fhirkit
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyfhircheck import Validator

from consent import fhir, ledger
from consent.fhir import NotOurConsent, Statement
from consent.policy import SENSITIVE, Agreed, Category, Extra, Identity, Scope, State, Use
from tests.consent import strategies as some

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
LAST = date(2027, 1, 31)
SCOPE = Scope(
    categories=frozenset({Category.CARRIER, Category.HIV}),
    identity=Identity.PSEUDONYMOUS,
    uses=frozenset(Use),
    extras=frozenset({Extra.RECONTACT}),
    ends_on=LAST,
    keep_updated=True,
)
AGREED = Agreed(State.ACTIVE, 3, "7", SCOPE, NOON, ledger.end_of(LAST))
STATEMENT = Statement("agreement-1", AGREED, "Patient/p1", "all-of-us", "All of Us", "a" * 64)
_names = st.text("abcXYZ019.-", min_size=1, max_size=12)
statements = st.builds(
    Statement,
    id=_names,
    agreed=some.agreements(),
    patient=_names.map(lambda name: f"Patient/{name}"),
    program=_names,
    program_name=st.sampled_from(["", "All of Us", "Año Ünï <&>"]),
    text_sha256=st.sampled_from(["0" * 64, "ab" * 32]),
)


def _errors(body: dict[str, Any]) -> list[str]:
    first = [str(i) for i in fhirkit.validate(json.dumps(body)) if i.severity == "error"]
    second = Validator().validate_resource(body).issues
    # Our own extensions are published with the site, where this validator cannot look.
    serious = [i for i in second if i.severity == "error" and i.code != "extension.unknown"]
    return first + [str(issue) for issue in serious]


@given(statements)
def test_writing_then_reading_gives_the_same_agreement(statement: Statement) -> None:
    assert fhir.from_consent(fhir.to_consent(statement)) == statement


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("scope", [SCOPE, Scope()], ids=["much", "nothing"])
def test_two_validators_find_nothing_wrong(state: State, scope: Scope) -> None:
    agreed = replace(AGREED, state=state, scope=scope, ends_at=ledger.end_of(scope.ends_on))

    assert _errors(fhir.to_consent(replace(STATEMENT, agreed=agreed))) == []


def test_the_validators_would_have_found_something() -> None:
    broken: dict[str, Any] = fhir.to_consent(STATEMENT)
    broken["status"] = "bogus"

    assert _errors(broken)


@pytest.mark.parametrize("state", State)
def test_only_a_live_agreement_is_active(state: State) -> None:
    body = fhir.to_consent(replace(STATEMENT, agreed=replace(AGREED, state=state)))

    assert body["status"] == ("active" if state is State.ACTIVE else "inactive")


def test_a_sensitive_matter_that_was_not_chosen_is_denied_beside_the_permit() -> None:
    body: Any = fhir.to_consent(STATEMENT)

    nested = body["provision"]["provision"]
    denied = {part["code"][0]["coding"][0]["code"] for part in nested if part["type"] == "deny"}

    assert denied == SENSITIVE - {Category.HIV}


def test_without_updates_only_data_up_to_the_agreement_is_permitted() -> None:
    once = replace(AGREED, scope=replace(SCOPE, keep_updated=False))
    body: Any = fhir.to_consent(replace(STATEMENT, agreed=once))

    permit = body["provision"]["provision"][0]

    assert permit["dataPeriod"] == {"end": "2026-03-03T12:00:00.000000Z"}


def _at(body: Any, path: str, value: Any) -> dict[str, Any]:  # noqa: ANN401  # JSON of any shape
    """Return a copy in which one place says something else; None takes it out."""
    copy = deepcopy(body)
    *way, last = [int(step) if step.isdecimal() else step for step in path.split(".")]
    place = copy
    for step in way:
        place = place[step]
    if value is None:
        del place[last]
    else:
        place[last] = value
    found: dict[str, Any] = copy
    return found


PERMIT = "provision.provision.0"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("resourceType", "Patient"),
        ("status", "inactive"),
        ("id", None),
        ("patient", None),
        ("dateTime", "yesterday"),
        ("dateTime", None),
        ("policy", []),
        ("sourceAttachment", None),
        ("provision", None),
        ("provision.provision", []),
        ("extension", None),
        ("extension.0.valuePositiveInt", "3"),
        ("extension.1.valueCode", "bogus"),
        (f"{PERMIT}.type", "deny"),
        (f"{PERMIT}.actor", None),
        (f"{PERMIT}.action", None),
        (f"{PERMIT}.action.1.coding.0.code", "famous"),
        (f"{PERMIT}.code.0.coding.0.code", "everything"),
        (f"{PERMIT}.code.0.coding.0.system", "http://loinc.org"),
        (f"{PERMIT}.purpose.0.code", "TREAT"),
        (f"{PERMIT}.purpose.0.system", "http://example.org"),
        (f"{PERMIT}.purpose.2.code", "anything"),
        (f"{PERMIT}.period.end", "never"),
    ],
)
def test_what_we_cannot_read_is_refused_by_name(path: str, value: object) -> None:
    body = _at(fhir.to_consent(STATEMENT), path, value)

    with pytest.raises(NotOurConsent):
        fhir.from_consent(body)


def test_two_permits_are_one_too_many() -> None:
    body: Any = fhir.to_consent(STATEMENT)
    body["provision"]["provision"].append(body["provision"]["provision"][0])

    with pytest.raises(NotOurConsent):
        fhir.from_consent(body)


def test_an_extension_of_others_does_not_disturb() -> None:
    body: Any = fhir.to_consent(STATEMENT)
    body["extension"].append({"id": "x"})
    body["extension"].append({"url": "https://example.org/other", "valueCode": "x"})

    assert fhir.from_consent(body) == STATEMENT
