"""A second wall for the staff of programs: the database shows only the rows of their programs.

It stands for every role but the owner of the tables; `app.program_ids` is set for the requests
of staff, and is empty for the person's own pages and for the workers.
"""

from django.db import migrations

OWN = "sharing_may_see(program_id)"
OF_ENROLMENT = (
    "EXISTS (SELECT 1 FROM sharing_enrolment e"
    " WHERE e.id = enrolment_id AND sharing_may_see(e.program_id))"
)
OF_DELIVERY = "EXISTS (SELECT 1 FROM sharing_delivery d WHERE d.id = delivery_id)"
OF_PACKAGE = "EXISTS (SELECT 1 FROM sharing_package p WHERE p.id = package_id)"
TABLES = {
    "sharing_enrolment": OWN,
    "sharing_package": OF_ENROLMENT,
    "sharing_delivery": OF_ENROLMENT,
    "sharing_disclosure": OF_ENROLMENT,
    "sharing_attempt": OF_DELIVERY,
    "sharing_review": OF_PACKAGE,
}

FUNCTION = """
CREATE FUNCTION sharing_may_see(program bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT coalesce(current_setting('app.program_ids', true), '') = ''
        OR program::text = ANY (string_to_array(current_setting('app.program_ids', true), ','))
$$
"""


def _wall(table: str, rule: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;"
        f"CREATE POLICY {table}_own_programs ON {table} USING ({rule})",
        f"DROP POLICY {table}_own_programs ON {table};"
        f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY",
    )


class Migration(migrations.Migration):
    dependencies = [("sharing", "0001_initial")]

    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION sharing_may_see(bigint)"),
        *(_wall(table, rule) for table, rule in TABLES.items()),
    ]
