"""A file that a lab sent has the title of the lab, and its date is not that of a test."""

import json

import pytest
from django.test import Client

from portal.records import services
from portal.records.models import Resource, Upload
from tests.genomics.vcf.builders import a_file, a_line
from tests.people import sign_in
from tests.records.builders import NOW, an_origin, incoming

pytestmark = pytest.mark.django_db
DATED = "The lab dated this file March 2026. It does not say when the test was."
UNDATED = "This file does not say when the test was."


@pytest.mark.parametrize(("date", "said"), [("2026-03", DATED), (None, UNDATED), (7, UNDATED)])
def test_the_page_names_the_file_and_only_its_own_date(
    client: Client, date: object, said: str
) -> None:
    origin = an_origin()
    body = {"resourceType": "DocumentReference", "id": "d", "status": "current", "date": date}
    raw = json.dumps({**body, "subject": {"reference": "Patient/p1"}}).encode()
    services.store_page(origin=origin, entries=incoming(raw), at=NOW)
    services.take_sent_file(
        document=Resource.objects.get(),
        place=0,
        content=a_file(a_line(pos=100)),
        label=services.Label("text/vcf", "Variants: SLCO1B1,\nGRCh38"),
        at=NOW,
    )
    services.read_upload(upload_id=Upload.objects.get().pk, at=NOW)
    sign_in(client, origin.patient)

    page = client.get("/results/").text

    assert f"{origin.name}: Variants: SLCO1B1, GRCh38. {said}" in page
