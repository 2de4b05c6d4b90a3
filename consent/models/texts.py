"""Programs, the documents they ask with, and their versions in each language."""

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from consent import ledger, policy
from consent.words import IDENTITY_NAMES
from portal.accounts.models import User


def word_list(size: int = 40) -> ArrayField[list[str], list[str]]:
    """Return a column that holds a list of words."""
    return ArrayField(models.CharField(max_length=size), default=list, blank=True)


class ProgramQuerySet(models.QuerySet["Program"]):
    def open(self) -> "ProgramQuerySet":
        """Programs that people can join now."""
        return self.filter(
            state=Program.State.OPEN, documents__versions__state=Version.State.PUBLISHED
        ).distinct()


class Program(models.Model):
    """A research program: what it is for and what it asks for. Where its bytes go is elsewhere."""

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        CLOSED = "closed", _("Closed")

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=200)
    purpose_en = models.TextField(max_length=600)
    purpose_es = models.TextField(max_length=600)
    duo_permission = models.CharField(max_length=12)
    duo_diseases = word_list(20)
    duo_modifiers = word_list(12)
    categories = word_list()
    identity = models.CharField(
        max_length=20, choices=list(IDENTITY_NAMES.items()), default=policy.Identity.DEIDENTIFIED
    )
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    created_at = models.DateTimeField()

    objects = ProgramQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(identity__in=list(policy.Identity)), name="consent_program_identity"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def purpose(self, language: str) -> str:
        """What the program is for, in the reader's language."""
        return self.purpose_es if language.startswith("es") else self.purpose_en


class Document(models.Model):
    """A consent text of a program, through all its versions."""

    program = models.ForeignKey(Program, models.PROTECT, related_name="documents")
    slug = models.SlugField(max_length=60)
    name = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["program", "slug"], name="consent_document_one_per_slug"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.program_id} {self.slug}"


class VersionQuerySet(models.QuerySet["Version"]):
    def current(self, program: Program) -> "VersionQuerySet":
        """The version that people are asked with now."""
        return self.filter(document__program=program, state=Version.State.PUBLISHED)

    def published_ids(self) -> "models.QuerySet[Version, tuple[int, int]]":
        """Each open program's id with the id of the version it asks with."""
        return self.filter(
            state=Version.State.PUBLISHED, document__program__state=Program.State.OPEN
        ).values_list("document__program_id", "pk")

    def readable_by(self, patient: User) -> "VersionQuerySet":
        """What is asked with now, and every text that this person has acted under."""
        return self.filter(Q(state=Version.State.PUBLISHED) | Q(events__patient=patient)).distinct()


class Version(models.Model):
    """One wording of a document. Once published, nobody can change it."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        PUBLISHED = "published", _("Published")
        SUPERSEDED = "superseded", _("Replaced; earlier answers still hold")
        WITHDRAWN = "withdrawn", _("Replaced; everybody is asked again")

    document = models.ForeignKey(Document, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=12, choices=State, default=State.DRAFT)
    categories = word_list()
    uses = word_list()
    extras = word_list()
    identity = models.CharField(max_length=20, choices=list(IDENTITY_NAMES.items()))
    needs_reconsent = models.BooleanField(default=False)
    whats_new_en = models.TextField(blank=True)
    whats_new_es = models.TextField(blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    author = models.ForeignKey(User, models.PROTECT, related_name="versions_written", null=True)
    written_at = models.DateTimeField()
    published_by = models.ForeignKey(
        User, models.PROTECT, related_name="versions_published", null=True
    )
    published_at = models.DateTimeField(null=True)
    replaced_at = models.DateTimeField(null=True)

    objects = VersionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["document", "number"], name="consent_version_one_per_number"
            ),
            models.UniqueConstraint(
                fields=["document"],
                condition=Q(state="published"),
                name="consent_version_one_published",
            ),
            models.UniqueConstraint(
                fields=["document"], condition=Q(state="draft"), name="consent_version_one_draft"
            ),
            models.CheckConstraint(
                condition=Q(state="draft")
                | (Q(published_by__isnull=False) & Q(published_at__isnull=False) & ~Q(sha256="")),
                name="consent_version_published_is_signed",
            ),
            models.CheckConstraint(
                condition=Q(published_by=None) | Q(author=None) | ~Q(published_by=F("author")),
                name="consent_version_second_person",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="consent_version_immutable",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition("OLD.state <> 'draft'"),
                func="""
                IF (to_jsonb(NEW) - 'state' - 'replaced_at')
                   IS DISTINCT FROM (to_jsonb(OLD) - 'state' - 'replaced_at')
                   OR NEW.state = 'draft'
                   OR (OLD.state <> 'published' AND NEW.state = 'published') THEN
                    RAISE EXCEPTION 'a published version cannot be changed';
                END IF;
                RETURN NEW;
                """,
            ),
            pgtrigger.Protect(
                name="consent_version_kept",
                operation=pgtrigger.Delete,
                condition=pgtrigger.Condition("OLD.state <> 'draft'"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.document_id} v{self.number}"

    def offered(self) -> policy.Offered:
        """What this version lets a person say yes to."""
        return policy.Offered(
            version=str(self.pk),
            published=self.state in {self.State.PUBLISHED, self.State.SUPERSEDED},
            categories=frozenset(map(policy.Category, self.categories)),
            uses=frozenset(map(policy.Use, self.uses)),
            identity=policy.Identity(self.identity),
        )

    def text(self, language: str) -> "VersionText":
        """The wording in the reader's language; English where there is none in it."""
        wanted = "es" if language.startswith("es") else "en"
        texts = {text.language: text for text in self.texts.all()}
        return texts.get(wanted) or texts["en"]

    def whats_new(self, language: str) -> str:
        """What changed since the version before, in the reader's language."""
        return self.whats_new_es if language.startswith("es") else self.whats_new_en

    def fingerprint(self) -> str:
        """Return the SHA-256 over what is offered and the wording in every language."""
        return ledger.sha256(
            {
                "document": self.document_id,
                "number": self.number,
                "categories": sorted(self.categories),
                "uses": sorted(self.uses),
                "extras": sorted(self.extras),
                "identity": self.identity,
                "texts": {text.language: text.sha256 for text in self.texts.all()},
            }
        )


_VERSION_IS_DRAFT = """
IF EXISTS (SELECT 1 FROM public.consent_version v
    WHERE v.id = {row}.version_id AND v.state <> 'draft')
THEN RAISE EXCEPTION 'the text of a published version cannot be changed'; END IF;
RETURN {row};
"""


class VersionText(models.Model):
    """The wording of a version in one language: its screens, its questions and the full text."""

    version = models.ForeignKey(Version, models.CASCADE, related_name="texts")
    language = models.CharField(max_length=8)
    title = models.CharField(max_length=200)
    body = models.JSONField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["version", "language"], name="consent_versiontext_one_per_language"
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name=f"consent_versiontext_fixed_{operation.lower()}",
                when=pgtrigger.Before,
                operation=getattr(pgtrigger, operation),
                func=_VERSION_IS_DRAFT.format(row="OLD" if operation == "Delete" else "NEW"),
            )
            for operation in ("Insert", "Update", "Delete")
        ]

    def __str__(self) -> str:
        return f"{self.version_id} {self.language}"
