"""The scope grammar of SMART 2 (and of SMART 1, still in wide use)."""

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl

PLAIN = {
    "openid": "Know that it is you who signed in",
    "fhirUser": "Know which person record is yours",
    "profile": "See your name",
    "launch/patient": "Know which record you chose",
    "offline_access": "Keep access while you are away",
    "online_access": "Keep access while you are signed in",
}
_THINGS = {
    "*": "your whole record",
    "Patient": "your name, birth date and contact details",
    "DiagnosticReport": "your test reports",
    "Observation": "your test results and measurements",
    "DocumentReference": "the list of your documents",
    "Binary": "your documents and files",
    "Condition": "your conditions",
    "MedicationRequest": "your prescriptions",
    "MedicationStatement": "the medicines that you take",
    "AllergyIntolerance": "your allergies",
    "Immunization": "your vaccines",
    "Procedure": "your procedures",
    "FamilyMemberHistory": "what you told about your family",
    "Specimen": "your samples",
    "ServiceRequest": "the orders of your tests",
    "Task": "what your lab recommends",
    "Encounter": "your visits",
    "CarePlan": "your care plans",
    "RiskAssessment": "how your risks were judged",
    "MolecularSequence": "your sequences",
    "Organization": "the laboratories and clinics in your record",
    "Practitioner": "the people who cared for you",
    "PractitionerRole": "what the people who cared for you do",
    "PlanDefinition": "how your tests were done",
}
_DATA = re.compile(r"(patient|user|system)/([A-Z][A-Za-z]+|\*)\.([a-z*]+)(?:\?(\S+))?")
_SMART_1 = {"read": "rs", "write": "cud", "*": "cruds"}
_SMART_2 = re.compile(r"c?r?u?d?s?")


@dataclass(frozen=True)
class DataScope:
    """Permission for one resource type (or `*`), by letters out of `cruds`."""

    context: str
    resource_type: str
    letters: str
    query: tuple[tuple[str, str], ...]
    smart_1: bool

    def covers(self, resource_type: str, letter: str) -> bool:
        """Say whether the interaction is allowed on the type."""
        return self.resource_type in ("*", resource_type) and letter in self.letters

    def __str__(self) -> str:
        """Write the scope back; SMART 1 wording stays SMART 1 wording."""
        words = {letters: word for word, letters in _SMART_1.items()}
        letters = words.get(self.letters, self.letters) if self.smart_1 else self.letters
        query = "&".join(f"{name}={value}" for name, value in self.query)
        return f"{self.context}/{self.resource_type}.{letters}" + (f"?{query}" if query else "")


def parse(text: str) -> DataScope | None:
    """Read a scope on data; None for any other scope, known or not."""
    match = _DATA.fullmatch(text)
    if match is None:
        return None
    context, resource_type, letters, query = match.groups()
    if letters not in _SMART_1 and not _SMART_2.fullmatch(letters):
        return None
    return DataScope(
        context=context,
        resource_type=resource_type,
        letters=_SMART_1.get(letters, letters),
        query=tuple(parse_qsl(query or "")),
        smart_1=letters in _SMART_1,
    )


def data_scopes(granted: str) -> list[DataScope]:
    """Return the scopes on data within a granted scope text."""
    return [scope for word in granted.split() if (scope := parse(word)) is not None]


@dataclass(frozen=True)
class Offer:
    """What a server can give at all; `limits` are the parameters it knows after a `?`."""

    contexts: Collection[str]
    resource_types: Collection[str]
    letters: str
    plain: Collection[str] = ()
    limits: Collection[str] = ()

    def narrow(self, asked: str) -> str:
        """Keep of a scope text what this server can give, each once, in order."""
        kept = [self._narrow_one(word) for word in asked.split()]
        return " ".join(dict.fromkeys(word for word in kept if word))

    def _narrow_one(self, word: str) -> str:
        if word in self.plain:
            return word
        scope = parse(word)
        if scope is None or scope.context not in self.contexts:
            return ""
        if scope.resource_type not in {"*", *self.resource_types}:
            return ""
        if any(name not in self.limits for name, _ in scope.query):
            return ""
        letters = "".join(letter for letter in scope.letters if letter in self.letters)
        if not letters:
            return ""
        return str(
            DataScope(scope.context, scope.resource_type, letters, scope.query, scope.smart_1)
        )


def spread(text: str, resource_types: Collection[str]) -> list[str]:
    """Return a scope on everything as one for each type, so that each can be given or not."""
    scope = parse(text)
    if scope is None or scope.resource_type != "*":
        return [text]
    return [str(replace(scope, resource_type=name)) for name in resource_types] or [text]


def settle(asked: str, ticked: Collection[str], resource_types: Collection[str]) -> str:
    """Return what is granted: a scope on everything stays one when no type was taken out of it."""
    granted: list[str] = []
    for word in asked.split():
        parts = spread(word, resource_types)
        kept = [part for part in parts if part in ticked]
        whole = word in ticked or kept == parts
        granted.extend([word] if whole else kept)
    return " ".join(dict.fromkeys(granted))


def in_words(text: str) -> str:
    """Say a scope in plain words, for the approve page."""
    scope = parse(text)
    if scope is None:
        return PLAIN.get(text, text)
    what = _THINGS.get(scope.resource_type, f"your {scope.resource_type} records")
    limit = ", ".join(f"{name} {value.rpartition('|')[2]}" for name, value in scope.query)
    return f"Read {what}" + (f" (only {limit})" if limit else "")
