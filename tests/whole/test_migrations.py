"""Old code runs on the new schema, and every step can be taken back.

A check of our own: it runs in the suite, on the migrations as Django loads them, and needs no
package more that would have to keep up with Django's releases.
"""

import re
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import connection, migrations
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.models import NOT_PROVIDED

ROOMS = ("portal.", "consent", "sharing")
OURS = sorted(config.label for config in apps.get_app_configs() if config.name.startswith(ROOMS))
# What old code reads or writes may only go once no running release knows it any more.
TAKES_AWAY = (
    migrations.RemoveField,
    migrations.RenameField,
    migrations.DeleteModel,
    migrations.RenameModel,
    migrations.AlterModelTable,
)
# These came before the first release: nobody ran code that was older than they are.
BEFORE_THE_FIRST_RELEASE = {
    ("records", "0002_changes_and_base_url"),
    ("records", "0003_finding_categories"),
    ("records", "0004_gaps_of_an_origin"),
    ("records", "0005_address_of_a_resource"),
    ("records", "0007_questions_about_an_upload"),
}


def steps() -> Iterator[tuple[str, str, migrations.Migration]]:
    """Yield our migrations with room and name."""
    for (app, name), step in sorted(MigrationLoader(None).disk_migrations.items()):
        if app in OURS:
            yield app, name, step


def test_every_room_with_tables_has_migrations() -> None:
    with_tables = {config.label for config in apps.get_app_configs() if config.models}

    assert {app for app, _, _ in steps()} == with_tables & set(OURS)


def test_a_migration_says_in_its_name_what_it_does() -> None:
    for _, name, _ in steps():
        assert re.fullmatch(r"\d{4}_[a-z][a-z0-9_]+", name)
        assert "auto" not in name


def test_numbers_follow_each_other_without_a_fork() -> None:
    for app in OURS:
        numbers = [int(name[:4]) for room, name, _ in steps() if room == app]
        assert numbers == list(range(1, len(numbers) + 1))


def test_every_step_can_be_taken_back() -> None:
    stuck = [
        f"{app} {name}: {operation.describe()}"
        for app, name, step in steps()
        for operation in step.operations
        if not operation.reversible
    ]

    assert stuck == []


def test_old_code_can_write_into_a_table_that_got_a_column() -> None:
    breaking = [
        f"{app} {name}: {operation.describe()}"
        for app, name, step in steps()
        if not step.initial and (app, name) not in BEFORE_THE_FIRST_RELEASE
        for operation in step.operations
        if isinstance(operation, migrations.AddField)
        and not operation.field.null
        and not operation.field.many_to_many
        and operation.field.db_default is NOT_PROVIDED
    ]

    assert breaking == []


def test_nothing_is_taken_away_from_under_old_code() -> None:
    taken = [
        f"{app} {name}: {operation.describe()}"
        for app, name, step in steps()
        for operation in step.operations
        if isinstance(operation, TAKES_AWAY)
    ]

    assert taken == []


@pytest.mark.slow  # every table of the site is dropped and made again
@pytest.mark.django_db
def test_all_goes_back_to_nothing_and_forth_again() -> None:
    executor = MigrationExecutor(connection)
    newest = executor.loader.graph.leaf_nodes()

    executor.migrate(
        [(app, None) for app in OURS if (app, "0001_initial") in executor.loader.graph]
    )
    emptied = set(connection.introspection.table_names())
    MigrationExecutor(connection).migrate(newest)

    models = (model for app in OURS for model in apps.get_app_config(app).get_models())
    tables = {model._meta.db_table for model in models}  # noqa: SLF001  # Django's own name for it
    assert not tables & emptied
    assert tables <= set(connection.introspection.table_names())
