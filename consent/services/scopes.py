"""Whether a choice stays within what is offered, and whether it says yes to more than before."""

from datetime import datetime

from consent import ledger, policy
from consent.models import Version
from consent.services.refusals import EndsInThePast, NothingChosen, TooWide


def check_scope(version: Version, scope: policy.Scope, at: datetime) -> None:
    """Check that a choice says yes to something, within what the text offers.

    Raises NothingChosen, TooWide and EndsInThePast.
    """
    offered = version.offered()
    extras = frozenset(map(policy.Extra, version.extras))
    if not scope.categories - policy.SENSITIVE or not scope.uses:
        raise NothingChosen
    if (
        not scope.categories <= offered.categories
        or not scope.uses <= offered.uses
        or not scope.extras <= extras
        or policy.exposes_more(scope.identity, offered.identity)
    ):
        raise TooWide
    ends_at = ledger.end_of(scope.ends_on)
    if ends_at is not None and ends_at <= at:
        raise EndsInThePast


def widens(before: policy.Scope, after: policy.Scope) -> bool:
    """Say whether the second choice lets anything through that the first did not."""
    return (
        not after.categories <= before.categories
        or not after.uses <= before.uses
        or not after.extras <= before.extras
        or policy.exposes_more(after.identity, before.identity)
        or (after.keep_updated and not before.keep_updated)
        or _ends_later(before, after)
    )


def _ends_later(before: policy.Scope, after: policy.Scope) -> bool:
    if before.ends_on is None:
        return False
    return after.ends_on is None or after.ends_on > before.ends_on
