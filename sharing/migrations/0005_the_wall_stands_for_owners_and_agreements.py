"""The wall stands also for the owner of the tables, and around agreements and acts of consent.

Only a superuser gets past it now. As before it hides nothing while `app.program_ids` is empty.
"""

from django.db import migrations

WALLED = (
    "sharing_enrolment",
    "sharing_package",
    "sharing_delivery",
    "sharing_disclosure",
    "sharing_attempt",
    "sharing_review",
)
OF_CONSENT = ("consent_agreement", "consent_event")


def _forced(table: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY",
    )


def _wall(table: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;"
        f"CREATE POLICY {table}_own_programs ON {table} USING (sharing_may_see(program_id))",
        f"DROP POLICY {table}_own_programs ON {table};"
        f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY",
    )


class Migration(migrations.Migration):
    dependencies = [
        ("sharing", "0004_rules_read_these_tables_only"),
        ("consent", "0003_rules_read_these_tables_only"),
    ]

    operations = [
        *(_wall(table) for table in OF_CONSENT),
        *(_forced(table) for table in (*WALLED, *OF_CONSENT)),
    ]
