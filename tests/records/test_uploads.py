"""Files that people hand in: their content decides, and nothing of them is lost in silence."""

import gzip
import io
import json
import zipfile
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client

from portal.accounts.models import User
from portal.audit.models import Entry
from portal.records import services, tasks
from portal.records.models import File, Finding, Origin, Rejected, Resource, Upload
from tests.genomics.vcf.builders import a_file, a_line
from tests.people import sign_in
from tests.records.builders import NOW, a_patient, an_observation

pytestmark = pytest.mark.django_db
DATA = Path(__file__).parent.parent / "data"
EMERGE = DATA / "fhir" / "emerge-lab-reports" / "standard-GenomicReportFHIRBundlePositive1.json"
VCF = b"##fileformat=VCFv4.3\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tme\n"


def read(content: bytes, name: str = "report.json", patient: User | None = None) -> Upload:
    upload = services.add_upload(patient=patient or a_patient(), content=content, name=name, at=NOW)
    done = services.read_upload(upload_id=upload.pk, at=NOW)
    assert done is not None
    return done


def test_a_lab_bundle_becomes_a_record_and_findings() -> None:
    upload = read(EMERGE.read_bytes())

    assert upload.state == Upload.State.READ
    assert upload.stored == Resource.objects.count() > 5
    assert Finding.objects.of(upload.patient).filter(kind="variant").exists()
    assert services.open_file(File.objects.get()) == EMERGE.read_bytes()


def as_lines(*resources: bytes) -> bytes:
    return b"\n".join(resources) + b"\n"


@pytest.mark.parametrize(
    "content",
    [
        as_lines(an_observation("a"), an_observation("b")),
        as_lines(an_observation("a"), b"", an_observation("b")).replace(b"\n", b"\r\n"),
        b"[" + an_observation("a") + b"," + an_observation("b") + b"]",
        b"\xef\xbb\xbf" + as_lines(an_observation("a"), an_observation("b")),
        json.dumps([json.loads(an_observation(n)) for n in "ab"], indent=2).encode(),
    ],
)
def test_lines_and_lists_are_read_too(content: bytes) -> None:
    upload = read(content, "whatever.txt")

    assert (upload.state, upload.stored) == (Upload.State.READ, 2)


def test_a_broken_line_is_listed_and_the_others_are_kept() -> None:
    upload = read(as_lines(an_observation("a"), an_observation("b"), b'{"resourceType":"Obs'))

    assert (upload.stored, upload.rejected) == (2, 1)
    assert Rejected.objects.get().reason == "not-json"


def test_a_document_that_is_cut_is_refused_and_kept_whole() -> None:
    upload = read(EMERGE.read_bytes()[:5000])

    assert upload.state == Upload.State.REFUSED
    assert Rejected.objects.filter(origin=upload.origin).exists()
    assert File.objects.filter(origin=upload.origin).exists()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (VCF, "vcf"),
        (gzip.compress(VCF, mtime=0), "vcf"),
        (b"%PDF-1.7\n", "pdf"),
        (b"# rsid\tchromosome\tposition\tgenotype\nrs1\t1\t1\tAA\n", "raw-genotypes"),
    ],
)
def test_other_files_are_kept_as_they_are(content: bytes, kind: str) -> None:
    upload = read(content, "misleading.json")

    assert upload.kind == kind
    assert upload.is_clinical == (kind == "pdf")
    assert services.open_file(File.objects.get()) == content


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"BAM\x01", "bam"),
        (b"CRAM\x03", "cram"),
        (b"PK\x03\x04", "zip"),
        (b"\x89PNG\r\n", "picture"),
        (b"\x00\x01\x02", "binary"),
        (b"hello", "unknown"),
    ],
)
def test_what_is_not_read_here_is_refused_with_advice(content: bytes, code: str) -> None:
    with pytest.raises(services.CannotTake) as refusal:
        services.add_upload(patient=a_patient(), content=content, name="x.vcf", at=NOW)

    assert refusal.value.code == code
    assert not Upload.objects.exists()


def packed(*files: tuple[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return target.getvalue()


def test_the_one_file_in_an_archive_is_taken_under_its_own_name() -> None:
    inside = (DATA / "consumer-raw" / "23andme.txt").read_bytes()
    content = packed(("__MACOSX/._genome.txt", b"x"), ("raw/genome.txt", inside))

    upload = read(content, "genome.zip")

    assert (upload.kind, upload.state) == ("raw-genotypes", Upload.State.READ)
    assert upload.origin.name == "genome.txt"
    assert services.open_file(File.objects.get()) == inside


BED = b"chr13\t100\t200\tBRCA2\n"
INDEX = gzip.compress(b"TBI\x01" + b"\x00" * 40, mtime=0)


def together(*files: tuple[str, bytes]) -> Upload:
    """Hand in an archive, and do what the sweep does until nothing waits."""
    upload = services.add_upload(patient=a_patient(), content=packed(*files), name="x", at=NOW)
    while waiting := Upload.objects.waiting().first():
        services.read_upload(upload_id=waiting.pk, at=NOW)
    return Upload.objects.get(pk=upload.pk)


def test_variants_and_the_regions_packed_with_them_are_one_test() -> None:
    variants = a_file(a_line(pos=150), a_line(pos=900))

    upload = together(("r/panel.bed", BED), ("r/me.vcf", variants), ("r/me.vcf.gz.tbi", INDEX))

    bed = Upload.objects.get(kind="bed")
    report = Finding.objects.get(kind="report")
    assert (upload.kind, upload.state, upload.origin.name) == ("vcf", "read", "me.vcf")
    assert (bed.state, bed.test, bed.regions) == ("read", upload, "studied")
    assert report.origin == upload.origin
    assert "1 region with 100 letters of DNA was looked at." in report.body["conclusion"]


def test_regions_packed_with_a_test_that_may_not_have_been_read_are_asked_about() -> None:
    upload = together(("me.vcf", a_file(a_line())), ("NoncallableRegions.bed", BED))

    bed = Upload.objects.get(kind="bed")
    assert (bed.state, bed.question, bed.test) == ("asking", "regions", None)
    assert services.offered_tests(bed) == [upload]


def test_the_variants_wait_for_the_regions_packed_with_them(client: Client) -> None:
    sign_in(client, a_patient())
    files = packed(("me.vcf", a_file(a_line())), ("panel.bed", BED))

    client.post("/record/files/", {"file": SimpleUploadedFile("x.zip", files)})

    kinds = [one.kind for one in Upload.objects.waiting()]
    assert kinds == ["bed", "vcf"]


# By name: what is packed differs from one second to the next.
ARCHIVES = {
    "nothing": (packed(), "zip"),
    "two": (packed(("a.vcf", VCF), ("b.vcf", VCF)), "zip"),
    "two-and-regions": (packed(("a.vcf", VCF), ("b.vcf", VCF), ("c.bed", BED)), "zip"),
    "with-another": (packed(("a.vcf", VCF), ("c.bed", BED), ("d.pdf", b"%PDF-1.7\n")), "zip"),
    "only-regions": (packed(("a.bed", BED), ("b.bed", BED)), "zip"),
    "very-many": (packed(*((f"{n}.bed", BED) for n in range(30)), ("a.vcf", VCF)), "zip"),
    "only-an-index": (packed(("a.tbi", INDEX)), "zip"),
    "index": (INDEX, "index"),
    "bomb-of-two": (
        packed(("a.vcf", VCF + b"\n" * (services.MOST_BYTES - len(VCF))), ("b.bed", BED)),
        "too-big",
    ),
    "cut": (packed(("a.vcf", VCF))[:-30], "zip"),
    "method": (packed(("a.vcf", VCF)).replace(b"\x08\x00", b"\x63\x00"), "zip"),
    "zip-in-zip": (packed(("a.zip", packed(("a.vcf", VCF)))), "zip"),
    "bomb": (packed(("big.vcf", VCF + b"\n" * services.MOST_BYTES)), "too-big"),
    "picture": (packed(("photo.png", b"\x89PNG\r\n")), "picture"),
    "gzip-cut": (gzip.compress(an_observation("a"))[:-9], "compressed"),
    "gzip-in-gzip": (gzip.compress(gzip.compress(an_observation("a"))), "compressed"),
    "bzip": (b"BZh91AY&SY", "compressed"),
    "gzip-bomb": (gzip.compress(b"{" + b" " * services.MOST_BYTES), "too-big"),
    "gzip-words": (gzip.compress(b"hello"), "unknown"),
}


@pytest.mark.parametrize("name", ARCHIVES)
def test_what_is_packed_without_one_file_that_is_read_here_is_refused(name: str) -> None:
    content, code = ARCHIVES[name]

    with pytest.raises(services.CannotTake) as refusal:
        services.add_upload(patient=a_patient(), content=content, name="x", at=NOW)

    assert refusal.value.code == code
    assert not Upload.objects.exists()


def test_fhir_packed_with_gzip_is_taken_as_what_is_inside() -> None:
    lines = as_lines(an_observation("a"), an_observation("b"))

    upload = read(gzip.compress(lines, mtime=0), "export.ndjson.gz")

    assert (upload.kind, upload.stored) == ("fhir", 2)
    assert upload.origin.name == "export.ndjson"


def test_a_file_is_read_once() -> None:
    upload = read(an_observation("a"))

    assert services.read_upload(upload_id=upload.pk, at=NOW) is None


def test_two_files_with_the_same_names_inside_do_not_meet() -> None:
    patient = a_patient()
    read(an_observation("a", status="final"), patient=patient)

    read(an_observation("a", status="amended"), patient=patient)

    statuses = Resource.objects.order_by("pk").values_list("status", flat=True)
    assert list(statuses) == ["final", "amended"]


def test_deleting_a_file_deletes_all_that_came_of_it_and_nothing_else() -> None:
    patient = a_patient()
    upload, other = (read(EMERGE.read_bytes(), patient=patient) for _ in range(2))

    services.remove_upload(upload=upload, at=NOW)

    assert list(Origin.objects.all()) == [other.origin]
    assert {row.origin for row in Resource.objects.all()} == {other.origin}
    assert {row.origin for row in Finding.objects.all()} == {other.origin}
    assert Entry.objects.filter(action="records.upload-removed").count() == 1


@pytest.mark.parametrize(("state", "read_at"), [("read", None), ("waiting", NOW)])
def test_a_file_has_been_read_exactly_when_it_does_not_wait(state: str, read_at: object) -> None:
    read(an_observation("a"))

    with pytest.raises(IntegrityError), transaction.atomic():
        Upload.objects.update(state=state, read_at=read_at)


def a_visitor(patient: User) -> Client:
    client = Client()
    client.force_login(patient, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.parametrize("name", ["../up.json", "a/b.json", "x.json\r\nX: y", "n" * 300 + ".json"])
def test_the_page_takes_a_file_under_a_safe_name(name: str) -> None:
    patient = a_patient()
    client = a_visitor(patient)

    answer = client.post("/record/files/", {"file": SimpleUploadedFile(name, an_observation("a"))})
    tasks.read_upload(upload_id=Upload.objects.get().pk)

    kept = Upload.objects.get().origin.name
    assert answer.status_code == 302
    assert not set(kept) & set("/\\\r\n")
    assert len(kept) <= 120
    assert b"1 record came out of it" in client.get("/record/files/").content


def test_the_page_says_what_to_do_with_a_wrong_file() -> None:
    file = SimpleUploadedFile("reads.bam", b"BAM\x01")

    page = a_visitor(a_patient()).post("/record/files/", {"file": file})

    assert b"Ask the lab for the results as a VCF file." in page.content


def test_an_empty_file_is_said_to_be_empty() -> None:
    file = SimpleUploadedFile("nothing.json", b"")

    page = a_visitor(a_patient()).post("/record/files/", {"file": file})

    assert b"This file is empty." in page.content


def test_nobody_deletes_the_file_of_somebody_else() -> None:
    upload = read(an_observation("a"))
    path = f"/record/files/{upload.pk}/remove/"

    assert a_visitor(a_patient()).post(path).status_code == 404
    assert a_visitor(upload.patient).get(path).status_code == 200
    assert a_visitor(upload.patient).post(path).status_code == 302
    assert not Upload.objects.exists()


def test_a_file_keeps_the_letters_of_its_language() -> None:
    upload = read(an_observation("a"), "Análisis de Begoña.json")

    assert upload.origin.name == "Análisis de Begoña.json"
