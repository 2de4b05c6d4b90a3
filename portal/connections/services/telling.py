"""The e-mail that says that an import is over. It names no source, no gene and no result."""

from datetime import datetime, timedelta
from typing import Final

import structlog
from django.conf import settings
from django.core.mail import send_mail
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from portal.accounts.models import User
from portal.connections.models import Import

TRIED_FOR: Final = timedelta(days=3)
log = structlog.get_logger(__name__)


def due(*, at: datetime) -> QuerySet[Import, int]:
    """Return the ids of the imports of the last days that nobody was told of, the newest first.

    An update without news is never told, so there are ever more of those from before.
    """
    lately = Import.objects.untold().filter(finished_at__gt=at - TRIED_FOR)
    # The newest first, so that one that is refused for days stops no other.
    return lately.order_by("-finished_at").values_list("pk", flat=True)


def tell(*, run_id: int, at: datetime) -> bool:
    """Send the e-mail of an import that is over, once. Returns whether it went.

    What the mail server does not take is tried again by the next sweep, for some days.
    """
    run = Import.objects.select_related("connection__patient").untold().filter(pk=run_id).first()
    if run is None or not Import.objects.untold().filter(pk=run_id).update(told_at=at):
        return False
    try:
        _send(run.connection.patient)
    except OSError as refusal:  # what smtplib raises is one, too; its text holds the address
        log.warning("mail-not-sent", run_id=run_id, error=type(refusal).__name__)
        if run.finished_at and at - run.finished_at < TRIED_FOR:
            Import.objects.filter(pk=run_id, told_at=at).update(told_at=None)
        return False
    return True


def _send(patient: User) -> None:
    with translation.override(patient.language):
        address = settings.SITE_URL + reverse("connections:list")
        body = _(
            "There is news on your pages. Sign in to see it:\n\n%(address)s\n\n"
            "For your privacy, this message does not say what it is."
        ) % {"address": address}
        send_mail(
            subject=_("There is news on your pages"),
            message=body,
            from_email=None,
            recipient_list=[patient.email],
        )
