"""Our keys at programs: one of each kind in use, the one before it known for a while."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from django.db import IntegrityError
from django.test import Client

from portal.audit import actions
from portal.audit.models import Entry
from sharing.models import SigningKey
from sharing.services import keys

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)


def known(at: datetime) -> set[str]:
    return {key["kid"] for key in keys.published(at=at)["keys"]}


def test_a_key_is_made_once_and_its_private_half_is_not_published() -> None:
    first = keys.current("RS384", at=NOON)

    assert keys.current("RS384", at=NOON) == first
    assert b"PRIVATE" in keys.private_pem(first)
    assert set(keys.published(at=NOON)["keys"][0]) == {
        *("kid", "alg", "use", "key_ops"),
        *("kty", "n", "e"),
    }


def test_the_key_before_stays_published_for_a_while_and_then_goes() -> None:
    first = keys.current("RS384", at=NOON)

    second = keys.rotate(algorithm="RS384", at=NOON)

    assert keys.current("RS384", at=NOON) == second
    assert known(NOON) == {first.kid, second.kid}
    assert known(NOON + keys.STAYS_PUBLISHED) == {second.kid}


def test_many_changes_of_one_kind_of_key_never_hide_the_other() -> None:
    lasting = keys.current("RS384", at=NOON)

    for day in range(9):
        keys.rotate(algorithm="ES384", at=NOON + timedelta(days=day))

    assert lasting.kid in known(NOON + timedelta(days=9))


def test_two_keys_of_a_kind_cannot_be_in_use() -> None:
    keys.current("ES384", at=NOON)

    with pytest.raises(IntegrityError):
        SigningKey.objects.create(
            kid="another", algorithm="ES384", sealed_private=b"", public_jwk={}, created_at=NOON
        )


def test_the_command_changes_the_key_and_the_trail_says_so(client: Client) -> None:
    before = keys.current("ES384", at=NOON)

    call_command("rotate_key", "ES384")

    entry = Entry.objects.get(action=actions.SIGNING_KEY_ROTATED)
    listed = client.get("/.well-known/jwks.json").json()["keys"]
    assert {key["kid"] for key in listed} == {before.kid, entry.about}
