"""The pages about a record: what is not in it, its history, and all of it to take away."""

import csv
import hashlib
import io
import json
import time
import zipfile
from collections.abc import Iterator
from datetime import datetime

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from portal.accounts.models import User
from portal.audit.models import Entry
from portal.records import export, services
from portal.records.models import Change, Rejected, Resource
from tests.records.builders import NOW, a_patient, an_observation, an_origin, incoming

pytestmark = pytest.mark.django_db


def a_visitor(patient: User) -> Client:
    """Return a browser that has just signed in."""
    client = Client()
    client.force_login(patient, backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    signed_in = {"method": "password", "at": time.time(), "reauthenticated": True}
    session["account_authentication_methods"] = [signed_in]
    session["account_authentication_methods_user"] = str(patient.pk)
    session.save()
    return client


def a_record(patient: User | None = None) -> User:
    origin = an_origin(patient)
    services.store_page(
        origin=origin,
        entries=incoming(
            an_observation("v1", note=[{"text": "=cmd"}]),
            b'{"resourceType":"Observation","id":"bad","subject":{"reference":"Patient/p1"},"v":NaN}',
            b'{"resourceType":"Observation","id":"whose","v":NaN}',
            an_observation("other", whose="Patient/stranger"),
        ),
        at=NOW,
    )
    services.store_page(
        origin=origin, entries=incoming(an_observation("v1", status="amended")), at=NOW
    )
    label = services.Label("text/plain", "../../etc/x\r\n.txt")
    services.store_file(origin=origin, resource=None, content=b"words", label=label, at=NOW)
    services.rebuild_findings(patient=origin.patient, at=NOW)
    return origin.patient


def taken_away(client: Client) -> zipfile.ZipFile:
    answer = client.post("/record/download/")
    assert answer.status_code == 200
    return zipfile.ZipFile(io.BytesIO(answer.getvalue()))


def test_the_download_holds_every_byte_with_its_checksum() -> None:
    patient = a_record()

    archive = taken_away(a_visitor(patient))

    origin = f"{Resource.objects.get().origin_id}-A-lab"
    former = json.loads(archive.read(f"fhir/{origin}/former/Observation.ndjson"))
    assert archive.read(f"fhir/{origin}/Observation.ndjson").strip() == an_observation(
        "v1", status="amended"
    )
    assert former["status"] == "final"
    for line in archive.read("SHA256SUMS").decode().splitlines():
        total, name = line.split("  ", 1)
        assert hashlib.sha256(archive.read(name)).hexdigest() == total
    kept = [archive.read(name) for name in archive.namelist() if name.startswith("not-kept/")]
    assert len(kept) == 1
    assert b'"bad"' in kept[0]
    assert Entry.objects.filter(action="records.downloaded", actor_id=patient.pk).count() == 1


def test_the_download_holds_nothing_of_strangers() -> None:
    patient = a_record()
    a_record()

    archive = taken_away(a_visitor(patient))

    whole = b"".join(archive.read(name) for name in archive.namelist())
    assert b"stranger" not in whole
    assert len({name.split("/")[1] for name in archive.namelist() if name.startswith("fhir/")}) == 1


def test_what_does_not_say_whose_it_is_is_named_in_the_download_without_its_bytes() -> None:
    patient = a_record()
    row = Rejected.objects.get(source_id="whose")

    archive = taken_away(a_visitor(patient))

    page = archive.read("index.html").decode()
    assert "Observation whose" in page
    assert row.sha256 in page
    assert f"not-kept/{row.pk}-{row.reason}.bin" not in archive.namelist()


@pytest.mark.parametrize("whose", ["Patient/stranger", "Patient/p1/../Patient/stranger"])
def test_bytes_listed_before_that_name_a_stranger_do_not_go_out(whose: str) -> None:
    origin = an_origin()
    raw = an_observation("x", whose=whose).replace(b"69548-6", b"\\u0000")
    services.reject(origin=origin, raw=raw, reason="forbidden-character", at=NOW)

    archive = taken_away(a_visitor(origin.patient))

    assert not [name for name in archive.namelist() if name.startswith("not-kept/")]


def test_what_a_person_handed_in_comes_back_to_them_whole() -> None:
    origin = an_origin(remote="")
    services.reject(origin=origin, raw=b"half a fi", reason="not-json", at=NOW)

    archive = taken_away(a_visitor(origin.patient))

    (name,) = [name for name in archive.namelist() if name.startswith("not-kept/")]
    assert archive.read(name) == b"half a fi"


def test_names_in_the_download_stay_inside_it() -> None:
    names = taken_away(a_visitor(a_record())).namelist()

    assert any(name.endswith(".txt") for name in names)
    assert not any(".." in name or name.startswith("/") or "\\" in name for name in names)
    assert not any("\r" in name or "\n" in name for name in names)


def test_the_first_page_says_what_is_missing_and_loads_nothing() -> None:
    archive = taken_away(a_visitor(a_record()))
    page = archive.read("index.html").decode()

    assert '<link rel="stylesheet" href="index.css">' in page
    assert b"url(" not in archive.read("index.css")
    assert '<a href="for-my-doctor.pdf">' in page
    assert "somebody else" in page
    assert "broken" in page
    assert "http:" not in page
    assert "<script" not in page


def test_the_download_lists_what_was_done_with_the_data() -> None:
    archive = taken_away(a_visitor(a_record()))

    log = archive.read("access-log.csv").decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(log)))
    assert [row["number"] for row in rows] == [str(one + 1) for one in range(len(rows))]
    assert "download" in rows[-1]["act"].lower()
    assert len(rows[-1]["hash"]) == 64


def test_the_download_holds_the_copy_for_the_doctor() -> None:
    archive = taken_away(a_visitor(a_record()))

    assert archive.read("for-my-doctor.pdf").startswith(b"%PDF-")
    assert "for-my-doctor.pdf" in archive.read("SHA256SUMS").decode()


def no_paper(_patient: User, _at: datetime) -> Iterator[tuple[str, None]]:
    """Give a paper that could not be made."""
    yield "paper.pdf", None


def test_a_paper_that_could_not_be_made_is_listed_as_missing(
    settings: Settings,
) -> None:
    settings.TAKEN_AWAY_TOO = [f"{__name__}.no_paper"]

    archive = taken_away(a_visitor(a_record()))

    assert "paper.pdf" not in archive.namelist()
    assert "paper.pdf could not be made" in archive.read("index.html").decode()


def test_each_source_is_one_fhir_bundle_with_what_it_has_now() -> None:
    patient = a_record()
    resource = Resource.objects.get()

    archive = taken_away(a_visitor(patient))

    bundle = json.loads(archive.read(f"fhir/{resource.origin_id}-A-lab/bundle.json"))
    assert (bundle["resourceType"], bundle["type"]) == ("Bundle", "collection")
    (entry,) = bundle["entry"]
    assert entry["resource"] == json.loads(an_observation("v1", status="amended"))


@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_bundle_keeps_each_resource_to_the_letter(count: int) -> None:
    raw = b'{ "resourceType": "Basic", "x": 1.00, "y": 1e3 }'

    pieces = list(export.bundle([("https://lab.example/Basic/1", raw)] * count))

    assert len(pieces) == count
    assert b"".join(pieces).count(raw) == count
    if count:
        entries = json.loads(b"".join(pieces))["entry"]
        assert [one["fullUrl"] for one in entries] == ["https://lab.example/Basic/1"] * count


@pytest.mark.parametrize(
    "cell", ["=2+2", "+2", "-2", "@x", "\t=2", " =2", "\r=2", "\n+1", "\uff1d1"]
)
def test_no_cell_is_a_formula(cell: str) -> None:
    raw = export.csv_table(["a"], [[cell]])

    (_, row) = csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline=""))
    assert row[0] == f"'{cell}"


def test_a_line_of_ndjson_loses_only_line_breaks() -> None:
    raw = b'{\r\n "a" : 1.50,\n\t"b":"x\\ny" }\n'

    line = export.ndjson_line(raw)

    assert line.count(b"\n") == 1
    assert line == b'{  "a" : 1.50, \t"b":"x\\ny" }\n'


def test_the_page_says_that_the_tables_leave_closed_parts_out() -> None:
    page = a_visitor(a_record()).get("/record/download/").content.decode()

    assert "leave out the parts of your results that you keep closed" in page
    assert "The records and files as they came hold everything" in page


def test_taking_away_needs_a_fresh_sign_in() -> None:
    client = Client()
    client.force_login(a_record(), backend="django.contrib.auth.backends.ModelBackend")

    answer = client.post("/record/download/")

    assert answer.status_code == 302
    assert "reauthenticate" in answer["Location"]


@pytest.mark.parametrize("path", ["not-kept/", "changes/", "download/"])
def test_each_page_opens_with_and_without_something_on_it(path: str) -> None:
    for patient in (a_patient(), a_record()):
        assert a_visitor(patient).get(f"/record/{path}").status_code == 200


def test_what_was_not_kept_is_named_in_plain_words_with_the_senders_word_in_details() -> None:
    visitor = a_visitor(a_record())

    page = visitor.get("/record/not-kept/").content.decode()
    archive = taken_away(visitor)
    first = archive.read("index.html").decode()

    for said in (page, first):
        plain, _, details = said.partition("<details")
        assert "Test result" in plain
        assert "Observation bad" not in plain
        assert "As the sender calls it" in details
        assert "Observation bad" in details


def test_strangers_are_counted_and_never_shown() -> None:
    page = a_visitor(a_record()).get("/record/not-kept/").content.decode()

    assert "1 record names another person" in page
    assert "stranger" not in page


def test_the_versions_of_a_resource_are_listed_to_its_owner_only() -> None:
    patient = a_record()
    resource = Resource.objects.get()

    page = a_visitor(patient).get(f"/record/{resource.pk}/")
    foreign = a_visitor(a_patient()).get(f"/record/{resource.pk}/")

    assert b"final" in page.content
    assert b"amended" in page.content
    assert foreign.status_code == 404


def test_news_is_new_until_it_was_seen() -> None:
    client = a_visitor(a_record())
    assert Change.objects.get().seen_at is None

    client.post("/record/changes/seen/")

    assert Change.objects.get().seen_at is not None
    assert b"A new version came" in client.get("/record/changes/").content


def test_news_says_in_words_what_kind_of_record_changed() -> None:
    page = a_visitor(a_record()).get("/record/changes/").text

    assert "Test result" in page
    assert "Observation" not in page


def test_things_alike_that_left_their_source_on_one_day_are_told_in_one_line() -> None:
    origin = an_origin()
    names = ("v1", "v2", "v3")
    services.store_page(
        origin=origin, entries=incoming(*(an_observation(name) for name in names)), at=NOW
    )
    for one in Resource.objects.all():
        Change.objects.create(
            patient=origin.patient, resource=one, kind=Change.Kind.REMOVED, at=NOW
        )

    page = a_visitor(origin.patient).get("/record/changes/").text

    assert page.count("The source no longer has it") == 1
    assert "Test result: 3" in page


def test_a_person_is_told_that_files_of_regions_are_read_too() -> None:
    assert "BED" in a_visitor(a_patient()).get("/record/files/").text


def test_the_list_of_connections_says_that_results_changed_until_that_was_seen() -> None:
    client = a_visitor(a_record())
    assert b"1 result was changed" in client.get("/connections/").content

    client.post("/record/changes/seen/")

    assert b"result was changed" not in client.get("/connections/").content


def test_a_file_is_sealed_in_the_storage_and_opens_as_it_came() -> None:
    origin = an_origin()
    label = services.Label("application/pdf", "report.pdf")

    is_new = services.store_file(
        origin=origin, resource=None, content=b"%PDF marked", label=label, at=NOW
    )
    again = services.store_file(
        origin=origin, resource=None, content=b"%PDF marked", label=label, at=NOW
    )

    file = origin.files.get()
    assert (is_new, again) == (True, False)
    assert services.open_file(file) == b"%PDF marked"
