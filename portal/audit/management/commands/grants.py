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
            yield model._meta.db_table, ONLY_GROWS if is_append_only(model) else EVERYTHING  # noqa: SLF001


def is_append_only(model: type) -> bool:
    """Tell whether a trigger protects the model's rows from every change."""
    meta = getattr(model, "_meta", None)
    triggers = getattr(meta, "triggers", [])
    return any(
        isinstance(trigger, pgtrigger.Protect) and str(trigger.name).endswith("_append_only")
        for trigger in triggers
    )


def _for(role: str, statement: LiteralString, table: str = "") -> str:
    names = {"role": sql.Identifier(role), "table": sql.Identifier(table)}
    return sql.SQL(statement).format(**names).as_string(None)
