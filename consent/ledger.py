"""The acts of consent in a row: what they add up to, and the chain that binds them. PURE."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from consent.policy import Agreed, Category, Extra, Identity, Scope, State, Use


class Kind(StrEnum):
    """What somebody did. The values are kept in signed records: never rename."""

    AGREE = "agree"
    CHANGE = "change"
    STOP = "stop"
    RECALL = "recall"
    LEAVE = "leave"
    EXPIRE = "expire"
    PAUSE = "pause"
    CORRECT = "correct"


_STATE_AFTER = {
    Kind.AGREE: State.ACTIVE,
    Kind.STOP: State.STOPPED,
    Kind.RECALL: State.RECALLED,
    Kind.LEAVE: State.LEFT,
    Kind.EXPIRE: State.EXPIRED,
    Kind.PAUSE: State.PAUSED,
}


@dataclass(frozen=True, slots=True)
class Act:
    """One act, as far as it changes what is allowed. `scope` counts for agree, change, correct."""

    seq: int
    kind: Kind
    version: str
    scope: Scope
    authored_at: datetime


class OutOfOrder(ValueError):
    """The acts do not follow one another from the first."""


def end_of(last_date: date | None) -> datetime | None:
    """Return the moment at which an agreement that holds through `last_date` ends, in UTC."""
    if last_date is None:
        return None
    return datetime.combine(last_date + timedelta(days=1), time.min, UTC)


def fold(acts: Iterable[Act]) -> Agreed:
    """Return where an agreement stands after these acts.

    Raises OutOfOrder when they do not follow one another from the first, or when there are none.
    """
    stands = fold_known(acts)
    if stands is None:
        raise OutOfOrder("no act at all")
    return stands


def fold_known(acts: Iterable[Act]) -> Agreed | None:
    """Return where an agreement stood after the acts that were known; None before the first.

    Raises OutOfOrder.
    """
    stands: Agreed | None = None
    for place, act in enumerate(acts, start=1):
        if act.seq != place or (stands is None and act.kind is not Kind.AGREE):
            raise OutOfOrder(f"act {act.seq} at place {place}")
        stands = _after(stands, act)
    return stands


def _after(stands: Agreed | None, act: Act) -> Agreed:
    if stands is None or act.kind is Kind.AGREE:
        return _agreed(act)
    if act.kind in {Kind.CHANGE, Kind.CORRECT}:
        return replace(stands, epoch=act.seq, scope=act.scope, ends_at=end_of(act.scope.ends_on))
    return replace(stands, epoch=act.seq, state=_STATE_AFTER[act.kind])


def _agreed(act: Act) -> Agreed:
    return Agreed(
        state=State.ACTIVE,
        epoch=act.seq,
        version=act.version,
        scope=act.scope,
        agreed_at=act.authored_at,
        ends_at=end_of(act.scope.ends_on),
    )


def scope_to_json(scope: Scope) -> dict[str, object]:
    """Return the scope as plain JSON; lists are sorted, so equal scopes give equal bytes."""
    return {
        "categories": sorted(scope.categories),
        "identity": scope.identity.value,
        "uses": sorted(scope.uses),
        "extras": sorted(scope.extras),
        "ends_on": scope.ends_on.isoformat() if scope.ends_on else None,
        "keep_updated": scope.keep_updated,
    }


def scope_from_json(form: Mapping[str, object]) -> Scope:
    """Return the scope of a JSON form.

    Raises ValueError when a word in it is not one of ours.
    """
    ends_on = form.get("ends_on")
    return Scope(
        categories=frozenset(map(Category, _words(form, "categories"))),
        identity=Identity(str(form.get("identity"))),
        uses=frozenset(map(Use, _words(form, "uses"))),
        extras=frozenset(map(Extra, _words(form, "extras"))),
        ends_on=date.fromisoformat(ends_on) if isinstance(ends_on, str) else None,
        keep_updated=form.get("keep_updated") is True,
    )


def _words(form: Mapping[str, object], key: str) -> Sequence[str]:
    value = form.get(key)
    return [str(word) for word in value] if isinstance(value, list | tuple) else []


def moment(at: datetime) -> str:
    """Return a moment as it is written in hashes: UTC, with microseconds."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def canonical(form: object) -> bytes:
    """Return the one way in which a JSON value is written before it is hashed."""
    text = json.dumps(form, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


def sha256(form: object) -> str:
    """Return the SHA-256, in hex, of the canonical form."""
    return hashlib.sha256(canonical(form)).hexdigest()
