"""The people of the demo can do what the README says they do."""

import pytest
from django.test import Client
from django.utils import translation

from portal.accounts.models import User
from sharing.management import demo_people
from tests.people import sign_in

pytestmark = pytest.mark.django_db


def test_the_admin_of_the_demo_finds_the_way_to_labs_and_programs() -> None:
    people = list(demo_people.make())
    client = Client()
    sign_in(client, User.objects.get(email=demo_people.ADMIN.email))

    desk = client.get("/consent-desk/documents/").content.decode()
    pages = [
        client.get(f"/keep/{kind}/add/") for kind in ("connections/source", "sharing/endpoint")
    ]

    assert demo_people.ADMIN in people
    assert 'href="/keep/"' in desk
    assert [page.status_code for page in pages] == [200, 200]


def test_the_staff_of_the_demo_have_no_way_there() -> None:
    list(demo_people.make())
    client = Client()
    sign_in(client, User.objects.get(email=demo_people.STAFF.email))

    assert "/keep/" not in client.get("/review/").content.decode()
    assert client.get("/keep/sharing/endpoint/add/").status_code != 200


def test_the_pages_of_labs_and_programs_are_in_spanish_too() -> None:
    list(demo_people.make())
    client = Client(headers={"accept-language": "es"})
    sign_in(client, User.objects.get(email=demo_people.ADMIN.email))

    with translation.override("es"):  # so that the next test finds the language it had
        first = client.get("/keep/").content.decode()
        server = client.get("/keep/sharing/endpoint/add/").content.decode()

    assert "Laboratorios y hospitales" in first
    assert "Equipos de programas" in first
    assert "Dirección de permisos (token)" in server
    for word in ("Sources", "Endpoints", "Members", "Base url", "Oauth scope"):
        assert word not in first + server
