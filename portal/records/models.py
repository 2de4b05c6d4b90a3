"""The patient's record. Verbatim bytes are the truth; findings are always rebuildable."""

from typing import Any

import orjson
import pgtrigger
import zstandard
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.accounts.models import User
from portal.records import words


def pack(verbatim: bytes) -> bytes:
    """Return the bytes as they are stored."""
    return zstandard.compress(verbatim, 6)


def unpack(stored: bytes | memoryview) -> bytes:
    """Return the bytes as they were received."""
    return zstandard.decompress(bytes(stored))


class OwnedQuerySet[M: models.Model](models.QuerySet[M]):
    def of(self, user: User) -> "OwnedQuerySet[M]":
        """Only what belongs to this person."""
        return self.filter(patient=user)


class Origin(models.Model):
    """What a resource came from: an account at a source, or the patient's own upload."""

    class Kind(models.TextChoices):
        CONNECTION = "connection", _("Connected account")
        UPLOAD = "upload", _("Uploaded by you")

    patient = models.ForeignKey(User, models.PROTECT, related_name="origins")
    kind = models.CharField(max_length=10, choices=Kind)
    name = models.CharField(max_length=200)
    remote_patient_id = models.CharField(max_length=200, blank=True)
    base_url = models.CharField(max_length=500, blank=True)
    gaps = ArrayField(models.CharField(max_length=110), default=list, blank=True)  # "Type reason"
    created_at = models.DateTimeField()

    objects = OwnedQuerySet["Origin"].as_manager()

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class ResourceQuerySet(OwnedQuerySet["Resource"]):
    def present(self) -> "ResourceQuerySet":
        """Without what its source took back."""
        return self.filter(removed_at=None)


class Resource(models.Model):
    """The newest copy of a FHIR resource as its source sent it."""

    patient = models.ForeignKey(User, models.PROTECT, related_name="resources")
    origin = models.ForeignKey(Origin, models.PROTECT, related_name="resources")
    resource_type = models.CharField(max_length=64)
    source_id = models.CharField(max_length=255)
    full_url = models.CharField(max_length=500, blank=True)
    sha256 = models.CharField(max_length=64)
    raw = models.BinaryField()
    code = models.CharField(max_length=200, blank=True)
    category = models.CharField(max_length=200, blank=True)
    status = models.CharField(max_length=40, blank=True)
    effective_at = models.DateTimeField(null=True, blank=True)
    last_updated_at = models.DateTimeField(null=True, blank=True)
    stored_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = ResourceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "origin", "resource_type", "source_id"],
                name="records_resource_one_per_source_id",
            ),
        ]
        indexes = [
            models.Index(
                fields=["patient", "resource_type", "code"], name="records_resource_by_code"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.resource_type} {self.pk}"

    def verbatim(self) -> bytes:
        """The bytes as the source sent them."""
        return unpack(self.raw)

    def body(self) -> dict[str, Any]:
        """The resource, parsed."""
        parsed: dict[str, Any] = orjson.loads(self.verbatim())
        return parsed


class ResourceVersion(models.Model):
    """A former copy, kept when a different one took its place. Append-only."""

    resource = models.ForeignKey(Resource, models.PROTECT, related_name="versions")
    seq = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    raw = models.BinaryField()
    status = models.CharField(max_length=40, blank=True)
    received_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["resource", "seq"], name="records_resourceversion_one_per_place"
            ),
        ]
        triggers = [
            # Only erasing a person's copies, which says so, may delete; nothing may change them.
            pgtrigger.Protect(name="records_version_no_change", operation=pgtrigger.Update),
            pgtrigger.Trigger(
                name="records_version_no_loss",
                when=pgtrigger.Before,
                operation=pgtrigger.Delete,
                func="""
                    IF current_setting('records.erasing', true) IS DISTINCT FROM 'yes' THEN
                        RAISE EXCEPTION 'records_version only grows';
                    END IF;
                    RETURN OLD;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.resource_id} {self.seq}"


class ChangeQuerySet(OwnedQuerySet["Change"]):
    def for_pages(self) -> "ChangeQuerySet":
        """With the resource of each, the newest first."""
        return self.select_related("resource__origin").order_by("-at", "-pk")


class Change(models.Model):
    """News about a resource that the person already had, until she has seen it."""

    class Kind(models.TextChoices):
        CORRECTED = "corrected", _("A new version came")
        WITHDRAWN = "withdrawn", _("The source says that it was entered in error")
        REMOVED = "removed", _("The source no longer has it")
        BACK = "back", _("The source has it again")

    patient = models.ForeignKey(User, models.PROTECT, related_name="changes")
    resource = models.ForeignKey(Resource, models.PROTECT, related_name="changes")
    kind = models.CharField(max_length=9, choices=Kind)
    at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True, blank=True)

    objects = ChangeQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["patient", "at"], name="records_change_by_patient")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


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


class Finding(models.Model):
    """A plain fact read out of resources; a projection that is always rebuildable."""

    patient = models.ForeignKey(User, models.PROTECT, related_name="findings")
    origin = models.ForeignKey(Origin, models.PROTECT, related_name="findings")
    key = models.CharField(max_length=200)
    kind = models.CharField(max_length=40)
    status = models.CharField(max_length=40, blank=True)
    presence = models.CharField(max_length=20, blank=True)
    group = models.CharField(max_length=20, blank=True)
    category = models.CharField(max_length=40, blank=True)  # the first of its categories
    categories = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    gene = models.CharField(max_length=100, blank=True)
    source_class = models.CharField(max_length=20, blank=True)
    effective_date = models.CharField(max_length=40, blank=True)
    sensitive = models.BooleanField(default=False)
    body = models.JSONField()
    sources = models.ManyToManyField(Resource, through="FindingSource", related_name="findings")

    objects = OwnedQuerySet["Finding"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "origin", "key"], name="records_finding_one_per_key"
            ),
        ]
        indexes = [
            models.Index(fields=["patient", "group"], name="records_finding_by_group"),
            models.Index(fields=["patient", "gene"], name="records_finding_by_gene"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class FindingSource(models.Model):
    """Which resource a finding was read from."""

    finding = models.ForeignKey(Finding, models.CASCADE)
    resource = models.ForeignKey(Resource, models.CASCADE)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["finding", "resource"], name="records_findingsource_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.finding_id} {self.resource_id}"
