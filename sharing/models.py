"""Where bytes go, what was prepared and sent, what left, and what the staff answered."""

import uuid
from datetime import datetime
from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from consent.models import Program
from portal.accounts.models import User
from portal.accounts.sealing import unseal
from portal.audit.append_only import append_only
from sharing import words
from sharing.bundle import Capability, Writing

_EMPTY = ""


class Endpoint(models.Model):
    """The server of a program: where it stands, how we sign in there, what it can do."""

    class Sign(models.TextChoices):
        BACKEND = "smart-backend", _("SMART Backend Services (private_key_jwt)")
        NONE = "none", _("No sign-in")

    class Algorithm(models.TextChoices):
        RS384 = "RS384", "RS384"
        ES384 = "ES384", "ES384"

    class Way(models.TextChoices):
        OWN_IDS = Writing.OWN_IDS.value, _("We give the ids (PUT)")
        CONDITIONAL_UPDATE = Writing.CONDITIONAL_UPDATE.value, _("It gives the ids, we update")
        CONDITIONAL_CREATE = Writing.CONDITIONAL_CREATE.value, _("It gives the ids, we only create")

    program = models.OneToOneField(
        Program, models.PROTECT, related_name="endpoint", verbose_name=_("program")
    )
    base_url = models.CharField(_("FHIR address"), max_length=500)
    token_url = models.CharField(_("token address"), max_length=500, blank=True)
    notice_url = models.CharField(_("address for notices"), max_length=500, blank=True)
    sign_in = models.CharField(_("sign-in"), max_length=20, choices=Sign, default=Sign.BACKEND)
    client_id = models.CharField(_("our name there (client id)"), max_length=200, blank=True)
    algorithm = models.CharField(
        _("algorithm"), max_length=10, choices=Algorithm, default=Algorithm.RS384
    )
    oauth_scope = models.CharField(_("scopes"), max_length=300, default="system/*.cruds")
    writing = models.CharField(
        _("who gives the ids"), max_length=20, choices=Way, default=Way.OWN_IDS
    )
    if_match = models.BooleanField(_("keeps ifMatch"), default=True)
    # Off as soon as an answer shows another way: then each version is waited for, not foreseen.
    counts = models.BooleanField(
        _("counts versions from 1, one by one"), default=True, db_default=True
    )
    deletes = models.BooleanField(_("allows DELETE"), default=True)
    sealed_secret = models.BinaryField(editable=False)
    active = models.BooleanField(_("open"), default=True)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("server of a program")
        verbose_name_plural = _("servers of programs")
        constraints = [
            models.CheckConstraint(
                condition=Q(sign_in="none") | ~Q(token_url=_EMPTY) & ~Q(client_id=_EMPTY),
                name="sharing_endpoint_can_sign_in",
                violation_error_message=words.CANNOT_SIGN_IN,
            ),
            models.CheckConstraint(
                condition=Q(writing__in=[way.value for way in Writing]),
                name="sharing_endpoint_known_writing",
            ),
        ]

    def __str__(self) -> str:
        return f"endpoint {self.pk}"

    @property
    def capability(self) -> Capability:
        """What its server can do, for those who make bytes."""
        return Capability(Writing(self.writing), if_match=self.if_match, deletes=self.deletes)

    def secret(self) -> bytes:
        """The secret from which the ids at this program are made."""
        return unseal(self.sealed_secret, context=f"sharing.endpoint:{self.program_id}")


class SigningKey(models.Model):
    """One key pair with which we sign in at programs; its public half is published."""

    kid = models.CharField(max_length=60, primary_key=True)
    algorithm = models.CharField(max_length=10, choices=Endpoint.Algorithm)
    sealed_private = models.BinaryField(editable=False)
    public_jwk = models.JSONField()
    created_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["algorithm"],
                condition=Q(retired_at=None),
                name="sharing_signingkey_one_current",
            ),
        ]

    def __str__(self) -> str:
        return self.kid


class Member(models.Model):
    """Somebody who works for a program and may read what was shared with it."""

    user = models.ForeignKey(
        User, models.PROTECT, related_name="memberships", verbose_name=_("person")
    )
    program = models.ForeignKey(
        Program, models.PROTECT, related_name="members", verbose_name=_("program")
    )
    since = models.DateTimeField(_("since"))

    class Meta:
        verbose_name = _("member of staff")
        verbose_name_plural = _("staff of programs")
        constraints = [
            models.UniqueConstraint(fields=["user", "program"], name="sharing_member_once"),
        ]

    def __str__(self) -> str:
        return f"member {self.pk}"


class EnrolmentQuerySet(models.QuerySet["Enrolment"]):
    def of(self, user: User) -> "EnrolmentQuerySet":
        """Only this person's."""
        return self.filter(patient=user)


class Enrolment(models.Model):
    """One person at one program, under a name that only this program knows."""

    patient = models.ForeignKey(User, models.PROTECT, related_name="enrolments")
    program = models.ForeignKey(Program, models.PROTECT, related_name="enrolments")
    pseudonym = models.CharField(max_length=40)
    shift_days = models.SmallIntegerField()
    fence = models.CharField(max_length=80, blank=True)
    followed_epoch = models.PositiveIntegerField(default=0)
    looked_at = models.DateTimeField()
    created_at = models.DateTimeField()

    objects = EnrolmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "program"], name="sharing_enrolment_one_per_program"
            ),
            models.UniqueConstraint(
                fields=["program", "pseudonym"], name="sharing_enrolment_one_per_pseudonym"
            ),
            models.CheckConstraint(
                condition=Q(shift_days__gte=-364, shift_days__lte=-1),
                name="sharing_enrolment_shift_in_a_year",
            ),
        ]

    def __str__(self) -> str:
        return f"enrolment {self.pk}"


class PackageQuerySet(models.QuerySet["Package"]):
    def of(self, user: User) -> "PackageQuerySet":
        """Only what was made of this person's record."""
        return self.filter(enrolment__patient=user)


class Package(models.Model):
    """The exact bytes for one program under one epoch. The bytes lie sealed in the storage."""

    class Kind(models.TextChoices):
        ANNOUNCE = "announce", _("Your agreement")
        PUSH = "push", _("Your data")
        RECALL = "recall", _("Taking back")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="packages")
    kind = models.CharField(max_length=10, choices=Kind)
    epoch = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    basis = models.CharField(max_length=64)
    content_sha256 = models.CharField(max_length=64, blank=True)
    size_bytes = models.PositiveBigIntegerField()
    storage_key = models.CharField(max_length=200, blank=True)
    manifest = models.JSONField(default=dict)
    created_at = models.DateTimeField()

    objects = PackageQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["enrolment", "sha256"], name="sharing_package_once_per_bytes"
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="sharing_package_frozen",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func="""
                IF (to_jsonb(NEW) - 'storage_key') IS DISTINCT FROM (to_jsonb(OLD) - 'storage_key')
                   OR NEW.storage_key <> '' THEN
                    RAISE EXCEPTION 'a package is frozen';
                END IF;
                RETURN NEW;
                """,
            ),
            pgtrigger.Protect(name="sharing_package_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"package {self.pk}"


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def of(self, user: User) -> "DeliveryQuerySet":
        """Only this person's."""
        return self.filter(package__enrolment__patient=user)

    def open(self) -> "DeliveryQuerySet":
        """What is still to be done."""
        return self.filter(state__in=[Delivery.State.QUEUED, Delivery.State.SENDING])

    def due(self, at: datetime) -> "DeliveryQuerySet":
        """What can be claimed now, oldest first: waiting, or left by a worker that is gone."""
        waiting = Q(state=Delivery.State.QUEUED, next_attempt_at__lte=at)
        left = Q(state=Delivery.State.SENDING, lease_until__lte=at)
        return self.filter(waiting | left).order_by("queued_at", "place")

    def saying_if_overtaken(self) -> "DeliveryQuerySet":
        """Say of each whether something newer of the same person went to the same program."""
        newer = Delivery.objects.overtaking(OuterRef("enrolment"), OuterRef("place"))
        return self.annotate(overtaken=Exists(newer))

    def overtaking(
        self, enrolment: "int | OuterRef", place: "int | OuterRef"
    ) -> "DeliveryQuerySet":
        """What went to this program about this person from a place after this one."""
        return self.filter(enrolment=enrolment, place__gt=place, attempt__gt=0)


_STILL_AGREED = """
IF NOT EXISTS (
    SELECT 1
    FROM public.sharing_package p
    JOIN public.sharing_enrolment e ON e.id = p.enrolment_id
    JOIN public.consent_agreement a ON a.patient_id = e.patient_id AND a.program_id = e.program_id
    WHERE p.id = NEW.package_id AND (
        p.kind = 'recall'
        OR (a.state = 'active' AND a.epoch = p.epoch
            AND (a.ends_at IS NULL OR a.ends_at > NEW.claimed_at))
    )
    FOR SHARE OF a
) THEN
    RAISE EXCEPTION 'no live agreement for this sending' USING ERRCODE = 'check_violation';
END IF;
RETURN NEW;
"""


class Delivery(models.Model):
    """One package on its way. The row is the job."""

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting to be sent")
        SENDING = "sending", _("Being sent now")
        DELIVERED = "delivered", _("Received by the program")
        PARKED = "parked", _("The program refused it")
        CANCELLED = "cancelled", _("Stopped before it left")
        IN_FLIGHT = "in-flight-at-stop", _("Was on its way when your agreement changed")

    SETTLED: ClassVar[tuple[str, ...]] = ("delivered", "parked", "cancelled", "in-flight-at-stop")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="deliveries")
    package = models.OneToOneField(Package, models.PROTECT, related_name="delivery")
    place = models.PositiveIntegerField()
    dedupe_key = models.CharField(max_length=120, unique=True)
    state = models.CharField(max_length=20, choices=State, default=State.QUEUED)
    tries = models.PositiveIntegerField(default=0)
    attempt = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    hinted_at = models.DateTimeField(null=True)
    lease_owner = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    claimed_at = models.DateTimeField(null=True)
    queued_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)
    code = models.CharField(max_length=40, blank=True)
    http_status = models.PositiveSmallIntegerField(null=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["enrolment"],
                condition=Q(state="sending"),
                name="sharing_delivery_one_sending",
            ),
            models.UniqueConstraint(
                fields=["enrolment", "place"], name="sharing_delivery_one_per_place"
            ),
            models.CheckConstraint(
                condition=~Q(state="sending")
                | Q(
                    lease_owner__isnull=False,
                    lease_until__gt=F("claimed_at"),
                    attempt__gte=1,
                ),
                name="sharing_delivery_sending_has_lease",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=["delivered", "parked", "cancelled", "in-flight-at-stop"],
                    settled_at__isnull=False,
                )
                | Q(state__in=["queued", "sending"], settled_at=None),
                name="sharing_delivery_settled_says_when",
            ),
            models.CheckConstraint(
                condition=~Q(state="cancelled") | Q(attempt=0),
                name="sharing_delivery_cancelled_never_left",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at"],
                condition=Q(state__in=["queued", "sending"]),
                name="sharing_delivery_due",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="sharing_delivery_still_agreed",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "NEW.state = 'sending' AND "
                    "(OLD.state <> 'sending' OR NEW.attempt <> OLD.attempt)"
                ),
                func=_STILL_AGREED,
            ),
            pgtrigger.Trigger(
                name="sharing_delivery_starts_queued",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                condition=pgtrigger.Condition("NEW.state <> 'queued'"),
                func="RAISE EXCEPTION 'a delivery starts in the queue';",
            ),
            pgtrigger.Protect(
                name="sharing_delivery_settled_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.state IN ('delivered', 'cancelled', 'in-flight-at-stop')"
                    " AND NEW.state <> OLD.state"
                ),
            ),
            pgtrigger.Protect(name="sharing_delivery_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"delivery {self.pk}"

    @property
    def kind(self) -> str:
        """What is on its way."""
        return self.package.kind

    @property
    def ever_claimed(self) -> bool:
        """Whether a byte of it may have left."""
        return self.attempt > 0


class Attempt(models.Model):
    """One try of a delivery."""

    delivery = models.ForeignKey(Delivery, models.PROTECT, related_name="attempts")
    number = models.PositiveIntegerField()
    started_at = models.DateTimeField()
    on_wire = models.BooleanField()
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=40, blank=True)
    http_status = models.PositiveSmallIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["delivery", "number"], name="sharing_attempt_one_per_number"
            ),
        ]

    def __str__(self) -> str:
        return f"attempt {self.delivery_id} {self.number}"


class DisclosureQuerySet(models.QuerySet["Disclosure"]):
    def of(self, user: User) -> "DisclosureQuerySet":
        """Only what left about this person."""
        return self.filter(enrolment__patient=user)

    def with_places(self) -> "DisclosureQuerySet":
        """Newest first, with what the pages say about each."""
        related = self.select_related("delivery__package", "enrolment__program")
        return related.order_by("-at", "resource_type", "pk")


class Disclosure(models.Model):
    """One version of one resource that left the house. Append-only, and open to the patient."""

    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="disclosures")
    delivery = models.ForeignKey(Delivery, models.PROTECT, related_name="disclosures")
    resource_id = models.BigIntegerField()
    resource_type = models.CharField(max_length=64)
    version_sha256 = models.CharField(max_length=64)
    sent_id = models.CharField(max_length=64)
    certain = models.BooleanField()
    at = models.DateTimeField()

    objects = DisclosureQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["delivery", "resource_id"], name="sharing_disclosure_once"
            ),
        ]
        triggers = append_only("sharing_disclosure")

    def __str__(self) -> str:
        return f"disclosure {self.pk}"

    @property
    def what(self) -> str:
        """The kind of thing, in words."""
        return words.kind_of(self.resource_type)


class Review(models.Model):
    """One answer of a program's staff about one package. Append-only; the newest counts."""

    class Decision(models.TextChoices):
        ACCEPT = "accept", _("Accepted")
        RETURN = "return", _("Returned")
        HOLD = "hold", _("On hold")
        UNDO = "undo", _("Open again")

    package = models.ForeignKey(Package, models.PROTECT, related_name="reviews")
    reviewer = models.ForeignKey(User, models.PROTECT, related_name="+")
    decision = models.CharField(max_length=10, choices=Decision)
    reason = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(decision="return") | ~Q(reason=""),
                name="sharing_review_return_says_why",
            ),
            models.CheckConstraint(
                condition=Q(decision__in=["accept", "return", "hold", "undo"]),
                name="sharing_review_known_decision",
            ),
        ]
        indexes = [models.Index(fields=["package", "-at"], name="sharing_review_newest")]
        triggers = append_only("sharing_review")

    def __str__(self) -> str:
        return f"review {self.pk}"
