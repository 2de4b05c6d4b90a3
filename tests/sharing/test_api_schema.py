"""The interface does what its own description says, whatever it is asked."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import schemathesis
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from portal.accounts.models import User
from portal.wsgi import application
from sharing.services import registering
from sharing.services.tokens import make
from tests.consent.builders import a_person
from tests.results.builders import a_brca2_change, keep, open_all
from tests.sharing.builders import Sharing

pytestmark = [pytest.mark.django_db, pytest.mark.slow]  # asks every operation many times

described = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
schema = schemathesis.openapi.from_dict(described)


@pytest.fixture
def one_connection() -> Iterator[None]:
    """Let requests use the connection on which the test's transaction lives, and not close it."""
    for moment in (request_started, request_finished):
        moment.disconnect(close_old_connections)
    yield
    for moment in (request_started, request_finished):
        moment.connect(close_old_connections)


@pytest.fixture
def tokens(one_connection: None) -> dict[str, str]:
    sharing = Sharing()
    sharing.now = datetime.now(UTC)
    sharing.confirm()
    sharing.run()
    sharing.patient.findings.all().delete()
    keep(sharing.origin, a_brca2_change(key="v9"))
    open_all(sharing.patient)
    staff = a_person("staff@example.org", role=User.Role.STAFF)
    TOTP.activate(staff, generate_totp_secret())
    registering.join(user=staff, program=sharing.program, at=sharing.now)
    who = {"staff": staff, "patient": sharing.patient}
    return {name: make(user=user, at=sharing.now) for name, user in who.items()}


@schema.parametrize()
@settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_every_operation_keeps_its_word(
    case: schemathesis.Case[Any], tokens: dict[str, str]
) -> None:
    role = "staff" if "packages" in case.path else "patient"
    headers = {"Authorization": f"Bearer {tokens[role]}", "Accept-Encoding": "identity"}

    answer = case.call(app=application, headers=headers)

    assert answer.status_code in {200, 400, 401, 403, 404, 405, 406, 429}
    if answer.status_code == 200:
        case.validate_response(
            answer,
            checks=[
                response_schema_conformance,
                content_type_conformance,
                status_code_conformance,
            ],
        )
    else:
        assert answer.headers["content-type"][0].startswith(("application/problem+json", "text"))
