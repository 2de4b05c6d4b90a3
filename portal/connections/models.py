"""Sources, a person's accounts at them, the sealed tokens of each, and the work of fetching."""

from datetime import datetime, timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from portal.accounts.models import User
from portal.connections import guard
from portal.records.models import Origin, OwnedQuerySet

ATTEMPT_LIVES = timedelta(minutes=10)


class SourceQuerySet(models.QuerySet["Source"]):
    def open(self) -> "SourceQuerySet":
        """Those that a person can connect to now."""
        return self.filter(state=Source.State.OPEN)

    def named_like(self, words: str) -> "SourceQuerySet":
        """Those whose name or place holds every word."""
        found = self
        for word in words.split():
            found = found.filter(Q(name__icontains=word) | Q(place__icontains=word))
        return found.order_by("name")


class Source(models.Model):
    """A lab or hospital with a FHIR server. Its addresses are pinned when it is registered."""

    class Kind(models.TextChoices):
        LAB = "lab", _("Laboratory")
        EHR = "ehr", _("Hospital or clinic")

    class AuthMethod(models.TextChoices):
        NONE = "none", _("Public client")
        BASIC = "basic", _("Client secret")
        PRIVATE_KEY_JWT = "private_key_jwt", _("Signed assertion")

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        CLOSED = "closed", _("Closed")

    slug = models.SlugField(unique=True)
    kind = models.CharField(max_length=3, choices=Kind)
    name = models.CharField(max_length=200)
    place = models.CharField(max_length=200, blank=True)
    base_url = models.URLField(max_length=500, unique=True)
    issuer = models.CharField(max_length=500)
    issuer_in_answers = models.BooleanField(default=False)  # RFC 9207: it promised to send `iss`
    authorize_url = models.CharField(max_length=500)
    token_url = models.CharField(max_length=500)
    revoke_url = models.CharField(max_length=500, blank=True)
    auth_method = models.CharField(max_length=16, choices=AuthMethod)
    client_id = models.CharField(max_length=255)
    sealed_secret = models.BinaryField(null=True, blank=True)
    scopes = models.CharField(max_length=1000)
    types = ArrayField(models.CharField(max_length=64), default=list, blank=True)
    loopback = models.BooleanField(default=False)
    requests_per_minute = models.PositiveIntegerField(default=600)
    state = models.CharField(max_length=6, choices=State, default=State.OPEN)
    registered_at = models.DateTimeField()

    objects = SourceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(auth_method="none") | Q(sealed_secret__isnull=False),
                name="connections_source_secret_where_needed",
            ),
            models.CheckConstraint(
                condition=Q(requests_per_minute__gte=1), name="connections_source_rate"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def secret_context(self) -> str:
        """What the sealed secret is bound to."""
        return f"connections.source:{self.slug}:secret"

    @property
    def base(self) -> guard.Target:
        """The base address, taken apart."""
        return guard.register(self.base_url, loopback=self.loopback)

    @property
    def pinned(self) -> frozenset[str]:
        """The addresses outside the base that may be called."""
        return frozenset(url for url in (self.token_url, self.revoke_url) if url)


class AuthorizationAttempt(models.Model):
    """One trip to the sign-in page of a source: bound to one browser, short, used once."""

    patient = models.ForeignKey(User, models.CASCADE, related_name="+")
    source = models.ForeignKey(Source, models.CASCADE, related_name="+")
    state_sha256 = models.CharField(max_length=64, unique=True)
    browser_sha256 = models.CharField(max_length=64)
    sealed_verifier = models.BinaryField()
    scopes = models.CharField(max_length=1000)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__lte=F("created_at") + ATTEMPT_LIVES)
                & Q(expires_at__gt=F("created_at")),
                name="connections_attempt_is_short",
            ),
        ]

    def __str__(self) -> str:
        return f"attempt {self.pk}"

    @property
    def verifier_context(self) -> str:
        """What the sealed PKCE verifier is bound to."""
        return f"connections.attempt:{self.state_sha256}:verifier"


class ConnectionQuerySet(OwnedQuerySet["Connection"]):
    def to_revoke(self) -> "ConnectionQuerySet":
        """Ended ones whose tokens have not ended at the source yet."""
        return self.filter(state=Connection.State.DISCONNECTED, credential__isnull=False)

    def kept(self) -> "ConnectionQuerySet":
        """Those that were not disconnected."""
        return self.exclude(state=Connection.State.DISCONNECTED)


class Connection(models.Model):
    """One person's account at one source."""

    class State(models.TextChoices):
        LIVE = "live", _("Connected")
        SIGN_IN = "sign-in", _("Needs you to sign in again")
        DISCONNECTED = "disconnected", _("Disconnected")

    SENTENCES = {
        State.LIVE: _("We can read your data there."),
        State.SIGN_IN: _(
            "They no longer let us in. Your copies are safe. Sign in there again to get news."
        ),
        State.DISCONNECTED: _("You ended this connection. We no longer ask them for anything."),
    }

    patient = models.ForeignKey(User, models.PROTECT, related_name="connections")
    source = models.ForeignKey(Source, models.PROTECT, related_name="connections")
    origin = models.OneToOneField(Origin, models.PROTECT, related_name="connection")
    remote_patient_id = models.CharField(max_length=200)
    scopes = models.CharField(max_length=1000)
    state = models.CharField(max_length=12, choices=State, default=State.LIVE)
    connected_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    next_import_at = models.DateTimeField(null=True, blank=True)
    full_look_at = models.DateTimeField(null=True, blank=True)

    objects = ConnectionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "source", "remote_patient_id"],
                condition=~Q(state="disconnected"),
                name="connections_connection_one_live",
            ),
            models.CheckConstraint(
                condition=Q(state="disconnected", ended_at__isnull=False)
                | (~Q(state="disconnected") & Q(ended_at=None)),
                name="connections_connection_ended_when_disconnected",
            ),
        ]

    def __str__(self) -> str:
        return f"connection {self.pk}"

    @property
    def sentence(self) -> str:
        """What the state means, for the person."""
        return str(self.SENTENCES[self.State(self.state)])


class Credential(models.Model):
    """The tokens of a connection, sealed. Each rotation is a new generation."""

    connection = models.OneToOneField(Connection, models.CASCADE, related_name="credential")
    generation = models.PositiveIntegerField(default=1)
    sealed_access = models.BinaryField()
    sealed_refresh = models.BinaryField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    stored_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(generation__gte=1), name="connections_credential_generation"
            ),
        ]

    def __str__(self) -> str:
        return f"credential {self.pk}"

    def context(self, field: str) -> str:
        """Return what a sealed field is bound to: its connection, its name, its generation."""
        return f"connections.credential:{self.connection_id}:{field}:{self.generation}"


class ImportQuerySet(models.QuerySet["Import"]):
    def of(self, user: User) -> "ImportQuerySet":
        """Only this person's."""
        return self.filter(connection__patient=user)

    def open(self) -> "ImportQuerySet":
        """Those that are not over."""
        return self.filter(state__in=Import.OPEN_STATES)

    def untold(self) -> "ImportQuerySet":
        """First looks that are over, and about which the person got no word yet."""
        return self.filter(
            kind=Import.Kind.FIRST,
            state__in=[Import.State.DONE, Import.State.PARTLY],
            told_at=None,
        )

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
        ]

    def __str__(self) -> str:
        return f"import {self.pk}"

    @property
    def is_open(self) -> bool:
        """Whether there is more to do."""
        return self.state in self.OPEN_STATES


class Step(models.Model):
    """One question of an import, with the place where its next page is."""

    class Kind(models.TextChoices):
        SEARCH = "search", _("Search")
        READ = "read", _("Read")
        FILES = "files", _("Files")
        FINDINGS = "findings", _("Findings")

    class State(models.TextChoices):
        TODO = "todo", _("Not started")
        RUNNING = "running", _("Fetching")
        DONE = "done", _("Done")
        REFUSED = "refused", _("They do not share this")
        FAILED = "failed", _("Did not work")

    OVER = (State.DONE, State.REFUSED, State.FAILED)

    run = models.ForeignKey(Import, models.CASCADE, related_name="steps")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.SEARCH)
    resource_type = models.CharField(max_length=64, blank=True)
    query = models.CharField(max_length=500, blank=True)
    cursor = models.TextField(blank=True)
    state = models.CharField(max_length=7, choices=State, default=State.TODO)
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
    def is_over(self) -> bool:
        """Whether nothing more is asked in this step."""
        return self.state in self.OVER

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
