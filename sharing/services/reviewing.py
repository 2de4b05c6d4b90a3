"""What the staff of a program see, and what they answer."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

import orjson
from django.db import transaction
from django.db.models import Case, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery, When
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from consent import gate, policy
from consent.models import Agreement
from consent.words import USE_NAMES
from portal.accounts.models import User
from portal.audit import actions
from portal.audit import services as audit
from portal.genomics.documents import WholeResource
from portal.genomics.findings import Finding
from portal.genomics.reader import read
from sharing import words
from sharing.models import Delivery, Package, Review
from sharing.services import consents, storing

UNDO_WITHIN = timedelta(seconds=10)
ENDS_SOON = timedelta(days=30)
DECISION = Review.Decision


class NeedsReason(Exception):
    """A package is returned only with a reason that the person can read."""


class TooLateToUndo(Exception):
    """Only one's own newest answer can be undone, and only for ten seconds."""


@dataclass(frozen=True)
class Filters:
    """What the queue is narrowed to; it all stands in the address."""

    state: str = "open"
    program: str = ""
    flag: str = ""
    search: str = ""


def packages_for(user: User, *, at: datetime) -> QuerySet[Package]:
    """Return what was shared with this person's programs and is still agreed to, oldest first.

    What was stopped or taken back is not there any more.
    """
    agreed = Agreement.objects.filter(
        patient=OuterRef("enrolment__patient"),
        program=OuterRef("enrolment__program"),
        state=Agreement.State.ACTIVE,
    ).filter(Q(ends_at=None) | Q(ends_at__gt=at))
    later_recall = Delivery.objects.filter(
        enrolment=OuterRef("enrolment"),
        package__kind=Package.Kind.RECALL,
        package__manifest__partial=False,
        place__gt=OuterRef("delivery__place"),
    )
    newest = Review.objects.filter(package=OuterRef("pk")).order_by("-at", "-pk")
    rows = Package.objects.filter(
        kind=Package.Kind.PUSH,
        delivery__state=Delivery.State.DELIVERED,
        enrolment__program__members__user=user,
    )
    rows = rows.filter(Exists(agreed), ~Exists(later_recall))
    return (
        rows.annotate(decision=Subquery(newest.values("decision")[:1]))
        .select_related("enrolment__program", "delivery")
        .order_by("delivery__settled_at", "pk")
    )


def queue(user: User, filters: Filters, *, at: datetime) -> QuerySet[Package]:
    """Return the packages of the queue, narrowed."""
    rows = packages_for(user, at=at)
    if filters.state == "open":
        rows = rows.filter(Q(decision=None) | Q(decision=DECISION.UNDO))
    elif filters.state != "all":
        rows = rows.filter(Q(decision=filters.state))
    if filters.program:
        rows = rows.filter(enrolment__program__slug=filters.program)
    if filters.flag:
        rows = rows.filter(manifest__flags__contains=[filters.flag])
    if filters.search:
        rows = rows.filter(enrolment__pseudonym__istartswith=filters.search)
    plain = Case(When(manifest__flags=[], then=1), default=0, output_field=IntegerField())
    return rows.annotate(plain=plain).order_by("plain", "delivery__settled_at", "pk")


@dataclass(frozen=True)
class Record:
    """One thing that is not a finding, in one line."""

    what: str
    codes: str
    when: str


@dataclass(frozen=True)
class Opened:
    """One package with its bytes, and the scope under which they may be read now."""

    package: Package
    agreement: Agreement
    bodies: list[dict[str, Any]]
    hidden: int

    @cached_property
    def scope(self) -> list[tuple[str, str]]:
        """What the person allows, in words."""
        scope = self.agreement.agreed().scope
        ends = self.agreement.ends_at
        named = words.CATEGORIES_FOR_STAFF.items()
        kinds = [name for kind, name in named if kind in scope.categories]
        also = [name for extra, name in words.EXTRAS_FOR_STAFF.items() if extra in scope.extras]
        return [
            (_("Kinds of data"), ", ".join(map(str, kinds))),
            (_("Who it is"), str(words.IDENTITY_FOR_STAFF[scope.identity])),
            (_("Used for"), ", ".join(str(USE_NAMES[use]) for use in sorted(scope.uses))),
            (_("Also"), ", ".join(map(str, also))),
            (_("Ends"), date_format(ends) if ends else _("When the person stops it")),
            (_("New data later"), _("Yes") if scope.keep_updated else _("No")),
        ]

    @cached_property
    def findings(self) -> list[Finding]:
        """What the reader of the portal makes of the shared results."""
        resources = [
            WholeResource(f"{body['resourceType']}/{body.get('id', n)}", body)
            for n, body in enumerate(self.bodies)
        ]
        return list(read(resources, patient_ids=None).findings)

    @cached_property
    def others(self) -> list[Record]:
        """Everything that is no genomic finding."""
        read_already = {finding.source.resource for finding in self.findings}
        return [
            Record(words.kind_of(body["resourceType"]), _codes(body), _when(body))
            for body in self.bodies
            if f"{body['resourceType']}/{body.get('id')}" not in read_already
        ]


def _codes(body: dict[str, Any]) -> str:
    for name in ("code", "vaccineCode", "medicationCodeableConcept", "type", "relationship"):
        concept = body.get(name)
        codings = concept.get("coding", ()) if isinstance(concept, dict) else ()
        named = [str(c.get("display") or c.get("code") or "") for c in codings]
        if any(named):
            return ", ".join(named)
    return ""


def _when(body: dict[str, Any]) -> str:
    for name in ("effectiveDateTime", "onsetDateTime", "authoredOn", "performedDateTime"):
        if isinstance(body.get(name), str):
            return str(body[name])
    return ""


@transaction.atomic
def open_package(*, package: Package, reader: User, at: datetime) -> Opened:
    """Let a member of staff read a package, if the person still agrees at this moment.

    What the person no longer allows is left out. Raises consent.gate.NoLiveAgreement and
    sharing.services.storing.BytesLost.
    """
    enrolment = package.enrolment
    identity = policy.Identity(package.manifest["identity"])
    wanted = gate.Wanted(policy.Use.PROGRAM_RESEARCH, identity)
    agreement, _purpose = gate.hold(
        patient=enrolment.patient, program=enrolment.program, wanted=wanted, at=at
    )
    allowed = {category.value for category in agreement.agreed().scope.categories}
    hidden = _named_in(package, lambda item: not consents.may_stay(item, allowed))
    hidden |= _taken_back_since(package)
    partly = _named_in(package, lambda item: not set(item["categories"]) <= allowed)
    entries = orjson.loads(storing.read(package))["entry"]
    bodies = [e["resource"] for e in entries if e["resource"]["resourceType"] != "Consent"]
    shown = [
        _frame(body) if _names(body) & partly else body
        for body in bodies
        if not _names(body) & hidden
    ]
    _write_down(package, reader, at)
    return Opened(package, agreement, shown, len(bodies) - len(shown))


def _taken_back_since(package: Package) -> set[str]:
    later = Package.objects.filter(
        enrolment=package.enrolment_id,
        kind=Package.Kind.RECALL,
        delivery__place__gt=package.delivery.place,
    )
    return {sent_id for one in later for _kind, sent_id in one.manifest["things"]}


def _named_in(package: Package, wanted: Callable[[dict[str, Any]], bool]) -> set[str]:
    return {item["sent_id"] for item in package.manifest["items"] if wanted(item)}


def _frame(report: dict[str, Any]) -> dict[str, Any]:
    """Return a report without what sums up the parts that may no longer be read."""
    return {name: value for name, value in report.items() if name != "conclusionCode"}


def _names(body: dict[str, Any]) -> set[str]:
    return {str(body.get("id")), *(str(i.get("value")) for i in body.get("identifier", ()))}


def _write_down(package: Package, reader: User, at: datetime) -> None:
    audit.record(
        actions.SHARING_READ_BY_STAFF,
        by=reader,
        patient_id=package.enrolment.patient_id,
        about=f"sharing.package:{package.pk}",
        facts={"program": package.enrolment.program_id},
        at=at,
    )


@transaction.atomic
def decide(
    *, package: Package, reviewer: User, decision: str, reason: str = "", at: datetime
) -> Review:
    """Write down what the staff say about a package; the person sees it.

    Raises NeedsReason and TooLateToUndo.
    """
    if decision == DECISION.RETURN and not reason.strip():
        raise NeedsReason
    if decision == DECISION.UNDO and not may_undo(package, reviewer, at=at):
        raise TooLateToUndo
    review = Review.objects.create(
        package=package, reviewer=reviewer, decision=decision, reason=reason.strip(), at=at
    )
    audit.record(
        actions.SHARING_REVIEWED,
        by=reviewer,
        patient_id=package.enrolment.patient_id,
        about=f"sharing.review:{review.pk}",
        facts={"decision": decision},
        at=at,
    )
    return review


def may_undo(package: Package, reviewer: User, *, at: datetime) -> bool:
    """Tell whether the newest answer is this person's, and a few seconds old at most."""
    newest = Review.objects.filter(package=package).order_by("-at", "-pk").first()
    if newest is None or newest.reviewer_id != reviewer.pk or newest.decision == DECISION.UNDO:
        return False
    return at - newest.at <= UNDO_WITHIN


def flags_of(package: Package, *, ends_at: datetime | None, at: datetime) -> list[str]:
    """Return the flags of a package in words, with the nearness of the end of the consent."""
    said = [words.flag_of(flag) for flag in package.manifest.get("flags", ())]
    if ends_at is not None and ends_at - at <= ENDS_SOON:
        days = (ends_at - at).days
        said.append(
            ngettext("Consent ends in %(n)d day", "Consent ends in %(n)d days", days) % {"n": days}
        )
    return said


def parked_for(user: User) -> QuerySet[Delivery]:
    """Return what the servers of this person's programs refused, oldest first."""
    rows = Delivery.objects.saying_if_overtaken().filter(
        state=Delivery.State.PARKED, enrolment__program__members__user=user
    )
    return rows.select_related("package", "enrolment__program").order_by("settled_at", "pk")


@dataclass(frozen=True)
class QueueLine:
    """One package in the queue."""

    package: Package
    flags: list[str]

    @property
    def decision(self) -> str:
        """The newest answer, in words."""
        said = getattr(self.package, "decision", None)
        return str(DECISION(said).label) if said else _("To do")

    @property
    def count(self) -> int:
        """How many records are in it."""
        return len(self.package.manifest["items"])


def lines(packages: Iterable[Package], *, at: datetime) -> list[QueueLine]:
    """Return packages as lines of the queue."""
    found = list(packages)
    ends = {
        (row.patient_id, row.program_id): row.ends_at
        for row in Agreement.objects.filter(
            patient__in=[p.enrolment.patient_id for p in found],
            program__in=[p.enrolment.program_id for p in found],
        )
    }
    return [
        QueueLine(
            package,
            flags_of(
                package,
                ends_at=ends.get((package.enrolment.patient_id, package.enrolment.program_id)),
                at=at,
            ),
        )
        for package in found
    ]


def next_after(user: User, package: Package, *, at: datetime) -> Package | None:
    """Return the next open package after this one, for going on without the list."""
    rows = queue(user, Filters(), at=at).exclude(pk=package.pk)
    return rows.first()
