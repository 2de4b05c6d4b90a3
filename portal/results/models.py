"""When a person wants to see the parts of their results that can be hard to read."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.accounts.models import User


class GateQuerySet(models.QuerySet["Gate"]):
    def of(self, user: User) -> "GateQuerySet":
        """Only this person's."""
        return self.filter(patient=user)


class Gate(models.Model):
    """One person's answer to the notice before one part. No row means not asked yet."""

    class Part(models.TextChoices):
        SOON = "soon", _("Illness that can run in families")
        TUMOUR = "tumour", _("Results about a tumor")
        PASS_ON = "pass-on", _("What you can pass on to children")

    class Answer(models.TextChoices):
        NOW = "now", _("See now")
        LATER = "later", _("Later")
        NEVER = "never", _("Not at all")

    patient = models.ForeignKey(User, models.PROTECT, related_name="result_gates")
    part = models.CharField(max_length=10, choices=Part)
    answer = models.CharField(max_length=5, choices=Answer)
    answered_at = models.DateTimeField()

    objects = GateQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["patient", "part"], name="results_gate_one_per_part"),
            models.CheckConstraint(
                condition=Q(answer__in=["now", "later", "never"]), name="results_gate_known_answer"
            ),
        ]

    def __str__(self) -> str:
        return f"gate {self.pk}"


def answers_of(patient: User) -> dict[str, str]:
    """Return the person's answer for each part; a part without an answer is closed."""
    return dict(Gate.objects.of(patient).values_list("part", "answer"))
