"""Where each agreement stands, and what a person keeps on the way to one."""

from datetime import datetime

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from consent import fhir, ledger, policy
from consent.models.texts import Program, Version, word_list
from portal.accounts.models import User


class AgreementQuerySet(models.QuerySet["Agreement"]):
    def of(self, user: User) -> "AgreementQuerySet":
        return self.filter(patient=user)

    def live(self, patient: User, program: Program, *, at: datetime) -> "AgreementQuerySet":
        """The agreement of this person with this program, if it holds at this moment."""
        return self.filter(
            patient=patient,
            program=program,
            state=Agreement.State.ACTIVE,
            version__state__in=[Version.State.PUBLISHED, Version.State.SUPERSEDED],
        ).filter(Q(ends_at=None) | Q(ends_at__gt=at))

    def ended(self, *, at: datetime) -> "AgreementQuerySet":
        """Agreements whose date is over and that do not say so yet."""
        return self.filter(state=Agreement.State.ACTIVE, ends_at__lte=at)


class Agreement(models.Model):
    """Where one person stands with one program: always what their events add up to."""

    class State(models.TextChoices):
        ACTIVE = policy.State.ACTIVE.value, _("Sharing now")
        STOPPED = policy.State.STOPPED.value, _("Stopped")
        RECALLED = policy.State.RECALLED.value, _("Stopped, data asked back")
        LEFT = policy.State.LEFT.value, _("Left")
        EXPIRED = policy.State.EXPIRED.value, _("Ended by its date")
        PAUSED = policy.State.PAUSED.value, _("Waits for your answer")

    patient = models.ForeignKey(User, models.PROTECT, related_name="agreements")
    program = models.ForeignKey(Program, models.PROTECT, related_name="agreements")
    version = models.ForeignKey(Version, models.PROTECT, related_name="agreements")
    state = models.CharField(max_length=10, choices=State)
    scope = models.JSONField()
    epoch = models.PositiveIntegerField()
    agreed_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)

    objects = AgreementQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "program"], name="consent_agreement_one_per_program"
            ),
            models.CheckConstraint(condition=Q(epoch__gte=1), name="consent_agreement_has_events"),
            models.CheckConstraint(
                condition=Q(state__in=list(policy.State)), name="consent_agreement_known_state"
            ),
        ]
        indexes = [
            models.Index(fields=["state", "ends_at"], name="consent_agreement_ending"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="consent_agreement_grows",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func="""
                IF NEW.patient_id <> OLD.patient_id OR NEW.program_id <> OLD.program_id
                   OR NEW.epoch < OLD.epoch
                   OR (NEW.epoch = OLD.epoch AND NEW IS DISTINCT FROM OLD) THEN
                    RAISE EXCEPTION 'an agreement changes only with a new event';
                END IF;
                RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name="consent_agreement_has_its_event",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func="""
                IF NOT EXISTS (
                    SELECT 1 FROM public.consent_event e
                    WHERE e.patient_id = NEW.patient_id AND e.program_id = NEW.program_id
                      AND e.seq = NEW.epoch
                ) THEN
                    RAISE EXCEPTION 'an agreement stands on its newest event';
                END IF;
                RETURN NEW;
                """,
            ),
            pgtrigger.Protect(name="consent_agreement_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"agreement {self.pk}"

    def agreed(self) -> policy.Agreed:
        """This row as the policy reads it."""
        return policy.Agreed(
            state=policy.State(self.state),
            epoch=self.epoch,
            version=str(self.version_id),
            scope=ledger.scope_from_json(self.scope),
            agreed_at=self.agreed_at,
            ends_at=self.ends_at,
        )

    def statement(self, patient_reference: str) -> fhir.Statement:
        """This row as a FHIR Consent needs it; the caller names the patient as the program may."""
        return fhir.Statement(
            id=f"agreement-{self.pk}",
            agreed=self.agreed(),
            patient=patient_reference,
            program=self.program.slug,
            program_name=self.program.name,
            text_sha256=self.version.sha256,
        )

    def is_live(self, at: datetime) -> bool:
        """Whether it holds at this moment."""
        over = self.ends_at is not None and self.ends_at <= at
        return self.state == self.State.ACTIVE and not over and self.version.offered().published


class Draft(models.Model):
    """Answers on the way to an agreement; kept at each screen, gone once signed."""

    patient = models.ForeignKey(User, models.CASCADE, related_name="consent_drafts")
    program = models.ForeignKey(Program, models.PROTECT, related_name="+")
    version = models.ForeignKey(Version, models.PROTECT, related_name="+")
    answers = models.JSONField(default=dict)
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "program"], name="consent_draft_one_per_program"
            ),
        ]

    def __str__(self) -> str:
        return f"draft {self.pk}"


class Preference(models.Model):
    """What research a person is fine with in general, in the terms of the Data Use Ontology."""

    patient = models.OneToOneField(User, models.CASCADE, related_name="consent_preference")
    permission = models.CharField(max_length=12)
    diseases = word_list(20)
    modifiers = word_list(12)
    saved_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"preference {self.pk}"
