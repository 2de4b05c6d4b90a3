"""What stands behind the ids of this room's routes, for the matrix of routes."""

from datetime import datetime
from uuid import UUID

from consent.models import Agreement, Program
from portal.accounts.models import User
from portal.records.models import Finding
from sharing import services
from sharing.models import Delivery, Disclosure, Endpoint, Package
from sharing.services import registering
from tests.consent import builders
from tests.results.builders import a_brca2_change, keep, open_all
from tests.sharing.builders import AProgram, a_variant, an_endpoint

type Ids = dict[str, object]


def _program() -> Program:
    found = Program.objects.filter(slug="matrix").first()
    if found is None:
        found = builders.a_program("matrix")
        builders.a_version(found)
    if not Endpoint.objects.filter(program=found).exists():
        an_endpoint(found)
    return found


def an_agreed_program(user: User) -> Ids:
    """Let this person agree to a program that takes data, and have one result."""
    program = _program()
    if not Agreement.objects.filter(patient=user, program=program).exists():
        builders.an_agreement(user, program)
        builders.a_resource(builders.an_origin(user), a_variant(), "hereditary-risk")
    return {"slug": program.slug}


def a_sending(user: User) -> Ids:
    """Let this person confirm a sending."""
    an_agreed_program(user)
    program, at = _program(), builders.NOON
    found = Delivery.objects.of(user).filter(package__kind=Package.Kind.PUSH).first()
    if found is None:
        sha256 = services.prepare(patient=user, program=program, at=at).sha256
        found = services.confirm(patient=user, program=program, sha256=sha256, at=at)
    return {"pk": found.pk}


def an_agreement(user: User) -> Ids:
    """Return the agreement of this person."""
    an_agreed_program(user)
    return {"pk": Agreement.objects.of(user).get().pk}


def a_finding(user: User) -> Ids:
    """Keep an open finding of this person."""
    if not Finding.objects.of(user).exists():
        keep(builders.an_origin(user), a_brca2_change(key=f"api{user.pk.hex[:6]}"))
        open_all(user)
    return {"pk": Finding.objects.of(user)[0].pk}


def a_disclosure(user: User) -> Ids:
    """Let something of this person leave."""
    sending = a_sending(user)
    if not Disclosure.objects.of(user).exists():
        server = AProgram()
        for delivery in Delivery.objects.of(user).order_by("place"):
            services.send(delivery_id=delivery.pk, program=server, clock=_noon)
    return {"pk": Disclosure.objects.get(delivery_id=str(sending["pk"])).pk}


def a_refused_sending(user: User) -> Ids:
    """Let the server of the program refuse this person's sending."""
    ids = a_sending(user)
    Delivery.objects.filter(**ids).update(
        state=Delivery.State.PARKED, settled_at=builders.NOON, code="status-422"
    )
    return ids


def a_package(staff: User) -> Ids:
    """Let somebody share with a program of this member of staff."""
    return {"pk": Delivery.objects.get(pk=_shared_with(staff)).package_id}


def a_refusal(staff: User) -> Ids:
    """Let the server of a program of this member of staff refuse something."""
    patient = builders.a_person(f"patient-{staff.pk.hex[:8]}@example.org")
    program = _own_program(staff)
    builders.an_agreement(patient, program)
    services.follow(patient=patient, program=program, at=builders.NOON)
    delivery = Delivery.objects.of(patient).get()
    Delivery.objects.filter(pk=delivery.pk).update(
        state=Delivery.State.PARKED, settled_at=builders.NOON, code="status-422"
    )
    return {"pk": delivery.pk}


def _own_program(staff: User) -> Program:
    program = builders.a_program(f"of-{staff.pk.hex[:8]}")
    builders.a_version(program)
    an_endpoint(program)
    registering.join(user=staff, program=program, at=builders.NOON)
    return program


def _shared_with(staff: User) -> UUID:
    program = _own_program(staff)
    patient = builders.a_person(f"patient-{staff.pk.hex[:8]}@example.org")
    builders.an_agreement(patient, program)
    builders.a_resource(builders.an_origin(patient), a_variant(), "hereditary-risk")
    at, server = builders.NOON, AProgram()
    sha256 = services.prepare(patient=patient, program=program, at=at).sha256
    push = services.confirm(patient=patient, program=program, sha256=sha256, at=at)
    for delivery in Delivery.objects.of(patient).order_by("place"):
        services.send(delivery_id=delivery.pk, program=server, clock=_noon)
    return push.pk


def _noon() -> datetime:
    return builders.NOON
