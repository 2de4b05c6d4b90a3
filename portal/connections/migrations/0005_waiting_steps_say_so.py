"""Steps that had not started were called "todo"."""

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    """Renames the state in the rows."""

    dependencies: ClassVar = [("connections", "0004_step_waits")]
    operations: ClassVar = [
        migrations.RunSQL(
            "UPDATE connections_step SET state = 'waiting' WHERE state = 'todo'",
            "UPDATE connections_step SET state = 'todo' WHERE state = 'waiting'",
        )
    ]
