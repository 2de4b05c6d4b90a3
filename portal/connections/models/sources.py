"""Labs and hospitals that a person can connect to."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.connections import guard, smart, words


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

    slug = models.SlugField(_("name in addresses"), unique=True)
    kind = models.CharField(_("kind"), max_length=3, choices=Kind)
    name = models.CharField(_("name"), max_length=200)
    place = models.CharField(_("place"), max_length=200, blank=True)
    base_url = models.URLField(_("FHIR address"), max_length=500, unique=True)
    issuer = models.CharField(_("issuer"), max_length=500)
    issuer_in_answers = models.BooleanField(
        _("names the issuer in answers"), default=False
    )  # RFC 9207: it promised to send `iss`
    authorize_url = models.CharField(_("sign-in address"), max_length=500)
    token_url = models.CharField(_("token address"), max_length=500)
    revoke_url = models.CharField(_("address to give tokens back"), max_length=500, blank=True)
    auth_method = models.CharField(_("how we prove who we are"), max_length=16, choices=AuthMethod)
    client_id = models.CharField(_("our name there (client id)"), max_length=255)
    sealed_secret = models.BinaryField(null=True, blank=True)
    scopes = models.CharField(_("scopes"), max_length=1000)
    types = ArrayField(
        models.CharField(max_length=64),
        default=list,
        blank=True,
        verbose_name=_("kinds of records"),
    )
    loopback = models.BooleanField(default=False)
    requests_per_minute = models.PositiveIntegerField(_("requests a minute"), default=600)
    state = models.CharField(_("state"), max_length=6, choices=State, default=State.OPEN)
    registered_at = models.DateTimeField()

    objects = SourceQuerySet.as_manager()

    class Meta:
        verbose_name = _("lab or hospital")
        verbose_name_plural = _("labs and hospitals")
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
    def asked_for(self) -> list[str]:
        """What we ask to read there, in words."""
        offered = self.types or list(words.KINDS)
        asked = smart.readable(self.scopes, types=words.KINDS) & set(offered)
        return [str(name) for kind, name in words.KINDS.items() if kind in asked]

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
