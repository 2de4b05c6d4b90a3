"""Files that are not FHIR: read by a process with limits, asked about, marked, all or nothing."""

import gzip
import os
import subprocess
import sys
import time

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from portal.accounts.models import User
from portal.audit.models import Entry
from portal.records import services
from portal.records.models import File, Finding, Rejected, Resource, Upload
from portal.records.services.converting import Answer, Counts, FileToRead, Unreadable, convert
from tests.genomics.vcf.builders import DATA, a_file, a_line
from tests.people import sign_in
from tests.records.builders import NOW, a_patient

pytestmark = pytest.mark.django_db
ROUGH = a_file(a_line(pos=100), a_line("0/0", pos=200), a_line("0/7", pos=300))
WITHOUT_BUILD = (
    a_file(a_line(chrom="13")).replace(b",assembly=GRCh38", b"").replace(b"length", b"x")
)
TWO = a_file(a_line() + "\t0/0", samples=("Ana", "Bo"))


def added(content: bytes, patient: User | None = None) -> Upload:
    return services.add_upload(
        patient=patient or a_patient(), content=content, name="mine.vcf", at=NOW
    )


def read(content: bytes, patient: User | None = None) -> Upload:
    done = services.read_upload(upload_id=added(content, patient).pk, at=NOW)
    assert done is not None
    return done


def test_a_vcf_becomes_findings_that_are_marked() -> None:
    upload = read(ROUGH)

    (variant,) = Finding.objects.of(upload.patient).filter(kind="variant")
    assert upload.state == Upload.State.READ
    assert "not-a-clinical-test" in variant.body["flags"]
    assert variant.body["hgvs"]["g"] == ["NC_000013.11:g.100G>A"]
    assert not upload.is_clinical


def test_what_was_looked_at_and_not_found_is_a_count_and_no_record() -> None:
    upload = read(ROUGH)

    report = Resource.objects.get(origin=upload.origin, resource_type="DiagnosticReport")
    assert "1 difference among 2 places tested" in report.body()["conclusion"]
    assert Resource.objects.filter(resource_type="Observation").count() == 1


def test_a_line_that_could_not_be_read_is_listed_with_its_number() -> None:
    upload = read(ROUGH)

    row = Rejected.objects.get(origin=upload.origin)
    assert (row.reason, row.line, upload.rejected) == ("line-genotype", 11, 1)
    assert row.reason_in_words == "The result on this line cannot be read."


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("hl7v2/snpEff.hl7v2.txt", "variant"),
        ("phenopackets/mcahs1.json", "variant"),
        ("consumer-raw/23andme.txt", "report"),
    ],
)
def test_other_kinds_are_read_too(path: str, kind: str) -> None:
    upload = read((DATA / path).read_bytes())

    assert upload.state == Upload.State.READ
    assert Finding.objects.of(upload.patient).filter(kind=kind).exists()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (gzip.compress(ROUGH, mtime=0)[:-5], "cut-short"),
        (b"##fileformat=VCFv4.3\nchr1\t5\n", "bad-header"),
        (b"##fileformat=VCFv4.9\n", "vcf-version"),
        (b"MSH|^~\\&|a|b|c|d|e||ORM^O01|1\rOBX|1|ST|1^x^L||y", "not-json"),
        (gzip.compress(ROUGH + b"##" + b"x" * (64 << 20), mtime=0), "too-big"),
    ],
    ids=["cut", "no columns", "version", "an order", "bomb"],
)
def test_a_file_that_cannot_be_trusted_is_kept_and_refused_whole(
    content: bytes, reason: str
) -> None:
    upload = read(content)

    assert (upload.state, upload.reason) == (Upload.State.REFUSED, reason)
    assert not Resource.objects.filter(origin=upload.origin).exists()
    assert services.open_file(File.objects.get(origin=upload.origin)) == content


def test_several_samples_are_asked_about_and_the_answer_is_read() -> None:
    upload = read(TWO)
    assert (upload.state, upload.samples) == (Upload.State.ASKING, ["Ana", "Bo"])

    services.answer_upload(upload=upload, answer=Answer(sample="Ana"), at=NOW)
    done = services.read_upload(upload_id=upload.pk, at=NOW)

    assert done is not None
    assert (done.state, done.samples) == (Upload.State.READ, [])
    assert Finding.objects.of(upload.patient).filter(kind="variant").count() == 1
    assert "Ana" not in str(list(Entry.objects.values_list("facts", "about")))


ARRAY = (
    b"[Header]\nGSGT Version\t2.0\n[Data]\nSNP Name\tSample ID\tAllele1 - Plus\tAllele2 - Plus\n"
    b"rs9923231\tAna\tC\tT\nrs9923231\tBo\tC\tC\n"
)


def test_of_a_report_of_an_array_one_sample_is_read() -> None:
    upload = read(ARRAY)
    assert (upload.kind, upload.state) == ("raw-genotypes", Upload.State.ASKING)
    assert upload.samples == ["Ana", "Bo"]

    services.answer_upload(upload=upload, answer=Answer(sample="Ana"), at=NOW)
    services.read_upload(upload_id=upload.pk, at=NOW)

    names = [one.body.get("name", "") for one in Finding.objects.of(upload.patient)]
    assert "rs9923231 CT" in names
    assert "rs9923231 CC" not in names


def test_a_report_of_an_array_with_other_columns_is_refused_by_name() -> None:
    upload = read(ARRAY.replace(b"Allele1 - Plus", b"Theta"))

    assert (upload.state, upload.reason) == (Upload.State.REFUSED, "raw-layout")
    assert "report of a DNA array" in upload.reason_in_words


def test_a_build_is_asked_for_and_never_guessed() -> None:
    upload = read(WITHOUT_BUILD)
    assert upload.question == "build-unknown"

    services.answer_upload(upload=upload, answer=Answer(build="GRCh37"), at=NOW)
    services.read_upload(upload_id=upload.pk, at=NOW)

    (variant,) = Finding.objects.of(upload.patient).filter(kind="variant")
    assert variant.body["position"]["build"] == "GRCh37"


def test_an_answer_that_was_not_offered_is_refused() -> None:
    with pytest.raises(services.NotOffered):
        services.answer_upload(upload=read(TWO), answer=Answer(sample="nobody"), at=NOW)


def test_a_file_that_asked_nothing_takes_no_answer() -> None:
    with pytest.raises(services.NothingAsked):
        services.answer_upload(upload=read(ROUGH), answer=Answer(sample="Ana"), at=NOW)


def test_the_database_holds_no_question_beside_the_state_of_asking() -> None:
    upload = read(ROUGH)

    with pytest.raises(IntegrityError), transaction.atomic():
        Upload.objects.filter(pk=upload.pk).update(question="several-samples")


def test_the_question_is_a_page_and_the_answer_is_taken(client: Client) -> None:
    patient = a_patient()
    sign_in(client, patient)
    upload = read(TWO, patient)
    page = reverse("records:answer_upload", args=[upload.pk])

    asked = client.get(page)
    empty = client.post(page)
    answered = client.post(page, {"sample": "Bo"})

    upload.refresh_from_db()
    assert b"Ana" in asked.content
    assert empty.status_code == 200
    assert answered["Location"] == reverse("records:uploads")
    assert upload.sample == "Bo"


def test_the_question_of_somebody_else_is_not_found(client: Client) -> None:
    sign_in(client, a_patient())
    upload = read(TWO)

    assert client.get(reverse("records:answer_upload", args=[upload.pk])).status_code == 404


def test_a_bomb_costs_little_time_and_memory() -> None:
    packed = gzip.compress(ROUGH + b"##" + b"x" * (64 << 20))
    started = time.monotonic()
    before = _children_cpu_s()

    with pytest.raises(Unreadable):
        list(convert(FileToRead(packed, "vcf"), Answer(), Counts()))

    assert _children_cpu_s() - before < 2
    assert time.monotonic() - started < 10


def _children_cpu_s() -> float:
    times = os.times()
    return times.children_user + times.children_system


def test_the_process_that_reads_cannot_take_all_the_memory() -> None:
    code = "from portal.genomics import child; child.confine(); bytearray(600 << 20)"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)

    assert done.returncode == 1
    assert b"MemoryError" in done.stderr


def test_a_file_of_variants_says_how_much_differs_among_how_much(client: Client) -> None:
    patient = a_patient()
    sign_in(client, patient)
    same = [a_line("0/0", pos=1000 + at) for at in range(1197)]
    changed = [a_line("0/1", pos=5000 + at) for at in range(5)]
    unread = [a_line("./.", pos=9000 + at) for at in range(18)]
    upload = read(a_file(*same, *changed, *unread), patient)

    pages = [client.get(reverse(name)).content for name in ("records:uploads", "results:list")]

    assert (upload.different, upload.tested) == (5, 1202)
    words = b"5 differences worth looking at among 1,202 places tested."
    assert all(words in page for page in pages)
    assert Finding.objects.of(patient).filter(kind="variant").count() == 5


def test_a_raw_data_file_says_how_many_places_are_in_it_and_what_they_are_used_for(
    client: Client,
) -> None:
    patient = a_patient()
    sign_in(client, patient)
    upload = read((DATA / "consumer-raw/23andme.txt").read_bytes(), patient)

    pages = [client.get(reverse(name)).content for name in ("records:uploads", "results:list")]

    assert (upload.different, upload.tested) == (None, 9)  # ten lines, one without letters
    words = b"9 places of your DNA are in it. We use only what tells of medicines."
    assert all(words in page for page in pages)


def test_a_file_that_counts_no_places_says_none(client: Client) -> None:
    patient = a_patient()
    sign_in(client, patient)
    upload = read((DATA / "hl7v2/snpEff.hl7v2.txt").read_bytes(), patient)

    page = client.get(reverse("records:uploads"))

    assert upload.tested is None
    assert b"worth looking at" not in page.content
