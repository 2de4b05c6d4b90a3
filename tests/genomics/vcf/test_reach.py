"""What is said of how far a test looked, and reading that back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.genomics.vcf.beds import State
from portal.genomics.vcf.reach import Counted, counted_in, sentence


@given(st.lists(st.tuples(st.sampled_from(State), st.integers(1, 10**6), st.integers(1, 10**10))))
def test_what_was_said_of_regions_is_read_back(told: list[tuple[State, int, int]]) -> None:
    said = " ".join(sentence(*one) for one in told)

    assert list(counted_in(said)) == [Counted(*one) for one in told]


@pytest.mark.parametrize(
    "said",
    [
        "",
        "12 regions were looked at.",
        "All coding regions with 10 letters of DNA on either side were looked at.",
        "regions with letters of DNA were looked at.",
    ],
)
def test_the_words_of_a_lab_are_left_as_they_are(said: str) -> None:
    assert not list(counted_in(said))
