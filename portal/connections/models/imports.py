"""The work of fetching: imports, their steps, and the pages that were taken in."""

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.accounts.models import User
from portal.connections import words
from portal.connections.models.accounts import Connection
from portal.connections.models.parts import Part, parts_of


class ImportQuerySet(models.QuerySet["Import"]):
    def of(self, user: User) -> "ImportQuerySet":
        """Only this person's."""
        return self.filter(connection__patient=user)

    def open(self) -> "ImportQuerySet":
        """Those that are not over."""
        return self.filter(state__in=Import.OPEN_STATES)

    def untold(self) -> "ImportQuerySet":
        """Those that are over, brought reports or were the first, and nobody told the person."""
        reports = Step.objects.filter(run=models.OuterRef("pk"), resource_type="DiagnosticReport")
        news = models.Exists(reports.filter(Q(stored__gt=0) | Q(changed__gt=0)))
        over = self.filter(state__in=[Import.State.DONE, Import.State.PARTLY], told_at=None)
        return over.filter(Q(kind=Import.Kind.FIRST) | news)

    def due(self, at: datetime) -> "ImportQuerySet":
        """Those that wait for a worker, or whose worker is gone."""
        free = Q(lease_until=None) | Q(lease_until__lte=at)
        return self.open().filter(free, due_at__lte=at).order_by("due_at")


class Import(models.Model):
    """One run of fetching over a connection. The row is the job."""

    class Kind(models.TextChoices):
        FIRST = "first", _("First look")
        UPDATE = "update", _("What is new")
        FULL = "full", _("Full look")

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting to start")
        RUNNING = "running", _("Fetching")
        WAITING = "waiting", _("Waiting for the source")
        DONE = "done", _("Done")
        PARTLY = "partly", _("Done, with gaps")
        STOPPED = "stopped", _("Stopped")

    OPEN_STATES = (State.QUEUED, State.RUNNING, State.WAITING)

    connection = models.ForeignKey(Connection, models.PROTECT, related_name="imports")
    kind = models.CharField(max_length=6, choices=Kind)
    state = models.CharField(max_length=7, choices=State, default=State.QUEUED)
    since = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveIntegerField(default=0)  # since the last page that came
    lease_owner = models.CharField(max_length=64, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    error_code = models.CharField(max_length=40, blank=True)
    told_at = models.DateTimeField(null=True, blank=True)  # the person got word that it is over

    objects = ImportQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connection"],
                condition=Q(state__in=["queued", "running", "waiting"]),
                name="connections_import_one_running",
            ),
            models.CheckConstraint(
                condition=Q(lease_owner="", lease_until=None)
                | (~Q(lease_owner="") & Q(lease_until__isnull=False)),
                name="connections_import_lease_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["queued", "running", "waiting"], finished_at=None)
                | Q(state__in=["done", "partly", "stopped"], finished_at__isnull=False),
                name="connections_import_finished_when_over",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=Q(state__in=["queued", "running", "waiting"]),
                name="connections_import_due",
            ),
            models.Index(
                fields=["finished_at"],
                condition=Q(told_at=None, state__in=["done", "partly"]),
                name="connections_import_untold",
            ),
        ]

    def __str__(self) -> str:
        return f"import {self.pk}"

    @property
    def is_open(self) -> bool:
        """Whether there is more to do."""
        return self.state in self.OPEN_STATES

    @property
    def parts(self) -> list[Part]:
        """What is fetched, under the names that people know."""
        return parts_of(self.steps.all())

    @property
    def parts_over(self) -> int:
        """How many parts are behind us."""
        return sum(part.is_over for part in self.parts)

    @property
    def telling_parts(self) -> list[Part]:
        """Those that something came of, that are at it, or that went wrong."""
        return [part for part in self.parts if part.is_telling]

    @property
    def refused_parts(self) -> list[str]:
        """The names of those that the source keeps to itself."""
        return [part.name for part in self.parts if part.is_refused]

    @property
    def waiting_parts(self) -> list[str]:
        """The names of those whose turn has not come."""
        return [part.name for part in self._quiet_parts if not part.is_over]

    @property
    def empty_parts(self) -> list[str]:
        """The names of those that nothing came of."""
        return [part.name for part in self._quiet_parts if part.is_over]

    @property
    def _quiet_parts(self) -> list[Part]:
        return [part for part in self.parts if not part.is_telling and not part.is_refused]

    @property
    def reason(self) -> str:
        """Why it waits or stopped, in a sentence."""
        return words.step_reason(self.error_code)


class Step(models.Model):
    """One question of an import, with the place where its next page is."""

    class Kind(models.TextChoices):
        SEARCH = "search", _("Search")
        READ = "read", _("Read")
        REFERENCES = "refs", _("What they point to")
        VANISHED = "vanished", _("What is no longer there")
        FILES = "files", _("Files")
        FINDINGS = "findings", _("Findings")

    class State(models.TextChoices):
        WAITING = "waiting", _("Not started")
        RUNNING = "running", _("Fetching")
        DONE = "done", _("Done")
        REFUSED = "refused", _("They do not share this")
        FAILED = "failed", _("Did not work")

    OVER = (State.DONE, State.REFUSED, State.FAILED)

    run = models.ForeignKey(Import, models.CASCADE, related_name="steps")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.SEARCH)
    resource_type = models.CharField(max_length=64, blank=True)
    query = models.TextField(blank=True)  # one search a line; the first is the one under way
    cursor = models.TextField(blank=True)
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    pages = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(null=True, blank=True)
    stored = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    quarantined = models.PositiveIntegerField(default=0)
    error_code = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(
                fields=["run", "number"], name="connections_step_one_per_place"
            ),
        ]

    def __str__(self) -> str:
        return f"step {self.pk}"

    @property
    def searches(self) -> list[str]:
        """What is asked, in order, from the one that is under way."""
        return self.query.split("\n")

    def next_search(self) -> None:
        """Go on to the next search of the step; after the last one the step is done."""
        _, _, rest = self.query.partition("\n")
        if rest:
            self.query, self.state = rest, self.State.RUNNING
        else:
            self.state = self.State.DONE

    @property
    def is_over(self) -> bool:
        """Whether nothing more is asked in this step."""
        return self.state in self.OVER

    @property
    def name(self) -> str:
        """What it is called on pages."""
        return words.step_name(self.kind, self.resource_type)

    @property
    def reason(self) -> str:
        """Why it did not work, in a sentence."""
        return words.step_reason(self.error_code)

    @property
    def received(self) -> int:
        """How many entries came."""
        return self.stored + self.changed + self.unchanged + self.rejected + self.quarantined


class Page(models.Model):
    """One page that was taken in, and the ids on it. Written with its resources, or not at all."""

    step = models.ForeignKey(Step, models.CASCADE, related_name="taken")
    number = models.PositiveIntegerField()
    address_sha256 = models.CharField(max_length=64)
    ids = ArrayField(models.CharField(max_length=330), default=list, blank=True)
    taken_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["step", "number"], name="connections_page_one_per_place"
            ),
            models.UniqueConstraint(
                fields=["step", "address_sha256"], name="connections_page_one_per_address"
            ),
        ]

    def __str__(self) -> str:
        return f"page {self.number} of step {self.step_id}"
