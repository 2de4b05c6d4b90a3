"""However rudely a source behaves: nobody else is called, nothing is lost, the row says why."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest

from portal.connections import clients
from portal.connections.models import Connection, Import, Step
from portal.connections.services import fetching, imports, working
from portal.records.models import Quarantined, Rejected, Resource
from tests.connections import rude
from tests.connections.builders import Ticking, a_connection, a_source, an_import
from tests.records.builders import NOW

pytestmark = pytest.mark.django_db
QUICK = clients.Limits(connect_s=5, silence_s=2, total_s=20)


@pytest.fixture(scope="module")
def server() -> Iterator[rude.Rude]:
    with rude.running() as server:
        yield server


@dataclass(frozen=True)
class Outcome:
    """How an import ended."""

    run: Import
    connection: Connection

    def step(self, kind: str = "Observation") -> Step:
        return self.run.steps.get(resource_type=kind)

    @property
    def kept(self) -> int:
        rows = Resource.objects.filter(origin=self.connection.origin)
        return rows.filter(resource_type="Observation").count()


def fetched(server: rude.Rude, manner: str, *, turns: int = 60, jump_s: int = 3600) -> Outcome:
    """Import from one base until it is over, as workers would, with time flying."""
    connection = a_connection(a_source(server.base(manner)))
    run, clock = an_import(connection), Ticking()
    for _ in range(turns):
        clock.at += timedelta(seconds=jump_s)
        lease = imports.claim(run_id=run.pk, owner="worker", at=clock())
        if lease is None:
            break
        with clients.for_source(connection.source, limits=QUICK) as api:
            fetching.work(working.Worker(lease, api, clock))
    run.refresh_from_db()
    connection.refresh_from_db()
    return Outcome(run, connection)


def test_a_good_source_is_read_to_its_last_page(server: rude.Rude) -> None:
    outcome = fetched(server, "good")

    assert outcome.run.state == Import.State.DONE
    assert (outcome.kept, outcome.step().pages) == (rude.TOTAL, 3)


@pytest.mark.parametrize("manner", ["circle", "opaque_circle"])
def test_a_circle_ends_and_is_said(server: rude.Rude, manner: str) -> None:
    outcome = fetched(server, manner)

    assert (outcome.step().state, outcome.step().error_code) == ("failed", "circle")
    assert outcome.step().pages < 10
    assert outcome.kept == 1
    assert outcome.run.state == Import.State.PARTLY


@pytest.mark.parametrize("manner", ["other_port", "redirect", "other_path"])
def test_nobody_else_is_ever_called(server: rude.Rude, manner: str) -> None:
    outcome = fetched(server, manner)

    expected = "moved" if manner == "redirect" else "next-elsewhere"
    assert outcome.step().error_code == expected
    assert server.seen.at(server.other_port) == []
    assert not any("admin" in path or "moved" in path for _, path, _ in server.seen.requests)


def test_a_broken_link_keeps_what_came_before_it(server: rude.Rude) -> None:
    outcome = fetched(server, "broken_link")

    assert outcome.step().state == "failed"
    assert outcome.kept == 1


def test_a_stranger_in_a_page_is_kept_apart(server: rude.Rude) -> None:
    outcome = fetched(server, "stranger")

    assert outcome.kept == 1
    assert outcome.step().quarantined == 1
    assert Quarantined.objects.filter(origin=outcome.connection.origin).count() == 1
    assert outcome.run.state == Import.State.DONE


def test_another_person_in_place_of_ours_is_kept_apart(server: rude.Rude) -> None:
    outcome = fetched(server, "other_person")

    held = Resource.objects.filter(origin=outcome.connection.origin, resource_type="Patient")
    assert not held.exists()
    assert outcome.step("Patient").quarantined == 1


@pytest.mark.parametrize(
    ("manner", "code"),
    [("swell", "too-big"), ("nest", "too-deep"), ("html", "not-json")],
)
def test_what_cannot_be_taken_in_ends_its_step(server: rude.Rude, manner: str, code: str) -> None:
    outcome = fetched(server, manner)

    assert (outcome.step().state, outcome.step().error_code) == ("failed", code)
    assert outcome.run.state == Import.State.PARTLY


def test_a_page_that_cannot_be_read_is_kept_whole_with_its_reason(server: rude.Rude) -> None:
    outcome = fetched(server, "html")

    rejected = Rejected.objects.get(origin=outcome.connection.origin, reason="page-not-json")
    assert rejected.sha256


@pytest.mark.parametrize(("manner", "code"), [("cut_short", "cut-short"), ("sleep", "slow")])
def test_an_answer_that_never_comes_is_tried_again_and_then_given_up(
    server: rude.Rude, manner: str, code: str
) -> None:
    outcome = fetched(server, manner, turns=3 if manner == "sleep" else 60)

    if manner == "sleep":
        assert (outcome.run.state, outcome.run.error_code) == ("waiting", code)
        assert outcome.run.tries == 3
    else:
        assert (outcome.step().state, outcome.step().error_code) == ("failed", code)


def test_a_tired_source_gets_the_pause_that_it_asked_for(server: rude.Rude) -> None:
    outcome = fetched(server, "tired")

    assert outcome.run.state == Import.State.DONE
    assert outcome.kept == rude.TOTAL


def test_nobody_asks_again_before_the_pause_is_over(server: rude.Rude) -> None:
    outcome = fetched(server, "tired", turns=1)

    before = outcome.run.due_at - timedelta(milliseconds=1)
    assert outcome.run.state == Import.State.WAITING
    assert outcome.run.error_code == "status-503"
    assert imports.claim(run_id=outcome.run.pk, owner="w", at=before) is None
    assert imports.claim(run_id=outcome.run.pk, owner="w", at=outcome.run.due_at) is not None


def test_a_token_that_ended_early_is_renewed_once(server: rude.Rude) -> None:
    outcome = fetched(server, "expired", jump_s=1)

    bearers = [bearer for _, path, bearer in server.seen.requests if "/expired/" in path]
    assert outcome.run.state == Import.State.DONE
    assert bearers.count("Bearer first") == 1
    assert outcome.connection.credential.generation == 2


def test_a_source_that_never_lets_us_in_needs_the_person(server: rude.Rude) -> None:
    outcome = fetched(server, "never_in")

    assert outcome.connection.state == Connection.State.SIGN_IN
    assert (outcome.run.state, outcome.run.error_code) == ("stopped", "sign-in")


def test_one_refused_type_does_not_stop_the_others(server: rude.Rude) -> None:
    outcome = fetched(server, "no_observations")

    assert (outcome.step().state, outcome.step().error_code) == ("refused", "status-403")
    assert outcome.step("Patient").state == "done"
    assert outcome.run.state == Import.State.DONE
    assert outcome.connection.origin.gaps == ["Observation status-403"]


def test_spoiled_entries_are_listed_and_the_good_one_stays(server: rude.Rude) -> None:
    outcome = fetched(server, "spoiled")

    reasons = Rejected.objects.filter(origin=outcome.connection.origin)
    assert outcome.kept == 1
    assert sorted(reasons.values_list("reason", flat=True)) == ["no-object", "no-type", "not-json"]


def test_a_source_that_wants_categories_is_asked_by_category(server: rude.Rude) -> None:
    outcome = fetched(server, "wants_category")

    assert (outcome.step().state, outcome.run.state) == ("done", "done")
    assert outcome.kept == 2


def test_a_source_that_likes_no_category_at_all_has_failed(server: rude.Rude) -> None:
    outcome = fetched(server, "dislikes_all")

    assert (outcome.step().state, outcome.step().error_code) == ("failed", "status-400")


def test_a_source_that_knows_no_dates_is_asked_for_everything(server: rude.Rude) -> None:
    connection = fetched(server, "dislikes_dates").connection
    clock = Ticking(NOW + timedelta(days=1))
    run = imports.queue(connection=connection, kind=Import.Kind.UPDATE, at=clock())

    lease = imports.claim(run_id=run.pk, owner="worker", at=clock())
    assert lease is not None
    with clients.for_source(connection.source, limits=QUICK) as api:
        fetching.work(working.Worker(lease, api, clock))

    run.refresh_from_db()
    assert run.since is not None
    assert run.state == Import.State.DONE
    assert run.steps.get(resource_type="Observation").unchanged == rude.TOTAL


def test_an_import_ends_after_a_day_however_long_the_source_goes_on(server: rude.Rude) -> None:
    outcome = fetched(server, "tired", turns=4, jump_s=imports.LONGEST_RUN.days * 90_000)

    assert outcome.step().error_code == "too-long"
    assert outcome.run.state == Import.State.PARTLY


def test_a_step_at_which_workers_die_is_given_up(server: rude.Rude) -> None:
    run = an_import(a_connection(a_source(server.base("good"))))
    clock = Ticking()

    for _ in range(imports.MOST_DEATHS + 1):
        clock.at += imports.lease_time()
        assert imports.claim(run_id=run.pk, owner="w", at=clock()) is not None

    first = run.steps.order_by("number")[0]
    assert (first.state, first.error_code) == (Step.State.FAILED, "died")


def test_the_token_goes_to_the_source_alone(server: rude.Rude) -> None:
    fetched(server, "other_port")

    assert {port for port, _, bearer in server.seen.requests if bearer} == {server.port}
