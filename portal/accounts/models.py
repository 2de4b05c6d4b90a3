"""People who sign in, and the people they act for."""

import uuid
from datetime import datetime
from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: object) -> "User":
        """Make a person who can sign in with `email`."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None) -> "User":
        """Make a consent admin who may also keep the reference data."""
        return self.create_user(
            email, password, role=User.Role.ADMIN, is_staff=True, is_superuser=True
        )

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    class Role(models.TextChoices):
        PATIENT = "patient", _("Patient")
        STAFF = "staff", _("Program staff")
        ADMIN = "admin", _("Consent admin")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(_("email address"), max_length=254, unique=True)
    name = models.CharField(_("name"), max_length=200, blank=True)
    language = models.CharField(_("language"), max_length=8, default="en")
    role = models.CharField(_("role"), max_length=10, choices=Role, default=Role.PATIENT)
    is_staff = models.BooleanField(_("may keep reference data"), default=False)
    is_active = models.BooleanField(_("may sign in"), default=True)
    joined_at = models.DateTimeField(_("joined at"), auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("email"), name="accounts_user_one_per_email"),
            models.CheckConstraint(
                condition=Q(role__in=["patient", "staff", "admin"]), name="accounts_user_known_role"
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def is_patient(self) -> bool:
        return self.role == self.Role.PATIENT

    @property
    def is_program_staff(self) -> bool:
        return self.role == self.Role.STAFF

    @property
    def is_consent_admin(self) -> bool:
        return self.role == self.Role.ADMIN

    @property
    def needs_second_factor(self) -> bool:
        """Whether this person sees data of others, so a password alone is not enough."""
        return not self.is_patient or self.is_staff or self.is_superuser


class ActingForQuerySet(models.QuerySet["ActingFor"]):
    def at(self, moment: datetime) -> "ActingForQuerySet":
        return self.filter(starts_at__lte=moment).filter(Q(ends_at=None) | Q(ends_at__gt=moment))


class ActingFor(models.Model):
    """One person may act for another: a guardian for a child, a delegate for an adult."""

    class Authority(models.TextChoices):
        GUARDIAN = "guardian", _("Parent or guardian")
        DELEGATE = "delegate", _("Someone the person chose")

    person = models.ForeignKey(User, models.PROTECT, related_name="acts_for")
    patient = models.ForeignKey(User, models.PROTECT, related_name="acted_for_by")
    authority = models.CharField(max_length=10, choices=Authority)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)

    objects = ActingForQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(person=F("patient")), name="accounts_actingfor_someone_else"
            ),
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gt=F("starts_at")),
                name="accounts_actingfor_ends_after_start",
            ),
            models.UniqueConstraint(
                fields=["person", "patient"],
                condition=Q(ends_at=None),
                name="accounts_actingfor_one_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.authority} {self.pk}"
