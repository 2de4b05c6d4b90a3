"""What a person keeps of a sending: as a page, as a PDF and as JSON."""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from consent import gate
from consent.words import REASON_SENTENCES
from portal.accounts.models import User
from portal.pdf import pdf
from sharing.models import Delivery
from sharing.services.enrolling import NoEndpoint
from sharing.services.preparing import NothingNew, NotYetTold, PreviewChanged, StillOnItsWay
from sharing.services.retrying import Overtaken
from sharing.services.showing import Shown

_STYLE = Path(__file__).parents[1] / "receipt.css"

_WHY_NOT: dict[type[Exception], Promise] = {
    NoEndpoint: gettext_lazy("This program takes no data at the moment."),
    NotYetTold: gettext_lazy(
        "The program has not heard of your agreement yet. This page looks again by itself."
    ),
    NothingNew: gettext_lazy("The program already has all of this. Nothing new would go."),
    Overtaken: gettext_lazy("Something newer went since then, so this is not sent any more."),
    PreviewChanged: gettext_lazy("Something changed since you looked. Please look again."),
    StillOnItsWay: gettext_lazy("Your last sending is still on its way. Please wait for it."),
}


def why_not(refusal: Exception) -> str:
    """Return why nothing can be sent now."""
    if isinstance(refusal, gate.NoLiveAgreement):
        reason = next(iter(refusal.reasons), None)
        return str(REASON_SENTENCES[reason]) if reason else _("You are not sharing now.")
    return str(_WHY_NOT[type(refusal)])


def as_json(delivery: Delivery) -> dict[str, Any]:
    """Return the receipt for machines: what left, its hash, and what the program answered."""
    package = delivery.package
    return {
        "receipt": f"sharing-delivery-{delivery.pk}",
        "program": delivery.enrolment.program.slug,
        "pseudonym": delivery.enrolment.pseudonym,
        "kind": package.kind,
        "sha256": package.sha256,
        "sha256_of": "the exact bytes that were previewed, sent, and can be downloaded here",
        "bundle_identifier": package.basis,
        "size_bytes": package.size_bytes,
        "consent_version": package.manifest.get("version"),
        "consent_epoch": package.epoch,
        "state": delivery.state,
        "queued_at": _moment(delivery.queued_at),
        "told_at": _moment(delivery.told_at),
        "settled_at": _moment(delivery.settled_at),
        "answer": {"code": delivery.code, "http_status": delivery.http_status},
        "attempts": [
            {
                "number": one.number,
                "started_at": _moment(one.started_at),
                "ended_at": _moment(one.ended_at),
                "outcome": one.outcome,
            }
            for one in delivery.attempts.order_by("number")
        ],
        "resources": [
            {"type": item["type"], "version_sha256": item["sha256"], "sent_as": item["sent_id"]}
            for item in package.manifest.get("items", ())
        ],
    }


def to_take_away(patient: User, _at: datetime) -> Iterator[tuple[str, bytes]]:
    """Yield the receipt of everything that was sent or taken back, as JSON."""
    mine = Delivery.objects.of(patient).select_related("package", "enrolment__program")
    for delivery in mine.order_by("queued_at", "pk"):
        told = json.dumps(as_json(delivery), ensure_ascii=False, indent=2)
        yield f"receipts/sharing-receipt-{delivery.pk}.json", told.encode()


def as_pdf(shown: Shown, language: str) -> bytes:
    """Return the receipt as PDF/UA. Raises portal.pdf.PdfUnavailable."""
    page = render_to_string("sharing/receipt_pdf.html", {"one": shown, "language": language})
    return pdf(page, style=_STYLE)


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
