"""What is kept on the way to an agreement, and a person's wishes in general."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from consent.models import Draft, Preference, Program, Version
from portal.accounts.models import User
from portal.audit import actions
from portal.audit import services as audit


@transaction.atomic
def save_draft(
    *, patient: User, version: Version, answers: dict[str, object], at: datetime
) -> Draft:
    """Keep what was answered so far, so that nothing is lost on the way."""
    draft, _created = Draft.objects.update_or_create(
        patient=patient,
        program=version.document.program,
        defaults={"version": version, "answers": answers, "saved_at": at},
    )
    return draft


def decline(*, patient: User, program: Program) -> None:
    """Say no before anything was signed: the answers so far are forgotten."""
    Draft.objects.filter(patient=patient, program=program).delete()


@transaction.atomic
def prefer(*, patient: User, permission: str, modifiers: Iterable[str], at: datetime) -> Preference:
    """Keep what research a person is fine with in general. It warns; it permits nothing."""
    preference, _created = Preference.objects.update_or_create(
        patient=patient,
        defaults={"permission": permission, "modifiers": sorted(modifiers), "saved_at": at},
    )
    audit.record(
        actions.CONSENT_PREFERENCE_SAVED, by=patient, patient_id=patient.pk, facts={}, at=at
    )
    return preference
