"""What a person keeps of an act: as a page, as a PDF, as JSON, and as a FHIR Consent."""

from dataclasses import dataclass
from pathlib import Path

from django.template.loader import render_to_string

from consent import fhir, ledger, overview
from consent.classification import Json
from consent.models import Event
from portal.pdf import pdf

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
