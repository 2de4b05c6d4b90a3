"""Our agreement as a FHIR R4 Consent, and back. PURE.

What is permitted is one nested provision; sensitive matters that were not chosen are denied beside
it, and deny wins. Spec: https://hl7.org/fhir/R4/consent.html, IHE PCF 1.1.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from fhirclient.models.consent import Consent

from consent.categories import SENSITIVE, Category, Extra, Identity, Use
from consent.classification import Json
from consent.policy import Agreed, Scope, State

BASE: Final = "https://sync-for-genes.example/fhir"
AGREEMENT: Final = f"{BASE}/agreement"
CATEGORY: Final = f"{BASE}/CodeSystem/data-category"
IDENTITY: Final = f"{BASE}/CodeSystem/identity-level"
USE: Final = f"{BASE}/CodeSystem/use"
EXTRA: Final = f"{BASE}/CodeSystem/extra"
EPOCH: Final = f"{BASE}/StructureDefinition/agreement-epoch"
STATE: Final = f"{BASE}/StructureDefinition/agreement-state"
_SCOPE: Final = "http://terminology.hl7.org/CodeSystem/consentscope"
_ACTION: Final = "http://terminology.hl7.org/CodeSystem/consentaction"
_PARTICIPATION: Final = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
_REASON: Final = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
_ACT_CODE: Final = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
_LOINC: Final = "http://loinc.org"
_RESEARCH: Final = "HRESCH"

# The DS4P sensitivity label of each matter that is denied unless chosen.
_LABELS: Final = {
    Category.MENTAL_HEALTH: "PSY",
    Category.SUBSTANCE_USE: "ETH",
    Category.SEXUAL_REPRODUCTIVE: "SEX",
    Category.HIV: "HIV",
}


class NotOurConsent(ValueError):
    """A Consent that does not say, in words we know, what ours says."""


@dataclass(frozen=True, slots=True)
class Statement:
    """An agreement with the names that a Consent needs around it."""

    id: str
    agreed: Agreed
    patient: str  # a reference, "Patient/abc"
    program: str  # the program's slug
    program_name: str
    text_sha256: str


def to_consent(statement: Statement) -> dict[str, Json]:
    """Return the FHIR Consent that says what the agreement says.

    It goes through the R4 model, which refuses names, types and counts that R4 does not have.
    """
    body: dict[str, Json] = Consent(_consent(statement)).as_json()
    return body


def _consent(statement: Statement) -> dict[str, Json]:
    agreed = statement.agreed
    return {
        "resourceType": "Consent",
        "id": statement.id,
        "extension": [
            {"url": EPOCH, "valuePositiveInt": agreed.epoch},
            {"url": STATE, "valueCode": agreed.state.value},
        ],
        "identifier": [{"system": AGREEMENT, "value": statement.id}],
        "status": "active" if agreed.state is State.ACTIVE else "inactive",
        "scope": _concept(_SCOPE, "research"),
        "category": [_concept(_LOINC, "59284-0")],
        "patient": {"reference": statement.patient},
        "dateTime": _instant(agreed.agreed_at),
        "policy": [{"uri": f"urn:sha256:{statement.text_sha256}"}],
        "policyRule": _concept(_ACT_CODE, "OPTIN"),
        "sourceAttachment": {"title": f"version {agreed.version}"},
        "provision": _root(statement),
    }


def _root(statement: Statement) -> dict[str, Json]:
    denied: list[Json] = [
        {
            "type": "deny",
            "securityLabel": [{"system": _ACT_CODE, "code": _LABELS[matter]}],
            "code": [_concept(CATEGORY, matter)],
        }
        for matter in sorted(SENSITIVE - statement.agreed.scope.categories)
    ]
    return {"period": _period(statement.agreed), "provision": [_permit(statement), *denied]}


def _permit(statement: Statement) -> dict[str, Json]:
    agreed, scope = statement.agreed, statement.agreed.scope
    actor: Json = {"identifier": {"system": f"{BASE}/program", "value": statement.program}}
    if statement.program_name and isinstance(actor, dict):
        actor["display"] = statement.program_name
    permit: dict[str, Json] = {
        "type": "permit",
        "period": _period(agreed),
        "actor": [{"role": _concept(_PARTICIPATION, "IRCP"), "reference": actor}],
        "action": [_concept(_ACTION, "disclose"), _concept(IDENTITY, scope.identity)],
    }
    if scope.uses or scope.extras:
        permit["purpose"] = [
            *(_use(use) for use in sorted(scope.uses)),
            *(_extra(extra) for extra in sorted(scope.extras)),
        ]
    if scope.categories:
        permit["code"] = [_concept(CATEGORY, kind) for kind in sorted(scope.categories)]
    if not scope.keep_updated:
        permit["dataPeriod"] = {"end": _instant(agreed.agreed_at)}
    return permit


def _use(use: Use) -> dict[str, Json]:
    if use is Use.PROGRAM_RESEARCH:
        return {"system": _REASON, "code": _RESEARCH}
    return {"system": USE, "code": use.value}


def _extra(extra: Extra) -> dict[str, Json]:
    return {"system": EXTRA, "code": extra.value}


def _concept(system: str, code: str) -> dict[str, Json]:
    return {"coding": [{"system": system, "code": str(code)}]}


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _period(agreed: Agreed) -> dict[str, Json]:
    period: dict[str, Json] = {"start": _instant(agreed.agreed_at)}
    if agreed.ends_at is not None:
        period["end"] = _instant(agreed.ends_at)
    return period


def from_consent(consent: Mapping[str, Json]) -> Statement:
    """Return what a Consent of ours says.

    Raises NotOurConsent for anything that is missing or that we do not know: a permit is never
    guessed.
    """
    permits = [part for part in _nested(consent) if part.get("type") == "permit"]
    if consent.get("resourceType") != "Consent" or len(permits) != 1:
        raise NotOurConsent("not one permit")
    permit = permits[0]
    agreed = _agreed(consent, permit)
    if (consent.get("status") == "active") is not (agreed.state is State.ACTIVE):
        raise NotOurConsent("status and state differ")
    actor = _one(_one(permit.get("actor")).get("reference"))
    return Statement(
        id=_text(consent.get("id")),
        agreed=agreed,
        patient=_text(_one(consent.get("patient")).get("reference")),
        program=_text(_one(actor.get("identifier")).get("value")),
        program_name=str(actor.get("display") or ""),
        text_sha256=_text(_one(consent.get("policy")).get("uri")).removeprefix("urn:sha256:"),
    )


def _agreed(consent: Mapping[str, Json], permit: Mapping[str, Json]) -> Agreed:
    extensions = {
        _text(part.get("url")): part for part in _dicts(consent.get("extension")) if "url" in part
    }
    epoch = extensions.get(EPOCH, {}).get("valuePositiveInt")
    if not isinstance(epoch, int):
        raise NotOurConsent("no epoch")
    ends_at = _moment_or_none(_one(permit.get("period")).get("end"))
    return Agreed(
        state=_member(State, _text(extensions.get(STATE, {}).get("valueCode"))),
        epoch=epoch,
        version=_text(_one(consent.get("sourceAttachment")).get("title")).removeprefix("version "),
        scope=_scope(permit, ends_at),
        agreed_at=_moment(consent.get("dateTime")),
        ends_at=ends_at,
    )


def _scope(permit: Mapping[str, Json], ends_at: datetime | None) -> Scope:
    purposes = list(_dicts(permit.get("purpose")))
    levels = _codes(permit.get("action"), IDENTITY)
    if len(levels) != 1:
        raise NotOurConsent("not one identity level")
    uses = [_use_of(part) for part in purposes if part.get("system") != EXTRA]
    extras = [_text(part.get("code")) for part in purposes if part.get("system") == EXTRA]
    return Scope(
        categories=frozenset(_member(Category, code) for code in _all_codes(permit.get("code"))),
        identity=_member(Identity, levels[0]),
        uses=frozenset(uses),
        extras=frozenset(_member(Extra, code) for code in extras),
        ends_on=(ends_at - timedelta(days=1)).date() if ends_at else None,
        keep_updated="dataPeriod" not in permit,
    )


def _use_of(coding: Mapping[str, Json]) -> Use:
    if coding.get("system") == _REASON and coding.get("code") == _RESEARCH:
        return Use.PROGRAM_RESEARCH
    if coding.get("system") != USE:
        raise NotOurConsent("unknown purpose")
    return _member(Use, _text(coding.get("code")))


def _member[E: StrEnum](words: type[E], code: str) -> E:
    try:
        return words(code)
    except ValueError as error:
        raise NotOurConsent("unknown code") from error


def _nested(consent: Mapping[str, Json]) -> Iterable[Mapping[str, Json]]:
    return _dicts(_one(consent.get("provision")).get("provision"))


def _all_codes(concepts: Json) -> list[str]:
    """Return the codes of our categories; a concept of any other system is refused."""
    codes = _codes(concepts, CATEGORY)
    if len(codes) != len(list(_dicts(concepts))):
        raise NotOurConsent("unknown kind of data")
    return codes


def _codes(concepts: Json, system: str) -> list[str]:
    return [
        _text(coding.get("code"))
        for concept in _dicts(concepts)
        for coding in _dicts(concept.get("coding"))
        if coding.get("system") == system
    ]


def _dicts(value: Json) -> list[Mapping[str, Json]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _one(value: Json) -> Mapping[str, Json]:
    """Return the object, or the only one of a list."""
    found = value[0] if isinstance(value, list) and len(value) == 1 else value
    if not isinstance(found, dict):
        raise NotOurConsent("a part is missing")
    return found


def _text(value: Json) -> str:
    if not isinstance(value, str):
        raise NotOurConsent("a word is missing")
    return value


def _moment(value: Json) -> datetime:
    try:
        return datetime.fromisoformat(_text(value))
    except ValueError as error:
        raise NotOurConsent("not a moment") from error


def _moment_or_none(value: Json) -> datetime | None:
    return None if value is None else _moment(value)
