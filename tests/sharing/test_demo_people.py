"""The people of the demo can do what the README says they do."""

import pytest
from django.test import Client

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
