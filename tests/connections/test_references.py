"""What resources point to is read too: at the same source only, once each, within bounds."""

import json
from datetime import timedelta

import pytest

from portal.connections.models import Connection, Import, Step
from portal.connections.services import fetching, imports, references, working
from portal.connections.source_api import SourceRefused
from portal.records import services as records
from portal.records.models import Change, Resource
from tests.connections.builders import Ticking, a_connection, a_source, an_import
from tests.connections.fakes import FakeApi
from tests.records.builders import NOW, an_observation, incoming

pytestmark = pytest.mark.django_db
ELSEWHERE = "https://other.example/fhir/Practitioner/far"


def a_pointing_connection() -> Connection:
    connection = a_connection(a_source(types=["Observation"]))
    base = connection.source.base_url
    pointing = an_observation(
        "o1",
        performer=[
            {"reference": "Organization/lab"},
            {"reference": f"{base}/Practitioner/ana/_history/2"},
            {"reference": ELSEWHERE},
            {"reference": "Patient/p2"},
            {"reference": "#inside"},
        ],
        hasMember=[{"reference": "Observation/o1"}, {"reference": "Observation/o2"}],
    )
    records.store_page(origin=connection.origin, entries=incoming(pointing), at=NOW)
    return connection


def test_only_what_is_missing_at_this_source_is_wanted() -> None:
    wanted = references.missing(a_pointing_connection())

    assert wanted == ["Organization/lab", "Practitioner/ana", "Observation/o2"]


def test_a_person_who_granted_only_results_gives_no_names() -> None:
    connection = a_pointing_connection()
    connection.scopes = "patient/Observation.rs"

    assert references.missing(connection) == ["Observation/o2"]


def worked(connection: Connection, pages: dict[str, bytes | Exception]) -> Import:
    base = connection.source.base_url
    api = FakeApi({f"{base}/{name}": body for name, body in pages.items()})
    run, clock = an_import(connection), Ticking()
    clock.at += timedelta(seconds=1)
    lease = imports.claim(run_id=run.pk, owner="w", at=clock())
    assert lease is not None
    fetching.work(working.Worker(lease, api, clock))
    run.refresh_from_db()
    return run


def test_names_arrive_a_refusal_is_no_gap_and_strangers_stay_apart() -> None:
    connection = a_pointing_connection()
    empty = json.dumps({"resourceType": "Bundle", "entry": []}).encode()
    name = b'{"resourceType":"Organization","id":"lab","name":"A lab"}'

    run = worked(
        connection,
        {
            f"Observation?patient=p1&_count={imports.PAGE_SIZE}": empty,
            "Organization/lab": name,
            "Practitioner/ana": SourceRefused("status-404", 404),
            "Observation/o2": an_observation("o2", whose="Patient/p2"),
        },
    )

    assert run.state == Import.State.DONE
    assert Resource.objects.get(resource_type="Organization").verbatim() == name
    assert not Resource.objects.filter(source_id="o2").exists()
    first, second = run.steps.filter(kind=Step.Kind.REFERENCES)
    assert (first.stored, first.quarantined, first.pages) == (1, 1, 3)
    assert (second.stored, second.quarantined) == (0, 0)


def a_bundle(*raw: bytes) -> bytes:
    entries = ",".join(f'{{"resource":{one.decode()}}}' for one in raw)
    return f'{{"resourceType":"Bundle","entry":[{entries}]}}'.encode()


def looked_again(answer: bytes | Exception) -> Connection:
    """Hold o1 and o2, then look again at a source that lists only o1, and answers so for o2."""
    connection = a_connection(a_source(types=["Observation"]))
    both = incoming(an_observation("o1"), an_observation("o2"))
    long_ago = NOW - timedelta(days=40)
    records.store_page(origin=connection.origin, entries=both, at=long_ago)
    search = f"Observation?patient=p1&_count={imports.PAGE_SIZE}"
    worked(connection, {search: a_bundle(an_observation("o1")), "Observation/o2": answer})
    return connection


def test_what_the_source_no_longer_has_gets_a_tombstone_and_the_copy_stays() -> None:
    looked_again(SourceRefused("status-410", 410))

    gone = Resource.objects.get(source_id="o2")
    assert gone.removed_at is not None
    assert gone.verbatim() == an_observation("o2")
    assert Change.objects.get().kind == Change.Kind.REMOVED
    assert Resource.objects.get(source_id="o1").removed_at is None


@pytest.mark.parametrize(
    "answer", [an_observation("o2"), SourceRefused("status-403", 403), b"not json"]
)
def test_what_is_only_missing_from_a_list_is_not_buried(answer: bytes | Exception) -> None:
    looked_again(answer)

    assert not Resource.objects.exclude(removed_at=None).exists()


def test_a_search_that_failed_buries_nothing() -> None:
    connection = a_connection(a_source(types=["Observation"]))
    long_ago = NOW - timedelta(days=40)
    entries = incoming(an_observation("o1"))
    records.store_page(origin=connection.origin, entries=entries, at=long_ago)
    search = f"Observation?patient=p1&_count={imports.PAGE_SIZE}"

    run = worked(connection, {search: SourceRefused("too-big")})

    assert run.state == Import.State.PARTLY
    assert not Resource.objects.exclude(removed_at=None).exists()


def test_an_update_buries_nothing_and_asks_only_for_what_is_new() -> None:
    connection = a_connection(a_source(types=["Observation"]))
    search = f"Observation?patient=p1&_count={imports.PAGE_SIZE}"
    worked(connection, {search: a_bundle(an_observation("o1"))})

    run = imports.queue(connection=connection, kind=Import.Kind.UPDATE, at=NOW)

    assert "_lastUpdated=gt2026-03-03T11" in run.steps.get(kind=Step.Kind.SEARCH).query.replace(
        "%3A", ":"
    )
    assert not run.steps.filter(kind=Step.Kind.VANISHED).exists()


def test_a_long_list_is_cut_to_a_bound() -> None:
    connection = a_connection(a_source())
    many = [{"reference": f"Organization/o{n}"} for n in range(references.MOST_AT_ONCE + 50)]
    entries = incoming(an_observation("o1", performer=many))
    records.store_page(origin=connection.origin, entries=entries, at=NOW)

    assert len(references.missing(connection)) == references.MOST_AT_ONCE
