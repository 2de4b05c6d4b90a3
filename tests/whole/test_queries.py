"""A page that lists things asks the database as often for ten of them as for two."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from consent.models import Program
from portal.accounts.models import User
from portal.genomics.findings import Gene
from portal.records import services as records
from sharing import services
from sharing.models import Delivery
from sharing.services import registering
from tests.connections import builders as connections
from tests.consent import builders as consent
from tests.people import sign_in
from tests.records.builders import an_observation, an_origin, incoming
from tests.results.builders import a_brca2_change, a_report, a_slow_cyp2c19, keep, open_all
from tests.sharing.builders import AProgram, a_variant, an_endpoint
from tests.whole.routes import ADMIN, NOW, PATIENT, ROUTES, STAFF

pytestmark = pytest.mark.django_db

type AddOne = Callable[[User, int], object]


def a_connection(user: User, number: int) -> None:
    source = connections.a_source(name=f"Lab {number}")
    connections.an_import(connections.a_connection(source, user))


def an_upload(user: User, number: int) -> None:
    raw = an_observation(f"v{number}")
    upload = records.add_upload(patient=user, content=raw, name="a.json", at=NOW)
    records.read_upload(upload_id=upload.pk, at=NOW)


def left_out(user: User, number: int) -> None:
    """One entry that is none, and one that is about somebody else."""
    origin = an_origin(user)
    entries = incoming(b"[]", an_observation(f"v{number}", whose="Patient/other"))
    records.store_page(origin=origin, entries=entries, at=NOW)


def news(user: User, number: int) -> None:
    """One result that changed after it had come."""
    origin = an_origin(user)
    for status in ("preliminary", "final"):
        raw = an_observation(f"v{number}", status=status)
        records.store_page(origin=origin, entries=incoming(raw), at=NOW)
    records.rebuild_findings(patient=user, at=NOW)
    open_all(user) if number == 0 else None


def a_result(user: User, number: int) -> None:
    """One gene with a change, from a lab of its own."""
    gene = (Gene(f"GENE{number}"),)
    keep(an_origin(user), a_report(), a_brca2_change(key=f"v{number}", genes=gene))
    open_all(user) if number == 0 else None


def a_medicine(user: User, number: int) -> None:
    """One medicine that is taken, and a result about a medicine, from a place of their own."""
    origin = an_origin(user)
    body = {
        "resourceType": "MedicationRequest",
        "id": f"m{number}",
        "status": "active",
        "intent": "order",
        "subject": {"reference": "Patient/p1"},
        "medicationCodeableConcept": {"text": f"Medicine {number}"},
    }
    consent.a_resource(origin, body)
    keep(origin, *a_slow_cyp2c19())
    open_all(user) if number == 0 else None


def a_program_with_a_text(_user: User, number: int) -> Program:
    program = consent.a_program(f"program-{number}")
    consent.a_version(program)
    return program


def an_agreement(user: User, number: int) -> Program:
    program = a_program_with_a_text(user, number)
    consent.an_agreement(user, program)
    return program


def somebody_agrees(_user: User, number: int) -> None:
    program = Program.objects.filter(slug="program-0").first() or a_program_with_a_text(_user, 0)
    consent.an_agreement(consent.a_person(f"patient-{number}@example.org"), program)


def a_sending(user: User, number: int) -> None:
    """All that this person has arrives at one more program."""
    program = an_agreement(user, number)
    an_endpoint(program)
    if number == 0:
        consent.a_resource(consent.an_origin(user), a_variant(), "hereditary-risk")
    _send(user, program)


def a_package(staff: User, number: int) -> None:
    """One more patient shares with the program of this member of staff."""
    program, patient = _program_of(staff), consent.a_person(f"patient-{number}@example.org")
    consent.an_agreement(patient, program)
    consent.a_resource(consent.an_origin(patient), a_variant(), "hereditary-risk")
    _send(patient, program)


def a_refusal(staff: User, number: int) -> None:
    """The program's server refuses one more patient's agreement."""
    program, patient = _program_of(staff), consent.a_person(f"patient-{number}@example.org")
    consent.an_agreement(patient, program)
    services.follow(patient=patient, program=program, at=consent.NOON)
    Delivery.objects.of(patient).update(
        state=Delivery.State.PARKED, settled_at=consent.NOON, code="status-422"
    )


def _program_of(staff: User) -> Program:
    found = Program.objects.filter(members__user=staff).first()
    if found is None:
        found = a_program_with_a_text(staff, 0)
        an_endpoint(found)
        registering.join(user=staff, program=found, at=consent.NOON)
    return found


def _send(patient: User, program: Program) -> None:
    at, server = consent.NOON, AProgram()
    sha256 = services.prepare(patient=patient, program=program, at=at).sha256
    services.confirm(patient=patient, program=program, sha256=sha256, at=at)
    mine = Delivery.objects.filter(enrolment__patient=patient, enrolment__program=program)
    for delivery in mine.order_by("place"):
        services.send(delivery_id=delivery.pk, program=server, clock=lambda: at)


LISTS: dict[str, AddOne] = {
    "connections:list": a_connection,
    "connections:choose": lambda _user, _number: connections.a_source(),
    "records:uploads": an_upload,
    "records:refused": left_out,
    "records:changes": news,
    "audit:trail": an_upload,
    "results:list": a_result,
    "results:medicines": a_medicine,
    "results:looked": a_result,
    "results:changes": news,
    "consent:choices": an_agreement,
    "consent_admin:documents": a_program_with_a_text,
    "consent_admin:records": somebody_agrees,
    "sharing:list": a_sending,
    "sharing:left": a_sending,
    "review:queue": a_package,
    "review:parked": a_refusal,
    "api:findings-list": a_result,
    "api:agreements-list": an_agreement,
    "api:shares-list": a_sending,
    "api:disclosures-list": a_sending,
    "api:packages-list": a_package,
}
# Pages without ids in their address that list nothing of the database.
NO_LISTS = {
    *("home", "alive", "ready", "jwks", "connections:keys", "connections:callback"),
    *("site:help", "site:words", "site:privacy", "site:accessibility", "site:account"),
    "site:doctors",
    *("api:schema", "api:docs", "api:token", "consent:preferences"),
    "records:download",  # says only whether there is anything
    "results:doctor",  # the same results as results:list, on paper
}


def test_every_page_is_in_the_table_or_lists_nothing() -> None:
    without_ids = {
        name
        for name, route in ROUTES.items()
        if "GET" in route.methods and not route.owned and not route.fixed
    }

    assert without_ids == set(LISTS) | NO_LISTS


@pytest.mark.slow  # ten sendings are made to be listed
@pytest.mark.parametrize("name", LISTS)
def test_a_longer_list_asks_no_more_questions(client: Client, name: str) -> None:
    role = {PATIENT: User.Role.PATIENT, STAFF: User.Role.STAFF, ADMIN: User.Role.ADMIN}
    user = sign_in(client, consent.a_person("reader@example.org", role[ROUTES[name].who]))
    add_one = LISTS[name]

    for number in range(2):
        add_one(user, number)
    few, short = _questions(client, name)
    for number in range(2, 10):
        add_one(user, number)
    many, long = _questions(client, name)

    assert long > short
    assert len(many) <= len(few), "\n".join(many)


def _questions(client: Client, name: str) -> tuple[list[str], int]:
    """Return what a page asks the database, and how long the page is."""
    client.get(reverse(name))  # what is looked up once in a process is known after this
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(reverse(name))
    assert answer.status_code == 200
    return [query["sql"] for query in queries], len(answer.content)
