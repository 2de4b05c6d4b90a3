"""How resources of one source name each other, and whom they are about. PURE."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from consent.classification import Json, Resource

_BESIDE = frozenset({"", "Patient", "RelatedPerson", "Group"})
_SUBJECTS = ("subject", "patient", "for", "individual")


def target_of(reference: Json) -> str:
    """Return `Type/id`, or the URN, that a reference points to; empty when it is neither."""
    if not isinstance(reference, str):
        return ""
    reference = reference.strip()
    if reference.startswith("urn:"):
        return reference
    parts = reference.split("?")[0].split("#")[0].split("/_history/")[0].split("/")
    if "?" in reference or len(parts) < 2 or not parts[-2][:1].isupper():  # noqa: PLR2004
        return ""
    return "/".join(parts[-2:])


def canonical_key(resource_type: str, source_id: str) -> str:
    """Return the one name that a resource has in a release."""
    if source_id.startswith("urn:"):
        return source_id
    return f"{resource_type}/{source_id.removeprefix(resource_type + '/')}"


def targets(resource_type: str, source_id: str, full_url: str, body: Resource) -> frozenset[str]:
    """Return every name by which other resources may point to this one.

    `full_url` is the address that its document gave it, where there was one.
    """
    names = {canonical_key(resource_type, source_id), source_id, target_of(full_url)}
    if isinstance(body.get("id"), str):
        names |= {f"{resource_type}/{body['id']}", f"urn:uuid:{body['id']}"}
    if resource_type == "Patient":
        names |= _identified(body.get("identifier"))
    return frozenset(names - {""})


def _identified(identifiers: Json) -> set[str]:
    """Return the names that somebody has by identifiers; one without a value names nobody."""
    found = identifiers if isinstance(identifiers, list) else []
    return {_by_identifier(one) for one in found if isinstance(one, dict) and one.get("value")}


def _by_identifier(identifier: Json) -> str:
    """Return the name of whom an identifier points to, where there is one."""
    if identifier is None:
        return ""
    known = identifier if isinstance(identifier, dict) else {}
    return f"identifier:{known.get('system', '')}|{known.get('value', '')}"


def subject_of(body: Resource) -> str:
    """Return whom a resource is about; empty when it does not say.

    Who is named by an identifier alone is the one among `targets` of a Patient that has it.
    """
    if body.get("resourceType") == "Patient":
        return f"Patient/{body['id']}" if isinstance(body.get("id"), str) else ""
    for name in _SUBJECTS:
        value = body.get(name)
        if not isinstance(value, dict):
            continue
        found = target_of(value.get("reference")) or _by_identifier(value.get("identifier"))
        if found:
            return found
    return ""


def beside(body: Resource) -> Iterator[str]:
    """Yield whom a result is about beside its subject: a relative, a donor, an unborn child."""
    focus = body.get("focus") if body.get("resourceType") == "Observation" else None
    for item in focus if isinstance(focus, list) else ():
        name = target_of(item.get("reference")) if isinstance(item, dict) else ""
        # A tumour or a specimen is the person's own; what cannot be told may be anybody.
        if name.partition("/")[0] in _BESIDE or name.startswith("urn:"):
            yield name or "unknown"


@dataclass(slots=True)
class People:
    """Who the person is at each origin."""

    known: dict[int, str] = field(default_factory=dict)
    seen: defaultdict[int, set[str]] = field(default_factory=lambda: defaultdict(set))

    @classmethod
    def of(cls, parts: Iterable[tuple[int, str, str]]) -> "People":
        """Learn from each resource: its origin, the person's id there, and its subject."""
        people = cls()
        for origin_id, remote_id, subject in parts:
            if remote_id:
                people.known[origin_id] = f"Patient/{remote_id.removeprefix('Patient/')}"
            if subject.startswith(("Patient/", "urn:")):
                people.seen[origin_id].add(subject)
        return people

    def is_other(self, origin_id: int, subject: str) -> bool:
        """Say whether something with this subject is about somebody else, or may be."""
        if not subject:
            return False
        known = self.known.get(origin_id)
        if known is not None:
            return subject != known
        # An upload without an account: one person in it is the uploader, two are a doubt.
        return len(self.seen[origin_id]) > 1 or not subject.startswith(("Patient/", "urn:"))
