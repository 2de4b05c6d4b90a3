"""The name, the ids and the moved dates under which one program knows one person."""

import secrets
from datetime import datetime

from django.conf import settings
from django.db import transaction

from consent import policy
from consent.models import Program
from portal.accounts.models import User
from sharing.bundle import Target
from sharing.deidentify import Disguise, Level
from sharing.models import Endpoint, Enrolment

DAYS_IN_A_YEAR = 364
_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


class NoEndpoint(Exception):
    """The program has no server that takes data at the moment."""


def endpoint_of(program: Program) -> Endpoint:
    """Return where the bytes for this program go. Raises NoEndpoint."""
    found = Endpoint.objects.filter(program=program, active=True).first()
    if found is None:
        raise NoEndpoint
    return found


@transaction.atomic
def enrol(*, patient: User, program: Program, at: datetime) -> Enrolment:
    """Return this person's place at this program, locked until the transaction ends.

    Every transaction of this room locks the enrolment first, then the agreement, then the
    trail: so no two of them can wait for each other.
    """
    fresh = Enrolment(
        patient=patient,
        program=program,
        pseudonym=_pseudonym(),
        shift_days=-1 - secrets.randbelow(DAYS_IN_A_YEAR),
        looked_at=at,
        created_at=at,
    )
    Enrolment.objects.bulk_create([fresh], ignore_conflicts=True)
    return lock(patient=patient, program=program)


def lock(*, patient: User, program: Program) -> Enrolment:
    """Return this person's place at this program, locked. Raises Enrolment.DoesNotExist."""
    rows = Enrolment.objects.select_for_update(no_key=True, of=("self",))
    return rows.select_related("program").get(patient=patient, program=program)


def target_of(enrolment: Enrolment, endpoint: Endpoint) -> Target:
    """Return this person as the program's server knows them."""
    return Target(
        base_url=endpoint.base_url,
        site_url=settings.SITE_URL,
        capability=endpoint.capability,
        pseudonym=enrolment.pseudonym,
        secret=endpoint.secret(),
    )


def disguise_of(
    enrolment: Enrolment, target: Target, identity: policy.Identity, at: datetime
) -> Disguise:
    """Return what this enrolment hides under this identity level."""
    return Disguise(
        level=Level(identity.value),
        patient=target.reference("Patient", target.patient_id),
        shift_days=enrolment.shift_days,
        year=at.year,
    )


def _pseudonym() -> str:
    groups = ("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))
    return "-".join(groups)
