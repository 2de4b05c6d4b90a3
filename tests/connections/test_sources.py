"""Any SMART server can be registered: it is asked, what it says is pinned, and errors are said."""

import json
from io import StringIO

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import Client

from portal.accounts.models import User
from portal.connections import guard, smart, words
from portal.connections.models import Source
from portal.connections.services import sources
from portal.connections.source_api import SourceRefused
from tests.connections import rude
from tests.connections.fakes import FakeApi
from tests.connections.test_tokens import a_pem
from tests.people import sign_in
from tests.records.builders import NOW

pytestmark = pytest.mark.django_db
BASE = "https://fhir.lab.example/r4"
AUTH = "https://auth.lab.example"
R4 = {
    "resourceType": "CapabilityStatement",
    "fhirVersion": "4.0.1",
    "rest": [{"resource": [{"type": "Patient"}, {"type": "Observation"}, {"type": 7}]}],
}
CONFIGURATION = {
    "issuer": AUTH,
    "authorization_endpoint": f"{AUTH}/authorize",
    "token_endpoint": f"{AUTH}/token",
    "revocation_endpoint": f"{AUTH}/revoke",
    "code_challenge_methods_supported": ["S256"],
    "capabilities": ["launch-standalone", "permission-v2"],
}


def a_server(configuration: object = CONFIGURATION, capability: object = R4) -> FakeApi:
    told: bytes | Exception = (
        configuration
        if isinstance(configuration, Exception)
        else json.dumps(configuration).encode()
    )
    return FakeApi(
        {f"{BASE}/metadata": json.dumps(capability).encode(), BASE + sources.CONFIGURATION: told}
    )


def registered(api: FakeApi, **more: str) -> Source:
    said = {"slug": "lab", "kind": "lab", "name": "A lab", "client_id": "us"}
    base = guard.register(BASE, loopback=False)
    registration = sources.Registration(base=base, **(said | more))
    return sources.register(registration=registration, api=api, by=None, at=NOW)


def test_what_the_server_says_is_pinned() -> None:
    source = registered(a_server())

    assert (source.authorize_url, source.token_url) == (f"{AUTH}/authorize", f"{AUTH}/token")
    assert source.pinned == {f"{AUTH}/token", f"{AUTH}/revoke"}
    assert source.issuer == AUTH
    assert source.types == ["Patient", "Observation"]
    assert source.scopes == smart.DEFAULT_SCOPES


def with_oauth_uris() -> dict[str, object]:
    uris = {"authorize": f"{AUTH}/authorize", "token": f"{AUTH}/token"}
    parts = [{"url": name, "valueUri": value} for name, value in uris.items()]
    security = {"extension": [{"url": smart.OAUTH_URIS, "extension": parts}]}
    return {**R4, "rest": [{"security": security}]}


@pytest.mark.parametrize("missing", [SourceRefused("status-404", 404), "<html>", {}])
def test_an_old_server_is_read_by_its_capability_statement(missing: object) -> None:
    source = registered(a_server(missing, with_oauth_uris()))

    assert source.token_url == f"{AUTH}/token"
    assert source.issuer == BASE


def test_a_server_of_smart_1_is_asked_in_its_grammar() -> None:
    old = {**CONFIGURATION, "capabilities": ["permission-patient"], "scopes_supported": ["x.read"]}

    assert registered(a_server(old)).scopes == smart.OLD_SCOPES


@pytest.mark.parametrize(
    ("configuration", "capability", "code"),
    [
        ({**CONFIGURATION, "code_challenge_methods_supported": ["plain"]}, R4, "no-pkce"),
        ({**CONFIGURATION, "token_endpoint": "https://x@evil.example/"}, R4, "bad-endpoints"),
        ({**CONFIGURATION, "token_endpoint": "http://127.0.0.1/token"}, R4, "bad-endpoints"),
        ({**CONFIGURATION, "token_endpoint": "http://auth.lab.example/t"}, R4, "bad-endpoints"),
        ({}, R4, "no-smart"),
        (CONFIGURATION, {**R4, "fhirVersion": "3.0.2"}, "not-r4"),
        (CONFIGURATION, [], "no-capability"),
        (CONFIGURATION, {"fhirVersion": "4.0.1"}, "no-capability"),
    ],
)
def test_a_server_that_cannot_be_used_is_refused_by_name(
    configuration: object, capability: object, code: str
) -> None:
    with pytest.raises(smart.NotSmart) as refusal:
        registered(a_server(configuration, capability))

    assert refusal.value.code == code
    assert not Source.objects.exists()


def test_registering_again_renews_what_is_pinned() -> None:
    first = registered(a_server())

    second = registered(a_server({**CONFIGURATION, "token_endpoint": f"{AUTH}/token2"}))

    assert second.pk == first.pk
    assert Source.objects.get().token_url == f"{AUTH}/token2"


def test_a_secret_is_sealed() -> None:
    source = registered(a_server(), auth_method="basic", secret="marked-secret")

    assert b"marked-secret" not in bytes(source.sealed_secret or b"")


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("https://user@fhir.lab.example/r4", "That address cannot be used."),
        ("ftp://fhir.lab.example/r4", "That address cannot be used."),
        ("http://127.0.0.1:9/fhir", "The server does not answer"),
    ],
)
def test_the_command_says_in_a_sentence_what_is_wrong(address: str, says: str) -> None:
    with pytest.raises(CommandError, match=says):
        call_command("add_source", "x", address, "--name=X", "--client-id=us", stdout=StringIO())


UNFIT = {
    "nothing": "no key",
    "another curve": a_pem(ec.generate_private_key(ec.SECP256R1())),
    "a short one": a_pem(rsa.generate_private_key(public_exponent=65537, key_size=1024)),
}


@pytest.mark.parametrize("secret", UNFIT.values(), ids=UNFIT.keys())
def test_a_key_that_cannot_sign_is_refused_before_it_stands_in_the_way_of_all(secret: str) -> None:
    with pytest.raises(sources.BadKey):
        registered(a_server(), auth_method="private_key_jwt", secret=secret)

    assert not Source.objects.exists()


def test_an_admin_sees_that_a_key_cannot_sign(admin_in: Client) -> None:
    said = {"slug": "x", "kind": "lab", "name": "X", "client_id": "us", "secret": "no key"}

    page = admin_in.post(
        "/keep/connections/source/add/",
        {**said, "auth_method": "private_key_jwt", "base_url": "https://fhir.lab.example/r4"},
    )

    assert b"no private key that we can sign with" in page.content


def test_the_command_names_what_was_said_wrongly() -> None:
    registration = sources.Registration("a b", "lab", "", guard.register(BASE, loopback=False), "")

    with pytest.raises(ValidationError) as refused:
        sources.register(registration=registration, api=a_server(), by=None, at=NOW)

    said = words.of_fields(refused.value)
    assert {"slug:", "name:", "client_id:"} <= set(said.split())


def test_the_command_says_when_a_server_has_no_sign_in() -> None:
    with rude.running() as server, pytest.raises(CommandError, match="CapabilityStatement"):
        call_command(
            "add_source",
            "x",
            server.base("html"),
            "--name=X",
            "--client-id=us",
            stdout=StringIO(),
        )


def test_an_admin_sees_why_a_server_cannot_be_registered(admin_in: Client) -> None:
    said = {"slug": "x", "kind": "lab", "name": "X", "client_id": "us", "auth_method": "none"}

    page = admin_in.post(
        "/keep/connections/source/add/", {**said, "base_url": "https://10.0.0.1/fhir"}
    )

    assert b"may not be called" in page.content
    assert not Source.objects.exists()


def test_an_admin_sees_what_was_pinned_and_cannot_delete(admin_in: Client) -> None:
    source = registered(a_server())

    page = admin_in.get(f"/keep/connections/source/{source.pk}/change/")

    assert f"{AUTH}/token".encode() in page.content
    assert admin_in.post(f"/keep/connections/source/{source.pk}/delete/").status_code == 403


@pytest.fixture
def admin_in() -> Client:
    keeper = User.objects.create_superuser("keeper@example.org", "a long enough one")
    client = Client()
    sign_in(client, keeper)
    return client
