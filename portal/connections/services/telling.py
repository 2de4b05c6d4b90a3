"""The e-mail that says that an import is over. It names no source, no gene and no result."""

from datetime import datetime

from django.conf import settings
from django.core.mail import send_mail
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from portal.connections.models import Import


def tell(*, run_id: int, at: datetime) -> bool:
    """Send the e-mail of a first import that is over; at most once. Returns whether it went."""
    run = Import.objects.select_related("connection__patient").untold().filter(pk=run_id).first()
    if run is None or not Import.objects.untold().filter(pk=run_id).update(told_at=at):
        return False
    patient = run.connection.patient
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
    return True
