"""The acts of people about their consent. Rows are only ever added."""

from typing import TypedDict

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from consent import ledger
from consent.models.texts import Program, Version
from portal.accounts.models import User
from portal.audit.append_only import append_only


class Signature(TypedDict, total=False):
    """What makes an act somebody's own (21 CFR 11): name, meaning, and how they proved it."""

    name: str
    meaning: str
    language: str
    text_sha256: str
    method: str


class EventQuerySet(models.QuerySet["Event"]):
    def of(self, user: User) -> "EventQuerySet":
        return self.filter(patient=user)

    def between(self, patient: User, program: Program) -> "EventQuerySet":
        """The acts of one agreement, first to last."""
        return self.filter(patient=patient, program=program).order_by("seq")


class Event(models.Model):
    """One act of consent. Rows are only ever added, and each is bound to the one before."""

    class Kind(models.TextChoices):
        AGREE = ledger.Kind.AGREE.value, _("Agreed")
        CHANGE = ledger.Kind.CHANGE.value, _("Changed a choice")
        STOP = ledger.Kind.STOP.value, _("Stopped new sharing")
        RECALL = ledger.Kind.RECALL.value, _("Stopped sharing and asked for data back")
        LEAVE = ledger.Kind.LEAVE.value, _("Left the program")
        EXPIRE = ledger.Kind.EXPIRE.value, _("The agreement ended by its date")
        PAUSE = ledger.Kind.PAUSE.value, _("Paused until there is a new answer")
        CORRECT = ledger.Kind.CORRECT.value, _("Corrected an entry")

    patient = models.ForeignKey(User, models.PROTECT, related_name="consent_events")
    program = models.ForeignKey(Program, models.PROTECT, related_name="events")
    seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=Kind)
    version = models.ForeignKey(Version, models.PROTECT, related_name="events")
    scope = models.JSONField()
    signature = models.JSONField(default=dict)
    reason = models.CharField(max_length=300, blank=True)
    corrects = models.PositiveIntegerField(null=True)
    actor = models.ForeignKey(User, models.PROTECT, related_name="consent_acts", null=True)
    authored_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    prev_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    objects = EventQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "program", "seq"], name="consent_event_one_per_place"
            ),
            models.CheckConstraint(condition=Q(seq__gte=1), name="consent_event_starts_at_one"),
            models.CheckConstraint(
                condition=Q(authored_at__lte=F("recorded_at")),
                name="consent_event_authored_before_recorded",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=["agree", "change"]) | Q(actor__isnull=False),
                name="consent_event_someone_agrees",
            ),
            models.CheckConstraint(
                condition=Q(kind="correct", corrects__isnull=False)
                | (~Q(kind="correct") & Q(corrects=None)),
                name="consent_event_correction_names_its_entry",
            ),
        ]
        triggers = [
            *append_only("consent_event"),
            pgtrigger.Trigger(
                name="consent_event_follows",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                declare=[("before_seq", "integer"), ("before_hash", "text")],
                func="""
                SELECT e.seq, e.hash INTO before_seq, before_hash FROM public.consent_event e
                WHERE e.patient_id = NEW.patient_id AND e.program_id = NEW.program_id
                ORDER BY e.seq DESC LIMIT 1;
                IF NEW.seq <> coalesce(before_seq, 0) + 1
                   OR NEW.prev_hash <> coalesce(before_hash, '') THEN
                    RAISE EXCEPTION 'a consent event must follow the one before it';
                END IF;
                RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    def act(self) -> ledger.Act:
        """This event as far as it changes what is allowed."""
        return ledger.Act(
            seq=self.seq,
            kind=ledger.Kind(self.kind),
            version=str(self.version_id),
            scope=ledger.scope_from_json(self.scope),
            authored_at=self.authored_at,
        )

    def said(self) -> dict[str, object]:
        """What the hash is made over; the verifying script reads the same from the table."""
        return {
            "patient": str(self.patient_id),
            "program": self.program_id,
            "seq": self.seq,
            "kind": self.kind,
            "version": self.version_id,
            "scope": self.scope,
            "signature": self.signature,
            "reason": self.reason,
            "corrects": self.corrects,
            "actor": str(self.actor_id) if self.actor_id else None,
            "authored_at": ledger.moment(self.authored_at),
            "recorded_at": ledger.moment(self.recorded_at),
            "prev_hash": self.prev_hash,
        }

    def link_hash(self) -> str:
        """Return the SHA-256 over this act and the hash of the one before."""
        return ledger.sha256(self.said())
