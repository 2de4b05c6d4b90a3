"""A stop holds at every moment, and what had left is taken back."""

import pytest

from consent import services as consent
from sharing import services, tasks
from sharing.models import Delivery, Endpoint, Enrolment
from tests.consent.builders import a_resource
from tests.sharing.builders import Sharing, a_variant

pytestmark = pytest.mark.django_db


def test_a_stop_cancels_what_is_queued() -> None:
    sharing = Sharing()
    sharing.confirm()

    sharing.stop()

    assert sharing.run() == []
    assert sharing.states() == [("announce", "cancelled"), ("push", "cancelled")]
    assert sharing.server.stored == []


def test_a_stop_holds_also_while_the_programs_server_is_closed() -> None:
    sharing = Sharing()
    sharing.confirm()
    sharing.run()
    Endpoint.objects.update(active=False)

    sharing.stop()

    sharing.agreement.refresh_from_db()
    assert sharing.agreement.state == "recalled"
    assert sharing.states()[-1] == ("recall", "queued")
    assert services.hints(at=sharing.now) == []


def test_a_server_that_was_closed_gets_nothing_that_waited_for_it() -> None:
    sharing = Sharing()
    waiting = sharing.confirm()
    Endpoint.objects.update(active=False)

    assert tasks.deliver(waiting.pk, clock=sharing.clock) == ""
    assert services.hints(at=sharing.now) == []
    waiting.refresh_from_db()
    assert (waiting.state, waiting.tries) == ("queued", 0)


def test_an_agreement_that_ended_unseen_lets_nothing_out_at_the_claim() -> None:
    sharing = Sharing()
    sharing.confirm()
    consent.stop(patient=sharing.patient, program=sharing.program, recall=False, at=sharing.now)

    states = sharing.run()

    assert states == ["cancelled", "cancelled"]
    assert sharing.server.stored == []


def test_a_stop_while_the_bytes_are_on_the_wire_is_said_and_taken_back() -> None:
    sharing = Sharing()
    services.follow_all(at=sharing.now)
    sharing.run()
    sharing.confirm()
    sharing.server.on_transact = lambda: _stop_once(sharing)

    sharing.run()

    assert sharing.states() == [
        ("announce", "delivered"),
        ("push", "in-flight-at-stop"),
        ("recall", "delivered"),
    ]
    assert sharing.server.observations == []
    assert sharing.server.consent["status"] == "inactive"


def _stop_once(sharing: Sharing, *, recall: bool = True) -> None:
    sharing.server.on_transact = lambda: None
    sharing.stop(recall=recall)


def test_what_was_on_the_wire_is_taken_back_even_when_only_new_sharing_was_stopped() -> None:
    sharing = Sharing()
    sharing.confirm()
    sharing.run()
    a_resource(sharing.origin, a_variant(id="v2"), "hereditary-risk")
    sharing.confirm()
    sharing.server.on_transact = lambda: _stop_once(sharing, recall=False)

    sharing.run()

    assert len(sharing.server.observations) == 1
    assert sharing.server.consent["status"] == "inactive"


def test_stopping_new_sharing_leaves_what_the_program_has_and_ends_the_consent_there() -> None:
    sharing = Sharing()
    sharing.confirm()
    sharing.run()

    sharing.stop(recall=False)
    sharing.run()

    assert len(sharing.server.observations) == 1
    assert sharing.server.consent["status"] == "inactive"


def test_a_recall_takes_back_everything_ever_claimed() -> None:
    sharing = Sharing()
    sharing.confirm()
    sharing.run()

    sharing.stop()
    sharing.run()

    assert sharing.server.observations == []
    recall = Delivery.objects.get(package__kind="recall")
    assert recall.state == "delivered"
    assert recall.told_at == recall.settled_at == sharing.now


def test_the_program_gets_a_notice_that_names_only_the_pseudonym() -> None:
    sharing = Sharing(notice_url="http://127.0.0.1:9/notices")
    sharing.confirm()
    sharing.run()

    sharing.stop()
    sharing.run()

    [notice] = sharing.server.notices
    assert Enrolment.objects.get().pseudonym.encode() in notice
    assert sharing.patient.email.encode() not in notice
