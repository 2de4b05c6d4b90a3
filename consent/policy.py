"""What an agreement allows: one pure question with one total answer. PURE."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum

from consent.categories import SENSITIVE, Category, Extra, Identity, Use, exposes_more
from consent.classification import Facts, classify_resource

__all__ = [
    "SENSITIVE",
    "Agreed",
    "Category",
    "Decision",
    "Extra",
    "Facts",
    "Identity",
    "Offered",
    "Purpose",
    "Reason",
    "Scope",
    "State",
    "Use",
    "classify_resource",
    "decide",
    "exposes_more",
    "standing",
]

POLICY_VERSION = "2026-11"


class State(StrEnum):
    """Where an agreement stands."""

    ACTIVE = "active"
    STOPPED = "stopped"  # no new sharing
    RECALLED = "recalled"  # no new sharing, and what left is called back
    LEFT = "left"  # recalled, and the person's own copies here are erased
    EXPIRED = "expired"
    PAUSED = "paused"  # a new version waits for an answer, or a child has come of age


@dataclass(frozen=True, slots=True)
class Scope:
    """What a person said yes to. What is not named here is a no."""

    categories: frozenset[Category] = frozenset()
    identity: Identity = Identity.DEIDENTIFIED
    uses: frozenset[Use] = frozenset()
    extras: frozenset[Extra] = frozenset()
    ends_on: date | None = None
    keep_updated: bool = False


@dataclass(frozen=True, slots=True)
class Agreed:
    """The live side: the agreement as it stands at this moment."""

    state: State
    epoch: int
    version: str
    scope: Scope
    agreed_at: datetime
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Offered:
    """The text side: what the published version asks for, and whether it may be relied on."""

    version: str
    published: bool
    categories: frozenset[Category]
    uses: frozenset[Use]
    identity: Identity


@dataclass(frozen=True, slots=True)
class Purpose:
    """What the data is wanted for, by which epoch and how openly."""

    use: Use
    identity: Identity
    epoch: int
    update: bool = False  # new data after the first sending


class Reason(StrEnum):
    """Why something stays. The pages have a sentence for each."""

    NOT_ACTIVE = "not-active"
    NOT_YET = "not-yet"
    ENDED = "ended"
    OTHER_EPOCH = "other-epoch"
    OTHER_VERSION = "other-version"
    NOT_PUBLISHED = "not-published"
    USE_NOT_AGREED = "use-not-agreed"
    IDENTITY_NOT_AGREED = "identity-not-agreed"
    UPDATES_NOT_AGREED = "updates-not-agreed"
    OTHER_PERSON = "other-person"
    NEVER_SENT = "type-not-listed"
    NOT_CLASSIFIED = "not-classified"
    NOT_ASKED_FOR = "not-asked-for"
    NOT_CHOSEN = "not-chosen"
    SENSITIVE_NOT_CHOSEN = "sensitive-not-chosen"


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer. A permit has no reasons; a partial one lets a frame go without its own words."""

    permit: bool
    reasons: tuple[Reason, ...] = ()
    partial: bool = False
    policy_version: str = POLICY_VERSION


def decide(
    agreement: Agreed, version: Offered, facts: Facts, purpose: Purpose, at: datetime
) -> Decision:
    """Say whether one thing may leave now. Total; whatever is not plainly allowed is denied."""
    reasons = list(standing(agreement, version, purpose, at))
    allowed = agreement.scope.categories & version.categories
    reasons.extend(_of_labels(allowed, facts))
    inside = facts.categories & allowed
    if facts.categories and not (facts.categories <= allowed or (facts.container and inside)):
        reasons.extend(_of_categories(facts.categories - allowed, version))
    if reasons:
        return Decision(permit=False, reasons=tuple(dict.fromkeys(reasons)))
    return Decision(permit=True, partial=not facts.categories <= allowed)


def standing(
    agreement: Agreed, version: Offered, purpose: Purpose, at: datetime
) -> tuple[Reason, ...]:
    """Return why nothing at all may leave now; empty when the agreement stands for this."""
    return (*_of_standing(agreement, version, at), *_of_purpose(agreement, version, purpose))


def _of_standing(agreement: Agreed, version: Offered, at: datetime) -> Iterable[Reason]:
    if agreement.state is not State.ACTIVE:
        yield Reason.NOT_ACTIVE
    if at < agreement.agreed_at:
        yield Reason.NOT_YET
    if _has_ended(agreement, at):
        yield Reason.ENDED
    if agreement.version != version.version:
        yield Reason.OTHER_VERSION
    if not version.published:
        yield Reason.NOT_PUBLISHED


def _has_ended(agreement: Agreed, at: datetime) -> bool:
    if agreement.ends_at is not None and at >= agreement.ends_at:
        return True
    last = agreement.scope.ends_on
    return last is not None and at.astimezone(UTC).date() > last


def _of_purpose(agreement: Agreed, version: Offered, purpose: Purpose) -> Iterable[Reason]:
    if purpose.epoch != agreement.epoch:
        yield Reason.OTHER_EPOCH
    if purpose.use not in agreement.scope.uses & version.uses:
        yield Reason.USE_NOT_AGREED
    if exposes_more(purpose.identity, agreement.scope.identity) or exposes_more(
        purpose.identity, version.identity
    ):
        yield Reason.IDENTITY_NOT_AGREED
    if purpose.update and not agreement.scope.keep_updated:
        yield Reason.UPDATES_NOT_AGREED


def _of_labels(allowed: frozenset[Category], facts: Facts) -> Iterable[Reason]:
    if facts.other_person:
        yield Reason.OTHER_PERSON
    if facts.never_sent:
        yield Reason.NEVER_SENT
    elif not facts.categories or not facts.understood:
        yield Reason.NOT_CLASSIFIED
    if not facts.labels <= allowed:
        yield Reason.SENSITIVE_NOT_CHOSEN


def _of_categories(missing: frozenset[Category], version: Offered) -> Iterable[Reason]:
    if missing - version.categories:
        yield Reason.NOT_ASKED_FOR
    if missing & version.categories:
        yield Reason.NOT_CHOSEN
