"""Once in effect, and never after a stop."""

import hashlib
import json
from datetime import date, timedelta

import pytest
from django.core.files.storage import default_storage

from consent import gate, policy
from consent import services as consent
from portal.accounts.sealing import seal
from portal.audit import services as audit
from portal.genomics.vcf import fhir
from sharing import services
from sharing.models import Attempt, Delivery, Disclosure, Enrolment, Package
from sharing.services import settling, storing
from sharing.services.program import ProgramRefused, ProgramUnavailable
from tests.consent.builders import a_person, a_resource, a_scope, an_agreement, an_answer
from tests.sharing.builders import CUT, Sharing, a_variant

pytestmark = pytest.mark.django_db

FAR = date(2030, 1, 1)


def test_a_confirmed_preview_arrives_with_the_very_bytes_that_were_shown() -> None:
    sharing = Sharing()
    preview = sharing.preview()

    delivery = sharing.confirm()
    states = sharing.run()

    assert states == ["delivered", "delivered"]
    pushed = sharing.server.stored[1]
    assert pushed == preview.prepared.raw
    assert hashlib.sha256(pushed).hexdigest() == preview.sha256 == delivery.package.sha256
    assert len(sharing.server.observations) == 1


@pytest.mark.parametrize("identity", policy.Identity)
def test_i12_a_program_is_told_that_a_result_is_from_no_clinical_test(
    identity: policy.Identity,
) -> None:
    sharing = Sharing(scope=a_scope(identity=identity))
    tag = {"system": fhir.TAGS, "code": "not-a-clinical-test"}
    words = {"meta": {"tag": [{**tag, "display": "Not a clinical test"}]}}
    a_resource(sharing.origin, a_variant(id="v2", **words), "hereditary-risk")

    sharing.confirm()
    sharing.run()

    assert [tag] in [body.get("meta", {}).get("tag") for body in sharing.server.observations]


def test_the_program_hears_of_the_agreement_before_any_data() -> None:
    sharing = Sharing()

    sharing.confirm()
    sharing.run()

    assert sharing.states() == [("announce", "delivered"), ("push", "delivered")]
    assert b"Observation" not in sharing.server.stored[0]


def test_the_fence_is_foreseen_when_the_news_is_already_there() -> None:
    sharing = Sharing()
    services.follow_all(at=sharing.now)
    sharing.run()

    sharing.confirm()

    assert sharing.run() == ["delivered"]
    assert b'"ifMatch":"W/\\"1\\""' in sharing.server.stored[1]


def test_a_second_click_changes_nothing() -> None:
    sharing = Sharing()
    sha256 = sharing.preview().sha256

    first, second = (
        services.confirm(
            patient=sharing.patient, program=sharing.program, sha256=sha256, at=sharing.now
        )
        for _ in range(2)
    )

    assert first.pk == second.pk
    assert Package.objects.filter(kind="push").count() == 1


def test_a_record_that_changed_since_the_preview_must_be_looked_at_again() -> None:
    sharing = Sharing()
    sha256 = sharing.preview().sha256
    a_resource(sharing.origin, a_variant(id="v2"), "hereditary-risk")

    with pytest.raises(services.PreviewChanged):
        services.confirm(
            patient=sharing.patient, program=sharing.program, sha256=sha256, at=sharing.now
        )


def test_the_same_record_is_not_sent_again() -> None:
    sharing = Sharing()
    sharing.confirm()
    sharing.run()

    with pytest.raises(services.NothingNew):
        sharing.confirm()


def test_one_sending_at_a_time_is_on_its_way_to_a_program() -> None:
    sharing = Sharing()
    sharing.confirm()
    a_resource(sharing.origin, a_variant(id="v2"), "hereditary-risk")

    with pytest.raises(services.StillOnItsWay):
        sharing.confirm()


def test_nothing_is_prepared_without_a_live_agreement() -> None:
    sharing = Sharing()
    sharing.stop()

    with pytest.raises(gate.NoLiveAgreement):
        sharing.preview()


def test_a_program_without_a_server_gets_nothing() -> None:
    sharing = Sharing(active=False)

    with pytest.raises(services.NoEndpoint):
        sharing.preview()


def test_bytes_that_were_changed_in_the_storage_never_leave() -> None:
    sharing = Sharing()
    delivery = sharing.confirm()
    with default_storage.open(delivery.package.storage_key, "wb") as stored:
        stored.write(b"something else")

    sharing.run()

    assert Delivery.objects.get(pk=delivery.pk).code == "bytes-lost"
    assert sharing.server.observations == []


def test_what_left_is_written_down_by_resource_version() -> None:
    sharing = Sharing()
    delivery = sharing.confirm()
    sharing.run()

    [line] = Disclosure.objects.of(sharing.patient)

    assert line.delivery_id == delivery.pk
    assert line.certain
    assert line.version_sha256 == sharing.patient.resources.get().sha256


def test_what_may_have_left_at_a_stop_is_written_down_as_such() -> None:
    sharing = Sharing()
    services.follow_all(at=sharing.now)
    sharing.run()
    sharing.confirm()
    sharing.server.before = [CUT]
    sharing.run()

    sharing.stop()
    sharing.wait(5)
    sharing.run()

    assert sharing.states()[1:] == [("push", "in-flight-at-stop"), ("recall", "delivered")]
    assert not Disclosure.objects.get().certain


def test_every_try_is_kept() -> None:
    sharing = Sharing()
    sharing.confirm()
    sharing.server.before = [ProgramUnavailable("status-503", status=503)]
    sharing.run()
    sharing.wait(10)
    sharing.run()

    tries = Attempt.objects.filter(delivery__place=1).order_by("number")
    assert [one.outcome for one in tries] == ["status-503", "received"]


def test_agreeing_again_after_a_stop_sends_under_the_new_agreement() -> None:
    sharing = Sharing()
    sharing.confirm()
    sharing.run()
    sharing.stop()
    sharing.run()
    version = sharing.agreement.version

    consent.agree(
        patient=sharing.patient,
        program=sharing.program,
        answer=an_answer(version),
        at=sharing.now,
    )
    services.follow_all(at=sharing.now)
    sharing.confirm()
    sharing.run()

    assert len(sharing.server.observations) == 1
    assert sharing.server.consent["status"] == "active"


def test_new_results_follow_where_the_person_asked_for_that() -> None:
    sharing = Sharing()
    sharing.confirm()
    sharing.run()
    sharing.wait(120)
    later = a_resource(sharing.origin, a_variant(id="v2"), "hereditary-risk")
    later.stored_at = sharing.now
    later.save()
    sharing.wait(1)

    queued = services.keep_up(at=sharing.now)
    sharing.run()

    assert queued == 1
    assert len(sharing.server.observations) == 2
    assert services.keep_up(at=sharing.now + timedelta(hours=1)) == 0


def test_leaving_removes_the_stored_bytes_once_all_is_taken_back() -> None:
    sharing = Sharing()
    sharing.confirm()
    sharing.run()
    consent.leave(patient=sharing.patient, program=sharing.program, at=sharing.now)
    services.follow_all(at=sharing.now)
    before = services.forget()
    sharing.run()

    removed = services.forget()

    assert before == 0
    assert removed == 3
    assert not Package.objects.exclude(storage_key="").exists()


def test_the_trail_says_what_was_confirmed_claimed_and_settled() -> None:
    sharing = Sharing()
    sharing.confirm()
    sharing.run()

    assert audit.verify(sharing.patient.pk).holds


@pytest.mark.parametrize("tries", [1, 2, 5, 40])
def test_waits_double_up_to_an_hour_and_are_spread(tries: int) -> None:
    shortest, longest = settling.wait_s(tries, 0), settling.wait_s(tries, 1)

    assert longest == min(2 * 2 ** (tries - 1), 3600)
    assert shortest == longest / 2


def announced(**endpoint: object) -> Sharing:
    """Return a person whose agreement the program knows of, with a sending in the queue."""
    sharing = Sharing(scope=None, **endpoint)
    services.follow_all(at=sharing.now)
    sharing.run()
    sharing.confirm()
    return sharing


def test_a_program_that_must_answer_first_holds_up_nobody_else() -> None:
    sharing = announced()
    sharing.server.before = [CUT]
    sharing.run()
    Enrolment.objects.update(fence='W/"a7f"')
    scope = sharing.agreement.agreed().scope
    consent.change(
        patient=sharing.patient,
        program=sharing.program,
        scope=scope,
        at=sharing.now,
        fresh_sign_in=True,
    )
    other = an_agreement(a_person("ben@example.org"), sharing.program)
    consent.stop(patient=other.patient, program=other.program, recall=True, at=sharing.now)

    assert services.follow_all(at=sharing.now) == 1

    followed = Enrolment.objects.get(patient=other.patient).followed_epoch
    other.refresh_from_db()
    assert followed == other.epoch


@pytest.mark.parametrize(
    ("answer", "state"),
    [(ProgramUnavailable("slow"), "queued"), (ProgramRefused("address"), "parked")],
)
def test_what_goes_wrong_before_the_claim_sends_nothing(answer: Exception, state: str) -> None:
    sharing = announced()
    sharing.server.not_ready = [answer]

    assert sharing.run() == [state]
    assert Delivery.objects.get(package__kind="push").attempt == 0


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (ProgramUnavailable("slow"), "queued"),
        (ProgramRefused("status-403", status=403), "parked"),
    ],
)
def test_a_stale_fence_that_cannot_be_asked_about(answer: Exception, state: str) -> None:
    sharing = announced()
    sharing.server.consent_version = 9
    sharing.server.not_found = [answer]

    assert sharing.run() == [state]


def test_a_stale_fence_that_is_our_own_earlier_success_is_a_success() -> None:
    sharing = announced()
    sharing.server.before = [CUT]
    sharing.run()
    sharing.wait(5)
    raw = storing.read(Delivery.objects.get(package__kind="push").package)

    def it_arrives_late_after_all() -> None:
        sharing.server.on_transact = lambda: None
        sharing.server.transact(raw, key=hashlib.sha256(raw).hexdigest(), ends_at=float("inf"))

    sharing.server.on_transact = it_arrives_late_after_all

    assert sharing.run() == ["delivered"]
    assert len(sharing.server.stored) == 2


def test_a_recall_whose_notice_fails_is_done_all_the_same() -> None:
    sharing = announced(notice_url="http://127.0.0.1:9/notices")
    sharing.run()
    sharing.stop()
    sharing.server.no_notice = [ProgramUnavailable("slow")]

    assert sharing.run() == ["delivered"]
    assert sharing.server.notices == []
    assert Delivery.objects.get(package__kind="recall").told_at


def test_a_recall_that_is_refused_says_that_the_program_was_told() -> None:
    sharing = announced()
    sharing.run()
    sharing.stop()
    sharing.server.before = [ProgramRefused("status-403", status=403)]

    assert sharing.run() == ["parked"]
    assert Delivery.objects.get(package__kind="recall").told_at


def test_a_stop_after_a_refusal_leaves_the_refusal_as_it_is() -> None:
    sharing = announced()

    def stop_then_refuse() -> None:
        sharing.server.on_transact = lambda: None
        sharing.stop()
        raise ProgramRefused("status-422", status=422)

    sharing.server.on_transact = stop_then_refuse
    sharing.run()

    assert ("push", "parked") in sharing.states()


def test_two_senders_never_hold_one_person() -> None:
    sharing = announced()
    delivery = Delivery.objects.get(package__kind="push")
    sharing.server.when_ready = lambda: Delivery.objects.filter(pk=delivery.pk).update(
        state="parked", settled_at=sharing.now
    )

    with pytest.raises(services.NothingToClaim):
        services.send(delivery_id=delivery.pk, program=sharing.server, clock=sharing.clock)


def test_a_program_that_counts_in_its_own_way_is_waited_for() -> None:
    sharing = announced()
    sharing.run()
    Enrolment.objects.update(fence='W/"a7f"')
    a_resource(sharing.origin, a_variant(id="v2"), "hereditary-risk")
    assert sharing.preview()
    consent.change(
        patient=sharing.patient,
        program=sharing.program,
        scope=sharing.agreement.agreed().scope,
        at=sharing.now,
        fresh_sign_in=True,
    )

    with pytest.raises(services.NotYetTold):
        sharing.preview()


def test_a_person_who_never_agreed_has_nothing_to_send() -> None:
    sharing = Sharing()
    stranger = a_person("stranger@example.org")

    with pytest.raises(gate.NoLiveAgreement):
        services.prepare(patient=stranger, program=sharing.program, at=sharing.now)


def test_keeping_up_leaves_alone_what_did_not_change() -> None:
    sharing = announced()
    sharing.run()
    sharing.wait(120)
    sharing.patient.resources.update(stored_at=sharing.now)
    sharing.wait(1)

    assert services.keep_up(at=sharing.now) == 0
    assert [kind for kind, _ in sharing.states()] == ["announce", "push"]


def test_moments_are_left_out_of_the_consent_of_somebody_without_a_name() -> None:
    sharing = Sharing(scope=a_scope(identity=policy.Identity.DEIDENTIFIED, ends_on=FAR))
    sharing.confirm()
    sharing.run()

    said = json.dumps(sharing.server.consent)
    assert '"dateTime"' not in said
    assert '"start"' not in said
    assert "2030" in said


def test_bytes_that_are_not_those_that_were_frozen_are_refused() -> None:
    sharing = announced()
    delivery = Delivery.objects.get(package__kind="push")
    other = seal(b"other bytes", context=f"sharing.package:{delivery.package_id}")
    with default_storage.open(delivery.package.storage_key, "wb") as stored:
        stored.write(other)

    with pytest.raises(storing.BytesLost):
        storing.read(delivery.package)
    assert sharing.run() == ["parked"]


def test_following_twice_does_nothing_twice() -> None:
    sharing = Sharing()

    for _ in range(2):
        services.follow(patient=sharing.patient, program=sharing.program, at=sharing.now)

    assert sharing.states() == [("announce", "queued")]


def test_the_same_parcel_is_queued_once() -> None:
    sharing = Sharing()
    preview = sharing.preview()
    parcel = storing.Parcel("push", 1, preview.prepared, "x", preview.manifest)

    first, second = (storing.queue(preview.enrolment, parcel, at=sharing.now) for _ in range(2))

    assert first.pk == second.pk


def test_who_comes_late_with_old_news_changes_nothing() -> None:
    sharing = announced()
    delivery = Delivery.objects.select_related("package", "enrolment__program").get(state="queued")

    for _ in range(2):
        settling.postpone(delivery, ProgramUnavailable("slow"), at=sharing.now)

    assert Delivery.objects.get(pk=delivery.pk).tries == 1
    assert Attempt.objects.filter(delivery=delivery).count() == 1


def test_a_program_that_cannot_be_asked_gets_the_same_bytes_again() -> None:
    sharing = announced()
    sharing.server.after = [CUT]
    sharing.run()
    sharing.wait(5)
    sharing.server.not_found = [ProgramRefused("status-404", status=404)] * 2
    sharing.server.consent_version -= 1  # it forgets nothing, but knows no fence either

    assert sharing.run() == ["delivered"]
    assert sharing.server.stored[1] == sharing.server.stored[2]
    assert len(sharing.server.observations) == 1
