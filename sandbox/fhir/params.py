"""Search parameters: where in a resource each looks, and how it compares.

Spec: http://hl7.org/fhir/R4/search.html and http://hl7.org/fhir/R4/searchparameter-registry.html
"""

import calendar
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from sandbox.fhir.resources import Stored
from sandbox.fhir.shapes import JsonObject, values_at

TOKENS = {
    "category": ("category",),
    "code": ("code", "medicationCodeableConcept", "vaccineCode"),
    "status": ("status",),
    "clinical-status": ("clinicalStatus",),
    "verification-status": ("verificationStatus",),
    "type": ("type",),
    "intent": ("intent",),
    "identifier": ("identifier",),
    "vaccine-code": ("vaccineCode",),
    "relationship": ("relationship",),
}
DATES = {
    "date": (
        "effectiveDateTime",
        "effectivePeriod",
        "effectiveInstant",
        "performedDateTime",
        "performedPeriod",
        "occurrenceDateTime",
        "period",
        "date",
        "authoredOn",
    ),
    "issued": ("issued",),
    "authoredon": ("authoredOn",),
    "onset-date": ("onsetDateTime", "onsetPeriod"),
}
REFERENCES = {
    "patient": ("subject", "patient", "beneficiary", "individual"),
    "subject": ("subject", "patient"),
    "result": ("result",),
    "specimen": ("specimen",),
    "based-on": ("basedOn",),
    "encounter": ("encounter", "context.encounter"),
    "performer": ("performer", "performer.actor"),
    "results-interpreter": ("resultsInterpreter",),
    "has-member": ("hasMember",),
    "derived-from": ("derivedFrom",),
    "requester": ("requester",),
    "author": ("author",),
    "part-of": ("partOf",),
    "focus": ("focus",),
    "organization": ("organization", "managingOrganization"),
    "practitioner": ("practitioner",),
    "medication": ("medicationReference",),
    "reason-reference": ("reasonReference",),
    "target": ("target",),
}
KNOWN = ("_id", "_lastUpdated", *TOKENS, *DATES, *REFERENCES)
# Types that speak of nobody in particular: whoever asks them for a patient is not understood.
OF_NOBODY = (
    "Patient",
    "Binary",
    "Organization",
    "Practitioner",
    "PractitionerRole",
    "PlanDefinition",
    "Medication",
)
_DATE = re.compile(
    r"(eq|ne|gt|lt|ge|le|sa|eb)?"
    r"(\d{4}(?:-\d\d(?:-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?)?)?)?)"
)
type Span = tuple[datetime, datetime]


class BadParameter(Exception):
    """A search parameter's value cannot be read."""


def known_for(resource_type: str) -> tuple[str, ...]:
    """Return the parameters by which a type can be searched."""
    if resource_type not in OF_NOBODY:
        return KNOWN
    return tuple(name for name in KNOWN if name not in ("patient", "subject"))


def matches(stored: Stored, name: str, value: str) -> bool:
    """Say whether a resource fits one parameter; commas in the value mean "or".

    Raises BadParameter.
    """
    name, _, modifier = name.partition(":")
    if modifier == "not":
        return not matches(stored, name, value)
    compare = _comparison(name)
    return any(compare(stored, part) for part in value.split(","))


def _comparison(name: str) -> Callable[[Stored, str], bool]:
    if name == "_id":
        return lambda stored, part: stored.id == part
    if name == "_lastUpdated":
        return lambda stored, part: fits_date(part, [span(stored.updated_at)])
    if name in TOKENS:
        return lambda stored, part: _fits_token(stored.body, TOKENS[name], part)
    if name in DATES:
        return lambda stored, part: fits_date(part, _spans(stored.body, DATES[name]))
    return lambda stored, part: _fits_reference(stored.body, REFERENCES[name], part)


def references(body: JsonObject, name: str) -> list[str]:
    """Return where a reference parameter points, as relative addresses."""
    found = [value for path in REFERENCES.get(name, ()) for value in values_at(body, path)]
    return [
        str(part["reference"]) for part in found if isinstance(part, dict) and "reference" in part
    ]


def _fits_token(body: JsonObject, paths: tuple[str, ...], wanted: str) -> bool:
    system, bar, code = wanted.rpartition("|")
    for path in paths:
        for value in values_at(body, path):
            for have_system, have_code in _codes(value):
                if (code in ("", have_code)) and (not bar or system == have_system):
                    return True
    return False


def _codes(value: object) -> list[tuple[str, str]]:
    if isinstance(value, str):
        return [("", value)]
    if not isinstance(value, dict):
        return []
    if "coding" in value:
        return [pair for coding in value["coding"] for pair in _codes(coding)]
    code = value.get("code", value.get("value"))
    return [(str(value.get("system", "")), str(code))] if code is not None else []


def _fits_reference(body: JsonObject, paths: tuple[str, ...], wanted: str) -> bool:
    wanted = _relative(wanted)
    for path in paths:
        for value in values_at(body, path):
            have = _relative(str(value.get("reference", ""))) if isinstance(value, dict) else ""
            if have and (have == wanted or ("/" not in wanted and have.endswith(f"/{wanted}"))):
                return True
    return False


def _relative(reference: str) -> str:
    path = urlsplit(reference).path if "://" in reference else reference
    return "/".join(path.split("/")[-2:])


def _spans(body: JsonObject, paths: tuple[str, ...]) -> list[Span]:
    spans = []
    for path in paths:
        for value in values_at(body, path):
            try:
                spans.extend(_span_of(value))
            except ValueError:  # published data holds dates that are none: they fit nothing
                continue
    return spans


def _span_of(value: object) -> list[Span]:
    if isinstance(value, str):
        return [span(value)]
    if not isinstance(value, dict) or not {"start", "end"} & set(value):
        return []
    start = span(value["start"])[0] if "start" in value else datetime.min.replace(tzinfo=UTC)
    end = span(value["end"])[1] if "end" in value else datetime.max.replace(tzinfo=UTC)
    return [(start, end)]


def fits_date(wanted: str, spans: list[Span]) -> bool:
    """Compare a date parameter such as `ge2026-01` with moments or periods.

    Raises BadParameter.
    """
    match = _DATE.fullmatch(wanted.replace(" ", "+"))
    if match is None:
        raise BadParameter(f"'{wanted}' is not a date.")
    prefix, text = match.groups()
    try:
        start, end = span(text)
    except ValueError as error:
        raise BadParameter(f"'{wanted}' is not a date.") from error
    return any(_compared(prefix or "eq", (start, end), have) for have in spans)


def _compared(prefix: str, wanted: Span, have: Span) -> bool:
    (start, end), (have_start, have_end) = wanted, have
    inside = start <= have_start and have_end <= end
    return {
        "eq": inside,
        "ne": not inside,
        "gt": have_end > end,
        "ge": have_end > end or inside,
        "lt": have_start < start,
        "le": have_start < start or inside,
        "sa": have_start > end,
        "eb": have_end < start,
    }[prefix]


def span(text: str) -> Span:
    """Return the first and last moment of a FHIR date, dateTime or instant; UTC when unsaid."""
    if "T" in text:
        start = datetime.fromisoformat(text)
        start = start if start.tzinfo else start.replace(tzinfo=UTC)
        return start, start + _rest_of(text.partition("T")[2])
    year, month, day = (*(int(part) for part in text.split("-")), 0, 0)[:3]
    start = datetime(year, month or 1, day or 1, tzinfo=UTC)
    last_month = month or 12
    last_day = day or calendar.monthrange(year, last_month)[1]
    end = datetime(year, last_month, last_day, tzinfo=UTC) + timedelta(days=1, microseconds=-1)
    return start, end


def _rest_of(time_of_day: str) -> timedelta:
    digits = re.split(r"[Z+-]", time_of_day)[0]
    if "." in digits:
        unit_us = 10 ** max(0, 6 - len(digits.partition(".")[2]))
        return timedelta(microseconds=unit_us - 1)
    has_seconds = digits.count(":") > 1
    return timedelta(seconds=1 if has_seconds else 60, microseconds=-1)
