"""The way from choosing a source to a full record, with a real lab over real HTTP."""

import re
from collections.abc import Iterator
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client

from portal.accounts.models import User
from portal.audit import services as audit
from portal.connections import tasks
from portal.connections.models import Connection, Import, Source
from portal.records.models import Finding, Resource
from tests.connections.lab import Lab, query_of, running
from tests.records.builders import a_patient

pytestmark = [pytest.mark.usefixtures("transactional_db"), pytest.mark.slow]  # starts a process
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
