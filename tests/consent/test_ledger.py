"""What the acts of consent add up to, and how they are written before they are hashed."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent import ledger
from consent.ledger import Act, Kind
from consent.policy import Category, Scope, State
from tests.consent import strategies as some

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
SCOPE = Scope(categories=frozenset({Category.CARRIER}))
later_acts = st.lists(st.tuples(st.sampled_from(Kind), some.scopes, some.moments))


def _acts(*kinds: Kind, scope: Scope = SCOPE) -> list[Act]:
    return [Act(n, kind, "1", scope, NOON) for n, kind in enumerate(kinds, start=1)]


def test_no_acts_are_no_agreement() -> None:
    assert ledger.fold_known([]) is None
    with pytest.raises(ledger.OutOfOrder):
        ledger.fold([])


@pytest.mark.parametrize(
    ("last", "state"),
    [
        (Kind.STOP, State.STOPPED),
        (Kind.RECALL, State.RECALLED),
        (Kind.LEAVE, State.LEFT),
        (Kind.EXPIRE, State.EXPIRED),
        (Kind.PAUSE, State.PAUSED),
        (Kind.CHANGE, State.ACTIVE),
        (Kind.CORRECT, State.ACTIVE),
        (Kind.AGREE, State.ACTIVE),
    ],
)
def test_each_act_leads_to_its_state(last: Kind, state: State) -> None:
    stands = ledger.fold(_acts(Kind.AGREE, last))

    assert stands.state is state
    assert stands.epoch == 2


def test_agreeing_again_after_stopping_makes_it_live() -> None:
    stands = ledger.fold(_acts(Kind.AGREE, Kind.LEAVE, Kind.AGREE))

    assert (stands.state, stands.epoch) == (State.ACTIVE, 3)


@pytest.mark.parametrize("first", [kind for kind in Kind if kind is not Kind.AGREE])
def test_it_begins_with_agreeing(first: Kind) -> None:
    with pytest.raises(ledger.OutOfOrder):
        ledger.fold(_acts(first))


def test_a_missing_act_is_found() -> None:
    first, _second, third = _acts(Kind.AGREE, Kind.CHANGE, Kind.STOP)

    with pytest.raises(ledger.OutOfOrder):
        ledger.fold([first, third])


@given(later_acts)
def test_the_epoch_is_the_number_of_acts(parts: list[tuple[Kind, Scope, datetime]]) -> None:
    acts = _acts(Kind.AGREE)
    acts += [Act(n, kind, "1", scope, at) for n, (kind, scope, at) in enumerate(parts, start=2)]

    stands = ledger.fold(acts)

    assert stands.epoch == len(acts)
    assert stands.ends_at == ledger.end_of(stands.scope.ends_on)


@given(some.scopes)
def test_a_scope_goes_to_json_and_back(scope: Scope) -> None:
    form = ledger.scope_to_json(scope)

    assert ledger.scope_from_json(form) == scope
    assert ledger.canonical(form) == ledger.canonical(
        ledger.scope_to_json(ledger.scope_from_json(form))
    )


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"identity": "named"},
        {"identity": "identified", "categories": ["everything"]},
        {"identity": "identified", "ends_on": "soon"},
    ],
)
def test_a_form_with_unknown_words_is_refused(form: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        ledger.scope_from_json(form)


def test_a_scope_without_lists_has_none() -> None:
    scope = ledger.scope_from_json({"identity": "identified", "categories": "all"})

    assert scope.categories == frozenset()
    assert not scope.keep_updated


def test_an_agreement_ends_at_the_end_of_its_last_day() -> None:
    assert ledger.end_of(date(2026, 3, 3)) == datetime(2026, 3, 4, tzinfo=UTC)
    assert ledger.end_of(None) is None


def test_a_moment_is_written_in_utc_with_microseconds() -> None:
    elsewhere = NOON.astimezone(timezone(timedelta(hours=-5)))

    assert ledger.moment(elsewhere) == "2026-03-03T12:00:00.000000+00:00"


def test_one_value_has_one_hash() -> None:
    assert ledger.sha256({"b": 1, "a": "é"}) == ledger.sha256({"a": "é", "b": 1})
    assert ledger.sha256({"a": 1}) != ledger.sha256({"a": 2})
