"""Check the hash chains of consent events and of the audit trail, from outside the portal.

Usage:
    python tools/verify_chain.py postgresql://…     read the tables
    python tools/verify_chain.py --file export.jsonl   read an export, one JSON object a line

It shares no code with the portal: whoever doubts the portal can read these lines instead. Exit 0
when every chain holds, 1 when one does not, 2 when there is nothing to read.

A link is the SHA-256, in hex, of the canonical JSON of what was said: sorted keys, no blanks,
UTF-8; moments in UTC with microseconds. An export has the columns of the table and `table`.
"""

import hashlib
import json
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

type Row = dict[str, Any]

CONSENT = "consent_event"
AUDIT = "audit_entry"
QUERIES = {
    CONSENT: "SELECT * FROM consent_event ORDER BY patient_id, program_id, seq",
    AUDIT: "SELECT * FROM audit_entry ORDER BY chain, seq",
}


def from_database(address: str) -> Iterator[Row]:
    """Yield every row of both tables, in the order of their chains."""
    import psycopg  # noqa: PLC0415  # an export is checked without it
    from psycopg.rows import dict_row  # noqa: PLC0415

    with psycopg.connect(address, row_factory=dict_row) as connection:
        for table, query in QUERIES.items():
            for row in connection.execute(query):
                yield {"table": table, **row}


def from_file(path: Path) -> Iterator[Row]:
    """Yield every row of an export."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)


def moment(value: str | datetime) -> str:
    """Return a moment as the hashes have it."""
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def said(row: Row) -> object:
    """Return what the hash of a row is made over."""
    actor = str(row["actor_id"]) if row["actor_id"] else None
    if row["table"] == AUDIT:
        at = moment(row["at"])
        acts = [row["action"], row["about"], row["facts"], row["prev_hash"]]
        return [row["chain"], row["seq"], at, actor or "", *acts]
    kept = ("seq", "kind", "scope", "signature", "reason", "corrects", "prev_hash")
    return {
        "patient": str(row["patient_id"]),
        "program": row["program_id"],
        "version": row["version_id"],
        "actor": actor,
        "authored_at": moment(row["authored_at"]),
        "recorded_at": moment(row["recorded_at"]),
        **{name: row[name] for name in kept},
    }


def link(row: Row) -> str:
    """Return the hash that a row ought to have."""
    text = json.dumps(said(row), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def chain_of(row: Row) -> str:
    """Return the name of the chain that a row belongs to."""
    if row["table"] == AUDIT:
        return f"audit {row['chain']}"
    return f"consent {row['patient_id']} {row['program_id']}"


def broken(rows: Iterable[Row]) -> Iterator[str]:
    """Yield a sentence for the first bad link of each chain; last, how much was read."""
    newest: dict[str, tuple[int, str]] = {}
    bad: set[str] = set()
    count = 0
    for row in rows:
        name = chain_of(row)
        count += 1
        seq, before = newest.get(name, (0, ""))
        good = row["seq"] == seq + 1 and row["prev_hash"] == before and row["hash"] == link(row)
        if not good and name not in bad:
            bad.add(name)
            yield f"{name} does not hold at {row['seq']}"
        newest[name] = (row["seq"], row["hash"])
    print(f"{count} links in {len(newest)} chains, {len(bad)} broken")
    if not count:
        raise SystemExit(2)


def main(words: list[str]) -> int:
    """Check what the words name; see the top of this file."""
    if len(words) == 2 and words[0] == "--file":  # noqa: PLR2004
        rows = from_file(Path(words[1]))
    elif len(words) == 1 and words[0].startswith("postgres"):
        rows = from_database(words[0])
    else:
        print(__doc__)
        return 2
    found = list(broken(rows))
    for sentence in found:
        print(sentence)
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
