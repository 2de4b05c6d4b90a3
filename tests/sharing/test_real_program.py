"""Against the research programs of the sandbox, over real HTTP."""

import hashlib
import json
from collections.abc import Iterator

import pytest

from consent import policy
from sharing import services, tasks
from sharing.models import Delivery
from sharing.services import keys
from sharing.transport import TOKENS
from tests.consent.builders import a_resource, a_scope
from tests.sharing.builders import Sharing, a_variant
from tests.sharing.real import RealProgram, running

pytestmark = [pytest.mark.django_db, pytest.mark.slow]  # real processes, real keys


@pytest.fixture(scope="module")
def all_of_us(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealProgram]:
    with running("all-of-us", tmp_path_factory.mktemp("program")) as program:
        yield program


@pytest.fixture(scope="module")
def second(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealProgram]:
    with running("second", tmp_path_factory.mktemp("program")) as program:
        yield program


def joined(program: RealProgram, *, scope: policy.Scope | None = None, **fields: object) -> Sharing:
    program.clear()
    sharing = Sharing(scope=scope, **(program.fields | fields))
    keys.current(sharing.endpoint.algorithm, at=sharing.now)
    program.jwks.keys = keys.published(at=sharing.now)
    TOKENS.drop((sharing.endpoint.token_url, "portal"))
    return sharing


def run(sharing: Sharing) -> list[str]:
    """Do what the sweep does until nothing moves any more."""
    states: list[str] = []
    moved = True
    while moved:
        due = services.hints(at=sharing.now)
        new = [s for d in due if (s := tasks.deliver(d, clock=sharing.clock))]
        moved = bool(new)
        states += new
        Delivery.objects.update(hinted_at=None)
    return states


@pytest.mark.parametrize("algorithm", ["RS384", "ES384"])
def test_the_file_that_the_program_stored_has_the_hash_of_the_preview(
    all_of_us: RealProgram, algorithm: str
) -> None:
    sharing = joined(all_of_us, algorithm=algorithm)
    before = len(all_of_us.received())
    preview = sharing.preview()

    delivery = sharing.confirm()
    states = run(sharing)

    assert states == ["delivered", "delivered"]
    stored = all_of_us.raw(f"/received/{preview.sha256}")
    assert hashlib.sha256(stored).hexdigest() == delivery.package.sha256
    assert stored == preview.prepared.raw
    assert len(all_of_us.received()) == before + 2


def _sent_ids(sharing: Sharing) -> set[str]:
    packages = sharing.patient.enrolments.get().packages.filter(kind="push")
    return {item["sent_id"] for p in packages for item in p.manifest["items"]}


@pytest.mark.parametrize("kind", ["drop", "cut"])
def test_an_answer_that_was_dropped_makes_nothing_twice(all_of_us: RealProgram, kind: str) -> None:
    sharing = joined(all_of_us, algorithm="ES384")
    preview = sharing.preview()
    sharing.confirm()
    all_of_us.fault(kind, path="/fhir", method="POST", times=2, bytes=20)

    states = []
    for _ in range(4):
        states += run(sharing)
        sharing.wait(5)

    [stored] = [r for r in all_of_us.received() if r["sha256"] == preview.sha256]
    assert states == ["queued", "delivered", "queued", "delivered"]
    assert stored["repeats"] == 0


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_program_is_asked_again_when_it_said(all_of_us: RealProgram, status: int) -> None:
    sharing = joined(all_of_us, algorithm="ES384")
    sharing.confirm()
    all_of_us.fault("status", status=status, retry_after=7, path="/fhir", method="POST")

    first = run(sharing)
    waiting = Delivery.objects.get(place=1)
    sharing.wait(7.1)

    assert first == ["queued"]
    ended_at = waiting.attempts.get().ended_at
    assert ended_at
    assert 6.9 < (waiting.next_attempt_at - ended_at).total_seconds() < 7.1
    assert run(sharing) == ["delivered", "delivered"]


def test_an_access_token_that_ended_early_is_replaced_at_once(all_of_us: RealProgram) -> None:
    sharing = joined(all_of_us, algorithm="ES384")
    services.follow_all(at=sharing.now)
    run(sharing)
    sharing.confirm()
    all_of_us.fault("expire_tokens")

    assert run(sharing) == ["delivered"]


def test_a_program_that_does_not_let_us_in_gets_nothing_and_is_asked_again(
    all_of_us: RealProgram,
) -> None:
    sharing = joined(all_of_us, client_id="somebody-else")
    sharing.confirm()

    assert run(sharing) == ["queued"]
    assert Delivery.objects.get(place=1).code == "sign-in-refused"
    assert Delivery.objects.get(place=1).attempt == 0


def test_a_program_that_is_gone_keeps_the_sending_in_the_queue(all_of_us: RealProgram) -> None:
    sharing = joined(all_of_us, base_url="http://127.0.0.1:9/fhir")
    sharing.confirm()

    assert run(sharing) == ["queued"]
    assert Delivery.objects.get(place=1).code == "unreachable"


def test_a_stop_takes_everything_back_from_a_program_that_deletes(all_of_us: RealProgram) -> None:
    sharing = joined(all_of_us, algorithm="ES384")
    a_resource(sharing.origin, a_variant(id="v2"), "carrier")
    sharing.confirm()
    run(sharing)
    sent = _sent_ids(sharing)
    there = {r["id"] for r in all_of_us.held()} & sent

    sharing.stop()
    states = run(sharing)

    assert (len(sent), there) == (2, sent)
    assert states == ["delivered"]
    assert not {r["id"] for r in all_of_us.held()} & sent
    recall = Delivery.objects.get(package__kind="recall")
    assert recall.told_at


def deidentified(second: RealProgram) -> Sharing:
    return joined(
        second,
        algorithm="ES384",
        scope=a_scope(identity=policy.Identity.DEIDENTIFIED),
        writing="conditional-update",
        if_match=False,
        deletes=False,
    )


def test_a_program_with_its_own_ids_gets_each_thing_once_and_without_names(
    second: RealProgram,
) -> None:
    sharing = deidentified(second)
    a_resource(
        sharing.origin,
        {
            "resourceType": "Patient",
            "id": "p1",
            "name": [{"family": "Soto"}],
            "birthDate": "1980-02-03",
            "gender": "female",
        },
    )
    sharing.confirm()
    second.fault("drop", path="/fhir", method="POST", times=2)

    for _ in range(4):
        run(sharing)
        sharing.wait(5)

    assert [state for _, state in sharing.states()] == ["delivered", "delivered"]
    bodies = [second.get(f"/fhir/{r['type']}/{r['id']}") for r in second.held()]
    assert sorted(b["resourceType"] for b in bodies) == ["Consent", "Observation", "Patient"]
    assert "Soto" not in json.dumps(bodies)
    assert "1980-02-03" not in json.dumps(bodies)


def test_a_stop_marks_everything_as_sent_in_error_where_nothing_is_deleted(
    second: RealProgram,
) -> None:
    sharing = deidentified(second)
    sharing.confirm()
    run(sharing)
    mine = _sent_ids(sharing)

    sharing.stop()
    states = run(sharing)

    assert states == ["delivered"]
    bodies = [second.get(f"/fhir/Observation/{r['id']}") for r in second.held("Observation")]
    found = [b for b in bodies if {i["value"] for i in b["identifier"]} & mine]
    assert [b["status"] for b in found] == ["entered-in-error"]
