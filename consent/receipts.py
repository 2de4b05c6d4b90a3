"""What a person keeps of an act: as a page, as a PDF, as JSON, and as a FHIR Consent."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.template.loader import render_to_string
from django.utils.translation import get_language

from consent import fhir, ledger, overview
from consent.classification import Json
from consent.models import Event
from portal.accounts.models import User
from portal.pdf import PdfUnavailable, pdf

_STYLE = Path(__file__).parent / "receipt.css"


@dataclass(frozen=True, slots=True)
class Receipt:
    """One act in words, with what proves it."""

    event: Event
    rows: list[tuple[str, str]]
    language: str

    @property
    def name(self) -> str:
        """The name of the file: it gives away neither the person nor the program."""
        return f"consent-receipt-{self.event.pk}"


def of(event: Event, language: str) -> Receipt:
    """Return the receipt of an act."""
    scope = ledger.scope_from_json(event.scope)
    return Receipt(event, overview.scope_rows(scope), language)


def as_json(receipt: Receipt) -> dict[str, object]:
    """Return the receipt for machines: all that the hash is made over, and the hash."""
    event = receipt.event
    return {
        "receipt": f"consent-event-{event.pk}",
        "program": {"slug": event.program.slug, "name": event.program.name},
        "version": {
            "document": event.version.document.slug,
            "number": event.version.number,
            "sha256": event.version.sha256,
        },
        "act": event.said(),
        "hash": event.hash,
        "hash_of": "SHA-256 of the canonical JSON of `act` (sorted keys, no blanks, UTF-8)",
    }


def as_fhir(receipt: Receipt) -> dict[str, Json]:
    """Return where the agreement stood after the act, as a FHIR R4 Consent.

    Raises OutOfOrder when the chain of acts is broken.
    """
    event = receipt.event
    before = Event.objects.between(event.patient, event.program).filter(seq__lte=event.seq)
    statement = fhir.Statement(
        id=f"consent-{event.pk}",
        agreed=ledger.fold(one.act() for one in before),
        patient=f"Patient/{event.patient_id}",
        program=event.program.slug,
        program_name=event.program.name,
        text_sha256=event.version.sha256,
    )
    return fhir.to_consent(statement)


def as_pdf(receipt: Receipt) -> bytes:
    """Return the receipt as PDF/UA, with the full text that was signed."""
    text = receipt.event.version.text(str(receipt.event.signature.get("language", "en")))
    page = render_to_string("consent/receipt_pdf.html", {"receipt": receipt, "text": text})
    return pdf(page, style=_STYLE)


def to_take_away(patient: User, _at: datetime) -> Iterator[tuple[str, bytes | None]]:
    """Yield the receipt of every act, as JSON and as PDF; None where no PDF can be made."""
    acts = Event.objects.of(patient).select_related("program", "version__document", "patient")
    for event in acts.order_by("pk"):
        receipt = of(event, get_language() or "en")
        told = json.dumps(as_json(receipt), ensure_ascii=False, indent=2)
        yield f"receipts/{receipt.name}.json", told.encode()
        yield f"receipts/{receipt.name}.pdf", _pdf_or_none(receipt)


def _pdf_or_none(receipt: Receipt) -> bytes | None:
    try:
        return as_pdf(receipt)
    except PdfUnavailable:
        return None
