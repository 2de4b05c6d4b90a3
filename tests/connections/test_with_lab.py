"""The way from choosing a source to a full record, with a real lab over real HTTP."""

import json
import re
import time
from collections.abc import Iterator
from io import StringIO

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client

from portal.accounts.models import User
from portal.audit import services as audit
from portal.connections import tasks
from portal.connections.models import Connection, Credential, Import, Source
from portal.records.models import Finding, Quarantined, Resource
from tests.connections.lab import Lab, query_of, running
from tests.records.builders import a_patient

# Everything goes through a process of its own.
pytestmark = [
    pytest.mark.usefixtures("transactional_db"),
    pytest.mark.fault,
    pytest.mark.slow,
]
BACK = "http://127.0.0.1:8000/connections/callback/"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    folder = tmp_path_factory.mktemp("lab")
    options = ["--client-id", "sync-for-genes", "--redirect-uri", BACK, "--page-size", "5"]
    with running(folder, *options) as lab:
        yield lab


@pytest.fixture
def source(lab: Lab) -> Source:
    lab.ask("POST", "/_faults/clear")
    call_command(
        "add_source",
        "lab",
        lab.base,
        "--name=Riverside Genetics",
        "--client-id=sync-for-genes",
        stdout=StringIO(),
    )
    return Source.objects.get(slug="lab")


def a_visitor() -> tuple[User, Client]:
    patient = a_patient()
    client = Client()
    client.force_login(patient, backend="django.contrib.auth.backends.ModelBackend")
    return patient, client


def go(client: Client) -> str:
    page = client.post("/connections/choose/lab/")
    return str(page.context["address"])


def people(lab: Lab) -> list[str]:
    address = (
        f"/oauth/authorize?response_type=code&client_id=sync-for-genes&redirect_uri={BACK}"
        f"&scope=patient/*.rs&state=x&aud={lab.base}&code_challenge={'a' * 43}"
        "&code_challenge_method=S256"
    )
    return re.findall(r'name="person" value="([^"]+)"', lab.ask("GET", address)[2])


def connect(client: Client, lab: Lab, person: str) -> Connection:
    place = lab.sign_in(go(client), person)
    answer = client.get("/connections/callback/", query_of(place))
    assert answer.status_code == 302
    assert "/connections/not" not in answer["Location"], answer["Location"]
    return Connection.objects.latest("pk")


def work_off() -> None:
    for _ in range(50):
        for pk in Import.objects.open().values_list("pk", flat=True):
            tasks.fetch(run_id=pk)
        if not Import.objects.open().exists():
            return


def test_a_person_connects_and_everything_arrives(lab: Lab, source: Source) -> None:
    patient, client = a_visitor()
    person = people(lab)[0]

    connection = connect(client, lab, person)
    work_off()

    run = Import.objects.get()
    assert run.state == Import.State.DONE, [
        (s.name, s.state, s.error_code) for s in run.steps.all()
    ]
    assert connection.remote_patient_id == person
    assert Resource.objects.of(patient).filter(resource_type="DiagnosticReport").exists()
    assert Finding.objects.of(patient).exists()
    assert audit.verify(patient.pk).holds
    page = client.get(f"/connections/{connection.pk}/")
    assert page.status_code == 200


def steps_of(run: Import) -> dict[str, str]:
    return {step.resource_type or step.kind: step.state for step in run.steps.all()}


def fetch_again(client: Client, connection: Connection) -> Import:
    client.post(f"/connections/{connection.pk}/fetch/")
    work_off()
    return Import.objects.latest("pk")


def test_what_is_unchanged_writes_nothing_and_a_corrected_report_is_news(
    lab: Lab, source: Source
) -> None:
    _, client = a_visitor()
    connection = connect(client, lab, people(lab)[2])
    work_off()
    before = set(Resource.objects.values_list("pk", "sha256", "stored_at"))

    quiet = fetch_again(client, connection)
    assert set(Resource.objects.values_list("pk", "sha256", "stored_at")) == before
    assert sum(step.unchanged for step in quiet.steps.all()) > 0

    report = Resource.objects.filter(resource_type="DiagnosticReport").earliest("pk")
    lab.spoil(kind="amend_report", id=report.source_id)
    fetch_again(client, connection)

    report.refresh_from_db()
    assert report.status == "amended"
    assert report.versions.count() == 1
    assert b"A new version came" in client.get("/record/changes/").content


def test_ending_a_connection_ends_its_tokens_there(lab: Lab, source: Source) -> None:
    _, client = a_visitor()
    connection = connect(client, lab, people(lab)[5])
    work_off()

    client.post(f"/connections/{connection.pk}/disconnect/", {"copies": "delete"})
    tasks.revoke(connection_id=connection.pk)

    seen = json.loads(lab.ask("GET", "/_seen")[2])
    assert any("/oauth/revoke" in str(request) for request in seen)
    assert not Credential.objects.exists()
    assert not Resource.objects.exists()


def test_saying_no_there_connects_nothing(lab: Lab, source: Source) -> None:
    _, client = a_visitor()
    place = lab.sign_in(go(client), people(lab)[5], answer="deny")

    answer = client.get("/connections/callback/", query_of(place))

    assert answer["Location"].endswith("/connections/not-connected/sign-in-refused/")
    assert b"You did not let us in there" in client.get(answer["Location"]).content
    assert not Connection.objects.exists()


def test_a_code_of_the_lab_is_good_once_and_here_only(lab: Lab, source: Source) -> None:
    _, client = a_visitor()
    _, thief = a_visitor()
    query = query_of(lab.sign_in(go(client), people(lab)[5]))

    stolen = thief.get("/connections/callback/", query)
    first = client.get("/connections/callback/", query)
    second = client.get("/connections/callback/", query)

    assert "unknown-attempt" in stolen["Location"]
    assert "not-connected" not in first["Location"]
    assert "unknown-attempt" in second["Location"]
    assert Connection.objects.count() == 1


@pytest.mark.parametrize(
    "knob",
    [
        {"kind": "expire_tokens"},
        {"kind": "status", "status": 429, "retry_after": 1, "path": "/fhir/Observation*"},
        {"kind": "status", "status": 503, "path": "/fhir/*", "times": 2},
        {"kind": "cut", "bytes": 40, "path": "/fhir/Observation*"},
        {"kind": "drop", "path": "/fhir/DiagnosticReport*"},
    ],
)
def test_a_lab_that_stumbles_is_read_whole_in_the_end(
    lab: Lab, source: Source, knob: dict[str, object]
) -> None:
    patient, client = a_visitor()
    connect(client, lab, people(lab)[5])
    lab.spoil(**knob)

    ends_at = time.monotonic() + 20
    while Import.objects.open().exists() and time.monotonic() < ends_at:
        work_off()

    run = Import.objects.get()
    assert run.state == Import.State.DONE, steps_of(run)
    assert Resource.objects.of(patient).filter(resource_type="Observation").exists()


def test_a_stranger_from_the_lab_is_told_to_the_person(lab: Lab, source: Source) -> None:
    patient, client = a_visitor()
    connect(client, lab, people(lab)[5])
    lab.spoil(kind="wrong_patient", path="/fhir/Observation*", times=1)
    work_off()

    assert Quarantined.objects.of(patient).count() == 1
    assert b"names another person" in client.get("/record/not-kept/").content


def test_a_person_sees_no_page_of_somebody_else(lab: Lab, source: Source) -> None:
    _, client = a_visitor()
    _, other = a_visitor()
    connection = connect(client, lab, people(lab)[5])

    for path, method in (("", "get"), ("fetch/", "post"), ("disconnect/", "post")):
        answer = getattr(other, method)(f"/connections/{connection.pk}/{path}")
        assert answer.status_code == 404


def test_the_first_import_sends_one_e_mail_that_names_nothing(lab: Lab, source: Source) -> None:
    patient, client = a_visitor()
    connect(client, lab, people(lab)[5])
    work_off()

    tasks.sweep()
    tasks.sweep()

    (sent,) = mail.outbox
    assert sent.to == [patient.email]
    assert source.name not in sent.subject + str(sent.body)
    assert "lab" not in str(sent.body).lower()


def test_an_address_that_is_registered_already_is_told_in_a_sentence(
    lab: Lab, source: Source
) -> None:
    with pytest.raises(CommandError, match="already exists"):
        call_command(
            "add_source",
            "a-second-door",
            lab.base,
            "--name=A second door",
            "--client-id=sync-for-genes",
            stdout=StringIO(),
        )

    assert Source.objects.get() == source
