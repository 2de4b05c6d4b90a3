"""Reading the entries of a transaction, before anything is done."""

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl

from sandbox.fhir.answers import Refused
from sandbox.fhir.shapes import JsonObject
from sandbox.research.rules import Rules, unwanted

_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_ETAG = re.compile(r'(?:W/)?"?(\d+)"?')
_LETTERS = {"POST": "c", "PUT": "u", "DELETE": "d"}


@dataclass(frozen=True)
class Entry:
    """One wish: `place` says where it stood, `search` is an identifier to look for."""

    place: str
    method: str
    resource_type: str
    resource_id: str = ""
    search: tuple[str, str] | None = None
    body: JsonObject | None = None
    full_url: str = ""
    if_match: int | None = None

    @property
    def letter(self) -> str:
        """The permission that it needs, out of `cruds`."""
        return _LETTERS[self.method]


def read_bundle(bundle: object, rules: Rules, types: tuple[str, ...]) -> list[Entry]:
    """Read a transaction.

    Raises Refused.
    """
    if not isinstance(bundle, dict) or bundle.get("resourceType") != "Bundle":
        raise Refused(400, "structure", "A Bundle is expected here.")
    if bundle.get("type") != "transaction":
        raise Refused(400, "not-supported", "Only transactions are taken.")
    parts = bundle.get("entry", [])
    if not isinstance(parts, list):
        raise Refused(400, "structure", "Bundle.entry is a list.")
    return [_read_part(part, f"Bundle.entry[{n}]", rules, types) for n, part in enumerate(parts)]


def _read_part(part: object, place: str, rules: Rules, types: tuple[str, ...]) -> Entry:
    asked = part.get("request") if isinstance(part, dict) else None
    if not isinstance(part, dict) or not isinstance(asked, dict):
        raise Refused(400, "required", "The entry has no request.", place)
    entry = read_wish(
        method=str(asked.get("method", "")),
        url=str(asked.get("url", "")),
        body=part.get("resource"),
        conditions=(str(asked.get("ifNoneExist", "")), str(asked.get("ifMatch", ""))),
        place=place,
    )
    check(entry, rules, types)
    return Entry(**{**entry.__dict__, "full_url": str(part.get("fullUrl", ""))})


def read_wish(
    *, method: str, url: str, body: object, conditions: tuple[str, str], place: str = ""
) -> Entry:
    """Read one interaction; `conditions` are ifNoneExist and ifMatch, empty when not given.

    Raises Refused.
    """
    path, _, query = url.partition("?")
    resource_type, _, resource_id = path.partition("/")
    if_none_exist, if_match = conditions
    if method not in _LETTERS:
        raise Refused(400, "not-supported", f"{method or 'No method'} is not taken here.", place)
    if resource_id and not _ID.fullmatch(resource_id):
        raise Refused(400, "value", "The id is not an id of FHIR.", place)
    searched = if_none_exist if method == "POST" else query
    return Entry(
        place=place,
        method=method,
        resource_type=resource_type,
        resource_id=resource_id,
        search=_identifier(searched, place) if searched else None,
        body=_body(body, resource_type, place) if method != "DELETE" else None,
        if_match=_version(if_match, place) if if_match else None,
    )


def check(entry: Entry, rules: Rules, types: tuple[str, ...]) -> None:
    """Hold an entry against the program's rules.

    Raises Refused.
    """
    if entry.resource_type not in types:
        raise Refused(422, "not-supported", f"{entry.resource_type} is not taken.", entry.place)
    if entry.if_match is not None and not rules.if_match:
        raise Refused(400, "not-supported", "ifMatch is not supported.", entry.place)
    if entry.method == "DELETE" and not rules.deletes:
        raise Refused(405, "not-supported", "Nothing is deleted here.", entry.place)
    found = list(unwanted(entry.body)) if rules.deidentified and entry.body else []
    if found:
        words = f"This program takes de-identified data only: {', '.join(found)}"
        raise Refused(422, "business-rule", words, entry.place)


def _body(body: object, resource_type: str, place: str) -> JsonObject:
    if not isinstance(body, dict) or "resourceType" not in body:
        raise Refused(400, "required", "The entry has no resource.", place)
    if body["resourceType"] != resource_type:
        raise Refused(400, "invalid", "The resource is of another type than its address.", place)
    return body


def _identifier(query: str, place: str) -> tuple[str, str]:
    pairs = parse_qsl(query.removeprefix("?"))
    if len(pairs) != 1 or pairs[0][0] != "identifier" or "|" not in pairs[0][1]:
        words = "A condition must be identifier=system|value and nothing else."
        raise Refused(400, "not-supported", words, place)
    system, _, value = pairs[0][1].partition("|")
    return system, value


def _version(text: str, place: str) -> int:
    match = _ETAG.fullmatch(text.strip())
    if match is None:
        raise Refused(400, "value", "ifMatch is not a version.", place)
    return int(match.group(1))
