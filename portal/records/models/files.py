"""Files, and what arrived and is not in the record."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.accounts.models import User
from portal.records import words
from portal.records.models.origins import Origin, OwnedQuerySet
from portal.records.models.resources import Resource


class Upload(models.Model):
    """A file that a person handed in, and what became of it. The row is the job."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Being read")
        ASKING = "asking", _("We have a question")
        READ = "read", _("Read")
        KEPT = "kept", _("Kept as a file, not read")
        REFUSED = "refused", _("Could not be read")

    patient = models.ForeignKey(User, models.PROTECT, related_name="uploads")
    origin = models.OneToOneField(Origin, models.PROTECT, related_name="upload")
    kind = models.CharField(max_length=20)
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    stored = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    not_listed = models.PositiveIntegerField(default=0)
    reason = models.CharField(max_length=40, blank=True)  # why it could not be read
    question = models.CharField(max_length=20, blank=True)
    samples = models.JSONField(default=list, blank=True)  # to choose from
    sample = models.CharField(max_length=200, blank=True)  # chosen
    build = models.CharField(max_length=20, blank=True)
    added_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)

    objects = OwnedQuerySet["Upload"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="waiting", read_at=None)
                | (~models.Q(state="waiting") & models.Q(read_at__isnull=False)),
                name="records_upload_read_when_not_waiting",
            ),
            models.CheckConstraint(
                condition=models.Q(state="asking") & ~models.Q(question="")
                | ~models.Q(state="asking") & models.Q(question=""),
                name="records_upload_asks_a_question",
            ),
        ]

    def __str__(self) -> str:
        return f"upload {self.pk}"

    @property
    def is_clinical(self) -> bool:
        """Whether a laboratory speaks in it; raw data that people hand in is marked."""
        return self.kind not in ("raw-genotypes", "vcf")

    @property
    def reason_in_words(self) -> str:
        """Why it could not be read, in a sentence."""
        return words.reason(self.reason)


class File(models.Model):
    """A file of the patient, encrypted in Django's storage."""

    patient = models.ForeignKey(User, models.PROTECT, related_name="files")
    origin = models.ForeignKey(Origin, models.PROTECT, related_name="files")
    resource = models.ForeignKey(Resource, models.PROTECT, null=True, blank=True)
    sha256 = models.CharField(max_length=64)
    size_bytes = models.PositiveBigIntegerField()
    media_type = models.CharField(max_length=100)
    name = models.CharField(max_length=200)
    storage_key = models.CharField(max_length=200, unique=True)
    stored_at = models.DateTimeField()

    objects = OwnedQuerySet["File"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "origin", "sha256"], name="records_file_once_per_origin"
            ),
        ]

    def __str__(self) -> str:
        return f"file {self.pk}"


class Rejected(models.Model):
    """Something that arrived and could not be kept, with the reason."""

    patient = models.ForeignKey(User, models.PROTECT, related_name="rejected")
    origin = models.ForeignKey(Origin, models.PROTECT, related_name="rejected")
    reason = models.CharField(max_length=60)
    detail = models.CharField(max_length=300, blank=True)
    resource_type = models.CharField(max_length=64, blank=True)
    source_id = models.CharField(max_length=255, blank=True)
    sha256 = models.CharField(max_length=64)
    raw = models.BinaryField()
    received_at = models.DateTimeField()

    objects = OwnedQuerySet["Rejected"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "origin", "sha256", "reason"], name="records_rejected_once"
            ),
        ]

    def __str__(self) -> str:
        return f"rejected {self.pk}"

    @property
    def reason_in_words(self) -> str:
        """Why it was not kept, in a sentence."""
        return words.reason(self.reason)

    @property
    def line(self) -> int | None:
        """The line of the file that it stood on, where it came out of lines."""
        number = self.detail.removeprefix("line ")
        return int(number) if self.reason.startswith("line-") and number.isdigit() else None


class Quarantined(models.Model):
    """A resource about someone else: kept apart, never shown, stored as a result, or exported."""

    patient = models.ForeignKey(User, models.PROTECT, related_name="quarantined")
    origin = models.ForeignKey(Origin, models.PROTECT, related_name="quarantined")
    reason = models.CharField(max_length=60)
    resource_type = models.CharField(max_length=64)
    source_id = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    sealed = models.BinaryField()
    received_at = models.DateTimeField()

    objects = OwnedQuerySet["Quarantined"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "origin", "resource_type", "source_id", "sha256"],
                name="records_quarantined_once",
            ),
        ]

    def __str__(self) -> str:
        return f"quarantined {self.pk}"

    @property
    def reason_in_words(self) -> str:
        """Why it was not kept, in a sentence."""
        return words.reason(self.reason)
