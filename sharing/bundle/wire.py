"""How a program wants to be written to, the ids under which it knows things, and exact bytes."""

import hashlib
import hmac
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import msgspec

Json = Mapping[str, Any]


class Writing(StrEnum):
    """Who gives ids, and how a repeat is told from a new resource."""

    OWN_IDS = "own-ids"  # PUT Type/id
    CONDITIONAL_UPDATE = "conditional-update"  # PUT Type?identifier=…
    CONDITIONAL_CREATE = "conditional-create"  # POST with ifNoneExist


@dataclass(frozen=True)
class Capability:
    """What a program's server can do: see its CapabilityStatement."""

    writing: Writing
    if_match: bool
    deletes: bool


@dataclass(frozen=True)
class Target:
    """One person at one program: where, how, and under which name and secret."""

    base_url: str
    site_url: str
    capability: Capability
    pseudonym: str
    secret: bytes

    def sent_id(self, *identity: str) -> str:
        """Return the id by which this program, and nobody else, knows a thing of ours."""
        told = "\x1f".join((self.pseudonym, *identity)).encode()
        return hmac.new(self.secret, told, hashlib.sha256).hexdigest()[:40]

    @property
    def patient_id(self) -> str:
        """The id of the person."""
        return self.sent_id("Patient")

    @property
    def consent_id(self) -> str:
        """The id of the person's consent."""
        return self.sent_id("Consent")

    def system(self, name: str) -> str:
        """Return the naming system of our identifiers of this sort."""
        return f"{self.site_url}/fhir/naming/{name}"

    def full_url(self, kind: str, sent_id: str) -> str:
        """Return what an entry is called inside the bundle."""
        if self.capability.writing is Writing.OWN_IDS:
            return f"{self.base_url}/{kind}/{sent_id}"
        return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, f'{kind}/{sent_id}')}"

    def reference(self, kind: str, sent_id: str) -> str:
        """Return how other entries point at it."""
        if self.capability.writing is Writing.OWN_IDS:
            return f"{kind}/{sent_id}"
        return self.full_url(kind, sent_id)

    def write(self, kind: str, sent_id: str, body: Json) -> dict[str, Any]:
        """Return the entry that stores this body under this id, once, however often it is sent."""
        own = self.capability.writing is Writing.OWN_IDS
        identifier = {"system": self.system("sent"), "value": sent_id}
        resource: dict[str, Any] = {
            **body,
            "identifier": [identifier, *body.get("identifier", ())],
            **({"id": sent_id} if own else {}),
        }
        condition = f"identifier={identifier['system']}|{sent_id}"
        requests: dict[Writing, dict[str, str]] = {
            Writing.OWN_IDS: {"method": "PUT", "url": f"{kind}/{sent_id}"},
            Writing.CONDITIONAL_UPDATE: {"method": "PUT", "url": f"{kind}?{condition}"},
            Writing.CONDITIONAL_CREATE: {"method": "POST", "url": kind, "ifNoneExist": condition},
        }
        return {
            "fullUrl": self.full_url(kind, sent_id),
            "resource": resource,
            "request": requests[self.capability.writing],
        }


@dataclass(frozen=True)
class Sent:
    """One resource as a program knows it, and which of ours it was made from."""

    kind: str
    sent_id: str
    key: str = ""


@dataclass(frozen=True)
class Prepared:
    """The exact bytes of one transaction. `basis` is what it calls itself inside."""

    raw: bytes
    basis: str
    sent: tuple[Sent, ...]

    @property
    def sha256(self) -> str:
        """The hash that preview, payload and receipt share."""
        return hashlib.sha256(self.raw).hexdigest()


_ENCODER: Final = msgspec.json.Encoder(order="sorted", decimal_format="number")


def canonical(value: object) -> bytes:
    """Return JSON with sorted names and no blanks: the same value is always the same bytes."""
    return _ENCODER.encode(value)


def seal(target: Target, entries: Sequence[Json], sent: tuple[Sent, ...]) -> Prepared:
    """Return the transaction of these entries; the first is the consent and carries its name."""
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": list(entries)}
    basis = hashlib.sha256(canonical(bundle)).hexdigest()
    name = {"system": target.system("package"), "value": basis}
    first, *rest = entries
    consent = {**first["resource"], "identifier": [*first["resource"]["identifier"], name]}
    named = {**bundle, "identifier": name, "entry": [{**first, "resource": consent}, *rest]}
    return Prepared(canonical(named), basis, sent)
