"""Answers that get lost, workers that die, servers that are busy: still once in effect."""

from datetime import timedelta

import pytest

from sharing import services
from sharing.models import Delivery, Disclosure
from sharing.services.program import ProgramRefused, ProgramUnavailable
from tests.sharing.builders import CUT, Sharing

pytestmark = pytest.mark.django_db


def test_an_answer_that_was_lost_is_asked_for_and_nothing_goes_twice() -> None:
    sharing = Sharing()
    sharing.confirm()
    sharing.server.after = [CUT, CUT]

    sharing.run()
    sharing.wait(5)
    sharing.run()
    sharing.wait(5)
    sharing.run()

    assert sharing.states() == [("announce", "delivered"), ("push", "delivered")]
    assert len(sharing.server.stored) == 2


def test_a_cut_before_the_program_took_it_sends_the_same_bytes_again() -> None:
    sharing = Sharing()
    sharing.confirm()
    sharing.server.before = [CUT, CUT]

    for _ in range(5):
        sharing.run()
        sharing.wait(10)

    assert sharing.states() == [("announce", "delivered"), ("push", "delivered")]


def test_a_worker_that_died_leaves_a_lease_that_ends_and_another_takes_over() -> None:
    sharing = Sharing()
    services.follow_all(at=sharing.now)
    sharing.run()
    delivery = sharing.confirm()
    sharing.server.before = [KeyboardInterrupt()]  # type: ignore[list-item]  # as a kill ends it
    with pytest.raises(KeyboardInterrupt):
        sharing.run()

    with pytest.raises(services.NothingToClaim):
        services.send(delivery_id=delivery.pk, program=sharing.server, clock=sharing.clock)
    sharing.wait(31)
    states = sharing.run()

    assert states == ["delivered"]
    assert len(sharing.server.observations) == 1


def test_a_sender_that_wakes_after_its_lease_settles_nothing() -> None:
    sharing = Sharing()
    services.follow_all(at=sharing.now)
    sharing.run()
    sharing.confirm()

    def sleep_past_the_lease() -> None:
        sharing.server.on_transact = lambda: None
        sharing.wait(60)
        sharing.run()

    sharing.server.on_transact = sleep_past_the_lease
    sharing.run()

    delivery = Delivery.objects.get(package__kind="push")
    assert (delivery.state, delivery.attempt) == ("delivered", 2)
    assert len(sharing.server.observations) == 1
    assert Disclosure.objects.count() == 1


def test_a_sender_that_wakes_after_the_stop_meets_the_fence() -> None:
    sharing = Sharing()
    services.follow_all(at=sharing.now)
    sharing.run()
    sharing.confirm()

    def sleep_past_the_stop() -> None:
        sharing.server.on_transact = lambda: None
        sharing.stop()
        sharing.wait(60)
        sharing.run()

    sharing.server.on_transact = sleep_past_the_stop
    sharing.run()

    assert sharing.server.observations == []
    assert sharing.server.consent["status"] == "inactive"


@pytest.mark.parametrize(("told", "waits"), [(7, 7), (None, 2)])
def test_a_busy_program_is_left_alone_as_long_as_it_asks(told: int | None, waits: int) -> None:
    sharing = Sharing()
    sharing.confirm()
    sharing.server.before = [ProgramUnavailable("status-503", retry_after_s=told, status=503)]

    sharing.run()

    first = Delivery.objects.get(place=1)
    assert first.state == "queued"
    assert first.next_attempt_at <= sharing.now + timedelta(seconds=waits)
    assert first.next_attempt_at >= sharing.now + timedelta(seconds=waits / 2)


def test_a_refusal_is_parked_and_can_be_tried_again() -> None:
    sharing = Sharing()
    services.follow_all(at=sharing.now)
    sharing.run()
    sharing.confirm()
    sharing.server.before = [ProgramRefused("status-422", status=422)]
    sharing.run()
    parked = Delivery.objects.get(state="parked")

    services.retry(delivery_id=parked.pk, by=sharing.patient, at=sharing.now)

    assert parked.http_status == 422
    assert sharing.run() == ["delivered"]


def test_a_stale_fence_parks_what_never_arrived() -> None:
    sharing = Sharing()
    services.follow_all(at=sharing.now)
    sharing.run()
    sharing.confirm()
    sharing.server.consent_version = 9

    assert sharing.run() == ["parked"]
    assert Delivery.objects.get(package__kind="push").http_status == 412
