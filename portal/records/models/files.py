"""Files, and what arrived and is not in the record."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.accounts.models import User
from portal.records import words
from portal.records.models.origins import Origin, OwnedQuerySet
from portal.records.models.resources import Resource


class UploadQuerySet(OwnedQuerySet["Upload"]):
    def waiting(self) -> "UploadQuerySet":
        """Those that nobody has read yet, in their order."""
        return self.filter(state=Upload.State.WAITING).order_by("pk")

    def handed_in(self) -> "UploadQuerySet":
        """Only what people added themselves."""
        return self.filter(file=None)

    def tests(self) -> "UploadQuerySet":
        """Files of variants, of which regions can be a part."""
        return self.filter(kind="vcf").exclude(state__in=("refused", "gone"))

    def answerable(self) -> "UploadQuerySet":
        """Those that ask, and files of regions of which the person may think again."""
        again = models.Q(kind="bed", file=None, state__in=("read", "kept"))
        return self.filter(models.Q(state="asking") | again)

    def for_pages(self) -> "UploadQuerySet":
        """With what their rows on a page show, the newest first."""
        joined = self.select_related("origin", "test__origin")
        return joined.prefetch_related("beds__origin").order_by("-pk")

    def sent(self) -> "UploadQuerySet":
        """Only what a lab or hospital sent over a connection."""
        return self.filter(file__isnull=False)


class Upload(models.Model):
    """A file that a person handed in or a source sent, and what became of it.

    The row is the job. What is read out of it hangs on an origin of its own; the bytes hang there
    too, or on the account that they came over.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Being read")
        ASKING = "asking", _("We have a question")
        READ = "read", _("Read")
        KEPT = "kept", _("Kept as a file, not read")
        REFUSED = "refused", _("Could not be read")
        GONE = "gone", _("Replaced or taken back by the lab")

    patient = models.ForeignKey(User, models.PROTECT, related_name="uploads")
    origin = models.OneToOneField(Origin, models.PROTECT, related_name="upload")
    file = models.OneToOneField("File", models.PROTECT, null=True, blank=True)  # of an account
    document = models.ForeignKey(
        Resource, models.PROTECT, null=True, blank=True, related_name="sent_files"
    )  # that the file was attached to
    place = models.PositiveSmallIntegerField(db_default=0, default=0)  # among its attachments
    kind = models.CharField(max_length=20)
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    stored = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    not_listed = models.PositiveIntegerField(default=0)
    different = models.PositiveIntegerField(null=True, blank=True)  # places, in a VCF
    tested = models.PositiveIntegerField(null=True, blank=True)  # places that have an answer
    reason = models.CharField(max_length=40, blank=True)  # why it could not be read
    question = models.CharField(max_length=20, blank=True)
    samples = models.JSONField(default=list, blank=True)  # to choose from
    sample = models.CharField(max_length=200, blank=True)  # chosen
    build = models.CharField(max_length=20, blank=True)
    person = models.CharField(  # who of those named it is about
        max_length=210, blank=True, db_default="", default=""
    )
    # Of a file of regions (BED): what its regions are, and the file of variants it is read with.
    regions = models.CharField(max_length=8, blank=True, default="", db_default="")
    test = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="beds")
    alone = models.BooleanField(default=False, db_default=False)  # the person says so
    added_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)

    objects = UploadQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="waiting", read_at=None)
                | (~models.Q(state="waiting") & models.Q(read_at__isnull=False)),
                name="records_upload_read_when_not_waiting",
            ),
            models.CheckConstraint(
                condition=models.Q(state="asking") & ~models.Q(question="")
                | ~models.Q(state="asking") & models.Q(question=""),
                name="records_upload_asks_a_question",
            ),
            models.CheckConstraint(
                condition=models.Q(file=None, document=None)
                | models.Q(file__isnull=False, document__isnull=False),
                name="records_upload_sent_with_a_document",
            ),
            models.CheckConstraint(
                condition=models.Q(test=None)
                | models.Q(kind="bed", alone=False) & ~models.Q(regions=""),
                name="records_upload_regions_of_a_test",
            ),
        ]
        indexes = [
            models.Index(
                fields=["id"], condition=models.Q(state="waiting"), name="records_upload_waiting"
            ),
        ]

    def __str__(self) -> str:
        return f"upload {self.pk}"

    @property
    def is_clinical(self) -> bool:
        """Whether a laboratory speaks in it; raw data that people hand in is marked."""
        return self.kind != "raw-genotypes" and (self.kind != "vcf" or self.file_id is not None)

    @property
    def can_be_chosen_again(self) -> bool:
        """Whether the person may say anew what a file of regions is, and of which test."""
        settled = {Upload.State.READ, Upload.State.KEPT}
        return self.kind == "bed" and self.file_id is None and self.state in settled

    def content(self) -> "File":
        """Return the file that is read."""
        return self.file or self.origin.files.get()

    @property
    def reason_in_words(self) -> str:
        """Why it could not be read, in a sentence."""
        return words.reason(self.reason)


class File(models.Model):
    """A file of the patient, encrypted in Django's storage."""

    patient = models.ForeignKey(User, models.PROTECT, related_name="files")
    origin = models.ForeignKey(Origin, models.PROTECT, related_name="files")
    resource = models.ForeignKey(Resource, models.PROTECT, null=True, blank=True)
    sha256 = models.CharField(max_length=64)
    size_bytes = models.PositiveBigIntegerField()
    media_type = models.CharField(max_length=100)
    name = models.CharField(max_length=200)
    storage_key = models.CharField(max_length=200, unique=True)
    stored_at = models.DateTimeField()

    objects = OwnedQuerySet["File"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "origin", "sha256"], name="records_file_once_per_origin"
            ),
        ]

    def __str__(self) -> str:
        return f"file {self.pk}"


class Rejected(models.Model):
    """Something that arrived and could not be kept, with the reason."""

    patient = models.ForeignKey(User, models.PROTECT, related_name="rejected")
    origin = models.ForeignKey(Origin, models.PROTECT, related_name="rejected")
    reason = models.CharField(max_length=60)
    detail = models.CharField(max_length=300, blank=True)
    resource_type = models.CharField(max_length=64, blank=True)
    source_id = models.CharField(max_length=255, blank=True)
    sha256 = models.CharField(max_length=64)
    raw = models.BinaryField()
    received_at = models.DateTimeField()

    objects = OwnedQuerySet["Rejected"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "origin", "sha256", "reason"], name="records_rejected_once"
            ),
        ]

    def __str__(self) -> str:
        return f"rejected {self.pk}"

    @property
    def reason_in_words(self) -> str:
        """Why it was not kept, in a sentence."""
        return words.reason(self.reason)

    @property
    def kind_in_words(self) -> str:
        """What kind of record it is; empty when it does not say."""
        return words.kind_of(self.resource_type) if self.resource_type else ""

    @property
    def line(self) -> int | None:
        """The line of the file that it stood on, where it came out of lines."""
        number = self.detail.removeprefix("line ")
        return int(number) if self.reason.startswith("line-") and number.isdigit() else None


class Quarantined(models.Model):
    """A resource about someone else: kept apart, never shown, stored as a result, or exported."""

    patient = models.ForeignKey(User, models.PROTECT, related_name="quarantined")
    origin = models.ForeignKey(Origin, models.PROTECT, related_name="quarantined")
    reason = models.CharField(max_length=60)
    resource_type = models.CharField(max_length=64)
    source_id = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    sealed = models.BinaryField()
    received_at = models.DateTimeField()

    objects = OwnedQuerySet["Quarantined"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "origin", "resource_type", "source_id", "sha256"],
                name="records_quarantined_once",
            ),
        ]

    def __str__(self) -> str:
        return f"quarantined {self.pk}"

    @property
    def reason_in_words(self) -> str:
        """Why it was not kept, in a sentence."""
        return words.reason(self.reason)

    @property
    def kind_in_words(self) -> str:
        """What kind of record it is; empty when it does not say."""
        return words.kind_of(self.resource_type) if self.resource_type else ""
