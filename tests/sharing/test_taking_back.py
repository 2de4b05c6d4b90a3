"""What is turned off, removed or withdrawn is taken back, and only that."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from consent import policy
from consent import services as consent
from portal.records.models import FindingSource, Resource, pack
from sharing import services
from sharing.models import Delivery, Endpoint, Package
from sharing.services.program import ProgramRefused
from tests.consent.builders import PLAIN, a_resource, a_scope, an_answer
from tests.sharing.builders import Sharing, a_variant, an_illness

pytestmark = pytest.mark.django_db


def test_a_kind_that_is_turned_off_is_taken_back_and_the_rest_stays() -> None:
    sharing = Sharing()
    a_resource(sharing.origin, a_variant(id="v2"), "carrier")
    sharing.confirm()
    sharing.run()
    before = len(sharing.server.observations)
    scope = sharing.agreement.agreed().scope
    consent.change(
        patient=sharing.patient,
        program=sharing.program,
        scope=replace(scope, categories=scope.categories - {policy.Category.CARRIER}),
        at=sharing.now,
    )

    services.follow_all(at=sharing.now)
    sharing.run()

    assert (before, len(sharing.server.observations)) == (2, 1)
    assert sharing.server.consent["status"] == "active"
    assert sharing.states()[-2:] == [("announce", "delivered"), ("recall", "delivered")]
    assert sharing.confirm()
    assert sharing.run() == ["delivered"]


def _told_later(sharing: Sharing, resource: Resource, **changes: object) -> None:
    sharing.wait(120)
    for name, value in {"stored_at": sharing.now, **changes}.items():
        setattr(resource, name, value)
    resource.save()
    sharing.wait(1)


def test_a_result_that_its_source_removed_is_taken_back_with_the_next_update() -> None:
    sharing = Sharing()
    second = a_resource(sharing.origin, a_variant(id="v2"), "hereditary-risk")
    sharing.confirm()
    sharing.run()
    before = len(sharing.server.observations)
    _told_later(sharing, second, removed_at=sharing.now + timedelta(seconds=120))

    queued = services.keep_up(at=sharing.now)
    sharing.run()

    assert (queued, before, len(sharing.server.observations)) == (1, 2, 1)
    assert sharing.server.consent["status"] == "active"
    assert sharing.states()[-2:] == [("push", "delivered"), ("recall", "delivered")]
    assert Package.objects.latest("created_at", "delivery__place").manifest["partial"]


def test_a_result_that_its_lab_withdraws_is_taken_back_once() -> None:
    sharing = Sharing()
    second = a_resource(sharing.origin, a_variant(id="v2"), "hereditary-risk")
    sharing.confirm()
    sharing.run()
    FindingSource.objects.filter(resource=second).delete()  # what is withdrawn is read no longer
    body = a_variant(id="v2", status="entered-in-error")
    _told_later(sharing, second, raw=pack(json.dumps(body).encode()), sha256="0" * 64)

    services.keep_up(at=sharing.now)
    sharing.run()
    _told_later(sharing, second)
    services.keep_up(at=sharing.now)
    sharing.run()

    assert len(sharing.server.observations) == 1
    assert [kind for kind, _ in sharing.states()].count("recall") == 1


def test_a_result_that_was_withdrawn_is_taken_back_though_a_push_without_it_went_before() -> None:
    sharing = Sharing()
    second = a_resource(sharing.origin, a_variant(id="v2"), "hereditary-risk")
    sharing.confirm()
    sharing.run()
    _told_later(sharing, second, removed_at=sharing.now + timedelta(seconds=120))
    sharing.confirm()
    sharing.run()

    assert services.keep_up(at=sharing.now) == 1
    assert sharing.run() == ["delivered"]
    assert len(sharing.server.observations) == 1


def test_without_keeping_up_to_date_nothing_is_taken_back_by_itself() -> None:
    sharing = Sharing(scope=a_scope(keep_updated=False))
    second = a_resource(sharing.origin, a_variant(id="v2"), "hereditary-risk")
    sharing.confirm()
    sharing.run()
    _told_later(sharing, second, removed_at=sharing.now + timedelta(seconds=120))

    assert services.keep_up(at=sharing.now) == 0
    assert len(sharing.server.observations) == 2


def test_a_withdrawn_result_that_comes_again_is_sent_again() -> None:
    sharing = Sharing()
    second = a_resource(sharing.origin, a_variant(id="v2"), "hereditary-risk")
    sharing.confirm()
    sharing.run()
    _told_later(sharing, second, removed_at=sharing.now + timedelta(seconds=120))
    services.keep_up(at=sharing.now)
    sharing.run()
    _told_later(sharing, second, removed_at=None)

    services.keep_up(at=sharing.now)
    sharing.run()

    assert len(sharing.server.observations) == 2


def test_a_sensitive_matter_that_is_turned_off_is_taken_back() -> None:
    scope = a_scope(*PLAIN, policy.Category.MENTAL_HEALTH)
    sharing = Sharing(scope=scope)
    a_resource(sharing.origin, an_illness("Depression"))
    sharing.confirm()
    sharing.run()
    consent.change(
        patient=sharing.patient, program=sharing.program, scope=a_scope(*PLAIN), at=sharing.now
    )

    services.follow_all(at=sharing.now)
    sharing.run()

    held = {body["resourceType"] for body in sharing.server.held.values()}
    assert held == {"Consent", "Patient", "Observation"}


def test_a_program_whose_server_is_closed_is_kept_up_to_date_when_it_opens() -> None:
    sharing = Sharing()
    sharing.confirm()
    sharing.run()
    Endpoint.objects.update(active=False)
    sharing.wait(120)
    a_resource(sharing.origin, a_variant(id="v2"), "hereditary-risk")
    Resource.objects.filter(source_id="v2").update(stored_at=sharing.now + timedelta(seconds=500))

    assert services.keep_up(at=sharing.now) == 0
    assert sharing.states()[-1] == ("push", "delivered")

    Endpoint.objects.update(active=True)
    sharing.wait(120)
    assert services.keep_up(at=sharing.now) == 1


def test_an_old_recall_is_not_tried_again_after_something_newer_went() -> None:
    sharing = Sharing()
    sharing.confirm()
    sharing.run()
    sharing.stop()
    sharing.server.before = [ProgramRefused("status-422", status=422)]
    assert sharing.run() == ["parked"]
    refused = Delivery.objects.get(state="parked")
    answer = an_answer(sharing.agreement.version)
    consent.agree(patient=sharing.patient, program=sharing.program, answer=answer, at=sharing.now)
    services.follow_all(at=sharing.now)
    sharing.confirm()
    sharing.run()

    with pytest.raises(services.Overtaken):
        services.retry(delivery_id=refused.pk, by=sharing.patient, at=sharing.now)

    assert len(sharing.server.observations) == 1
    assert sharing.server.consent["status"] == "active"


def test_an_old_sending_is_not_tried_again_after_something_newer_went() -> None:
    sharing = Sharing(if_match=False)
    sharing.confirm()
    sharing.server.on_transact = lambda: setattr(sharing.server, "before", [REFUSED])
    assert sharing.run() == ["delivered", "parked"]
    sharing.server.on_transact = lambda: None
    old = Delivery.objects.get(state="parked")
    a_resource(sharing.origin, a_variant(id="v2"), "hereditary-risk")
    sharing.confirm()
    sharing.run()

    with pytest.raises(services.Overtaken):
        services.retry(delivery_id=old.pk, by=sharing.patient, at=sharing.now)

    old.refresh_from_db()
    assert old.state == "parked"


REFUSED = ProgramRefused("status-422", status=422)
