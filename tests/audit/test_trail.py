"""I9: the trail is append-only and its chain can be checked."""

import uuid
from datetime import UTC, datetime

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError

from portal.audit import services
from portal.audit.models import Entry, Head

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)


def _acts(count: int) -> uuid.UUID:
    patient_id = uuid.uuid4()
    for number in range(count):
        services.record("test.act", by=None, patient_id=patient_id, about=f"x:{number}", at=NOON)
    return patient_id


def test_a_chain_of_acts_holds() -> None:
    patient_id = _acts(3)

    verdict = services.verify(patient_id)

    assert verdict.holds
    assert verdict.links == 3


def test_chains_of_two_people_are_apart() -> None:
    first, second = _acts(2), _acts(1)

    assert services.verify(first).links == 2
    assert services.verify(second).links == 1


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE audit_entry SET action = 'other'",
        "DELETE FROM audit_entry",
        "TRUNCATE audit_entry",
    ],
)
def test_the_database_refuses_to_change_the_trail(sql: str) -> None:
    _acts(1)

    with (
        pytest.raises(DatabaseError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)

    assert Entry.objects.count() == 1


@pytest.mark.parametrize("column", ["action", "about", "facts", "actor_id", "at", "hash"])
def test_a_change_behind_the_triggers_is_found(column: str) -> None:
    patient_id = _acts(3)
    value = {"facts": "'{\"a\": 1}'", "actor_id": "gen_random_uuid()", "at": "now()"}

    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        new = value.get(column, "'forged'")
        cursor.execute(f"UPDATE audit_entry SET {column} = {new} WHERE seq = 2")
        cursor.execute("SET session_replication_role = origin")

    assert services.verify(patient_id).broken_at == 2


@pytest.mark.parametrize(
    ("seq", "prev_hash"), [(3, ""), (5, "h"), (4, "another"), (2, ""), (1, "")]
)
def test_the_database_takes_only_what_follows(seq: int, prev_hash: str) -> None:
    patient_id = _acts(3)

    with pytest.raises(DatabaseError), transaction.atomic():
        Entry.objects.create(
            chain=str(patient_id), seq=seq, at=NOON, action="x", prev_hash=prev_hash, hash="h"
        )

    assert services.verify(patient_id).holds


def test_the_database_keeps_the_heads_of_the_chains() -> None:
    _acts(1)

    with pytest.raises(DatabaseError), transaction.atomic():
        Head.objects.all().delete()

    assert Head.objects.count() == 1


def test_a_chain_without_its_head_does_not_hold() -> None:
    patient_id = _acts(3)

    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("DELETE FROM audit_head")
        cursor.execute("SET session_replication_role = origin")

    assert services.verify(patient_id).broken_at == 4


def test_rules_read_the_tables_of_the_site_and_none_of_that_name() -> None:
    patient_id = _acts(1)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE audit_entry (LIKE public.audit_entry)")

        with pytest.raises(DatabaseError), transaction.atomic():
            cursor.execute(
                "INSERT INTO public.audit_entry (chain, seq, at, action, about, facts, prev_hash,"
                " hash) VALUES (%s, 1, now(), 'x', '', '{}', '', 'h')",
                [str(patient_id)],
            )
        cursor.execute("DROP TABLE pg_temp.audit_entry")

    assert services.verify(patient_id).links == 1


def test_a_cut_tail_is_found() -> None:
    patient_id = _acts(3)

    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("DELETE FROM audit_entry WHERE seq = 3")
        cursor.execute("SET session_replication_role = origin")

    assert services.verify(patient_id).broken_at == 3
