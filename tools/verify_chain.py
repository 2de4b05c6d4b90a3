"""Check the hash chains of consent events and of the audit trail, from outside the portal.

Usage:
    python tools/verify_chain.py postgresql://…     read the tables
    python tools/verify_chain.py --file export.jsonl   read an export, one JSON object a line
    … --keep heads.json    write down the last link of every chain, to be kept in another house
    … --since heads.json   check also that what was written down then still stands

It shares no code with the portal: whoever doubts the portal can read these lines instead. Exit 0
when every chain holds, 1 when one does not, 2 when there is nothing to read.

A link is the SHA-256, in hex, of the canonical JSON of what was said: sorted keys, no blanks,
UTF-8; moments in UTC with microseconds. An export has the columns of the table and `table`.

A changed, moved, added or missing link breaks its chain. That the newest links are all there is
seen from what else speaks of them: the heads of the trail, the agreements, and the trail about the
acts of consent. Who can rewrite all of these at once is found by heads that were kept elsewhere.
"""

import argparse
import hashlib
import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

type Row = dict[str, Any]
type Heads = dict[str, tuple[int, str]]

CONSENT = "consent_event"
AUDIT = "audit_entry"
HEAD = "audit_head"
AGREEMENT = "consent_agreement"
QUERIES = {
    CONSENT: "SELECT * FROM consent_event ORDER BY patient_id, program_id, seq",
    AUDIT: "SELECT * FROM audit_entry ORDER BY chain, seq",
    HEAD: "SELECT * FROM audit_head",
    AGREEMENT: "SELECT * FROM consent_agreement",
}
ACT = re.compile(r"consent\.event:(\d+)")


def from_database(address: str) -> Iterator[Row]:
    """Yield every row of the tables, links in the order of their chains."""
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
    if "chain" in row:
        return f"audit {row['chain']}"
    return f"consent {row['patient_id']} {row['program_id']}"


@dataclass
class Chains:
    """What was read so far: how each chain ends, what others say of it, and what is wrong."""

    since: Heads = field(default_factory=dict)
    newest: Heads = field(default_factory=dict)
    acts: dict[str, str] = field(default_factory=dict)  # by the id of their row
    told: dict[str, str] = field(default_factory=dict)  # of which acts the trail speaks
    ends: Heads = field(default_factory=dict)  # where others say that chains end
    wrong: dict[str, str] = field(default_factory=dict)
    count: int = 0

    def read(self, row: Row) -> None:
        """Take in one row of any of the tables."""
        if row["table"] == HEAD:
            self.ends[chain_of(row)] = (row["seq"], row["hash"])
        elif row["table"] == AGREEMENT:
            self.ends[chain_of(row)] = (row["epoch"], "")
        else:
            self._follow(row)

    def _follow(self, row: Row) -> None:
        name = chain_of(row)
        self.count += 1
        seq, before = self.newest.get(name, (0, ""))
        if row["seq"] != seq + 1 or row["prev_hash"] != before or row["hash"] != link(row):
            self.say(name, f"does not hold at {row['seq']}")
        self.newest[name] = (row["seq"], row["hash"])
        kept_seq, kept_hash = self.since.get(name, (0, ""))
        if row["seq"] == kept_seq and row["hash"] != kept_hash:
            self.say(name, f"was rewritten up to {kept_seq}")
        if row["table"] == CONSENT:
            self.acts[str(row["id"])] = row["hash"]
        elif act := ACT.fullmatch(row["about"]):
            self.told.setdefault(act[1], row["facts"].get("hash", ""))

    def say(self, name: str, what: str) -> None:
        """Keep the first thing that is wrong with a chain."""
        self.wrong.setdefault(name, what)

    def finish(self) -> None:
        """Compare how chains end with what else speaks of their ends."""
        for name, (seq, digest) in self.ends.items():
            newest = self.newest.get(name, (0, ""))
            if seq != newest[0] or digest not in {"", newest[1]}:
                self.say(name, f"ends at {newest[0]}, and should at {seq}")
        for name in self.newest.keys() - self.ends.keys() if self.ends else ():
            self.say(name, "has links and no end")
        for name, (seq, _hash) in self.since.items():
            if self.newest.get(name, (0, ""))[0] < seq:
                self.say(name, f"lost links since it was at {seq}")
        for act, digest in self.told.items():
            if act not in self.acts or digest not in {"", self.acts[act]}:
                self.say(f"act of consent {act}", "is in the trail, and not as it was written")


def check(rows: Iterable[Row], since: Heads) -> Chains:
    """Return what was found in all rows."""
    chains = Chains(since)
    for row in rows:
        chains.read(row)
    chains.finish()
    return chains


def heads_in(path: str) -> Heads:
    """Return heads that were kept; none where none are named."""
    kept: Mapping[str, list[Any]] = json.loads(Path(path).read_text()) if path else {}
    return {name: (int(seq), str(digest)) for name, (seq, digest) in kept.items()}


def main(words: list[str]) -> int:
    """Check what the words name; see the top of this file."""
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("address", nargs="?", default="")
    for name in ("--file", "--keep", "--since"):
        parser.add_argument(name, default="")
    asked = parser.parse_args(words)
    if bool(asked.file) == asked.address.startswith("postgres"):
        parser.error("Name a database or a file.")
    rows = from_file(Path(asked.file)) if asked.file else from_database(asked.address)
    found = check(rows, heads_in(asked.since))
    print(f"{found.count} links in {len(found.newest)} chains, {len(found.wrong)} broken")
    for name, what in found.wrong.items():
        print(f"{name} {what}")
    if asked.keep:
        Path(asked.keep).write_text(json.dumps(found.newest, sort_keys=True))
    if found.wrong:
        return 1
    return 0 if found.count else 2


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
