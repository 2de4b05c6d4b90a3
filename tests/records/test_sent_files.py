"""Files that a lab sends over a connection: read like an upload, with the lab behind them."""

import json

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from portal.accounts.models import User
from portal.audit import actions
from portal.audit.models import Entry
from portal.records import services
from portal.records.models import File, Finding, Origin, Resource, Upload
from portal.records.services.converting import Answer
from tests.genomics.vcf.builders import a_file, a_line
from tests.people import sign_in
from tests.records.builders import NOW, an_origin, incoming

pytestmark = pytest.mark.django_db
VCF = a_file(a_line(pos=100))
NEWER = a_file(a_line(pos=100), a_line(pos=200))
TWO = a_file(a_line() + "\t0/0", samples=("Ana", "Bo"))
WITHOUT_BUILD = (
    a_file(a_line(chrom="13")).replace(b",assembly=GRCh38", b"").replace(b"length", b"x")
)
PDF = b"%PDF-1.7\nwords"


def a_document(
    origin: Origin | None = None, *, status: str = "current", name: str = "d1"
) -> Resource:
    origin = origin or an_origin()
    body = {
        "resourceType": "DocumentReference",
        "id": name,
        "status": status,
        "subject": {"reference": "Patient/p1"},
    }
    services.store_page(origin=origin, entries=incoming(json.dumps(body).encode()), at=NOW)
    return Resource.objects.get(origin=origin, source_id=name)


def take(document: Resource, content: bytes, place: int = 0) -> bool:
    return services.take_sent_file(
        document=document,
        place=place,
        content=content,
        label=services.Label("text/vcf", "panel.vcf"),
        at=NOW,
    )


def read_all(patient: User) -> list[Upload]:
    for pk in Upload.objects.of(patient).filter(state="waiting").values_list("pk", flat=True):
        services.read_upload(upload_id=pk, at=NOW)
    return list(Upload.objects.of(patient).order_by("pk"))


def variants(patient: User) -> list[Finding]:
    return list(Finding.objects.of(patient).filter(kind="variant").order_by("pk"))


def test_a_vcf_of_a_lab_becomes_results_of_that_lab() -> None:
    document = a_document()

    take(document, VCF)
    (upload,) = read_all(document.patient)

    (variant,) = variants(document.patient)
    assert upload.state == Upload.State.READ
    assert variant.body["hgvs"]["g"] == ["NC_000013.11:g.100G>A"]
    assert "not-a-clinical-test" not in variant.body.get("flags", [])
    assert variant.origin.name == "A lab: panel.vcf"
    assert variant.origin.account == document.origin


def test_what_was_read_leads_back_to_the_document_and_the_bytes() -> None:
    document = a_document()

    take(document, VCF)
    read_all(document.patient)

    (variant,) = variants(document.patient)
    upload = Upload.objects.get(origin=variant.origin)
    assert upload.document == document
    assert services.open_file(upload.content()) == VCF
    assert variant.sources.filter(resource_type="Observation").count() == 1
    assert Entry.objects.filter(
        action=actions.FILE_SENT, about=f"records.upload:{upload.pk}"
    ).exists()


@pytest.mark.parametrize(
    ("content", "question"), [(TWO, "several-samples"), (WITHOUT_BUILD, "build-unknown")]
)
def test_what_the_file_does_not_say_is_asked(content: bytes, question: str) -> None:
    document = a_document()
    take(document, content)

    (upload,) = read_all(document.patient)

    assert (upload.state, upload.question) == (Upload.State.ASKING, question)
    assert not variants(document.patient)


def test_a_bed_of_a_lab_asks_for_its_build_and_then_says_what_was_looked_at() -> None:
    document = a_document()
    take(document, b"chr13\t100\t200\tBRCA2\n")
    (asking,) = read_all(document.patient)

    services.answer_upload(upload=asking, answer=Answer(build="GRCh38"), at=NOW)
    (upload,) = read_all(document.patient)

    assert (asking.question, upload.state) == ("build-unknown", Upload.State.READ)
    assert Finding.objects.of(document.patient).filter(kind="region-studied").exists()


def test_an_answer_is_taken_and_the_file_is_read() -> None:
    document = a_document()
    take(document, TWO)
    (asking,) = read_all(document.patient)

    services.answer_upload(upload=asking, answer=Answer(sample="Ana"), at=NOW)
    (upload,) = read_all(document.patient)

    assert upload.state == Upload.State.READ
    assert len(variants(document.patient)) == 1


@pytest.mark.parametrize("content", [PDF, b"\x89PNG....", b"BAM\x01...."])
def test_what_holds_no_results_that_can_be_read_is_only_kept(content: bytes) -> None:
    document = a_document()

    take(document, content)

    assert not Upload.objects.exists()
    assert services.open_file(File.objects.get(origin=document.origin)) == content


def test_the_same_bytes_again_change_nothing() -> None:
    document = a_document()
    take(document, VCF)
    read_all(document.patient)

    is_new = take(document, VCF)

    assert not is_new
    assert [upload.state for upload in read_all(document.patient)] == [Upload.State.READ]
    assert len(variants(document.patient)) == 1


def test_a_newer_file_takes_the_place_of_the_one_before() -> None:
    document = a_document()
    take(document, VCF)
    read_all(document.patient)

    take(document, NEWER)
    uploads = read_all(document.patient)

    assert [upload.state for upload in uploads] == [Upload.State.GONE, Upload.State.READ]
    assert len(variants(document.patient)) == 2
    assert {one.origin for one in variants(document.patient)} == {uploads[1].origin}


def test_two_attachments_of_one_document_are_both_read() -> None:
    document = a_document()

    take(document, VCF, place=0)
    take(document, NEWER, place=1)

    assert [upload.state for upload in read_all(document.patient)] == [Upload.State.READ] * 2


@pytest.mark.parametrize("status", ["entered-in-error", "superseded"])
def test_a_document_that_is_not_valid_gives_no_results(status: str) -> None:
    document = a_document(status=status)

    take(document, VCF)

    assert not Upload.objects.exists()


def test_a_document_that_is_taken_back_takes_its_results_along_and_may_come_back() -> None:
    document = a_document()
    take(document, VCF)
    read_all(document.patient)

    services.mark_removed(resources=[document], at=NOW)
    services.end_sent_files(account=document.origin, at=NOW)
    services.rebuild_findings(patient=document.patient, at=NOW)
    gone = variants(document.patient)
    take(a_document(document.origin), VCF)
    read_all(document.patient)

    assert gone == []
    assert len(variants(document.patient)) == 1


def test_a_file_of_fhir_about_somebody_else_is_shut_away() -> None:
    document = a_document()
    stranger = json.dumps(
        {"resourceType": "Observation", "id": "x", "subject": {"reference": "Patient/p2"}}
    )

    take(document, stranger.encode())
    (upload,) = read_all(document.patient)

    assert upload.origin.quarantined.count() == 1
    assert not upload.origin.resources.exists()


def test_erasing_an_account_erases_what_was_read_out_of_its_files() -> None:
    document = a_document()
    take(document, VCF)
    read_all(document.patient)

    services.erase(origin=document.origin)

    assert not Upload.objects.exists()
    assert not Finding.objects.exists()
    assert not Resource.objects.exists()
    assert list(Origin.objects.all()) == [document.origin]


def test_a_sent_file_stands_on_the_page_of_files_and_cannot_be_deleted_there(
    client: Client,
) -> None:
    document = a_document()
    take(document, VCF)
    (upload,) = read_all(document.patient)
    sign_in(client, document.patient)

    page = client.get(reverse("records:uploads"))
    delete = client.get(reverse("records:remove_upload", args=[upload.pk]))

    assert b"A lab: panel.vcf" in page.content
    assert b"Not a clinical test" not in page.content
    assert delete.status_code == 404


def test_the_database_holds_no_sent_file_without_an_account() -> None:
    document = a_document()

    with pytest.raises(IntegrityError), transaction.atomic():
        Origin.objects.create(
            patient=document.patient, kind=Origin.Kind.FILE, name="x", created_at=NOW
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        Upload.objects.create(
            patient=document.patient,
            origin=an_origin(document.patient, remote=""),
            document=document,
            kind="vcf",
            added_at=NOW,
        )
