"""One change told by two sources is one change; in doubt it is two."""

import msgspec
import pytest

from portal.genomics.findings import Finding, Hgvs, Kind, Pointer, Position, Presence
from portal.genomics.sameness import adds_nothing, same_change


def a_change(**changes: object) -> Finding:
    facts: dict[str, object] = {
        "key": "a",
        "id": "a",
        "kind": Kind.VARIANT,
        "source": Pointer(),
        "presence": Presence.PRESENT,
        "position": a_place(),
        "ref": "G",
        "alt": "A",
        "zygosity": "heterozygous",
    }
    return Finding(**facts | changes)  # type: ignore[arg-type]


def a_place(start0: int = 100, **changes: str) -> Position:
    place = Position(
        start0=start0,
        start=start0 + 1,
        chromosome="13",
        build="GRCh38",
        sequence="NC_000013.11",
    )
    return msgspec.structs.replace(place, **changes)


@pytest.mark.parametrize(
    "other",
    [
        a_change(),
        a_change(zygosity=""),
        a_change(ref="TG", alt="TA", position=a_place(99)),
        a_change(ref="g", alt="a"),
    ],
)
def test_the_same_letters_at_the_same_place_are_one_change(other: Finding) -> None:
    assert same_change(a_change(), other)


@pytest.mark.parametrize(
    "other",
    [
        a_change(alt="T"),
        a_change(position=a_place(101)),
        a_change(position=a_place(sequence="NC_000013.10", build="GRCh37")),
        a_change(presence=Presence.ABSENT),
        a_change(zygosity="homozygous"),
        a_change(source_class="somatic", zygosity=""),
        a_change(position=None),
        a_change(kind=Kind.GENOTYPE),
        a_change(position=a_place(sequence="", chromosome="")),
    ],
)
def test_another_place_build_or_answer_is_another_change(other: Finding) -> None:
    one = a_change(source_class="germline")

    assert not same_change(one, other)


def test_genomic_names_tell_where_positions_are_missing() -> None:
    named = a_change(position=None, hgvs=Hgvs(g=("NC_000013.11:g.101G>A",)))

    assert same_change(a_change(hgvs=Hgvs(g=("NC_000013.11:g.101G>A",))), named)


def test_a_class_that_only_one_source_gives_is_not_lost() -> None:
    with_class = a_change(significance=("Pathogenic",))

    assert adds_nothing(a_change(), with_class)
    assert not adds_nothing(with_class, a_change())
