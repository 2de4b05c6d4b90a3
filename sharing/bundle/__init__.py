"""From what the gate released to the exact bytes of a FHIR transaction, and back. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sharing.bundle.skeletons import entered_in_error
from sharing.bundle.wire import Capability, Json, Prepared, Sent, Target, Writing, canonical, seal
from sharing.deidentify import Disguise, StaysHome, Stripped, strip

__all__ = [
    "Capability",
    "Json",
    "Outgoing",
    "Packed",
    "Prepared",
    "Sent",
    "Target",
    "Writing",
    "announce",
    "canonical",
    "pack",
    "push",
    "recall",
]


@dataclass(frozen=True)
class Outgoing:
    """A resource that the gate released. `aliases` are the names its source's links use for it."""

    key: str
    origin: str
    version: str
    body: Json
    aliases: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """Its resource type."""
        return str(self.body.get("resourceType"))


@dataclass(frozen=True)
class Packed:
    """What of the released resources goes, element by element, and what stays and why."""

    bodies: Mapping[Sent, Stripped]
    patient: Stripped
    patient_keys: tuple[str, ...]
    stays: Mapping[str, str]

    @property
    def content(self) -> bytes:
        """The bytes of what would be new to the program; equal means nothing new."""
        bodies = {f"{s.kind}/{s.sent_id}": b.body for s, b in self.bodies.items()}
        return canonical([self.patient.body, bodies])


def pack(target: Target, disguise: Disguise, items: Iterable[Outgoing]) -> Packed:
    """Disguise what was released and give it the ids that this program knows.

    A link leaves only when what it points at leaves too.
    """
    people: list[Outgoing] = []
    going: dict[str, Outgoing] = {}
    for item in items:
        if item.kind == "Patient":
            people.append(item)
        else:
            going[item.key] = item
    stays: dict[str, str] = {}
    while True:
        stripped, left = _strip_all(target, disguise, going)
        stays.update(left)
        if not left:
            break
        going = {key: item for key, item in going.items() if key not in left}
    patient, keys = _one_person(disguise, people)
    stays.update({item.key: "another-copy" for item in people if item.key not in keys})
    bodies = {_sent(target, going[key]): body for key, body in stripped.items()}
    return Packed(bodies, patient, keys, stays)


def push(target: Target, consent: Json, packed: Packed, *, sequence: int, fence: str) -> Prepared:
    """Return the transaction that gives the program what goes, under the consent as a fence."""
    first = _consent_entry(target, consent, sequence, fence)
    person = _person_entry(target, packed.patient.body)
    ordered = sorted(packed.bodies.items(), key=lambda pair: (pair[0].kind, pair[0].sent_id))
    entries = [target.write(sent.kind, sent.sent_id, body.body) for sent, body in ordered]
    people = tuple(Sent("Patient", target.patient_id, key) for key in packed.patient_keys)
    return seal(target, [first, person, *entries], (*people, *(sent for sent, _ in ordered)))


def announce(target: Target, consent: Json, *, sequence: int, fence: str) -> Prepared:
    """Return the transaction that tells the program of the consent before any data."""
    first = _consent_entry(target, consent, sequence, fence)
    return seal(target, [first, _person_entry(target, {"resourceType": "Patient"})], ())


def recall(
    target: Target, consent: Json, sent: Sequence[Sent], *, sequence: int, whole: bool = True
) -> Prepared:
    """Return the transaction that takes back what was sent, under the consent as it is now.

    The person stays as a bare pseudonym, so that the consent has someone to speak of; when only
    a part is taken back, the person stays as sent unless that is in the part.
    """
    first = _consent_entry(target, consent, sequence, "")
    gone = sorted({(s.kind, s.sent_id) for s in sent if s.kind != "Patient"})
    entries = [_take_back(target, kind, sent_id) for kind, sent_id in gone]
    if whole or any(s.kind == "Patient" for s in sent):
        inactive = {"active": False} if whole else {}
        entries.insert(0, _person_entry(target, {"resourceType": "Patient", **inactive}))
    return seal(target, [first, *entries], tuple(Sent(k, i) for k, i in gone))


def _take_back(target: Target, kind: str, sent_id: str) -> dict[str, Any]:
    if target.capability.deletes and target.capability.writing is Writing.OWN_IDS:
        return {"request": {"method": "DELETE", "url": f"{kind}/{sent_id}"}}
    condition = f"{kind}?identifier={target.system('sent')}|{sent_id}"
    if target.capability.deletes:
        return {"request": {"method": "DELETE", "url": condition}}
    person = target.reference("Patient", target.patient_id)
    entry = target.write(kind, sent_id, entered_in_error(kind, person))
    if target.capability.writing is Writing.CONDITIONAL_CREATE:
        entry["request"] = {"method": "PUT", "url": condition}
    return entry


def _consent_entry(target: Target, consent: Json, sequence: int, fence: str) -> dict[str, Any]:
    count = {"system": target.system("sending"), "value": str(sequence)}
    person = {"reference": target.reference("Patient", target.patient_id)}
    body = {name: value for name, value in consent.items() if name != "id"}
    body = {**body, "patient": person, "identifier": [count]}
    entry = target.write("Consent", target.consent_id, body)
    if target.capability.writing is Writing.CONDITIONAL_CREATE:
        name = f"{target.system('sent')}|{target.consent_id}"
        entry["request"] = {"method": "PUT", "url": f"Consent?identifier={name}"}
    if fence and target.capability.if_match:
        entry["request"] = {**entry["request"], "ifMatch": fence}
    return entry


def _person_entry(target: Target, body: Json) -> dict[str, Any]:
    name = {"system": target.system("pseudonym"), "value": target.pseudonym}
    return target.write("Patient", target.patient_id, {**body, "identifier": [name]})


def _sent(target: Target, item: Outgoing) -> Sent:
    fresh = target.capability.writing is Writing.CONDITIONAL_CREATE
    version = (item.version,) if fresh else ()
    return Sent(item.kind, target.sent_id(item.kind, item.key, *version), item.key)


def _strip_all(
    target: Target, disguise: Disguise, going: Mapping[str, Outgoing]
) -> tuple[dict[str, Stripped], dict[str, str]]:
    links = _links(target, going.values())
    stripped: dict[str, Stripped] = {}
    left: dict[str, str] = {}
    for key, item in going.items():
        try:
            stripped[key] = strip(item.body, replace(disguise, references=links[item.origin]))
        except StaysHome as refusal:
            left[key] = refusal.reason
    return stripped, left


def _links(target: Target, items: Iterable[Outgoing]) -> Mapping[str, dict[str, str]]:
    links: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for item in items:
        sent = _sent(target, item)
        for alias in item.aliases:
            links[item.origin][alias] = target.reference(sent.kind, sent.sent_id)
    return links


def _one_person(disguise: Disguise, people: Sequence[Outgoing]) -> tuple[Stripped, tuple[str, ...]]:
    # Each source has its own copy of the person; the fullest speaks for all, in a steady order.
    kept = {item.key: strip(item.body, disguise) for item in people}
    best = sorted(kept, key=lambda key: (-len(canonical(kept[key].body)), key))
    bare = Stripped({"resourceType": "Patient"}, ())
    return (kept[best[0]], (best[0],)) if best else (bare, ())
