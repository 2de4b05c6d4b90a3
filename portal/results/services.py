"""What a person can do on the results pages."""

from datetime import datetime

from django.db import transaction

from portal.accounts.models import User
from portal.audit import actions
from portal.audit import services as audit
from portal.results.models import Gate


@transaction.atomic
def answer_notice(
    *, patient: User, parts: list[Gate.Part], answer: Gate.Answer, at: datetime
) -> None:
    """Remember when a person wants to see some parts; the newest answer holds."""
    for part in parts:
        Gate.objects.update_or_create(
            patient=patient, part=part, defaults={"answer": answer, "answered_at": at}
        )
        audit.record(
            actions.RESULTS_NOTICE_ANSWERED,
            by=patient,
            patient_id=patient.pk,
            facts={"answer": answer.value},
            at=at,
        )


@transaction.atomic
def note_print(*, patient: User, at: datetime) -> None:
    """Write into the trail that a copy for a doctor was made."""
    audit.record(actions.RESULTS_PRINTED, by=patient, patient_id=patient.pk, at=at)


@transaction.atomic
def note_paper(*, patient: User, kind: str, results: int, at: datetime) -> None:
    """Write into the trail that a letter or card was made, and how many results it names."""
    audit.record(
        actions.RESULTS_PAPER_MADE,
        by=patient,
        patient_id=patient.pk,
        facts={"kind": kind, "results": results},
        at=at,
    )
