"""Resources as they came, their former copies, and the news about them."""

from typing import Any

import orjson
import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.accounts.models import User
from portal.records import words
from portal.records.models.origins import Origin, OwnedQuerySet, unpack


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

    @property
    def kind_in_words(self) -> str:
        """What kind of record it is, as a person would say it."""
        return words.kind_of(self.resource_type)

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
    def unseen_results(self) -> "ChangeQuerySet":
        """News about reports and results that the person has not looked at."""
        kinds = ("DiagnosticReport", "Observation")
        return self.filter(seen_at=None, resource__resource_type__in=kinds)

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
