"""Tables that only grow: the database itself refuses to change, delete or empty them."""

import pgtrigger


def append_only(table: str) -> list[pgtrigger.Trigger]:
    """Return the triggers that make a table append-only; `table` starts their names."""
    return [
        pgtrigger.Protect(
            name=f"{table}_append_only", operation=pgtrigger.Update | pgtrigger.Delete
        ),
        pgtrigger.Trigger(
            name=f"{table}_no_truncate",
            level=pgtrigger.Statement,
            when=pgtrigger.Before,
            operation=pgtrigger.Truncate,
            func=f"RAISE EXCEPTION '{table} is append-only';",
        ),
    ]
