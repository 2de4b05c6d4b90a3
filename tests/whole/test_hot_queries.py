"""What is asked every few seconds, or on every page, finds its rows by an index made for it."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol

import pytest
from django.db import connection

from consent.models import Agreement
from portal.accounts.models import User
from portal.audit.models import Entry
from portal.connections.models import Connection, Import
from portal.connections.services import telling
from portal.records.models import Change, Finding, Resource, Upload
from sharing.models import Delivery, Disclosure

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
SOMEBODY = User(email="somebody@example.org")


class Asked(Protocol):
    """What the database can be asked how it would find."""

    def explain(self) -> str: ...


type Question = Callable[[], Asked]

SWEEPS: dict[str, Question] = {
    "sharing_delivery_due": lambda: Delivery.objects.due(NOON),
    "connections_import_due": lambda: Import.objects.due(NOON),
    "connections_connection_due": lambda: Connection.objects.due(NOON),
    "connections_import_untold": lambda: telling.due(at=NOON),
    "records_upload_waiting": Upload.objects.waiting,
    "consent_agreement_ending": lambda: Agreement.objects.filter(state="active", ends_at__lte=NOON),
}
PAGES: dict[str, Question] = {
    "findings": lambda: Finding.objects.of(SOMEBODY),
    "resources": lambda: Resource.objects.of(SOMEBODY),
    "changes": lambda: Change.objects.of(SOMEBODY).order_by("-at"),
    "connections": lambda: Connection.objects.of(SOMEBODY),
    "agreements": lambda: Agreement.objects.of(SOMEBODY),
    "trail": lambda: Entry.objects.about_patient(SOMEBODY.pk).reverse(),
    "disclosures": lambda: Disclosure.objects.of(SOMEBODY),
}


def plan_of(question: Question) -> str:
    """Return how the database would find the rows if the tables were long."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    return question().explain()


@pytest.mark.parametrize("index", SWEEPS)
def test_a_sweep_reads_only_what_may_be_due(index: str) -> None:
    assert index in plan_of(SWEEPS[index])


@pytest.mark.parametrize("page", PAGES)
def test_a_page_reads_only_the_rows_of_one_person(page: str) -> None:
    plan = plan_of(PAGES[page])

    assert "Seq Scan" not in plan
    assert "Index" in plan
