"""The files that documents at a source point to are fetched, and what they say is read."""

import base64
import json
from collections.abc import Mapping
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from portal.connections.models import Connection, Import
from portal.connections.services import fetching, imports, working
from portal.records import services as records
from portal.records.models import Finding, Upload
from portal.results.clusters import clusters, once
from portal.results.record import load
from tests.connections.builders import Ticking, a_connection, a_source
from tests.connections.fakes import FakeApi
from tests.genomics.vcf.builders import a_file, a_line
from tests.people import sign_in
from tests.records.builders import NOW

pytestmark = pytest.mark.django_db
VCF = a_file(a_line("0/1", pos=32316461))
TWO = a_file(a_line() + "\t0/0", samples=("Ana", "Bo"))


def fetched(
    content: bytes, *others: Mapping[str, object], of: Connection | None = None
) -> Connection:
    """Return a connection over which one document with this content came, and all was read."""
    connection = of or a_connection(a_source(types=["DocumentReference", "Observation"]))
    document = {
        "resourceType": "DocumentReference",
        "id": "d1",
        "status": "current",
        "subject": {"reference": "Patient/p1"},
        "content": [{"attachment": {"contentType": "text/vcf", "url": "Binary/b1"}}],
    }
    binary = {
        "resourceType": "Binary",
        "contentType": "text/vcf",
        "data": base64.b64encode(content).decode(),
    }
    _work(connection, [document, *others], binary)
    for pk in Upload.objects.filter(state="waiting").values_list("pk", flat=True):
        records.read_upload(upload_id=pk, at=NOW)
    return connection


def _work(
    connection: Connection, resources: list[Mapping[str, object]], binary: Mapping[str, object]
) -> None:
    run = imports.queue(connection=connection, kind=Import.Kind.FULL, at=NOW)
    base = connection.source.base_url
    pages = {f"{base}/Binary/b1": json.dumps(binary).encode()}
    for step in run.steps.exclude(resource_type=""):
        found = [one for one in resources if one["resourceType"] == step.resource_type]
        bundle = {
            "resourceType": "Bundle",
            "type": "searchset",
            "entry": [{"resource": one} for one in found],
        }
        pages[f"{base}/{step.query}"] = json.dumps(bundle).encode()
    clock = Ticking()
    clock.at += timedelta(seconds=1)
    lease = imports.claim(run_id=run.pk, owner="w", at=clock())
    assert lease is not None
    fetching.work(working.Worker(lease, FakeApi(dict(pages)), clock))
    run.refresh_from_db()
    assert run.state == Import.State.DONE


def a_variant(identity: str = "v1") -> dict[str, object]:
    """Return the very change of `VCF`, as a laboratory writes it in FHIR."""

    def component(code: str, **value: object) -> dict[str, object]:
        return {"code": {"coding": [{"system": "http://loinc.org", "code": code}]}, **value}

    def coded(code: str, system: str = "http://loinc.org") -> dict[str, object]:
        return {"coding": [{"system": system, "code": code}]}

    return {
        "resourceType": "Observation",
        "id": identity,
        "status": "final",
        "category": [coded("laboratory")],
        "code": coded("69548-6"),
        "subject": {"reference": "Patient/p1"},
        "valueCodeableConcept": coded("LA9633-4"),
        "component": [
            component(
                "81290-9",
                valueCodeableConcept=coded(
                    "NC_000013.11:g.32316461G>A", "http://varnomen.hgvs.org"
                ),
            ),
            component("53034-5", valueCodeableConcept=coded("LA6706-1")),
        ],
    }


def test_a_vcf_that_a_document_points_to_becomes_results_in_the_background() -> None:
    connection = fetched(VCF)

    (variant,) = Finding.objects.of(connection.patient).filter(kind="variant")
    assert variant.origin.account == connection.origin
    assert variant.body["hgvs"]["g"] == ["NC_000013.11:g.32316461G>A"]


def test_looking_again_reads_the_same_file_no_second_time() -> None:
    connection = fetched(VCF)

    fetched(VCF, of=connection)

    assert Upload.objects.count() == 1
    assert Finding.objects.filter(kind="variant").count() == 1


def test_one_change_in_fhir_and_in_a_vcf_is_shown_once_with_both_sources() -> None:
    connection = fetched(VCF, a_variant())

    found = once([one for shelf in load(connection.patient) for one in clusters(shelf)])
    (cluster,) = (one for one in found if one.findings[0].kind == "variant")

    names = {cluster.shelf.origin.name, *(shelf.origin.name for shelf in cluster.also)}
    assert names == {"Riverside Genetics", "Riverside Genetics: file.vcf"}


def test_a_question_about_a_file_stands_with_its_connection(client: Client) -> None:
    connection = fetched(TWO)
    sign_in(client, connection.patient)

    page = client.get(reverse("connections:one", args=[connection.pk]))

    assert b"We have a question about 1 file that they sent." in page.content
    assert reverse("records:uploads").encode() in page.content
