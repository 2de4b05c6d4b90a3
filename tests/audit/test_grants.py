"""The application's own role against a real PostgreSQL."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.db.utils import ProgrammingError

from portal.audit.management.commands.grants import rights

pytestmark = pytest.mark.django_db


@pytest.fixture
def role() -> Iterator[str]:
    """A role with the rights of the application, in force until the end of the test."""
    name = f"app_{uuid4().hex[:8]}"
    call_command("grants", role=name, verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {name}")
    yield name
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")


def tables(*, only_growing: bool) -> list[str]:
    return [t for t, allowed in rights() if (allowed == "SELECT, INSERT") is only_growing]


def test_some_tables_only_grow() -> None:
    assert "audit_entry" in tables(only_growing=True)
    assert "accounts_user" in tables(only_growing=False)


def refused(statement: str) -> None:
    with (
        pytest.raises(ProgrammingError, match=r"permission denied|must be owner"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


@pytest.mark.parametrize("verb", ["DELETE FROM", "TRUNCATE"])
def test_the_application_cannot_empty_what_only_grows(role: str, verb: str) -> None:
    growing = tables(only_growing=True)
    for table in growing:
        refused(f"{verb} {table}")

    assert growing


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET action = 'nothing'",
        "ALTER TABLE audit_entry DISABLE TRIGGER ALL",
        "DROP TABLE audit_entry",
        "CREATE TABLE own (id int)",
        "CREATE TEMPORARY TABLE consent_agreement (id int)",
        "DELETE FROM audit_head",
        "DELETE FROM consent_agreement",
        "DROP POLICY sharing_package_own_programs ON sharing_package",
        "ALTER FUNCTION sharing_may_see(bigint) RENAME TO seen",
        "SET session_replication_role = replica",
    ],
)
def test_the_application_cannot_get_round_the_trail(role: str, statement: str) -> None:
    refused(statement)

    assert role.startswith("app_")


@pytest.mark.parametrize("table", ["sharing_delivery", "sharing_package", "audit_head"])
def test_what_is_kept_changes_and_never_goes(table: str) -> None:
    assert dict(rights())[table] == "SELECT, INSERT, UPDATE"


def test_the_application_can_do_its_work(role: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM accounts_user")

        assert cursor.fetchone() is not None
