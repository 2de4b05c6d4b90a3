"""Made-up agreements, facts and moments for property tests."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st

from consent import ledger
from consent.policy import (
    Agreed,
    Category,
    Extra,
    Facts,
    Identity,
    Offered,
    Purpose,
    Scope,
    State,
    Use,
)

_START = datetime(2024, 1, 1, tzinfo=UTC)
moments = st.integers(0, 4 * 365 * 86400).map(lambda seconds: _START + timedelta(seconds=seconds))
kinds = st.frozensets(st.sampled_from(Category))
identities = st.sampled_from(Identity)
uses = st.frozensets(st.sampled_from(Use))
versions = st.sampled_from(["1", "2"])
scopes = st.builds(
    Scope,
    categories=kinds,
    identity=identities,
    uses=uses,
    extras=st.frozensets(st.sampled_from(Extra)),
    ends_on=st.none() | st.dates(date(2024, 1, 1), date(2028, 1, 1)),
    keep_updated=st.booleans(),
)


@st.composite
def agreements(draw: st.DrawFn) -> Agreed:
    scope = draw(scopes)
    return Agreed(
        state=draw(st.sampled_from(State)),
        epoch=draw(st.integers(1, 5)),
        version=draw(versions),
        scope=scope,
        agreed_at=draw(moments),
        ends_at=ledger.end_of(scope.ends_on),
    )


offers = st.builds(
    Offered,
    version=versions,
    published=st.booleans(),
    categories=kinds,
    uses=uses,
    identity=identities,
)
facts = st.builds(
    Facts,
    categories=kinds,
    labels=st.frozensets(
        st.sampled_from(
            [Category.MENTAL_HEALTH, Category.SUBSTANCE_USE, Category.SEXUAL_REPRODUCTIVE]
        )
    ),
    container=st.booleans(),
    understood=st.booleans(),
    never_sent=st.booleans(),
    other_person=st.booleans(),
)
purposes = st.builds(
    Purpose,
    use=st.sampled_from(Use),
    identity=identities,
    epoch=st.integers(1, 5),
    update=st.booleans(),
)
