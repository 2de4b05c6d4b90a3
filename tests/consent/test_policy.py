"""I1: what an agreement allows is total, denies by default, and less scope never permits more."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.policy import (
    SENSITIVE,
    Agreed,
    Category,
    Decision,
    Facts,
    Identity,
    Offered,
    Purpose,
    Reason,
    Scope,
    State,
    Use,
    decide,
    exposes_more,
    standing,
)
from tests.consent import strategies as some

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
CARRIER = Facts(categories=frozenset({Category.CARRIER}))
SCOPE = Scope(
    categories=frozenset({Category.CARRIER}),
    identity=Identity.PSEUDONYMOUS,
    uses=frozenset({Use.PROGRAM_RESEARCH}),
    keep_updated=True,
)
AGREED = Agreed(State.ACTIVE, 2, "1", SCOPE, NOON - timedelta(days=1))
OFFERED = Offered("1", True, frozenset(Category), frozenset(Use), Identity.IDENTIFIED)  # noqa: FBT003
PURPOSE = Purpose(Use.PROGRAM_RESEARCH, Identity.PSEUDONYMOUS, 2, update=True)


def _decide(**parts: object) -> Decision:
    told: dict[str, object] = {"agreed": AGREED, "offered": OFFERED, "facts": CARRIER} | parts
    return decide(
        told["agreed"],  # type: ignore[arg-type]
        told["offered"],  # type: ignore[arg-type]
        told["facts"],  # type: ignore[arg-type]
        parts.get("purpose", PURPOSE),  # type: ignore[arg-type]
        parts.get("at", NOON),  # type: ignore[arg-type]
    )


def test_what_was_chosen_is_permitted() -> None:
    assert _decide() == Decision(permit=True)


@pytest.mark.parametrize("state", [state for state in State if state is not State.ACTIVE])
def test_nothing_is_permitted_in_any_other_state(state: State) -> None:
    assert _decide(agreed=replace(AGREED, state=state)).reasons == (Reason.NOT_ACTIVE,)


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ({"at": NOON - timedelta(days=2)}, Reason.NOT_YET),
        ({"agreed": replace(AGREED, ends_at=NOON)}, Reason.ENDED),
        (
            {"agreed": replace(AGREED, scope=replace(SCOPE, ends_on=date(2026, 3, 2)))},
            Reason.ENDED,
        ),
        ({"purpose": replace(PURPOSE, epoch=1)}, Reason.OTHER_EPOCH),
        ({"agreed": replace(AGREED, version="2")}, Reason.OTHER_VERSION),
        ({"offered": replace(OFFERED, published=False)}, Reason.NOT_PUBLISHED),
        ({"purpose": replace(PURPOSE, use=Use.SHARED_RESEARCH)}, Reason.USE_NOT_AGREED),
        ({"offered": replace(OFFERED, uses=frozenset())}, Reason.USE_NOT_AGREED),
        ({"purpose": replace(PURPOSE, identity=Identity.IDENTIFIED)}, Reason.IDENTITY_NOT_AGREED),
        ({"offered": replace(OFFERED, identity=Identity.DEIDENTIFIED)}, Reason.IDENTITY_NOT_AGREED),
        (
            {"agreed": replace(AGREED, scope=replace(SCOPE, keep_updated=False))},
            Reason.UPDATES_NOT_AGREED,
        ),
        ({"facts": Facts()}, Reason.NOT_CLASSIFIED),
        ({"facts": Facts(never_sent=True)}, Reason.NEVER_SENT),
        ({"facts": replace(CARRIER, understood=False)}, Reason.NOT_CLASSIFIED),
        ({"facts": replace(CARRIER, other_person=True)}, Reason.OTHER_PERSON),
        ({"facts": Facts(frozenset({Category.TUMOUR}))}, Reason.NOT_CHOSEN),
        ({"offered": replace(OFFERED, categories=frozenset())}, Reason.NOT_ASKED_FOR),
        (
            {"facts": replace(CARRIER, labels=frozenset({Category.HIV}))},
            Reason.SENSITIVE_NOT_CHOSEN,
        ),
    ],
    ids=lambda value: str(value) if isinstance(value, Reason) else "",
)
def test_each_reason_alone_denies(parts: dict[str, object], reason: Reason) -> None:
    answer = _decide(**parts)

    assert not answer.permit
    assert answer.reasons == (reason,)


def test_it_holds_through_the_last_day_and_not_longer() -> None:
    last = replace(SCOPE, ends_on=NOON.date())

    assert _decide(agreed=replace(AGREED, scope=last)).permit
    assert not _decide(agreed=replace(AGREED, scope=last), at=NOON + timedelta(hours=12)).permit


def test_a_report_goes_in_part_and_only_as_a_frame() -> None:
    two = Facts(frozenset({Category.CARRIER, Category.TUMOUR}))

    assert not _decide(facts=two).permit
    assert _decide(facts=replace(two, container=True)) == Decision(permit=True, partial=True)


@given(some.agreements(), some.offers, some.facts, some.purposes, some.moments)
def test_every_question_has_one_answer(
    agreed: Agreed, offered: Offered, facts: Facts, purpose: Purpose, at: datetime
) -> None:
    answer = decide(agreed, offered, facts, purpose, at)

    assert answer.permit is not bool(answer.reasons)
    assert answer == decide(agreed, offered, facts, purpose, at)
    assert set(standing(agreed, offered, purpose, at)) <= set(answer.reasons)


@given(some.agreements(), some.offers, some.facts, some.purposes, some.moments)
def test_nothing_leaves_that_was_not_chosen_by_name(
    agreed: Agreed, offered: Offered, facts: Facts, purpose: Purpose, at: datetime
) -> None:
    answer = decide(agreed, offered, facts, purpose, at)

    if answer.permit:
        assert agreed.state is State.ACTIVE
        assert facts.understood
        assert not facts.other_person
        assert facts.labels <= agreed.scope.categories
        assert facts.categories & agreed.scope.categories
        assert answer.partial or facts.categories <= agreed.scope.categories
        assert not exposes_more(purpose.identity, agreed.scope.identity)


@given(some.agreements(), some.offers, some.facts, some.purposes, st.data())
def test_less_scope_never_permits_more(
    agreed: Agreed, offered: Offered, facts: Facts, purpose: Purpose, data: st.DataObject
) -> None:
    at, other, scope = data.draw(some.moments), data.draw(some.scopes), agreed.scope
    smaller = Scope(
        categories=scope.categories & other.categories,
        identity=min(scope.identity, other.identity, key=list(Identity)[::-1].index),
        uses=scope.uses & other.uses,
        extras=scope.extras & other.extras,
        ends_on=min(filter(None, (scope.ends_on, other.ends_on)), default=None),
        keep_updated=scope.keep_updated and other.keep_updated,
    )
    less = replace(agreed, scope=smaller)

    before = decide(agreed, offered, facts, purpose, at)
    after = decide(less, offered, facts, purpose, at)

    assert before.permit or not after.permit
    assert not after.permit or after.partial or not before.partial


@given(some.agreements(), some.offers, some.facts, some.purposes, some.moments)
def test_what_has_ended_stays_ended(
    agreed: Agreed, offered: Offered, facts: Facts, purpose: Purpose, at: datetime
) -> None:
    over = replace(agreed, ends_at=at)

    for later in (timedelta(0), timedelta(days=400)):
        assert not decide(over, offered, facts, purpose, at + later).permit


@given(some.agreements(), some.offers, some.purposes, some.moments)
def test_what_cannot_be_classified_is_denied(
    agreed: Agreed, offered: Offered, purpose: Purpose, at: datetime
) -> None:
    answer = decide(agreed, offered, Facts(), purpose, at)

    assert Reason.NOT_CLASSIFIED in answer.reasons


@given(some.agreements(), some.offers, some.purposes, some.moments)
def test_a_sensitive_matter_is_off_unless_ticked(
    agreed: Agreed, offered: Offered, purpose: Purpose, at: datetime
) -> None:
    plain = replace(agreed, scope=replace(agreed.scope, categories=frozenset(Category) - SENSITIVE))

    for matter in SENSITIVE:
        facts = Facts(frozenset({Category.CONDITIONS}), labels=frozenset({matter}))
        assert not decide(plain, offered, facts, purpose, at).permit


def test_a_name_shows_more_than_a_code_and_a_code_more_than_neither() -> None:
    assert exposes_more(Identity.IDENTIFIED, Identity.PSEUDONYMOUS)
    assert exposes_more(Identity.PSEUDONYMOUS, Identity.DEIDENTIFIED)
    assert not exposes_more(Identity.DEIDENTIFIED, Identity.DEIDENTIFIED)
