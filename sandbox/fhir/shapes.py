"""JSON as FHIR writes it, and walking through it."""

from collections.abc import Callable, Iterator
from typing import Any

type JsonObject = dict[str, Any]


class NotFhir(Exception):
    """The JSON is not a FHIR resource of the expected kind."""


def rewrite_strings(value: JsonObject, change: Callable[[str, str], str]) -> JsonObject:
    """Copy JSON, with each text changed by `change(key, text)`; nothing else is touched."""
    return {name: _rewritten(part, change, name) for name, part in value.items()}


def _rewritten(value: object, change: Callable[[str, str], str], key: str) -> object:
    if isinstance(value, dict):
        return rewrite_strings(value, change)
    if isinstance(value, list):
        return [_rewritten(part, change, key) for part in value]
    return change(key, value) if isinstance(value, str) else value


def values_at(value: object, path: str) -> Iterator[Any]:
    """Yield what lies at a dotted path; lists on the way are looked through."""
    if isinstance(value, list):
        for part in value:
            yield from values_at(part, path)
    elif not path:
        yield value
    elif isinstance(value, dict):
        name, _, rest = path.partition(".")
        if name in value:
            yield from values_at(value[name], rest)


def outcome(code: str, words: str, expression: str = "") -> JsonObject:
    """Write an OperationOutcome with one error."""
    issue: JsonObject = {"severity": "error", "code": code, "diagnostics": words}
    if expression:
        issue["expression"] = [expression]
    return {"resourceType": "OperationOutcome", "issue": [issue]}
