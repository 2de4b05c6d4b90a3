"""What a server says it can do."""

from sandbox.fhir import params
from sandbox.fhir.shapes import JsonObject
from sandbox.system import System

_OAUTH_URIS = "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"
_SECURITY = "http://terminology.hl7.org/CodeSystem/restful-security-service"


def capability(system: System, rest: JsonObject) -> JsonObject:
    """Write a CapabilityStatement around its `rest` part."""
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": "2026-01-01",
        "kind": "instance",
        "software": {"name": system.title},
        "implementation": {"description": system.title, "url": system.fhir_base},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json", "json"],
        "rest": [{"mode": "server", "security": _security(system), **rest}],
    }


def capability_of_record(system: System) -> JsonObject:
    """Write the statement of a lab or an EHR."""
    return capability(system, {"resource": [_record_type(name) for name in system.resource_types]})


def _record_type(name: str) -> JsonObject:
    kinds = (("token", params.TOKENS), ("date", params.DATES), ("reference", params.REFERENCES))
    return {
        "type": name,
        "interaction": [
            {"code": code} for code in ("read", "vread", "history-instance", "search-type")
        ],
        "versioning": "versioned",
        "readHistory": True,
        "searchInclude": [f"{name}:{param}" for param in params.REFERENCES],
        "searchParam": [
            {"name": "_id", "type": "token"},
            {"name": "_lastUpdated", "type": "date"},
            *(
                {"name": param, "type": kind}
                for kind, table in kinds
                for param in table
                if param in params.known_for(name)
            ),
        ],
    }


def _security(system: System) -> JsonObject:
    addresses = [{"url": "token", "valueUri": system.token_url}]
    if system.kind != "program":
        for name in ("authorize", "revoke", "introspect"):
            address = f"{system.public_url}/oauth/{name}"
            addresses.append({"url": name, "valueUri": address})
    return {
        "extension": [{"url": _OAUTH_URIS, "extension": addresses}],
        "service": [{"coding": [{"system": _SECURITY, "code": "SMART-on-FHIR"}]}],
    }
