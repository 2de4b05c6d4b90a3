"""Small builders for what the tests of this room need."""

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from consent import policy
from consent.models import Program
from portal.accounts.models import User
from portal.accounts.sealing import seal
from sharing import services
from sharing.bundle import Capability, Outgoing, Target, Writing
from sharing.deidentify import Disguise, Level
from sharing.models import Delivery, Endpoint
from sharing.services.program import ProgramRefused, ProgramUnavailable, Receipt
from tests.consent.builders import NOON, a_resource, a_scope, an_agreement, an_origin

CUT = ProgramUnavailable("cut-short", on_wire=True)
CONSENT: dict[str, Any] = {
    "resourceType": "Consent",
    "status": "active",
    "scope": {
        "coding": [
            {"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "research"}
        ]
    },
    "category": [{"coding": [{"system": "http://loinc.org", "code": "59284-0"}]}],
    "dateTime": "2026-11-01",
    "policy": [{"uri": "https://portal.example/policy/1"}],
}


def a_target(writing: Writing = Writing.OWN_IDS, **capability: bool) -> Target:
    has = Capability(
        writing=writing,
        if_match=capability.get("if_match", writing is Writing.OWN_IDS),
        deletes=capability.get("deletes", writing is Writing.OWN_IDS),
    )
    return Target(
        base_url="http://127.0.0.1:9/fhir",
        site_url="https://portal.example",
        capability=has,
        pseudonym="P-TEST-0001",
        secret=b"0" * 32,
    )


def a_disguise(
    level: Level = Level.DEIDENTIFIED,
    *,
    shift_days: int = -40,
    references: Mapping[str, str] | None = None,
    consented: frozenset[str] = frozenset(),
) -> Disguise:
    return Disguise(
        level=level,
        patient="Patient/them",
        shift_days=shift_days,
        year=2026,
        references=references or {},
        consented=consented,
    )


def a_variant(**words: object) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "id": "v1",
        "status": "final",
        "category": [
            {
                "coding": [
                    {
                        "system": "http://terminology.hl7.org/CodeSystem/observation-category",
                        "code": "laboratory",
                    }
                ]
            }
        ],
        "code": {"coding": [{"system": "http://loinc.org", "code": "69548-6"}]},
        "subject": {"reference": "Patient/p1"},
        "effectiveDateTime": "2025-03-04T10:00:00Z",
        "valueCodeableConcept": {"coding": [{"system": "http://loinc.org", "code": "LA9633-4"}]},
        "component": [
            {
                "code": {"coding": [{"system": "http://loinc.org", "code": "48018-6"}]},
                "valueCodeableConcept": {
                    "coding": [{"system": "http://www.genenames.org", "code": "HGNC:1884"}]
                },
            },
            {
                "code": {"coding": [{"system": "http://loinc.org", "code": "69547-8"}]},
                "valueString": "A",
            },
        ],
        **words,
    }


def an_illness(name: str) -> dict[str, Any]:
    return {
        "resourceType": "Condition",
        "id": "c1",
        "subject": {"reference": "Patient/p1"},
        "code": {
            "coding": [{"system": "http://snomed.info/sct", "code": "1", "display": name}],
            "text": name,
        },
    }


def outgoing(body: dict[str, Any], *, origin: str = "1") -> Outgoing:
    name = f"{body['resourceType']}/{body.get('id', 'x')}"
    return Outgoing(key=f"{origin}/{name}", origin=origin, version="v", body=body, aliases=(name,))


PUBLISHED = (
    "ig-stu3/germline-cg-bundle/Bundle-bundle-cgexample.json",
    "ig-stu3/pgx-bundle/Bundle-bundle-pgxexample.json",
    "emerge-lab-reports/standard-GenomicReportFHIRBundlePositive1.json",
    "synthea-r4/Antony_Anderson_88fedc82-1cc1-4e01-9ef1-145bbf149bb0.json",
)


def real_resources() -> list[dict[str, Any]]:
    """Every resource of some published examples: genomic reports and a whole record."""
    found: list[dict[str, Any]] = []
    for name in PUBLISHED:
        path = Path(__file__).parents[1] / "data" / "fhir" / name
        body = json.loads(path.read_text())
        entries = [e["resource"] for e in body.get("entry", []) if "resource" in e]
        found.extend(entries or [body])
    return found


class AProgram:
    """A program's server in memory. It keeps every whole transaction, and can misbehave."""

    def __init__(self) -> None:
        self.stored: list[bytes] = []
        self.held: dict[str, dict[str, Any]] = {}
        self.notices: list[bytes] = []
        self.consent_version = 0
        self.etag: Callable[[int], str] = 'W/"{}"'.format
        self.before: list[Exception] = []  # raised instead of doing the work
        self.after: list[Exception] = []  # raised after the work is done
        self.not_ready: list[Exception] = []
        self.not_found: list[Exception] = []
        self.no_notice: list[Exception] = []
        self.on_transact: Callable[[], object] = lambda: None
        self.when_ready: Callable[[], object] = lambda: None

    def get_ready(self) -> None:
        if self.not_ready:
            raise self.not_ready.pop(0)
        self.when_ready()

    def find(self, system: str, basis: str) -> Receipt | None:
        assert system.startswith("http")
        if self.not_found:
            raise self.not_found.pop(0)
        known = [raw for raw in self.stored if json.loads(raw)["identifier"]["value"] == basis]
        if known or (system.endswith("/sent") and self.names_of_consent & {basis}):
            return Receipt(200, self.fence)
        return None

    def transact(self, raw: bytes, *, key: str, ends_at: float) -> Receipt:
        assert key == hashlib.sha256(raw).hexdigest()
        assert ends_at > time.monotonic()
        if self.before:
            raise self.before.pop(0)
        self.on_transact()
        self._store(raw)
        if self.after:
            raise self.after.pop(0)
        return Receipt(200, self.fence)

    def notify(self, notice: bytes, *, key: str, ends_at: float) -> None:
        assert key.startswith("notice-")
        assert ends_at > time.monotonic()
        if self.no_notice:
            raise self.no_notice.pop(0)
        self.notices.append(notice)

    def _store(self, raw: bytes) -> None:
        entries = json.loads(raw)["entry"]
        fence = entries[0]["request"].get("ifMatch")
        if fence and fence != self.fence:
            raise ProgramRefused("status-412", status=412)
        self.consent_version += 1
        self.stored.append(raw)
        for entry in entries:
            url = entry["request"]["url"]
            if entry["request"]["method"] == "DELETE":
                self.held.pop(url, None)
            else:
                self.held[url] = entry["resource"]

    @property
    def fence(self) -> str:
        return self.etag(self.consent_version)

    @property
    def names_of_consent(self) -> set[str]:
        consents = (body for body in self.held.values() if body["resourceType"] == "Consent")
        return {name["value"] for body in consents for name in body["identifier"]}

    @property
    def observations(self) -> list[dict[str, Any]]:
        return [body for body in self.held.values() if body["resourceType"] == "Observation"]

    @property
    def consent(self) -> dict[str, Any]:
        [found] = [body for body in self.held.values() if body["resourceType"] == "Consent"]
        return found


def an_endpoint(program: Program, **fields: object) -> Endpoint:
    defaults: dict[str, Any] = {
        "base_url": "http://127.0.0.1:9/fhir",
        "token_url": "http://127.0.0.1:9/oauth/token",
        "client_id": "portal",
        "sealed_secret": seal(b"s" * 32, context=f"sharing.endpoint:{program.pk}"),
        "created_at": NOON,
    }
    return Endpoint.objects.create(program=program, **(defaults | fields))


class Sharing:
    """A person with one result who agreed to a program, and that program's server."""

    def __init__(self, *, scope: policy.Scope | None = None, **endpoint: object) -> None:
        self.now = NOON + timedelta(hours=1)
        self.agreement = an_agreement(scope=scope or a_scope())
        self.patient = self.agreement.patient
        self.program = self.agreement.program
        self.endpoint = an_endpoint(self.program, **endpoint)
        self.origin = an_origin(self.patient)
        a_resource(self.origin, a_variant(), "hereditary-risk")
        self.server = AProgram()

    @classmethod
    def joined_by(cls, person: User, first: "Sharing") -> "Sharing":
        """Another person at the same program."""
        other = cls.__new__(cls)
        other.now, other.program = first.now, first.program
        other.endpoint, other.server = first.endpoint, first.server
        other.patient = person
        other.agreement = an_agreement(person, first.program)
        other.origin = an_origin(person)
        a_resource(other.origin, a_variant(), "hereditary-risk")
        return other

    def clock(self) -> datetime:
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def preview(self) -> services.Preview:
        return services.prepare(patient=self.patient, program=self.program, at=self.now)

    def confirm(self) -> Delivery:
        sha256 = self.preview().sha256
        return services.confirm(
            patient=self.patient, program=self.program, sha256=sha256, at=self.now
        )

    def stop(self, *, recall: bool = True) -> None:
        services.stop(
            patient=self.patient,
            program=self.program,
            recall=recall,
            by=self.patient,
            at=self.now,
        )

    def run(self) -> list[str]:
        """Send what is due, in order, until nothing is; return the states."""
        states = []
        while due := [d for d in Delivery.objects.due(self.now) if not self._is_behind(d)]:
            states.append(
                services.send(delivery_id=due[0].pk, program=self.server, clock=self.clock)
            )
        return states

    @staticmethod
    def _is_behind(delivery: Delivery) -> bool:
        ahead = Delivery.objects.open().filter(
            enrolment=delivery.enrolment_id, place__lt=delivery.place
        )
        return ahead.exists()

    def states(self) -> list[tuple[str, str]]:
        rows = Delivery.objects.filter(enrolment__patient=self.patient).order_by("place")
        return [(row.package.kind, row.state) for row in rows.select_related("package")]
