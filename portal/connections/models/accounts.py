"""A person's accounts at sources: the trip there, the connection, its sealed tokens."""

from datetime import datetime, timedelta

from django.apps import apps
from django.db import models
from django.db.models import Count, F, OuterRef, Prefetch, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from portal.accounts.models import User
from portal.connections import smart, words
from portal.connections.models.sources import Source
from portal.records.models import Origin, OwnedQuerySet, Upload

ATTEMPT_LIVES = timedelta(minutes=10)


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


def _count(name: str) -> Coalesce:
    """Return how many rows of a kind came from the origin of a connection."""
    rows = Origin.objects.filter(pk=OuterRef("origin")).values("pk").annotate(n=Count(name))
    return Coalesce(Subquery(rows.values("n")), 0)


def _questions() -> Coalesce:
    """Return how many files that came over a connection wait for an answer of the person."""
    rows = Origin.objects.filter(account=OuterRef("origin"), upload__state=Upload.State.ASKING)
    counted = rows.order_by().values("account").annotate(n=Count("pk"))
    return Coalesce(Subquery(counted.values("n")), 0)


class ConnectionQuerySet(OwnedQuerySet["Connection"]):
    def for_pages(self) -> "ConnectionQuerySet":
        """With what the pages show of each, its newest import among it; the kept ones first."""
        runs = apps.get_model("connections", "Import").objects.prefetch_related("steps")
        return (
            self.select_related("source", "origin", "credential")
            .prefetch_related(Prefetch("imports", runs.order_by("-pk")[:1], to_attr="runs"))
            .annotate(
                rejected_count=_count("rejected"),
                apart_count=_count("quarantined"),
                resource_count=_count("resources"),
                question_count=_questions(),
            )
            .order_by(F("ended_at").desc(nulls_first=True), "-pk")
        )

    def due(self, at: datetime) -> "ConnectionQuerySet":
        """Those whose next update may start, at a source that is open."""
        live = self.filter(state=Connection.State.LIVE, source__state=Source.State.OPEN)
        return live.filter(next_import_at__lte=at)

    def to_revoke(self) -> "ConnectionQuerySet":
        """Ended ones whose tokens have not ended at the source yet."""
        return self.ended().filter(credential__isnull=False)

    def ended(self) -> "ConnectionQuerySet":
        """Those that were disconnected."""
        return self.filter(state=Connection.State.DISCONNECTED)

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

    ONCE_ONLY = _(
        "They let us in for a short time only. After it, sign in there again to get news."
    )

    patient = models.ForeignKey(User, models.PROTECT, related_name="connections")
    source = models.ForeignKey(Source, models.PROTECT, related_name="connections")
    origin = models.OneToOneField(Origin, models.PROTECT, related_name="connection")
    remote_patient_id = models.CharField(max_length=200)
    scopes = models.TextField()
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
        indexes = [
            models.Index(
                fields=["next_import_at"],
                condition=Q(state="live", next_import_at__isnull=False),
                name="connections_connection_due",
            ),
        ]

    def __str__(self) -> str:
        return f"connection {self.pk}"

    @property
    def not_allowed(self) -> list[str]:
        """What was asked for and not granted, in words."""
        asked, granted = (
            smart.readable(scopes, types=words.KINDS)
            for scopes in (self.source.scopes, self.scopes)
        )
        return [str(name) for kind, name in words.KINDS.items() if kind in asked - granted]

    @property
    def renews(self) -> bool:
        """Whether we get in there again by ourselves."""
        if self.state != self.State.LIVE or not hasattr(self, "credential"):
            return False
        return bool(self.credential.sealed_refresh) or self.credential.expires_at is None

    @property
    def sentence(self) -> str:
        """What the state means, for the person."""
        if self.state == self.State.LIVE and not self.renews:
            return str(self.ONCE_ONLY)
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
