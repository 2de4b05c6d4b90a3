"""Writing the trail, and checking that nobody changed it."""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.db import transaction

from portal.accounts.models import User
from portal.audit.models import Entry, Head, chain_of

type Facts = dict[str, str | int | bool | None]


@dataclass(frozen=True)
class Verdict:
    """What a check of one chain found; `broken_at` is the first bad link's number."""

    links: int
    broken_at: int | None

    @property
    def holds(self) -> bool:
        """Whether every link is as it was written."""
        return self.broken_at is None


def link_hash(entry: Entry) -> str:
    """Return the SHA-256 in hex over the canonical JSON of a link and the hash before it."""
    said = [
        entry.chain,
        entry.seq,
        entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        str(entry.actor_id) if entry.actor_id else "",
        entry.action,
        entry.about,
        entry.facts,
        entry.prev_hash,
    ]
    text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


@transaction.atomic
def record(  # noqa: PLR0913  # the six words of one sentence: who did what to whom, which, how, when
    action: str,
    *,
    by: User | None,
    patient_id: UUID | None,
    about: str = "",
    facts: Facts | None = None,
    at: datetime,
) -> Entry:
    """Add one act to the trail, inside the transaction of the act itself.

    `facts` hold ids, counts and codes of our own; never a name, a gene or a result.
    """
    key = chain_of(patient_id)
    Head.objects.bulk_create([Head(chain=key)], ignore_conflicts=True)
    head = Head.objects.select_for_update().get(pk=key)
    entry = Entry(
        chain=key,
        seq=head.seq + 1,
        at=at,
        actor_id=by.pk if by else None,
        action=action,
        about=about,
        facts=facts or {},
        prev_hash=head.hash,
    )
    entry.hash = link_hash(entry)
    entry.save(force_insert=True)
    head.seq, head.hash = entry.seq, entry.hash
    head.save(update_fields=["seq", "hash"])
    return entry


def verify(patient_id: UUID | None) -> Verdict:
    """Walk one chain from its first link and compare every hash, and the head's."""
    before, count = "", 0
    entries = Entry.objects.filter(chain=chain_of(patient_id)).order_by("seq")
    for entry in entries.iterator():
        count += 1
        if entry.seq != count or entry.prev_hash != before or entry.hash != link_hash(entry):
            return Verdict(links=count, broken_at=count)
        before = entry.hash
    head = Head.objects.filter(pk=chain_of(patient_id)).first() or Head()
    if (head.seq, head.hash) != (count, before):
        return Verdict(links=count, broken_at=count + 1)
    return Verdict(links=count, broken_at=None)
