"""What the page of a connection says of an import, part by part."""

import pytest
from django.test import Client

from portal.audit.models import Entry
from portal.connections.models import Connection, Import, Step
from portal.connections.services import connect, imports
from portal.records import services as records
from portal.records.models import Resource
from tests.connections.builders import a_connection, a_source, an_import
from tests.records.builders import NOW, a_patient, an_observation, incoming

pytestmark = pytest.mark.django_db


@pytest.fixture
def run() -> Import:
    return an_import(a_connection(a_source(types=["Patient", "Observation", "Specimen"])))


def page_of(run: Import) -> str:
    client = Client()
    client.force_login(run.connection.patient, backend="django.contrib.auth.backends.ModelBackend")
    return client.get(f"/connections/{run.connection_id}/").text


def over(run: Import, **of_observations: object) -> None:
    """End an import well; the step of the observations ended as told."""
    run.steps.update(state=Step.State.DONE)
    run.steps.filter(resource_type="Observation").update(**of_observations)
    Import.objects.filter(pk=run.pk).update(state=Import.State.DONE, finished_at=NOW)


def test_parts_that_are_listed_are_the_parts_that_are_counted(run: Import) -> None:
    run.steps.filter(resource_type="Patient").update(state=Step.State.DONE, stored=1)

    page = page_of(run)

    assert len(run.parts) == len(run.telling_parts) + len(run.waiting_parts)
    assert f"We have 1 of {len(run.parts)} parts." in page
    assert f"{len(run.parts) - 1} more parts to come" in page
    assert page.count("Names of labs and doctors") == 1


def test_what_the_source_refuses_is_not_called_all_of_it(run: Import) -> None:
    over(run, state=Step.State.REFUSED, error_code="status-403")

    page = page_of(run)

    assert "All that they let us read is here." in page
    assert "1 part that they did not let us read" in page
    assert "Test results" not in run.empty_parts


def test_more_entries_than_the_source_counted_are_not_so_many_of_so_many(run: Import) -> None:
    over(run, stored=42, total=38)

    page = page_of(run)

    assert "42" in page
    assert "42 of 38" not in page


def test_an_import_that_was_stopped_has_nothing_more_to_come(run: Import) -> None:
    imports.stop(connection=run.connection, at=NOW)

    page = page_of(run)

    assert "to come" not in page
    assert "that we did not ask for this time" in page


def test_one_record_about_somebody_else_is_not_nought_that_we_could_not_keep(run: Import) -> None:
    over(run)
    strange = incoming(an_observation(whose="Patient/p2"))
    records.store_page(origin=run.connection.origin, entries=strange, at=NOW)

    page = page_of(run)

    assert "1 was about somebody else." in page
    assert "0 things" not in page


def test_who_gave_no_lasting_access_is_not_told_that_we_look_again(run: Import) -> None:
    over(run)
    connection = run.connection
    connection.credential.sealed_refresh = None
    connection.credential.save()
    Connection.objects.filter(pk=connection.pk).update(next_import_at=NOW)

    page = page_of(run)

    assert "They let us in for a short time only." in page
    assert "We look again" not in page


def test_copies_that_were_kept_at_the_end_can_be_deleted_later(run: Import) -> None:
    connection = run.connection
    records.store_page(origin=connection.origin, entries=incoming(an_observation()), at=NOW)
    connect.disconnect(connection=connection, delete_copies=False, at=NOW)
    client = Client()
    client.force_login(connection.patient, backend="django.contrib.auth.backends.ModelBackend")
    address = f"/connections/{connection.pk}/copies/"
    assert address in client.get(f"/connections/{connection.pk}/").text
    assert "This cannot be undone" in client.get(address).text

    client.post(address)

    assert not Resource.objects.of(connection.patient).exists()
    assert Entry.objects.filter(action="connections.copies-deleted").count() == 1
    assert address not in client.get(f"/connections/{connection.pk}/").text


def test_copies_of_a_live_connection_are_not_deleted_by_themselves(run: Import) -> None:
    with pytest.raises(connect.StillConnected):
        connect.delete_copies(connection=run.connection, at=NOW)


def test_the_copies_of_another_person_are_not_found(run: Import) -> None:
    connect.disconnect(connection=run.connection, delete_copies=False, at=NOW)
    client = Client()
    client.force_login(a_patient(), backend="django.contrib.auth.backends.ModelBackend")

    assert client.post(f"/connections/{run.connection_id}/copies/").status_code == 404


@pytest.mark.parametrize("state", [Connection.State.LIVE, Connection.State.SIGN_IN])
def test_the_whole_page_is_fetched_anew_once_the_connection_is_no_longer_live(
    run: Import, state: str
) -> None:
    Connection.objects.filter(pk=run.connection_id).update(state=state)
    client = Client()
    client.force_login(run.connection.patient, backend="django.contrib.auth.backends.ModelBackend")

    piece = client.get(f"/connections/{run.connection_id}/", headers={"HX-Request": "true"})

    assert ("HX-Refresh" in piece) == (state != "live")
    assert ("We have 0 of" in piece.text) == (state == "live")
