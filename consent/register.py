"""The consent records as the admin reads them. Every look at a person's record is in the trail."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from consent import ledger, overview, services
from consent.ledger import end_of
from consent.models import Agreement, AgreementQuerySet, Event
from consent.policy import Agreed
from portal.accounts.models import User
from portal.audit import actions
from portal.audit import services as audit


@dataclass(frozen=True, slots=True)
class Search:
    """What the admin looks for; empty fields match everything."""

    person: str = ""  # an id
    program: str = ""
    state: str = ""
    as_of: date | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One agreement as it stood at the moment asked for."""

    agreement: Agreement
    stood: Agreed

    @property
    def state(self) -> str:
        """The state in words."""
        return str(Agreement.State(self.stood.state.value).label)


def person_id(words: str) -> UUID | None:
    """Return the id of the person who has this e-mail or this id."""
    by = {"pk": known} if (known := _id(words)) else {"email__iexact": words.strip()}
    return User.objects.filter(**by).values_list("pk", flat=True).first()


def search(wanted: Search) -> list[Line]:
    """Return the agreements that match, as they stood at the end of the day asked for."""
    found = _matching(wanted).select_related("program", "version", "patient")
    lines = [
        Line(agreement, stood)
        for agreement in found.order_by("program__name", "pk")
        if (stood := _stood(agreement, wanted.as_of)) is not None
    ]
    return [line for line in lines if wanted.state in {"", line.stood.state.value}]


def _matching(wanted: Search) -> AgreementQuerySet:
    found: AgreementQuerySet = Agreement.objects.all()
    if wanted.program:
        found = found.filter(program__slug=wanted.program)
    if wanted.person:
        person = _id(wanted.person)
        found = found.filter(patient_id=person) if person else found.none()
    # Without a past day the row itself says where it stands.
    return found.filter(state=wanted.state) if wanted.state and not wanted.as_of else found


def _id(words: str) -> UUID | None:
    try:
        return UUID(words.strip())
    except ValueError:
        return None


def _stood(agreement: Agreement, as_of: date | None) -> Agreed | None:
    if as_of is None:
        return agreement.agreed()
    known = Event.objects.between(agreement.patient, agreement.program).filter(
        recorded_at__lt=end_of(as_of)
    )
    return ledger.fold_known(event.act() for event in known)


@dataclass(frozen=True, slots=True)
class Record:
    """All about one agreement: its acts, what it says now, and whether the chain holds."""

    agreement: Agreement
    events: list[Event]
    rows: list[tuple[str, str]]
    verdict: services.Verdict | None = None


@transaction.atomic
def read(agreement: Agreement, *, by: User, at: datetime) -> Record:
    """Return one person's record, and write down who looked."""
    _tell(actions.CONSENT_RECORD_READ, agreement, by, at)
    return _record(agreement)


@transaction.atomic
def check(agreement: Agreement, *, by: User, at: datetime) -> Record:
    """Return one person's record with its chain checked, and write down who asked."""
    _tell(actions.CONSENT_RECORD_CHECKED, agreement, by, at)
    record = _record(agreement)
    verdict = services.check(patient=agreement.patient, program=agreement.program)
    return Record(record.agreement, record.events, record.rows, verdict)


def _record(agreement: Agreement) -> Record:
    events = Event.objects.between(agreement.patient, agreement.program)
    return Record(
        agreement,
        list(events.select_related("version", "actor")),
        overview.scope_rows(agreement.agreed().scope),
    )


def _tell(action: str, agreement: Agreement, by: User, at: datetime) -> None:
    audit.record(
        action,
        by=by,
        patient_id=agreement.patient_id,
        about=f"consent.agreement:{agreement.pk}",
        facts={},
        at=at,
    )
