"""Programs, the texts they ask with, the acts of people, and where each agreement stands."""

from datetime import datetime
from typing import TypedDict

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from consent import fhir, ledger, policy
from consent.words import IDENTITY_NAMES
from portal.accounts.models import User
from portal.audit.append_only import append_only


def _array(size: int = 40) -> ArrayField[list[str], list[str]]:
    return ArrayField(models.CharField(max_length=size), default=list, blank=True)


class ProgramQuerySet(models.QuerySet["Program"]):
    def open(self) -> "ProgramQuerySet":
        """Programs that people can join now."""
        return self.filter(
            state=Program.State.OPEN, documents__versions__state=Version.State.PUBLISHED
        ).distinct()


class Program(models.Model):
    """A research program: what it is for and what it asks for. Where its bytes go is elsewhere."""

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        CLOSED = "closed", _("Closed")

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=200)
    purpose_en = models.TextField(max_length=600)
    purpose_es = models.TextField(max_length=600)
    duo_permission = models.CharField(max_length=12)
    duo_diseases = _array(20)
    duo_modifiers = _array(12)
    categories = _array()
    identity = models.CharField(
        max_length=20, choices=list(IDENTITY_NAMES.items()), default=policy.Identity.DEIDENTIFIED
    )
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    created_at = models.DateTimeField()

    objects = ProgramQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(identity__in=list(policy.Identity)), name="consent_program_identity"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def purpose(self, language: str) -> str:
        """What the program is for, in the reader's language."""
        return self.purpose_es if language.startswith("es") else self.purpose_en


class Document(models.Model):
    """A consent text of a program, through all its versions."""

    program = models.ForeignKey(Program, models.PROTECT, related_name="documents")
    slug = models.SlugField(max_length=60)
    name = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["program", "slug"], name="consent_document_one_per_slug"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.program_id} {self.slug}"


class VersionQuerySet(models.QuerySet["Version"]):
    def current(self, program: Program) -> "VersionQuerySet":
        """The version that people are asked with now."""
        return self.filter(document__program=program, state=Version.State.PUBLISHED)

    def published_ids(self) -> "models.QuerySet[Version, tuple[int, int]]":
        """Each open program's id with the id of the version it asks with."""
        return self.filter(
            state=Version.State.PUBLISHED, document__program__state=Program.State.OPEN
        ).values_list("document__program_id", "pk")

    def readable_by(self, patient: User) -> "VersionQuerySet":
        """What is asked with now, and every text that this person has acted under."""
        return self.filter(Q(state=Version.State.PUBLISHED) | Q(events__patient=patient)).distinct()


class Version(models.Model):
    """One wording of a document. Once published, nobody can change it."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        PUBLISHED = "published", _("Published")
        SUPERSEDED = "superseded", _("Replaced; earlier answers still hold")
        WITHDRAWN = "withdrawn", _("Replaced; everybody is asked again")

    document = models.ForeignKey(Document, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=12, choices=State, default=State.DRAFT)
    categories = _array()
    uses = _array()
    extras = _array()
    identity = models.CharField(max_length=20, choices=list(IDENTITY_NAMES.items()))
    needs_reconsent = models.BooleanField(default=False)
    whats_new_en = models.TextField(blank=True)
    whats_new_es = models.TextField(blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    author = models.ForeignKey(User, models.PROTECT, related_name="versions_written", null=True)
    written_at = models.DateTimeField()
    published_by = models.ForeignKey(
        User, models.PROTECT, related_name="versions_published", null=True
    )
    published_at = models.DateTimeField(null=True)
    replaced_at = models.DateTimeField(null=True)

    objects = VersionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["document", "number"], name="consent_version_one_per_number"
            ),
            models.UniqueConstraint(
                fields=["document"],
                condition=Q(state="published"),
                name="consent_version_one_published",
            ),
            models.UniqueConstraint(
                fields=["document"], condition=Q(state="draft"), name="consent_version_one_draft"
            ),
            models.CheckConstraint(
                condition=Q(state="draft")
                | (Q(published_by__isnull=False) & Q(published_at__isnull=False) & ~Q(sha256="")),
                name="consent_version_published_is_signed",
            ),
            models.CheckConstraint(
                condition=Q(published_by=None) | Q(author=None) | ~Q(published_by=F("author")),
                name="consent_version_second_person",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="consent_version_immutable",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition("OLD.state <> 'draft'"),
                func="""
                IF (to_jsonb(NEW) - 'state' - 'replaced_at')
                   IS DISTINCT FROM (to_jsonb(OLD) - 'state' - 'replaced_at')
                   OR NEW.state = 'draft'
                   OR (OLD.state <> 'published' AND NEW.state = 'published') THEN
                    RAISE EXCEPTION 'a published version cannot be changed';
                END IF;
                RETURN NEW;
                """,
            ),
            pgtrigger.Protect(
                name="consent_version_kept",
                operation=pgtrigger.Delete,
                condition=pgtrigger.Condition("OLD.state <> 'draft'"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.document_id} v{self.number}"

    def offered(self) -> policy.Offered:
        """What this version lets a person say yes to."""
        return policy.Offered(
            version=str(self.pk),
            published=self.state in {self.State.PUBLISHED, self.State.SUPERSEDED},
            categories=frozenset(map(policy.Category, self.categories)),
            uses=frozenset(map(policy.Use, self.uses)),
            identity=policy.Identity(self.identity),
        )

    def text(self, language: str) -> "VersionText":
        """The wording in the reader's language; English where there is none in it."""
        wanted = "es" if language.startswith("es") else "en"
        texts = {text.language: text for text in self.texts.all()}
        return texts.get(wanted) or texts["en"]

    def whats_new(self, language: str) -> str:
        """What changed since the version before, in the reader's language."""
        return self.whats_new_es if language.startswith("es") else self.whats_new_en

    def fingerprint(self) -> str:
        """Return the SHA-256 over what is offered and the wording in every language."""
        return ledger.sha256(
            {
                "document": self.document_id,
                "number": self.number,
                "categories": sorted(self.categories),
                "uses": sorted(self.uses),
                "extras": sorted(self.extras),
                "identity": self.identity,
                "texts": {text.language: text.sha256 for text in self.texts.all()},
            }
        )


_VERSION_IS_DRAFT = """
IF EXISTS (SELECT 1 FROM consent_version v WHERE v.id = {row}.version_id AND v.state <> 'draft')
THEN RAISE EXCEPTION 'the text of a published version cannot be changed'; END IF;
RETURN {row};
"""


class VersionText(models.Model):
    """The wording of a version in one language: its screens, its questions and the full text."""

    version = models.ForeignKey(Version, models.CASCADE, related_name="texts")
    language = models.CharField(max_length=8)
    title = models.CharField(max_length=200)
    body = models.JSONField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["version", "language"], name="consent_versiontext_one_per_language"
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name=f"consent_versiontext_fixed_{operation.lower()}",
                when=pgtrigger.Before,
                operation=getattr(pgtrigger, operation),
                func=_VERSION_IS_DRAFT.format(row="OLD" if operation == "Delete" else "NEW"),
            )
            for operation in ("Insert", "Update", "Delete")
        ]

    def __str__(self) -> str:
        return f"{self.version_id} {self.language}"


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
                SELECT e.seq, e.hash INTO before_seq, before_hash FROM consent_event e
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
                    SELECT 1 FROM consent_event e
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
    diseases = _array(20)
    modifiers = _array(12)
    saved_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"preference {self.pk}"
