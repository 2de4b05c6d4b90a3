"""The picture beside a preview shows both sides of it, however many kinds there are."""

import pytest

from consent.models import Program
from sharing.services.pictures import flow_of
from sharing.services.showing import Line


@pytest.mark.parametrize(("kinds", "others"), [(12, 9), (9, 0), (0, 9), (3, 2)])
def test_every_record_is_in_the_picture_on_its_side(kinds: int, others: int) -> None:
    goes = [Line(f"Kind {n}", 20 - n) for n in range(kinds)]
    stays = [Line(f"Other {n}", 20 - n, "why") for n in range(others)]

    picture = flow_of(goes, stays, Program(name="A program"))

    assert picture is not None
    numbers = [int(line.split(": ")[1].split()[0]) for line in picture.twin]
    leaving = [n for n, line in zip(numbers, picture.twin, strict=True) if "A program" in line]
    assert sum(leaving) == sum(line.count for line in goes)
    assert sum(numbers) - sum(leaving) == sum(line.count for line in stays)


def test_with_nothing_at_all_there_is_no_picture() -> None:
    assert flow_of([], [], Program(name="A program")) is None
