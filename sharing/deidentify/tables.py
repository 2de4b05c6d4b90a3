"""What may leave, by resource type. An element that nobody named here stays home."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from sharing.deidentify.rules import (
    ATTACHMENTS,
    FREE_TEXT,
    KNOWN,
    NAMED,
    Parts,
    Row,
    age,
    age_range,
    birth,
    concept,
    date,
    each,
    link,
    meta,
    number,
    one_of,
    part,
    period,
    picked,
    quantity,
    range_,
    ratio,
    subject,
    with_strings,
    words,
    yes_or_no,
)

R4: Final = "https://hl7.org/fhir/R4"


@dataclass(frozen=True)
class Table:
    """The allowed elements of one type, and those that must say "masked" when nothing is left."""

    rows: Mapping[str, Row]
    rule: Parts
    masked: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()
    owner: str = ""  # the element that names the person


def _table(
    kind: str,
    rows: Mapping[str, Row],
    *,
    masked: tuple[str, ...] = (),
    needed: tuple[str, ...] = (),
) -> Table:
    every = {"meta": Row(meta), **rows}
    named = {name: replace(row, spec=address(kind, name)) for name, row in every.items()}
    rule = with_strings(named) if kind == "Observation" else part(named)
    owner = next((name for name, row in rows.items() if row.rule is subject), "")
    return Table(named, rule, masked, needed, owner)


def address(kind: str, name: str) -> str:
    """Return where the specification defines this element."""
    for choice in ("value", "effective", "onset", "abatement", "performed", "occurrence"):
        if name.startswith(choice) and name[len(choice) :][:1].isupper():
            name = f"{choice}_x_"
    return f"{R4}/{kind.lower()}-definitions.html#{kind}.{name}"


_concepts: Final = each(concept)
_links: Final = each(link)
_notes: Final = Row(each(picked), consent=FREE_TEXT)
_event_status: Final = one_of(
    "preparation in-progress not-done on-hold stopped completed entered-in-error unknown"
)
_result_status: Final = one_of(
    "registered partial preliminary final amended corrected appended cancelled"
    " entered-in-error unknown"
)

_values: Final = {
    "valueCodeableConcept": Row(concept),
    "valueQuantity": Row(quantity),
    "valueInteger": Row(number),
    "valueBoolean": Row(yes_or_no),
    "valueRange": Row(range_),
    "valueRatio": Row(ratio),
    "valueDateTime": Row(date),
    "valuePeriod": Row(period),
}
_judged: Final = {
    "dataAbsentReason": Row(concept),
    "interpretation": Row(_concepts),
    "referenceRange": Row(
        each(
            part(
                {
                    "low": Row(quantity),
                    "high": Row(quantity),
                    "type": Row(concept),
                    "appliesTo": Row(_concepts),
                    "age": Row(age_range),
                    "text": Row(words, NAMED),
                }
            )
        )
    ),
}

_observation: Final = _table(
    "Observation",
    {
        "status": Row(_result_status),
        "category": Row(_concepts),
        "code": Row(concept),
        "subject": Row(subject),
        "effectiveDateTime": Row(date),
        "effectivePeriod": Row(period),
        "issued": Row(date, KNOWN),
        "bodySite": Row(concept),
        "method": Row(concept),
        "specimen": Row(link),
        "hasMember": Row(_links),
        "derivedFrom": Row(_links),
        "note": _notes,
        "component": Row(each(with_strings({"code": Row(concept), **_values, **_judged}))),
        **_values,
        **_judged,
    },
    masked=("code",),
    needed=("status",),
)

_report: Final = _table(
    "DiagnosticReport",
    {
        "status": Row(_result_status),
        "category": Row(_concepts),
        "code": Row(concept),
        "subject": Row(subject),
        "effectiveDateTime": Row(date),
        "effectivePeriod": Row(period),
        "issued": Row(date, KNOWN),
        "specimen": Row(_links),
        "result": Row(_links),
        "conclusionCode": Row(_concepts),
        "conclusion": Row(words, consent=FREE_TEXT),
        "presentedForm": Row(each(picked), consent=ATTACHMENTS),
    },
    masked=("code",),
    needed=("status",),
)

_place: Final = part(
    {
        "line": Row(each(words), NAMED),
        "city": Row(words, NAMED),
        "district": Row(words, NAMED),
        "postalCode": Row(words, NAMED),
        "state": Row(words, NAMED),
        "country": Row(words, NAMED),
        "use": Row(one_of("home work temp old billing"), NAMED),
        "period": Row(period, NAMED),
    }
)
_name: Final = part(
    {
        "use": Row(one_of("usual official temp nickname anonymous old maiden"), NAMED),
        "text": Row(words, NAMED),
        "family": Row(words, NAMED),
        "given": Row(each(words), NAMED),
        "prefix": Row(each(words), NAMED),
        "suffix": Row(each(words), NAMED),
    }
)
_contact_point: Final = part(
    {
        "system": Row(one_of("phone fax email pager url sms other"), NAMED),
        "value": Row(words, NAMED),
        "use": Row(one_of("home work temp old mobile"), NAMED),
    }
)

_patient: Final = _table(
    "Patient",
    {
        "active": Row(yes_or_no),
        "gender": Row(one_of("male female other unknown")),
        "birthDate": Row(birth),
        "deceasedBoolean": Row(yes_or_no),
        "deceasedDateTime": Row(date),
        "name": Row(each(_name), NAMED),
        "telecom": Row(each(_contact_point), NAMED),
        "address": Row(each(_place), NAMED),
    },
)

_condition: Final = _table(
    "Condition",
    {
        "clinicalStatus": Row(concept),
        "verificationStatus": Row(concept),
        "category": Row(_concepts),
        "severity": Row(concept),
        "code": Row(concept),
        "bodySite": Row(_concepts),
        "subject": Row(subject),
        "onsetDateTime": Row(date),
        "onsetPeriod": Row(period),
        "onsetAge": Row(age),
        "abatementDateTime": Row(date),
        "abatementPeriod": Row(period),
        "recordedDate": Row(date),
        "note": _notes,
    },
    masked=("code",),
)

_times: Final = part(
    {
        "frequency": Row(number),
        "period": Row(number),
        "periodUnit": Row(one_of("s min h d wk mo a")),
        "count": Row(number),
        "duration": Row(number),
        "durationUnit": Row(one_of("s min h d wk mo a")),
    }
)
_dosage: Final = part(
    {
        "sequence": Row(number),
        "timing": Row(part({"repeat": Row(_times), "code": Row(concept)})),
        "asNeededBoolean": Row(yes_or_no),
        "route": Row(concept),
        "method": Row(concept),
        "doseAndRate": Row(
            each(
                part(
                    {
                        "type": Row(concept),
                        "doseQuantity": Row(quantity),
                        "doseRange": Row(range_),
                        "rateQuantity": Row(quantity),
                        "rateRatio": Row(ratio),
                    }
                )
            )
        ),
        "text": Row(words, consent=FREE_TEXT),
    }
)

_WHICH: Final = "medicationCodeableConcept|medicationReference"
_medicine: Final = {
    "category": Row(concept),
    "medicationCodeableConcept": Row(concept),
    "medicationReference": Row(link),
    "subject": Row(subject),
    "note": _notes,
}

_request: Final = _table(
    "MedicationRequest",
    {
        "status": Row(
            one_of("active on-hold cancelled completed entered-in-error stopped draft unknown")
        ),
        "intent": Row(
            one_of(
                "proposal plan order original-order reflex-order filler-order instance-order option"
            )
        ),
        **_medicine,
        "category": Row(_concepts),
        "authoredOn": Row(date),
        "reasonCode": Row(_concepts),
        "dosageInstruction": Row(each(_dosage)),
    },
    needed=("status", "intent", _WHICH),
)

_statement: Final = _table(
    "MedicationStatement",
    {
        "status": Row(
            one_of("active completed entered-in-error intended stopped on-hold unknown not-taken")
        ),
        **_medicine,
        "effectiveDateTime": Row(date),
        "effectivePeriod": Row(period),
        "dateAsserted": Row(date),
        "reasonCode": Row(_concepts),
        "dosage": Row(each(_dosage)),
    },
    needed=("status", _WHICH),
)

_dispense: Final = _table(
    "MedicationDispense",
    {
        "status": Row(
            one_of(
                "preparation in-progress cancelled on-hold completed entered-in-error stopped"
                " declined unknown"
            )
        ),
        **_medicine,
        "type": Row(concept),
        "quantity": Row(quantity),
        "daysSupply": Row(quantity),
        "whenPrepared": Row(date),
        "whenHandedOver": Row(date),
        "dosageInstruction": Row(each(_dosage)),
    },
    needed=("status", _WHICH),
)

_administration: Final = _table(
    "MedicationAdministration",
    {
        "status": Row(
            one_of("in-progress not-done on-hold completed entered-in-error stopped unknown")
        ),
        **_medicine,
        "effectiveDateTime": Row(date),
        "effectivePeriod": Row(period),
        "reasonCode": Row(_concepts),
        "dosage": Row(
            part(
                {
                    "route": Row(concept),
                    "method": Row(concept),
                    "dose": Row(quantity),
                    "rateQuantity": Row(quantity),
                    "rateRatio": Row(ratio),
                    "text": Row(words, consent=FREE_TEXT),
                }
            )
        ),
    },
    needed=("status", _WHICH, "effectiveDateTime|effectivePeriod"),
)

_medication: Final = _table(
    "Medication",
    {
        "code": Row(concept),
        "status": Row(one_of("active inactive entered-in-error")),
        "form": Row(concept),
    },
    needed=("code",),
)

_allergy: Final = _table(
    "AllergyIntolerance",
    {
        "clinicalStatus": Row(concept),
        "verificationStatus": Row(concept),
        "type": Row(one_of("allergy intolerance")),
        "category": Row(each(one_of("food medication environment biologic"))),
        "criticality": Row(one_of("low high unable-to-assess")),
        "code": Row(concept),
        "patient": Row(subject),
        "onsetDateTime": Row(date),
        "recordedDate": Row(date),
        "lastOccurrence": Row(date),
        "reaction": Row(
            each(
                part(
                    {
                        "substance": Row(concept),
                        "manifestation": Row(_concepts),
                        "onset": Row(date),
                        "severity": Row(one_of("mild moderate severe")),
                        "exposureRoute": Row(concept),
                        "description": Row(words, consent=FREE_TEXT),
                    }
                )
            )
        ),
        "note": _notes,
    },
    needed=("code",),
)

_procedure: Final = _table(
    "Procedure",
    {
        "status": Row(_event_status),
        "statusReason": Row(concept),
        "category": Row(concept),
        "code": Row(concept),
        "subject": Row(subject),
        "performedDateTime": Row(date),
        "performedPeriod": Row(period),
        "reasonCode": Row(_concepts),
        "bodySite": Row(_concepts),
        "outcome": Row(concept),
        "report": Row(_links),
        "note": _notes,
    },
    needed=("status",),
)

_immunization: Final = _table(
    "Immunization",
    {
        "status": Row(one_of("completed entered-in-error not-done")),
        "statusReason": Row(concept),
        "vaccineCode": Row(concept),
        "patient": Row(subject),
        "occurrenceDateTime": Row(date),
        "primarySource": Row(yes_or_no),
        "site": Row(concept),
        "route": Row(concept),
        "doseQuantity": Row(quantity),
        "note": _notes,
    },
    masked=("vaccineCode",),
    needed=("status", "occurrenceDateTime"),
)

_family: Final = _table(
    "FamilyMemberHistory",
    {
        "status": Row(one_of("partial completed entered-in-error health-unknown")),
        "patient": Row(subject),
        "date": Row(date),
        "relationship": Row(concept),
        "sex": Row(concept),
        "deceasedBoolean": Row(yes_or_no),
        "condition": Row(
            each(
                part(
                    {
                        "code": Row(concept),
                        "outcome": Row(concept),
                        "contributedToDeath": Row(yes_or_no),
                        "onsetAge": Row(age),
                        "onsetRange": Row(age_range),
                        "note": _notes,
                    }
                )
            )
        ),
        "note": _notes,
    },
    masked=("relationship",),
    needed=("status",),
)

_specimen: Final = _table(
    "Specimen",
    {
        "status": Row(one_of("available unavailable unsatisfactory entered-in-error")),
        "type": Row(concept),
        "subject": Row(subject),
        "receivedTime": Row(date),
        "parent": Row(_links),
        "collection": Row(
            part(
                {
                    "collectedDateTime": Row(date),
                    "collectedPeriod": Row(period),
                    "quantity": Row(quantity),
                    "method": Row(concept),
                    "bodySite": Row(concept),
                    "fastingStatusCodeableConcept": Row(concept),
                }
            )
        ),
        "condition": Row(_concepts),
        "note": _notes,
    },
)

_document: Final = _table(
    "DocumentReference",
    {
        "status": Row(one_of("current superseded entered-in-error")),
        "docStatus": Row(one_of("preliminary final amended entered-in-error")),
        "type": Row(concept),
        "category": Row(_concepts),
        "subject": Row(subject),
        "date": Row(date, KNOWN),
        "description": Row(words, consent=FREE_TEXT),
        "content": Row(
            each(
                part({"attachment": Row(picked, consent=ATTACHMENTS), "format": Row(picked, NAMED)})
            )
        ),
    },
    needed=("status", "content"),
)

_risk: Final = _table(
    "RiskAssessment",
    {
        "status": Row(_result_status),
        "method": Row(concept),
        "code": Row(concept),
        "subject": Row(subject),
        "occurrenceDateTime": Row(date),
        "basis": Row(_links),
        "prediction": Row(
            each(
                part(
                    {
                        "outcome": Row(concept),
                        "probabilityDecimal": Row(number),
                        "probabilityRange": Row(range_),
                        "qualitativeRisk": Row(concept),
                        "relativeRisk": Row(number),
                    }
                )
            )
        ),
        "note": _notes,
    },
    needed=("status",),
)

TABLES: Final[Mapping[str, Table]] = {
    "AllergyIntolerance": _allergy,
    "Condition": _condition,
    "DiagnosticReport": _report,
    "DocumentReference": _document,
    "FamilyMemberHistory": _family,
    "Immunization": _immunization,
    "Medication": _medication,
    "MedicationAdministration": _administration,
    "MedicationDispense": _dispense,
    "MedicationRequest": _request,
    "MedicationStatement": _statement,
    "Observation": _observation,
    "Patient": _patient,
    "Procedure": _procedure,
    "RiskAssessment": _risk,
    "Specimen": _specimen,
}
