"""Facts that are read out of resources; a projection that is always rebuildable."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from portal.accounts.models import User
from portal.records.models.origins import Origin, OwnedQuerySet
from portal.records.models.resources import Resource


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
