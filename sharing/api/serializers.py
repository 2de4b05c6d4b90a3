"""How rows look in JSON. What is not named here is not told."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from consent.models import Agreement
from portal.records.models import Finding
from sharing import words
from sharing.models import Delivery, Disclosure, Package
from sharing.services import showing


class FindingSerializer(serializers.ModelSerializer[Finding]):
    """One plain fact that was read out of one's records."""

    place = serializers.CharField(source="origin.name", help_text="Where it came from.")
    fact = serializers.JSONField(source="body", help_text="The whole fact, as the reader wrote it.")

    class Meta:
        model = Finding
        fields = (
            "id",
            "kind",
            "gene",
            "presence",
            "status",
            "group",
            "effective_date",
            "place",
            "fact",
        )
        read_only_fields = fields


class AgreementSerializer(serializers.ModelSerializer[Agreement]):
    """Where one stands with one program."""

    program = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    scope = serializers.JSONField(help_text="What is allowed: kinds of data, identity, uses.")

    class Meta:
        model = Agreement
        fields = ("id", "program", "state", "epoch", "version", "agreed_at", "ends_at", "scope")
        read_only_fields = fields


class ShareSerializer(serializers.ModelSerializer[Delivery]):
    """One sending of one's own data."""

    program = serializers.CharField(source="enrolment.program.slug")
    kind = serializers.ChoiceField(source="package.kind", choices=Package.Kind.choices)
    sha256 = serializers.CharField(source="package.sha256")
    sentence = serializers.SerializerMethodField(help_text="The state in words.")

    class Meta:
        model = Delivery
        fields = (
            "id",
            "program",
            "kind",
            "state",
            "sentence",
            "sha256",
            "queued_at",
            "told_at",
            "settled_at",
            "attempt",
        )
        read_only_fields = fields

    @extend_schema_field(str)
    def get_sentence(self, delivery: Delivery) -> str:
        """Return the state in words."""
        return showing.state_in_words(delivery)


class DisclosureSerializer(serializers.ModelSerializer[Disclosure]):
    """One version of one record that left."""

    program = serializers.CharField(source="enrolment.program.slug")

    class Meta:
        model = Disclosure
        fields = (
            "id",
            "program",
            "delivery",
            "resource_type",
            "version_sha256",
            "sent_id",
            "certain",
            "at",
        )
        read_only_fields = fields


class PackageSerializer(serializers.ModelSerializer[Package]):
    """One package that was shared with a program of yours. The person is a code."""

    program = serializers.CharField(source="enrolment.program.slug")
    person = serializers.CharField(source="enrolment.pseudonym")
    received_at = serializers.DateTimeField(source="delivery.settled_at")
    decision = serializers.CharField(allow_null=True, help_text="The newest answer of the staff.")
    flags = serializers.SerializerMethodField()
    records = serializers.SerializerMethodField(help_text="How many records are in it.")

    class Meta:
        model = Package
        fields = (
            "id",
            "program",
            "person",
            "epoch",
            "sha256",
            "size_bytes",
            "received_at",
            "decision",
            "flags",
            "records",
        )
        read_only_fields = fields

    @extend_schema_field({"type": "array", "items": {"type": "string"}})
    def get_flags(self, package: Package) -> list[str]:
        """Return the flags in words."""
        return [words.flag_of(flag) for flag in package.manifest.get("flags", ())]

    @extend_schema_field(int)
    def get_records(self, package: Package) -> int:
        """Return how many records are in it."""
        return len(package.manifest.get("items", ()))


class OpenedSerializer(serializers.Serializer[Any]):
    """One package with what is in it."""

    package = PackageSerializer()
    hidden = serializers.IntegerField(help_text="Records that the person no longer allows.")
    resources = serializers.ListField(
        child=serializers.JSONField(), source="bodies", help_text="FHIR R4 resources."
    )
