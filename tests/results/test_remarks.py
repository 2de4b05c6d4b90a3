"""What the reader remarks is said in words, never as a key."""

import pytest

from portal.genomics.flags import FLAGS, PREFIXES
from portal.results.remarks import every_remark, flag_words


def test_every_remark_of_the_reader_has_words() -> None:
    assert every_remark() == set(FLAGS) | set(PREFIXES)


@pytest.mark.parametrize("flag", sorted(FLAGS))
def test_a_remark_is_a_sentence_and_not_its_key(flag: str) -> None:
    said = flag_words(flag)

    assert flag not in said
    assert said.endswith(".")


def test_a_remark_that_goes_on_keeps_its_detail() -> None:
    assert flag_words("conflict:zygosity") == "Two different values are given: zygosity."
    assert flag_words("conflict:position-start").endswith("part of the position: start.")
    assert flag_words("status-not-known:done").endswith("does not have: done.")
