"""Each sending relies on the version of our consent that the program has; it is never guessed."""

import pytest

from consent import services as consent
from portal.records.models import Resource
from sharing import services
from sharing.models import Delivery, Disclosure, Endpoint
from sharing.services import showing
from sharing.services.program import ProgramRefused, ProgramUnavailable
from tests.consent.builders import a_person, a_resource
from tests.sharing.builders import Sharing, a_variant
from tests.sharing.test_outbox import announced

pytestmark = pytest.mark.django_db


def a_program_that_counts_by_itself() -> Sharing:
    """Its versions are numbers of its whole store, or no numbers at all."""
    sharing = Sharing()
    sharing.server.etag = '"{:x}-of-ours"'.format
    return sharing


def test_what_was_foreseen_and_is_another_never_leaves_and_is_looked_at_again() -> None:
    sharing = a_program_that_counts_by_itself()
    foreseen = sharing.confirm()

    assert sharing.run() == ["delivered", "cancelled"]

    foreseen.refresh_from_db()
    assert (foreseen.code, foreseen.attempt) == ("look-again", 0)
    assert sharing.server.observations == []
    preview = sharing.preview()
    sharing.confirm()
    assert sharing.run() == ["delivered"]
    assert sharing.server.stored[-1] == preview.prepared.raw
    assert b'"ifMatch":"\\"1-of-ours\\""' in preview.prepared.raw


def test_a_program_that_counts_by_itself_is_waited_for_from_then_on() -> None:
    sharing = a_program_that_counts_by_itself()
    services.follow_all(at=sharing.now)
    sharing.run()
    other = Sharing.joined_by(a_person("ben@example.org"), sharing)

    assert not Endpoint.objects.get().counts
    with pytest.raises(services.NotYetTold):
        other.preview()

    services.follow_all(at=other.now)
    other.server.consent_version = 0
    assert other.run() == ["delivered"]
    other.confirm()
    assert other.run() == ["delivered"]


def test_what_arrived_twice_is_no_other_way_of_counting() -> None:
    sharing = announced()
    sharing.run()
    sharing.stop()
    # The first try arrives late: the program does not know of it yet when it is asked.
    sharing.server.after = [ProgramUnavailable("slow", on_wire=True)]
    sharing.server.not_found = [ProgramRefused("status-404", status=404)]
    sharing.run()
    sharing.wait(3600)
    stored = len(sharing.server.stored)

    assert sharing.run() == ["delivered"]

    assert len(sharing.server.stored) == stored + 1
    assert Endpoint.objects.get().counts


def test_a_program_that_moved_our_consent_on_is_asked_where_it_stands() -> None:
    sharing = announced()
    sharing.server.on_transact = lambda: _touch_once(sharing)

    assert sharing.run()[-1] == "parked"

    refused = Delivery.objects.get(package__kind="push")
    assert (refused.code, refused.http_status) == ("look-again", 412)
    assert not refused.disclosures.exists()
    sharing.confirm()
    assert sharing.run() == ["delivered"]
    assert len(sharing.server.observations) == 1


def _touch_once(sharing: Sharing) -> None:
    """The staff of the program write into our consent."""
    sharing.server.on_transact = lambda: None
    sharing.server.consent_version += 1


def test_the_news_of_an_agreement_is_told_anew_where_its_version_moved_on() -> None:
    sharing = announced()
    sharing.run()
    sharing.server.consent_version += 1
    consent.change(
        patient=sharing.patient,
        program=sharing.program,
        scope=sharing.agreement.agreed().scope,
        at=sharing.now,
        fresh_sign_in=True,
    )
    services.follow_all(at=sharing.now)

    assert sharing.run() == ["parked"]
    assert services.follow_all(at=sharing.now) == 1
    assert sharing.run() == ["delivered"]

    assert services.follow_all(at=sharing.now) == 0
    assert [state for kind, state in sharing.states() if kind == "announce"] == [
        "delivered",
        "parked",
        "delivered",
    ]


def test_what_is_kept_up_to_date_is_sent_anew_where_its_version_moved_on() -> None:
    sharing = announced()
    sharing.run()
    sharing.server.consent_version += 1
    sharing.wait(120)
    a_resource(sharing.origin, a_variant(id="v2"), "hereditary-risk")
    Resource.objects.filter(source_id="v2").update(stored_at=sharing.now)
    sharing.wait(120)
    services.keep_up(at=sharing.now)
    assert sharing.run() == ["parked"]
    sharing.wait(120)

    services.keep_up(at=sharing.now)

    assert sharing.run() == ["delivered"]
    assert len(sharing.server.observations) == 2


def test_a_program_that_refuses_its_own_version_is_not_asked_for_ever() -> None:
    sharing = announced()
    sharing.server.before = [ProgramRefused("status-412", status=412)]

    assert sharing.run() == ["parked"]

    assert Delivery.objects.get(package__kind="push").code == "status-412"


def test_a_program_that_does_not_say_where_our_consent_stands_refused() -> None:
    sharing = announced()
    sharing.server.before = [ProgramRefused("status-409", status=409)]
    sharing.server.not_found = [ProgramRefused("status-403", status=403)]

    assert sharing.run() == ["parked"]

    assert Delivery.objects.get(package__kind="push").code == "status-409"


def test_a_part_that_was_taken_is_disclosed_as_uncertain_and_taken_back() -> None:
    sharing = announced()
    sharing.server.after = [ProgramRefused("answer-partial", status=200, on_wire=True)]
    assert sharing.run() == ["parked"]

    [line] = Disclosure.objects.all()
    assert not line.certain
    [shown] = [one for one in showing.deliveries_of(sharing.patient) if one.state == "parked"]
    assert showing.state_in_words(shown).endswith("It may still have a part of this.")
    sharing.stop()
    assert sharing.run() == ["delivered"]
    assert sharing.server.observations == []
