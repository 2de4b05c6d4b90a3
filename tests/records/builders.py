"""People, origins and resources for tests of the record."""

import json
from datetime import UTC, datetime
from uuid import uuid4

from portal.accounts.models import User
from portal.records.fhir import Incoming
from portal.records.models import Origin

NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
BASE = "https://fhir.lab.example/r4"


def a_patient() -> User:
    return User.objects.create_user(f"{uuid4().hex}@example.org", "correct horse battery")


def an_origin(patient: User | None = None, *, remote: str = "p1") -> Origin:
    return Origin.objects.create(
        patient=patient or a_patient(),
        kind=Origin.Kind.CONNECTION if remote else Origin.Kind.UPLOAD,
        name="A lab",
        remote_patient_id=remote,
        base_url=BASE if remote else "",
        created_at=NOW,
    )


def an_observation(name: str = "v1", *, whose: str = "Patient/p1", **more: object) -> bytes:
    body = {
        "resourceType": "Observation",
        "id": name,
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "69548-6"}]},
        "subject": {"reference": whose},
        **more,
    }
    return json.dumps(body).encode()


def incoming(*raw: bytes) -> list[Incoming]:
    return [Incoming(one) for one in raw]
