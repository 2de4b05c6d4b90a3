"""Gives the application's database role what it needs, and not the right to rewrite history."""

from argparse import ArgumentParser
from collections.abc import Iterator
from typing import LiteralString

import pgtrigger
from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connection, transaction
from psycopg import sql

ROLE = "sync_app"
EVERYTHING: LiteralString = "SELECT, INSERT, UPDATE, DELETE"
ONLY_GROWS: LiteralString = "SELECT, INSERT"
ONLY_READS: LiteralString = "SELECT"
KEPT: LiteralString = "SELECT, INSERT, UPDATE"
# Who can make tables, also temporary ones, can put others in the place of those that rules read.
DATABASE_STATEMENTS: tuple[LiteralString, ...] = (
    "REVOKE TEMPORARY ON DATABASE {database} FROM PUBLIC",
    "REVOKE TEMPORARY ON DATABASE {database} FROM {role}",
    "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
)
SCHEMA_STATEMENTS: tuple[LiteralString, ...] = (
    "GRANT USAGE ON SCHEMA public TO {role}",
    "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}",
    "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
)


class Command(BaseCommand):
    """Run as the owner of the tables, after every migration."""

    help = "Grant the application's database role its rights, table by table."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the role's name."""
        parser.add_argument("--role", default=ROLE)

    @transaction.atomic
    def handle(self, *_args: object, role: str, **_options: object) -> None:
        """Make the role where it is missing, then set its rights anew."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
            if cursor.fetchone() is None:
                cursor.execute(_for(role, "CREATE ROLE {role} LOGIN"))
            if settings.APP_DATABASE_PASSWORD:
                password = sql.Literal(settings.APP_DATABASE_PASSWORD).as_string(None)
                cursor.execute(_for(role, "ALTER ROLE {role} LOGIN PASSWORD ") + password)
            database = connection.settings_dict["NAME"]
            for statement in DATABASE_STATEMENTS:
                cursor.execute(_for(role, statement, database=database))
            for statement in SCHEMA_STATEMENTS:
                cursor.execute(_for(role, statement))
            for table, allowed in rights():
                cursor.execute(_for(role, f"GRANT {allowed} ON {{table}} TO {{role}}", table))
        self.stdout.write(f"{role} may use {len(list(rights()))} tables.")


def rights() -> Iterator[tuple[str, LiteralString]]:
    """Yield each table with what the application may do to it."""
    yield "django_migrations", ONLY_READS
    for model in apps.get_models(include_auto_created=True):
        if model._meta.managed and not model._meta.proxy:  # noqa: SLF001  # Django's public name
            yield model._meta.db_table, _allowed(model)  # noqa: SLF001


def _allowed(model: type) -> LiteralString:
    if _is_protected(model, "_append_only"):
        return ONLY_GROWS
    return KEPT if _is_protected(model, "_kept") else EVERYTHING


def _is_protected(model: type, ending: str) -> bool:
    """Tell whether a trigger of this name protects every row of the model."""
    meta = getattr(model, "_meta", None)
    triggers = getattr(meta, "triggers", [])
    return any(
        isinstance(trigger, pgtrigger.Protect)
        and str(trigger.name).endswith(ending)
        and trigger.condition is None
        for trigger in triggers
    )


def _for(role: str, statement: LiteralString, table: str = "", database: str = "") -> str:
    names = {
        "role": sql.Identifier(role),
        "table": sql.Identifier(table),
        "database": sql.Identifier(database),
    }
    return sql.SQL(statement).format(**names).as_string(None)
