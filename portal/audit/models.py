"""The trail and the heads of its chains.

One chain per patient, and one for the site: acts about different people never wait in line.
"""

from uuid import UUID

import pgtrigger
from django.db import models
from django.db.models import OuterRef, Subquery

from portal.accounts.models import User
from portal.audit.append_only import append_only

SITE_CHAIN = "site"


def chain_of(patient_id: UUID | None) -> str:
    """Return the key of the chain that acts about this patient belong to."""
    return str(patient_id) if patient_id else SITE_CHAIN


class Head(models.Model):
    """The newest link of a chain; locked while a link is added."""

    chain = models.CharField(max_length=36, primary_key=True)
    seq = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64, default="")

    class Meta:
        triggers = [pgtrigger.Protect(name="audit_head_kept", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.chain} {self.seq}"


class EntryQuerySet(models.QuerySet["Entry"]):
    def about_patient(self, patient_id: UUID) -> "EntryQuerySet":
        return self.filter(chain=chain_of(patient_id)).order_by("seq")

    def with_actor_role(self) -> "EntryQuerySet":
        """Each entry with `actor_role`, the role of who acted, or null when nobody is found."""
        actor = User.objects.filter(pk=OuterRef("actor_id"))
        return self.annotate(actor_role=Subquery(actor.values("role")[:1]))


class Entry(models.Model):
    """One act. Plain ids, not foreign keys: the trail outlives what it speaks of."""

    chain = models.CharField(max_length=36)
    seq = models.PositiveBigIntegerField()
    at = models.DateTimeField()
    actor_id = models.UUIDField(null=True)
    action = models.CharField(max_length=60)
    about = models.CharField(max_length=120, blank=True)
    facts = models.JSONField(default=dict)
    prev_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    objects = EntryQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["chain", "seq"], name="audit_entry_one_per_place"),
        ]
        indexes = [models.Index(fields=["at"], name="audit_entry_at")]
        triggers = [
            *append_only("audit_entry"),
            pgtrigger.Trigger(
                name="audit_entry_follows",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                declare=[("before_seq", "bigint"), ("before_hash", "text")],
                func="""
                SELECT e.seq, e.hash INTO before_seq, before_hash FROM public.audit_entry e
                WHERE e.chain = NEW.chain ORDER BY e.seq DESC LIMIT 1;
                IF NEW.seq <> coalesce(before_seq, 0) + 1
                   OR NEW.prev_hash <> coalesce(before_hash, '') THEN
                    RAISE EXCEPTION 'an entry of the trail must follow the one before it';
                END IF;
                RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.chain} {self.seq} {self.action}"
