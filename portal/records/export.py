"""How a record is written into files that a person takes away. Pure."""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

_FORMULA: Final = re.compile(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n]")
_BREAKS: Final = re.compile(rb"[\r\n]+")

COLUMNS: Final = (
    "kind",
    "source",
    "status",
    "presence",
    "genes",
    "c_hgvs",
    "p_hgvs",
    "g_hgvs",
    "name",
    "zygosity",
    "significance",
    "phenotypes",
    "medicines",
    "effects",
    "source_class",
    "build",
    "value",
    "unit",
    "effective",
    "read_from",
    "remarks",
)


ACCESS_COLUMNS: Final = ("number", "at", "act", "hash")


def ndjson_line(verbatim: bytes) -> bytes:
    """Return a resource as one line; only line breaks between its parts become blanks."""
    return _BREAKS.sub(b" ", verbatim).strip() + b"\n"


def bundle(entries: Iterable[tuple[str, bytes]]) -> Iterator[bytes]:
    """Yield a collection Bundle piece by piece: an address (or none) and a verbatim resource each.

    Nothing is yielded when there is no entry.
    Spec: https://hl7.org/fhir/R4/bundle.html
    """
    piece, before = b"", b'{"resourceType":"Bundle","type":"collection","entry":[\n'
    for address, verbatim in entries:
        if piece:
            yield piece + b",\n"
            before = b""
        named = b'"fullUrl":' + json.dumps(address).encode() + b"," if address else b""
        piece = before + b"{" + named + b'"resource":' + verbatim.strip() + b"}"
    if piece:
        yield piece + b"\n]}\n"


def csv_cell(value: object) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if _FORMULA.match(text) else text


def csv_table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Return a table as CSV, with a mark that makes spreadsheets read it as UTF-8."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(head)
    writer.writerows([csv_cell(cell) for cell in row] for row in rows)
    return b"\xef\xbb\xbf" + text.getvalue().encode("utf-8", "replace")


def finding_row(source: str, body: Mapping[str, Any]) -> list[str]:
    """Return the columns of one finding, in the lab's words; what it does not say stays empty."""
    hgvs = body.get("hgvs") or {}
    position = body.get("position") or {}
    return [
        str(body.get("kind") or body.get("record") or ""),
        source,
        str(body.get("status") or ""),
        str(body.get("presence") or ""),
        _joined(gene.get("symbol") or gene.get("id") for gene in body.get("genes") or ()),
        _joined(hgvs.get("c") or ()),
        _joined(hgvs.get("p") or ()),
        _joined(hgvs.get("g") or ()),
        str(body.get("name") or body.get("title") or body.get("conclusion") or ""),
        str(body.get("zygosity") or ""),
        _joined(body.get("significance") or ()),
        _joined(map(_words, body.get("phenotypes") or ())),
        _joined(map(_words, body.get("medicines") or ())),
        _joined(body.get("effects") or ()),
        str(body.get("source_class") or ""),
        str(position.get("build") or ""),
        _value(body),
        str(body.get("unit") or ""),
        str(body.get("effective_at") or body.get("issued_at") or ""),
        str((body.get("source") or {}).get("resource") or ""),
        _joined(body.get("flags") or ()),
    ]


def _value(body: Mapping[str, Any]) -> str:
    """Return what was measured, with the sign before it: <1 is not 1."""
    if body.get("value") is None:
        return ""
    return f"{body.get('comparator') or ''}{body.get('value_as_sent') or body['value']}"


def _words(concept: Mapping[str, Any]) -> str:
    """Return a concept in the lab's words, else the first code's."""
    coding: Mapping[str, Any] = next(iter(concept.get("codings") or ()), {})
    return str(concept.get("text") or coding.get("display") or coding.get("code") or "")


def _joined(values: Iterable[object]) -> str:
    return "; ".join(str(value) for value in values if value)
