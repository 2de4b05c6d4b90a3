"""Sources and connections for tests."""

from datetime import datetime, timedelta
from uuid import uuid4

from portal.accounts.models import User
from portal.connections import smart
from portal.connections.models import Connection, Import, Source
from portal.connections.services import imports, tokens
from portal.records.models import Origin
from tests.records.builders import NOW, a_patient

SCOPES = "launch/patient offline_access patient/*.rs"


def a_source(base_url: str = "", **more: object) -> Source:
    base_url = base_url or f"http://127.0.0.1:9/{uuid4().hex}/fhir"
    origin = base_url.partition("/fhir")[0]
    fields = {
        "slug": f"s{uuid4().hex[:20]}",
        "kind": Source.Kind.LAB,
        "name": "Riverside Genetics",
        "base_url": base_url,
        "issuer": base_url,
        "authorize_url": f"{origin}/oauth/authorize",
        "token_url": f"{origin}/oauth/token",
        "auth_method": Source.AuthMethod.NONE,
        "client_id": "sync-for-genes",
        "scopes": SCOPES,
        "types": ["Patient", "Observation"],
        "loopback": True,
        "requests_per_minute": 60_000,
        "registered_at": NOW,
    }
    return Source.objects.create(**(fields | more))


FIRST_TOKENS = smart.Tokens(
    access="first",
    refresh="refresh-first",
    expires_in_s=300,
    scopes=SCOPES,
    patient_id="p1",
)


def a_connection(
    source: Source | None = None, patient: User | None = None, *, at: datetime = NOW
) -> Connection:
    source, patient = source or a_source(), patient or a_patient()
    origin = Origin.objects.create(
        patient=patient,
        kind=Origin.Kind.CONNECTION,
        name=source.name,
        remote_patient_id="p1",
        base_url=source.base_url,
        created_at=at,
    )
    connection = Connection.objects.create(
        patient=patient,
        source=source,
        origin=origin,
        remote_patient_id="p1",
        scopes=SCOPES,
        connected_at=at,
    )
    tokens.store(connection, FIRST_TOKENS, at=at)
    return connection


def an_import(connection: Connection | None = None, *, at: datetime = NOW) -> Import:
    return imports.queue(connection=connection or a_connection(), kind=Import.Kind.FIRST, at=at)


class Ticking:
    """A clock that goes on by a second at each look, and further when told."""

    def __init__(self, at: datetime = NOW) -> None:
        self.at = at

    def __call__(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at
