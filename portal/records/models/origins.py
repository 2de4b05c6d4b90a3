"""What a record comes from, and how its bytes are stored."""

import zstandard
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.accounts.models import User


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
    """What a resource came from: an account at a source, a file sent over it, or an upload."""

    class Kind(models.TextChoices):
        CONNECTION = "connection", _("Connected account")
        UPLOAD = "upload", _("Uploaded by you")
        FILE = "file", _("A file that they sent")

    patient = models.ForeignKey(User, models.PROTECT, related_name="origins")
    kind = models.CharField(max_length=10, choices=Kind)
    account = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="sent"
    )  # over which a file came
    name = models.CharField(max_length=200)
    remote_patient_id = models.CharField(max_length=200, blank=True)
    base_url = models.CharField(max_length=500, blank=True)
    gaps = ArrayField(models.CharField(max_length=110), default=list, blank=True)  # "Type reason"
    created_at = models.DateTimeField()

    objects = OwnedQuerySet["Origin"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind="file", account__isnull=False)
                | (~models.Q(kind="file") & models.Q(account=None)),
                name="records_origin_file_of_an_account",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
