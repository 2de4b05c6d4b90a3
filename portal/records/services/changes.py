"""News about what a person already had."""

from datetime import datetime

from portal.accounts.models import User
from portal.records.models import Change


def see_changes(*, patient: User, at: datetime) -> int:
    """Note that a person has seen the news; returns how many there were."""
    return Change.objects.of(patient).filter(seen_at=None).update(seen_at=at)
