"""What a research program says it can do, read from its rules."""

from sandbox.fhir.capability import capability
from sandbox.fhir.shapes import JsonObject
from sandbox.research.rules import Rules
from sandbox.system import System


def capability_of_program(system: System, rules: Rules) -> JsonObject:
    """Write the statement of a research program: its rules are read from here."""
    return capability(
        system,
        {
            "documentation": rules.words,
            "interaction": [{"code": "transaction"}],
            "resource": [_program_type(name, rules) for name in system.resource_types],
        },
    )


def _program_type(name: str, rules: Rules) -> JsonObject:
    codes = ["read", "vread", "history-instance", "search-type", "create", "update"]
    if rules.deletes:
        codes.append("delete")
    return {
        "type": name,
        "interaction": [{"code": code} for code in codes],
        "versioning": "versioned-update" if rules.if_match else "versioned",
        "updateCreate": rules.sender_ids,
        "conditionalCreate": True,
        "conditionalUpdate": True,
        "conditionalDelete": "single" if rules.deletes else "not-supported",
        "searchParam": [
            {"name": "_id", "type": "token"},
            {"name": "identifier", "type": "token"},
            {"name": "_lastUpdated", "type": "date"},
            {"name": "patient", "type": "reference"},
            {"name": "status", "type": "token"},
        ],
    }
