"""Tokens are sealed, renewed by one at a time, stored before use, and ended at the source."""

from datetime import timedelta

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from portal.accounts import sealing
from portal.connections import smart
from portal.connections.models import Connection, Credential, Source
from portal.connections.services import connect, tokens
from portal.connections.source_api import SourceRefused, SourceUnavailable
from tests.connections.builders import a_connection, a_source
from tests.connections.fakes import FakeApi, granted
from tests.records.builders import NOW

pytestmark = pytest.mark.django_db


def with_secret(secret: str, method: str) -> Source:
    source = a_source(auth_method=method, sealed_secret=b"-")
    source.sealed_secret = sealing.seal(secret.encode(), context=source.secret_context)
    source.save()
    return source


def a_pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def test_a_good_token_is_used_without_asking() -> None:
    api = FakeApi()

    bearer = tokens.bearer(connection=a_connection(), api=api, at=NOW)

    assert (bearer.token, bearer.generation) == ("first", 1)
    assert api.posted == []


def test_a_token_is_renewed_before_it_ends_and_the_new_one_is_kept() -> None:
    connection = a_connection()
    api = FakeApi(tokens=[granted(access_token="second", refresh_token="refresh-second")])

    bearer = tokens.bearer(connection=connection, api=api, at=NOW + timedelta(seconds=250))

    again = tokens.bearer(connection=connection, api=api, at=NOW + timedelta(seconds=260))
    assert (bearer.token, again.token) == ("second", "second")
    assert api.posted[0][1]["refresh_token"] == "refresh-first"
    assert len(api.posted) == 1


def test_each_renewal_uses_the_newest_refresh_token() -> None:
    connection = a_connection()
    api = FakeApi(
        tokens=[granted(refresh_token="r2"), granted(refresh_token=None), granted()],
    )

    for minutes in (5, 10, 15):
        tokens.bearer(connection=connection, api=api, at=NOW + timedelta(minutes=minutes))

    sent = [fields["refresh_token"] for _, fields, _ in api.posted]
    assert sent == ["refresh-first", "r2", "r2"]


def test_whoever_was_refused_with_an_old_token_gets_the_new_one_without_asking() -> None:
    connection = a_connection()
    api = FakeApi(tokens=[granted(access_token="second")])
    old = tokens.bearer(connection=connection, api=api, at=NOW)
    tokens.bearer(connection=connection, api=api, at=NOW, refused=old)

    late = tokens.bearer(connection=connection, api=api, at=NOW, refused=old)

    assert late.token == "second"
    assert len(api.posted) == 1


@pytest.mark.parametrize(
    "answer", [(400, {"error": "invalid_grant"}), (200, {}), SourceRefused("status-404", 404)]
)
def test_a_refused_renewal_needs_the_person(answer: tuple[int, object] | Exception) -> None:
    connection = a_connection()

    with pytest.raises(tokens.SignInNeeded):
        tokens.bearer(
            connection=connection, api=FakeApi(tokens=[answer]), at=NOW + timedelta(hours=1)
        )

    connection.refresh_from_db()
    assert connection.state == Connection.State.SIGN_IN


def test_a_source_that_does_not_answer_changes_nothing() -> None:
    connection = a_connection()

    with pytest.raises(SourceUnavailable):
        tokens.bearer(
            connection=connection,
            api=FakeApi(tokens=[SourceUnavailable("slow")]),
            at=NOW + timedelta(hours=1),
        )

    connection.refresh_from_db()
    assert connection.state == Connection.State.LIVE
    assert connection.credential.generation == 1


def test_a_page_in_place_of_a_token_is_no_word_of_the_source() -> None:
    connection = a_connection()
    api = FakeApi(tokens=[(200, ["We are working on our site"])])

    with pytest.raises(SourceUnavailable, match="answer-unreadable"):
        tokens.bearer(connection=connection, api=api, at=NOW + timedelta(hours=1))

    connection.refresh_from_db()
    assert connection.state == Connection.State.LIVE


def test_a_token_cannot_be_moved_to_another_connection() -> None:
    mine, other = a_connection(), a_connection()
    Credential.objects.filter(connection=mine).update(sealed_access=other.credential.sealed_access)

    with pytest.raises(sealing.BrokenSeal):
        tokens.bearer(connection=mine, api=FakeApi(), at=NOW)


def test_no_token_stands_in_the_database_or_in_words() -> None:
    connection = a_connection()

    credential = Credential.objects.get()
    assert b"first" not in bytes(credential.sealed_access)
    assert b"refresh-first" not in bytes(credential.sealed_refresh or b"")
    bearer = tokens.bearer(connection=connection, api=FakeApi(), at=NOW)
    assert "first" not in f"{bearer!r}{credential!r}{connection!r}"


def test_ended_connections_end_their_tokens_at_the_source() -> None:
    connection = a_connection(a_source(revoke_url="http://127.0.0.1:9/revoke"))
    connect.disconnect(connection=connection, delete_copies=False, at=NOW)
    connection.refresh_from_db()
    api = FakeApi(tokens=[(200, {}), SourceRefused("status-404", 404)])

    tokens.revoke(connection=connection, api=api, at=NOW)

    assert [fields["token"] for _, fields, _ in api.posted] == ["refresh-first", "first"]
    assert not Credential.objects.exists()


def test_revocation_is_tried_for_a_day() -> None:
    connection = a_connection(a_source(revoke_url="http://127.0.0.1:9/revoke"))
    connect.disconnect(connection=connection, delete_copies=False, at=NOW)
    connection.refresh_from_db()

    silent = FakeApi(tokens=[SourceUnavailable("slow")])
    with pytest.raises(SourceUnavailable):
        tokens.revoke(connection=connection, api=silent, at=NOW)
    assert Credential.objects.exists()

    silent = FakeApi(tokens=[SourceUnavailable("slow")] * 2)
    tokens.revoke(connection=connection, api=silent, at=NOW + timedelta(days=1))
    assert not Credential.objects.exists()


def test_a_live_connection_is_never_revoked() -> None:
    connection = a_connection()

    tokens.revoke(connection=connection, api=FakeApi(), at=NOW)

    assert Credential.objects.exists()


def test_a_secret_goes_into_the_header_as_the_standard_says() -> None:
    source = with_secret("s:e/c", Source.AuthMethod.BASIC)
    api = FakeApi(tokens=[granted()])

    tokens.ask_token(source, {"grant_type": "x"}, api=api, at=NOW)

    _, fields, headers = api.posted[0]
    assert headers["Authorization"] == smart.basic_header("sync-for-genes", "s:e/c")
    assert "client_secret" not in fields


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        (rsa.generate_private_key(public_exponent=65537, key_size=2048), "RS384"),
        (ec.generate_private_key(ec.SECP384R1()), "ES384"),
    ],
)
def test_an_assertion_is_signed_short_and_never_the_same(
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, algorithm: str
) -> None:
    source = with_secret(a_pem(key), Source.AuthMethod.PRIVATE_KEY_JWT)
    (public,) = tokens.public_keys()

    first, second = (
        jwt.decode(
            tokens.assertion(source, NOW),
            jwt.PyJWK(public).key,
            algorithms=[algorithm],
            audience=source.token_url,
            options={"verify_exp": False, "verify_iat": False},
        )
        for _ in range(2)
    )

    assert first["iss"] == first["sub"] == source.client_id
    assert first["exp"] - first["iat"] <= 300
    assert first["jti"] != second["jti"]
    assert "d" not in public
