"""The lines of HL7 version 2 messages, and what their fields say in FHIR.

Taken apart here and not by hl7apy: on a message of 2,000 results it was 130 times slower (25 s for
120 KB) and it refuses results that come without the line that opens a message (MSH).
Spec: HL7 v2.5.1 chapter 2 (signs, escapes, repetitions, dates); v2-to-FHIR, table 0085 (status)
"""

import re
from decimal import Decimal
from typing import Any, NamedTuple

from portal.genomics import codes, fields
from portal.genomics.jsontext import NotADocument

LOINC = "http://loinc.org"
MAX_BYTES = 64 << 20
STATUS = {
    "F": "final",
    "U": "final",
    "V": "final",
    "C": "corrected",
    "A": "amended",
    "B": "amended",
    "P": "preliminary",
    "R": "preliminary",
    "S": "preliminary",
    "I": "registered",
    "O": "registered",
    "X": "cancelled",
    "D": "entered-in-error",
    "W": "entered-in-error",
}
LOINC_NAMES = frozenset({"LN", "LOINC"})
_SYSTEMS = {
    "SCT": "http://snomed.info/sct",
    "SNM": "http://snomed.info/sct",
    "HGNC": "http://www.genenames.org/geneId",
    **dict.fromkeys(
        ("HGVS", "HGVS.C", "HGVS.G", "HGVS.N", "HGVS.P", "HGVS-C", "HGVS-G", "HGVS-P"),
        "http://varnomen.hgvs.org",
    ),
    "CLINVAR": "http://www.ncbi.nlm.nih.gov/clinvar",
    "CLINVAR-V": "http://www.ncbi.nlm.nih.gov/clinvar",
    "NCBI-GENE": "http://www.ncbi.nlm.nih.gov/gene",
    "OMIM": "http://www.omim.org",
    "MIM": "http://www.omim.org",
    "RXNORM": "http://www.nlm.nih.gov/research/umls/rxnorm",
}
_KNOWN = fields.FIELD_OF_CODE.keys() | codes.KIND_OF_CODE.keys()
_ESCAPES = {"F": "|", "S": "^", "T": "&", "R": "~", "E": "\\", ".br": "\n", "H": "", "N": ""}
_ESCAPE = re.compile(r"\\(F|S|T|R|E|H|N|\.br|\.sp[0-9]*|X[0-9A-Fa-f]*)\\")
_NUMBER = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,15})?")
LOINC_CODE = re.compile(r"[0-9]{1,7}-[0-9]")
_MOMENT = re.compile(
    r"([0-9]{4})(?:([0-9]{2})(?:([0-9]{2})(?:([0-9]{2})([0-9]{2})([0-9]{2})?(?:\.[0-9]+)?)?)?)?"
    r"([+-][0-9]{2})?([0-9]{2})?"
)
_SIGNS = "|^~\\&"

Json = dict[str, Any]


class Segment(NamedTuple):
    """One line of a message; `fields[3]` is what HL7 calls field 3."""

    number: int
    name: str
    fields: list[str]
    notes: tuple[str, ...] = ()  # of the NTE lines that follow a result

    def field(self, index: int) -> str:
        """Return a field, or nothing where the line ends before it."""
        return self.fields[index].strip() if index < len(self.fields) else ""

    def parts(self, index: int) -> list[str]:
        """Return the components of the first repetition of a field, unescaped."""
        return components(self.field(index).partition("~")[0])

    @property
    def status(self) -> str:
        """What FHIR calls the state of a result line."""
        return STATUS.get(self.field(11), "unknown")


def segments(raw: bytes) -> list[Segment]:
    """Return the lines of one or more messages. Raises NotADocument."""
    if len(raw) > MAX_BYTES:
        raise NotADocument("The file is bigger than any real message.")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    text = text.replace("\x0b", "").replace("\x1c", "")
    found: list[Segment] = []
    for number, line in enumerate(re.split(r"\r\n|\r|\n", text), 1):
        if line.strip():
            _take(found, _segment(number, line))
    return found


def _take(found: list[Segment], segment: Segment) -> None:
    if segment.name == "NTE" and found and found[-1].name == "OBX":
        words = plain(segment.field(3)).replace("~", "\n")
        found[-1] = found[-1]._replace(notes=(*found[-1].notes, words))
    else:
        found.append(segment)


def _segment(number: int, line: str) -> Segment:
    parts = line.split("|")
    if parts[0] == "MSH":
        parts.insert(1, "|")  # the sign itself is field 1
        if line[3 : 3 + len(_SIGNS)] != _SIGNS:
            raise NotADocument("The message uses other signs between its parts than |^~\\&.")
    return Segment(number, parts[0], parts)


def components(text: str) -> list[str]:
    """Return the parts of one value, unescaped."""
    return [plain(part) for part in text.split("^")]


def plain(text: str) -> str:
    """Return a text with the signs that were escaped in it."""
    return _ESCAPE.sub(_unescape, text)


def _unescape(match: re.Match[str]) -> str:
    name = match.group(1)
    if name.startswith(".sp"):
        return "\n"
    if not name.startswith("X"):
        return _ESCAPES[name]
    try:
        data = bytes.fromhex(name[1:])
    except ValueError:
        return match.group(0)
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")


def concept(parts: list[str]) -> Json:
    """Return a coded value as a CodeableConcept, with its second code where it has one."""
    code, words, system, *other = (*parts, "", "", "")
    if not words and not system:
        spoken = (*parts, *[""] * _ORIGINAL_TEXT)[_ORIGINAL_TEXT - 1]
        return {"text": code or spoken}
    codings = [coding(code, words, system)]
    other = [*other, "", "", ""]
    if other[0] and other[2]:
        codings.append(coding(*other[:3]))
    return {"coding": codings, "text": words or code}


_ORIGINAL_TEXT = 9  # component of a coded value with the words that stood before any code


def coding(code: str, words: str, system: str) -> Json:
    """Return one code; the name of a system is only turned into an address that is known."""
    # Laboratories send LOINC codes under names of their own, and codes of their own under its name;
    # the code itself tells.
    shaped = LOINC_CODE.fullmatch(code.removeprefix("LA")) is not None
    is_loinc = shaped and (code in _KNOWN or system.upper() in LOINC_NAMES)
    found = {
        "system": LOINC if is_loinc else _SYSTEMS.get(system.upper(), ""),
        "code": code,
        "display": words,
    }
    return {key: value for key, value in found.items() if value}


def values(segment: Segment) -> list[Json]:
    """Return each value of a result line, since a field can repeat; never none."""
    text = segment.field(5)
    if not text:
        return [{"dataAbsentReason": {"text": "No value was sent."}}]
    return [_value(segment, one) for one in text.split("~") if one] or [{"valueString": text}]


def _value(segment: Segment, text: str) -> Json:
    kind, parts = segment.field(2), components(text)
    if kind in ("CWE", "CE", "CNE", "CF"):
        return {"valueCodeableConcept": concept(parts)}
    if kind == "NM" and _NUMBER.fullmatch(text):
        unit = segment.parts(6)[0]
        return {"valueQuantity": {"value": _number(text)} | ({"unit": unit} if unit else {})}
    if kind == "SN":
        return _structured(parts, text, segment.parts(6)[0])
    if kind == "NR" and all(not part or _NUMBER.fullmatch(part) for part in parts[:2]):
        ends = zip(("low", "high"), parts, strict=False)
        return {"valueRange": {name: {"value": _number(part)} for name, part in ends if part}}
    return {"valueString": plain(text)}


def _structured(parts: list[str], text: str, unit: str) -> Json:
    """Return a number with a sign before it, or two numbers with a sign between them."""
    sign, first, between, second = (*(part.strip() for part in parts), "", "", "", "")[:4]
    beside = {"unit": unit} if unit else {}
    if not _NUMBER.fullmatch(first) or sign not in _COMPARATORS:
        return {"valueString": plain(text)}
    low = {"value": _number(first)} | beside
    if not between and not second:
        return {"valueQuantity": low | ({"comparator": sign} if sign not in {"", "="} else {})}
    if sign or not _NUMBER.fullmatch(second):
        return {"valueString": plain(text)}
    high = {"value": _number(second)} | beside
    if between in {":", "/"}:
        return {"valueRatio": {"numerator": low, "denominator": high}}
    return {"valueRange": {"low": low, "high": high}} if between == "-" else {"valueString": text}


_COMPARATORS = frozenset({"", "=", "<", ">", "<=", ">="})


def _number(text: str) -> int | Decimal:
    return Decimal(text) if "." in text else int(text)


def moment(text: str) -> str:
    """Return a date or a time for FHIR; without a time zone only the day is certain."""
    match = _MOMENT.fullmatch(text)
    if match is None:
        return ""
    year, month, day, hour, minute, second, zone, rest = match.groups()
    date = "-".join(part for part in (year, month, day) if part)
    if not hour or not zone:
        return date
    return f"{date}T{hour}:{minute}:{second or '00'}{zone}:{rest or '00'}"
