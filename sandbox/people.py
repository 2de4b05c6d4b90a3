"""The people who can sign in at a lab or an EHR."""

from dataclasses import dataclass

from sandbox.store import Store

SCHEMA = """
CREATE TABLE IF NOT EXISTS person (
  patient TEXT PRIMARY KEY, name TEXT NOT NULL, birth_date TEXT NOT NULL, about TEXT NOT NULL
);
"""


@dataclass(frozen=True)
class Person:
    """Somebody made up, with the id of their Patient resource."""

    patient: str
    name: str
    birth_date: str
    about: str


def people_of(store: Store) -> list[Person]:
    """Return everyone, in the order of their ids."""
    with store.reading() as db:
        rows = db.execute("SELECT * FROM person ORDER BY patient").fetchall()
    return [Person(**row) for row in rows]
