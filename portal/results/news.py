"""News about results: what labs changed or took back after they had sent it. One query."""

from dataclasses import dataclass
from typing import Final

from django.db.models import QuerySet
from django.utils.translation import gettext

from portal.accounts.models import User
from portal.records.models import Change
from portal.results.dates import whole_day

RESULT_TYPES: Final = (
    "DiagnosticReport",
    "Observation",
    "Task",
    "RiskAssessment",
    "Procedure",
    "GenomicStudy",
    "MolecularSequence",
)
_MOST = 10


@dataclass(frozen=True)
class News:
    """One change in a sentence that says nothing of what is inside."""

    words: str
    is_new: bool


def result_changes(patient: User) -> QuerySet[Change]:
    """Return the changes of a person's results, the newest first."""
    news = Change.objects.of(patient).filter(resource__resource_type__in=RESULT_TYPES)
    return news.select_related("resource__origin").defer("resource__raw").order_by("-at", "-pk")


def newest(patient: User) -> tuple[News, ...]:
    """Return the newest changes in words, each sentence once."""
    said: dict[str, bool] = {}
    for change in result_changes(patient)[: _MOST * 5]:
        words = _words(change)
        said[words] = said.get(words, False) or change.seen_at is None
    return tuple(News(words, is_new) for words, is_new in list(said.items())[:_MOST])


def _words(change: Change) -> str:
    said = {
        Change.Kind.WITHDRAWN: gettext("%(date)s: %(source)s took back something it had sent."),
        Change.Kind.REMOVED: gettext("%(date)s: %(source)s no longer has something it had sent."),
        Change.Kind.BACK: gettext("%(date)s: %(source)s sent something again."),
    }.get(Change.Kind(change.kind), gettext("%(date)s: %(source)s sent a new copy of a result."))
    return said % {
        "date": whole_day(change.at.date()),
        "source": change.resource.origin.name,
    }
