"""What a program accepts, and from whom it would rather not know the name."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sandbox.fhir.shapes import JsonObject, values_at

PROFILES = ("all-of-us", "second")
_YEAR = len("1986")
_UNWANTED_TYPES = ("Practitioner", "PractitionerRole", "RelatedPerson", "Binary", "Media")
_UNWANTED = {
    "Patient": ("name", "telecom", "address", "photo", "contact", "maritalStatus"),
    "DocumentReference": ("content.attachment.data", "content.attachment.url"),
    "DiagnosticReport": ("presentedForm",),
    "FamilyMemberHistory": ("name", "note"),
}


@dataclass(frozen=True)
class Rules:
    """The rules of one program, as its table has them."""

    title: str
    sender_ids: bool
    if_match: bool
    deletes: bool
    remembers: bool
    deidentified: bool
    words: str


def rules_of(profile: str) -> Rules:
    """Read the rules of a program."""
    table = tomllib.loads((Path(__file__).parent / "programs.toml").read_text(encoding="utf-8"))
    return Rules(**table[profile])


def unwanted(body: JsonObject) -> Iterator[str]:
    """Yield the paths in a resource that could tell who somebody is."""
    resource_type = body["resourceType"]
    if resource_type in _UNWANTED_TYPES:
        yield resource_type
    for path in ("text.div", *_UNWANTED.get(resource_type, ())):
        if any(True for _ in values_at(body, path)):
            yield f"{resource_type}.{path}"
    if resource_type == "Patient" and len(str(body.get("birthDate", ""))) > _YEAR:
        yield "Patient.birthDate"
    for contained in body.get("contained", ()):
        yield from unwanted(contained)
