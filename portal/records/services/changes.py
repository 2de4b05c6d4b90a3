"""News about what a person already had."""

from collections.abc import Collection
from datetime import datetime

from portal.accounts.models import User
from portal.records.models import Change


def see_changes(*, patient: User, at: datetime, types: Collection[str] = ()) -> int:
    """Note that a person has seen the news, or those of some types; returns how many."""
    news = Change.objects.of(patient).filter(seen_at=None)
    if types:
        news = news.filter(resource__resource_type__in=types)
    return news.update(seen_at=at)
