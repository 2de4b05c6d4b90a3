"""Which deliveries the workers are to be told of. A lost message is repeated soon."""

import uuid
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Q

from sharing.models import Delivery

HINT_AGAIN: Final = timedelta(seconds=6)
MOST_HINTS: Final = 100


def hints(*, at: datetime) -> list[uuid.UUID]:
    """Return what is due and was not hinted at lately, and note that it is now."""
    quiet = Q(hinted_at=None) | Q(hinted_at__lte=at - HINT_AGAIN)
    rows = Delivery.objects.due(at).filter(quiet, enrolment__program__endpoint__active=True)
    due = list(rows.values_list("pk", flat=True)[:MOST_HINTS])
    Delivery.objects.filter(pk__in=due).update(hinted_at=at)
    return due
