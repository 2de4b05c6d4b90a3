"""Makes the things that tests about consent speak of."""

import copy
import functools
import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from consent import gate, ledger, policy, publishing, services
from consent.models import Agreement, Document, Program, Version, VersionText
from portal.accounts.models import User
from portal.genomics import findings as facts
from portal.genomics.findings import Kind
from portal.records.models import Finding, FindingSource, Origin, Resource, pack

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
ALL = frozenset(policy.Category)
PLAIN = ALL - policy.SENSITIVE
WANTED = gate.Wanted(policy.Use.PROGRAM_RESEARCH, policy.Identity.IDENTIFIED)


def a_person(email: str = "ana@example.org", role: str = User.Role.PATIENT) -> User:
    return User.objects.create_user(email=email, role=role)


def a_program(slug: str = "all-of-us", **fields: object) -> Program:
    defaults: dict[str, Any] = {
        "name": "All of Us (sandbox)",
        "purpose_en": "To learn how genes and health go together.",
        "purpose_es": "Para aprender.",
        "duo_permission": "DUO:0000042",
        "categories": sorted(ALL),
        "identity": policy.Identity.IDENTIFIED,
        "created_at": NOON,
    }
    return Program.objects.create(slug=slug, **(defaults | fields))


def a_body(language: str = "en") -> dict[str, Any]:
    """Return a complete wording: that of our own first file."""
    return copy.deepcopy(_bodies()[language])


@functools.cache
def _bodies() -> dict[str, dict[str, Any]]:
    raw = (publishing.TEXTS / "all-of-us.toml").read_bytes()
    texts = publishing.read_file(raw).texts()
    return {language: dict(text.body()) for language, text in texts.items()}


def a_version(
    program: Program, number: int = 1, *, published: bool = True, **fields: object
) -> Version:
    document, _ = Document.objects.get_or_create(
        program=program, slug="main", defaults={"name": "Main"}
    )
    defaults: dict[str, Any] = {
        "categories": sorted(ALL),
        "uses": sorted(policy.Use),
        "extras": sorted(policy.Extra),
        "identity": policy.Identity.IDENTIFIED,
        "author": a_person(f"author-{program.slug}-{number}@example.org", role=User.Role.ADMIN),
        "written_at": NOON,
    }
    version = Version.objects.create(document=document, number=number, **(defaults | fields))
    for language in ("en", "es"):
        body = a_body(language)
        VersionText.objects.create(
            version=version,
            language=language,
            title=f"{language} {number}",
            body=body,
            sha256=ledger.sha256(body),
        )
    return publish(version) if published else version


def publish(version: Version) -> Version:
    version.state = Version.State.PUBLISHED
    version.published_by = a_person(f"publisher-{version.pk}@example.org", role=User.Role.ADMIN)
    version.published_at = NOON
    version.sha256 = version.fingerprint()
    version.save()
    return version


def a_described_draft(
    document: Document, author: User, *, needs_reconsent: bool = False
) -> Version:
    """Start a draft that says what is new in it."""
    draft = publishing.new_draft(document=document, by=author, at=NOON)
    publishing.describe(
        version=draft,
        whats_new_en="We say more about risks.",
        whats_new_es="Decimos más de los riesgos.",
        needs_reconsent=needs_reconsent,
        by=author,
        at=NOON,
    )
    return draft


def a_second_version(program: Program, *, needs_reconsent: bool = False) -> Version:
    author = a_person("writer@example.org", role=User.Role.ADMIN)
    draft = a_described_draft(program.documents.get(), author, needs_reconsent=needs_reconsent)
    publishing.edit(
        version=draft,
        place="screens.0",
        words={"en": {"text": "All of Us is a study. You may say no. Your care stays the same."}},
        by=author,
        at=NOON,
    )
    second = a_person("second@example.org", role=User.Role.ADMIN)
    return publishing.publish(version=draft, by=second, at=NOON)


def a_scope(*categories: policy.Category, **fields: object) -> policy.Scope:
    defaults: dict[str, Any] = {
        "categories": frozenset(categories) or PLAIN,
        "identity": policy.Identity.IDENTIFIED,
        "uses": frozenset({policy.Use.PROGRAM_RESEARCH}),
        "keep_updated": True,
    }
    return policy.Scope(**(defaults | fields))


def an_answer(
    version: Version, scope: policy.Scope | None = None, **fields: object
) -> services.Answer:
    defaults: dict[str, Any] = {
        "language": "en",
        "name": "Ana Example",
        "fresh_sign_in": True,
        "understood": True,
    }
    return services.Answer(version=version, scope=scope or a_scope(), **(defaults | fields))


def an_agreement(
    patient: User | None = None, program: Program | None = None, scope: policy.Scope | None = None
) -> Agreement:
    patient = patient or a_person()
    program = program or a_program()
    version = Version.objects.current(program).first() or a_version(program)
    return services.agree(
        patient=patient, program=program, answer=an_answer(version, scope), at=NOON
    )


def an_origin(patient: User, remote: str = "p1") -> Origin:
    return Origin.objects.create(
        patient=patient,
        kind=Origin.Kind.CONNECTION,
        name="The lab",
        remote_patient_id=remote,
        created_at=NOON,
    )


def a_resource(origin: Origin, body: dict[str, Any], *categories: str) -> Resource:
    """Store a resource; each category becomes a finding read out of it."""
    raw = json.dumps(body).encode()
    resource = Resource.objects.create(
        patient=origin.patient,
        origin=origin,
        resource_type=body["resourceType"],
        source_id=body["id"],
        sha256=hashlib.sha256(raw).hexdigest(),
        raw=pack(raw),
        stored_at=NOON,
    )
    for category in categories:
        key = f"{body['id']}-{category}"
        variant = facts.Finding(key=key, id=body["id"], source=facts.Pointer(), kind=Kind.VARIANT)
        finding = Finding.objects.create(
            patient=origin.patient,
            origin=origin,
            key=key,
            kind="variant",
            category=category,
            body=facts.to_json(variant),
        )
        FindingSource.objects.create(finding=finding, resource=resource)
    return resource


def an_observation(number: str = "o1", **fields: object) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "id": number,
        "status": "final",
        "subject": {"reference": "Patient/p1"},
        "code": {"coding": [{"system": "http://loinc.org", "code": "69548-6"}], "text": "Variant"},
        **fields,
    }


def a_lab(number: str = "l1", text: str = "Glucose", **fields: object) -> dict[str, Any]:
    category = "http://terminology.hl7.org/CodeSystem/observation-category"
    return an_observation(
        number,
        category=[{"coding": [{"system": category, "code": "laboratory"}]}],
        code={"coding": [{"system": "http://loinc.org", "code": "2345-7", "display": text}]},
        valueQuantity={"value": 90, "unit": "mg/dL"},
        **fields,
    )


def a_file(number: str = "f1") -> dict[str, Any]:
    """Return a file of variants as a lab sends one."""
    return {
        "resourceType": "DocumentReference",
        "id": number,
        "status": "current",
        "type": {"text": "Variant call file"},
        "subject": {"reference": "Patient/p1"},
        "content": [{"attachment": {"contentType": "text/x-vcf", "url": "Binary/b1"}}],
    }


def released(agreement: Agreement, **fields: object) -> gate.Release:
    asked: dict[str, Any] = {"purpose": WANTED, "at": NOON + timedelta(hours=1)} | fields
    return gate.release(patient=agreement.patient, program=agreement.program, **asked)
