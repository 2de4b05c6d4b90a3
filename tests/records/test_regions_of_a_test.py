"""A VCF and the BED of the same test: joined where the source or the person says so, never else."""

import json

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from portal.accounts.models import User
from portal.records import services
from portal.records.models import Change, Finding, Origin, Rejected, Resource, Upload
from portal.records.services import ALONE, UNSURE, Answer
from portal.results.reach import Reach, rows, silent_tests
from portal.results.record import load
from tests.genomics.vcf.builders import a_file, a_line
from tests.people import sign_in
from tests.records.builders import NOW, a_patient, an_origin, incoming

pytestmark = pytest.mark.django_db
VCF = a_file(a_line(pos=150), a_line(pos=900))
OTHER_VCF = a_file(a_line(pos=160))
BED = b"chr13\t100\t200\tBRCA2\n"
STUDIED = "1 region with 100 letters of DNA was looked at."


def hand_in(patient: User, content: bytes, name: str) -> Upload:
    upload = services.add_upload(patient=patient, content=content, name=name, at=NOW)
    return read(upload)


def read(upload: Upload) -> Upload:
    read_all(upload.patient)
    return Upload.objects.get(pk=upload.pk)


def read_all(patient: User) -> None:
    """Do what the sweep does until nothing waits; a file can make another wait again."""
    while waiting := Upload.objects.waiting().of(patient).first():
        services.read_upload(upload_id=waiting.pk, at=NOW)


def answer(upload: Upload, **said: str) -> Upload:
    services.answer_upload(upload=upload, answer=Answer(**said), at=NOW)
    return read(upload)


def reports(patient: User) -> dict[str, str]:
    rows = Finding.objects.of(patient).filter(kind="report").select_related("origin")
    return {row.origin.name: row.body["conclusion"] for row in rows}


def states(patient: User) -> set[str]:
    regions = Finding.objects.of(patient).filter(kind="region-studied")
    listed = [one for row in regions for one in row.body.get("regions", [])]
    return {one["state"] for one in listed if "position" in one}


@pytest.fixture
def patient() -> User:
    return a_patient()


def test_a_file_of_regions_asks_of_which_test_it_is_and_what_it_lists(patient: User) -> None:
    vcf = hand_in(patient, VCF, "person.vcf")

    bed = hand_in(patient, BED, "regions.bed")

    assert (bed.state, bed.question) == (Upload.State.ASKING, "regions")
    assert services.offered_tests(bed) == [vcf]
    assert states(patient) == set()


def test_regions_are_read_with_the_test_that_the_person_names(patient: User) -> None:
    vcf = hand_in(patient, VCF, "person.vcf")
    bed = hand_in(patient, BED, "regions.bed")

    bed = answer(bed, test=str(vcf.pk), regions="studied")

    assert (bed.state, bed.test) == (Upload.State.READ, vcf)
    assert set(reports(patient)) == {"person.vcf"}
    assert STUDIED in reports(patient)["person.vcf"]
    assert "1 difference lies where the test did not look" in reports(patient)["person.vcf"]
    assert states(patient) == {"studied"}
    assert not Resource.objects.filter(origin=bed.origin).present().exists()


def reach(patient: User) -> dict[str, Reach]:
    shelves = load(patient)
    return {row.gene: row.reach for row in rows(shelves, ())}


NAMED = b"chr13\t32315000\t32316000\tBRCA2_ex1\nchr17\t43044294\t43045802\tBRCA1\n"


def test_a_gene_that_a_region_names_was_read_in_part_and_never_more(patient: User) -> None:
    vcf = hand_in(patient, VCF, "person.vcf")
    bed = hand_in(patient, NAMED, "regions.bed")

    answer(bed, test=str(vcf.pk), regions="studied")

    assert reach(patient) == {"BRCA1": Reach.PARTLY, "BRCA2": Reach.PARTLY}
    assert silent_tests(load(patient)) == ()


def test_a_test_of_which_not_every_region_names_a_gene_does_not_tell_all(patient: User) -> None:
    bed = hand_in(patient, NAMED + b"chr2\t5\t9\tSOMEGENE1\n", "regions.bed")

    answer(answer(bed, regions="studied"), build="GRCh38")

    assert set(reach(patient)) == {"BRCA1", "BRCA2"}
    assert silent_tests(load(patient)) == ("regions.bed: Genetic analysis report",)


def test_a_stretch_that_could_not_be_read_leaves_its_gene_partly(patient: User) -> None:
    vcf = hand_in(patient, VCF, "person.vcf")
    bed = hand_in(patient, NAMED, "regions.bed")

    answer(bed, test=str(vcf.pk), regions="uncalled")

    assert set(reach(patient).values()) == {Reach.PARTLY}


def test_a_test_that_is_read_anew_with_its_regions_is_no_news_of_a_lab(patient: User) -> None:
    vcf = hand_in(patient, VCF, "person.vcf")
    bed = answer(hand_in(patient, BED, "regions.bed"), test=str(vcf.pk), regions="studied")

    answer(bed, test=ALONE, regions="uncalled")

    assert not Change.objects.of(patient).exists()


def test_regions_that_were_not_read_are_never_told_as_looked_at(patient: User) -> None:
    vcf = hand_in(patient, VCF, "person.vcf")
    bed = hand_in(patient, BED, "regions.bed")

    answer(bed, test=str(vcf.pk), regions="uncalled")

    assert states(patient) == {"uncalled"}
    assert "could not be read" in reports(patient)["person.vcf"]


def test_regions_that_go_with_no_test_ask_for_their_build_and_stand_alone(patient: User) -> None:
    hand_in(patient, VCF, "person.vcf")
    bed = hand_in(patient, BED, "regions.bed")

    asking = answer(bed, test=ALONE, regions="studied")
    alone = answer(asking, build="GRCh38")

    assert asking.question == "build-unknown"
    assert (alone.state, alone.test) == (Upload.State.READ, None)
    assert set(reports(patient)) == {"person.vcf", "regions.bed"}
    assert "looked at" not in reports(patient)["person.vcf"]


def test_a_list_that_nobody_can_explain_is_only_kept(patient: User) -> None:
    vcf = hand_in(patient, VCF, "person.vcf")
    bed = hand_in(patient, BED, "regions.bed")

    bed = answer(bed, test=str(vcf.pk), regions=UNSURE)

    assert (bed.state, bed.test) == (Upload.State.KEPT, None)
    assert states(patient) == set()


def test_the_person_can_choose_again_when_the_test_came_later(patient: User) -> None:
    bed = answer(hand_in(patient, BED, "regions.bed"), regions="studied")
    bed = answer(bed, build="GRCh38")
    vcf = hand_in(patient, VCF, "person.vcf")

    bed = answer(bed, test=str(vcf.pk), regions="studied")

    assert bed.test == vcf
    assert set(reports(patient)) == {"person.vcf"}
    assert STUDIED in reports(patient)["person.vcf"]


def test_regions_that_move_to_another_test_leave_the_first(patient: User) -> None:
    vcf = hand_in(patient, VCF, "person.vcf")
    other = hand_in(patient, OTHER_VCF, "other.vcf")
    bed = answer(hand_in(patient, BED, "regions.bed"), test=str(vcf.pk), regions="studied")

    answer(bed, test=str(other.pk), regions="studied")

    assert "looked at" not in reports(patient)["person.vcf"]
    assert STUDIED in reports(patient)["other.vcf"]


def test_a_test_whose_regions_are_deleted_is_read_without_them(patient: User) -> None:
    vcf = hand_in(patient, VCF, "person.vcf")
    bed = answer(hand_in(patient, BED, "regions.bed"), test=str(vcf.pk), regions="studied")

    services.remove_upload(upload=bed, at=NOW)
    read_all(patient)

    assert states(patient) == set()
    assert "looked at" not in reports(patient)["person.vcf"]


def test_regions_whose_test_is_deleted_ask_again(patient: User) -> None:
    vcf = hand_in(patient, VCF, "person.vcf")
    bed = answer(hand_in(patient, BED, "regions.bed"), test=str(vcf.pk), regions="studied")

    services.remove_upload(upload=vcf, at=NOW)
    bed = read(bed)

    assert (bed.state, bed.question, bed.test) == (Upload.State.ASKING, "regions", None)
    assert not Finding.objects.of(patient).exists()


def test_a_test_of_somebody_else_is_not_offered(patient: User) -> None:
    strange = hand_in(a_patient(), VCF, "bo.vcf")
    bed = hand_in(patient, BED, "regions.bed")

    with pytest.raises(services.NotOffered):
        answer(bed, test=str(strange.pk), regions="studied")


def test_a_broken_line_of_the_regions_is_listed_with_their_file(patient: User) -> None:
    vcf = hand_in(patient, VCF, "person.vcf")
    bed = hand_in(patient, BED + b"chr13\t9\t5\n", "regions.bed")

    bed = answer(bed, test=str(vcf.pk), regions="studied")

    (left_out,) = Rejected.objects.of(patient)
    assert (left_out.origin, left_out.line) == (bed.origin, 2)
    assert (Upload.objects.get(pk=vcf.pk).rejected, bed.rejected) == (1, 0)


def test_regions_that_cannot_be_read_do_not_take_the_results_with_them(patient: User) -> None:
    vcf = hand_in(patient, VCF, "person.vcf")
    bed = hand_in(patient, b"chr13\t1\t2\n" + b"x" * (1 << 20), "regions.bed")

    answer(bed, test=str(vcf.pk), regions="studied")

    assert Upload.objects.get(pk=vcf.pk).state == Upload.State.READ
    assert Finding.objects.of(patient).filter(kind="variant").count() == 2


def test_only_regions_belong_to_a_test(patient: User) -> None:
    vcf = hand_in(patient, VCF, "person.vcf")
    other = hand_in(patient, OTHER_VCF, "other.vcf")

    with pytest.raises(IntegrityError), transaction.atomic():
        Upload.objects.filter(pk=other.pk).update(test=vcf, regions="studied")


def a_resource(origin: Origin, body: dict[str, object]) -> Resource:
    services.store_page(origin=origin, entries=incoming(json.dumps(body).encode()), at=NOW)
    return Resource.objects.get(origin=origin, source_id=body["id"])


def a_document(origin: Origin, name: str, report: str = "") -> Resource:
    body: dict[str, object] = {
        "resourceType": "DocumentReference",
        "id": name,
        "status": "current",
        "subject": {"reference": "Patient/p1"},
    }
    if report:
        body["context"] = {"related": [{"reference": report}]}
    return a_resource(origin, body)


def send(document: Resource, content: bytes, *, place: int = 0, title: str = "") -> None:
    label = services.Label("text/plain", title or document.source_id)
    services.take_sent_file(document=document, place=place, content=content, label=label, at=NOW)


def finish(origin: Origin) -> User:
    """End an import: all that came is read, and what belongs together is joined."""
    read_all(origin.patient)
    services.end_sent_files(account=origin, at=NOW)
    read_all(origin.patient)
    return origin.patient


def the_bed(patient: User) -> Upload:
    return Upload.objects.of(patient).get(kind="bed")


@pytest.mark.parametrize("order", [(VCF, BED), (BED, VCF)])
def test_two_files_of_one_document_are_one_test(order: tuple[bytes, bytes]) -> None:
    origin = an_origin()
    document = a_document(origin, "panel")

    for place, content in enumerate(order):
        send(document, content, place=place)
    patient = finish(origin)

    (conclusion,) = reports(patient).values()
    assert STUDIED in conclusion
    assert the_bed(patient).state == Upload.State.READ


def test_two_documents_of_one_report_are_one_test() -> None:
    origin = an_origin()
    send(a_document(origin, "bed", "DiagnosticReport/r"), BED)
    send(a_document(origin, "vcf", "DiagnosticReport/r"), VCF)
    send(a_document(origin, "vcf2", "DiagnosticReport/r2"), OTHER_VCF)

    patient = finish(origin)

    assert the_bed(patient).test == Upload.objects.get(origin__name="A lab: vcf")


def test_an_analysis_says_that_regions_could_not_be_read() -> None:
    origin = an_origin()
    base = "http://hl7.org/fhir/uv/genomics-reporting/StructureDefinition/genomic-study-analysis"
    parts = {"regions": ("uncalled", "bed"), "output": ("file", "vcf")}
    analysis: dict[str, object] = {
        "resourceType": "Procedure",
        "id": "a",
        "status": "completed",
        "subject": {"reference": "Patient/p1"},
        "extension": [
            {
                "url": f"{base}-{part}",
                "extension": [
                    {"url": url, "valueReference": {"reference": f"DocumentReference/{name}"}}
                ],
            }
            for part, (url, name) in parts.items()
        ],
    }
    a_resource(origin, analysis)
    send(a_document(origin, "bed"), BED)
    send(a_document(origin, "vcf"), VCF)

    patient = finish(origin)

    assert the_bed(patient).regions == "uncalled"
    assert "could not be read" in reports(patient)["A lab: vcf"]


def test_several_tests_that_stand_alike_are_asked_about() -> None:
    origin = an_origin()
    for name, content in (("bed", BED), ("vcf", VCF), ("vcf2", OTHER_VCF)):
        send(a_document(origin, name, "DiagnosticReport/r"), content)

    patient = finish(origin)

    bed = the_bed(patient)
    assert (bed.state, bed.question) == (Upload.State.ASKING, "regions")
    assert len(services.offered_tests(bed)) == 2


@pytest.mark.parametrize("title", ["NoncallableRegions.bed", "low coverage"])
def test_a_list_of_a_lab_that_may_be_of_what_was_not_read_is_asked_about(title: str) -> None:
    origin = an_origin()
    document = a_document(origin, "panel")
    send(document, VCF)
    send(document, BED, place=1, title=title)

    patient = finish(origin)

    assert the_bed(patient).question == "regions"
    assert states(patient) == set()


def test_files_that_nothing_joins_stay_apart() -> None:
    origin = an_origin()
    send(a_document(origin, "bed"), BED)
    send(a_document(origin, "vcf"), VCF)

    patient = finish(origin)

    assert the_bed(patient).test is None
    assert the_bed(patient).question == "build-unknown"


def test_what_a_person_said_of_files_of_a_lab_is_not_undone_by_the_next_import() -> None:
    origin = an_origin()
    for name, content in (("bed", BED), ("vcf", VCF), ("vcf2", OTHER_VCF)):
        send(a_document(origin, name, "DiagnosticReport/r"), content)
    bed = the_bed(finish(origin))
    bed = answer(answer(bed, test=ALONE, regions="studied"), build="GRCh38")

    finish(origin)

    assert the_bed(bed.patient).state == Upload.State.READ
    assert the_bed(bed.patient).test is None


def test_when_a_document_is_taken_back_its_test_is_read_without_the_regions() -> None:
    origin = an_origin()
    for name, content in (("bed", BED), ("vcf", VCF)):
        send(a_document(origin, name, "DiagnosticReport/r"), content)
    finish(origin)

    bed = Resource.objects.get(source_id="bed", origin=origin)
    services.mark_removed(resources=[bed], at=NOW)
    patient = finish(origin)

    assert "looked at" not in reports(patient)["A lab: vcf"]
    assert the_bed(patient).state == Upload.State.GONE


def test_the_page_offers_the_tests_and_says_what_was_joined(client: Client, patient: User) -> None:
    sign_in(client, patient)
    vcf = hand_in(patient, VCF, "person.vcf")
    bed = hand_in(patient, BED, "regions.bed")
    address = f"/record/files/{bed.pk}/answer/"

    question = client.get(address).text
    missing = client.post(address, {"regions": "studied"}).text
    client.post(address, {"test": str(vcf.pk), "regions": "studied"})
    read_all(patient)
    page = client.get("/record/files/").text

    assert "person.vcf, added" in question
    assert "None of these. Keep it as a test of its own." in question
    assert "Choose the test, or none." in missing
    assert "Places that the test in person.vcf looked at." in page
    assert "Read together with regions.bed." in page
    assert "Choose again" in page


def test_the_page_says_that_regions_stand_alone(client: Client, patient: User) -> None:
    sign_in(client, patient)
    bed = hand_in(patient, BED, "regions.bed")

    question = client.get(f"/record/files/{bed.pk}/answer/").text
    answer(answer(bed, regions="studied"), build="GRCh38")
    page = client.get("/record/files/").text

    assert "Which test is this file of?" not in question
    assert "A test of its own: it goes with none of your other files." in page


def a_sent_test() -> Upload:
    """Return the file of variants of a lab, read."""
    origin = an_origin()
    send(a_document(origin, "vcf"), VCF)
    return Upload.objects.of(finish(origin)).get(kind="vcf")


def test_regions_that_a_person_has_can_go_with_a_test_that_a_lab_sent() -> None:
    vcf = a_sent_test()
    bed = hand_in(vcf.patient, NAMED, "regions.bed")

    bed = answer(bed, test=str(vcf.pk), regions="studied")

    (conclusion,) = reports(vcf.patient).values()
    assert (bed.state, bed.test) == (Upload.State.READ, vcf)
    assert "2 regions" in conclusion
    assert "The person added a list of regions; the laboratory did not send it." in conclusion
    assert "Not a clinical test" not in conclusion
    assert reach(vcf.patient) == {"BRCA1": Reach.PARTLY, "BRCA2": Reach.PARTLY}


def test_only_what_the_person_added_to_a_test_of_a_lab_is_marked() -> None:
    vcf = a_sent_test()
    answer(hand_in(vcf.patient, BED, "a.bed"), test=str(vcf.pk), regions="studied")

    rows = Finding.objects.of(vcf.patient)
    marked = {row.body["key"] for row in rows if "not-a-clinical-test" in row.body.get("flags", [])}
    assert marked == {"Observation/region-1"}


def test_regions_of_a_person_stay_when_the_lab_takes_its_test_back() -> None:
    vcf = a_sent_test()
    bed = answer(hand_in(vcf.patient, BED, "a.bed"), test=str(vcf.pk), regions="studied")
    assert vcf.document is not None

    services.mark_removed(resources=[vcf.document], at=NOW)
    finish(vcf.document.origin)

    bed = Upload.objects.get(pk=bed.pk)
    assert (bed.state, bed.question, bed.test) == (Upload.State.ASKING, "regions", None)


def test_regions_of_a_person_stay_when_the_copies_of_a_lab_are_deleted() -> None:
    vcf = a_sent_test()
    bed = answer(hand_in(vcf.patient, BED, "a.bed"), test=str(vcf.pk), regions="studied")
    assert vcf.document is not None

    services.erase(origin=vcf.document.origin)
    bed = read(bed)

    assert (bed.state, bed.question, bed.test) == (Upload.State.ASKING, "regions", None)
    assert not Upload.objects.filter(kind="vcf").exists()


def test_regions_that_a_lab_sent_are_not_offered_the_tests_of_a_person() -> None:
    origin = an_origin()
    hand_in(origin.patient, VCF, "person.vcf")
    send(a_document(origin, "bed"), BED, title="low coverage")

    finish(origin)

    assert services.offered_tests(the_bed(origin.patient)) == []
