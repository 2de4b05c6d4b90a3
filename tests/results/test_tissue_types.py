"""Tissue types that matter for medicines are told only where they were seen."""

import pytest

from portal.genomics.findings import Finding, Kind, Pointer, Presence
from portal.results.tissue_types import tissue_types


def a_type(name: str, presence: Presence | None = None, *flags: str) -> Finding:
    return Finding(
        key="k",
        id="k",
        kind=Kind.HAPLOTYPE,
        source=Pointer("k"),
        name=name,
        presence=presence,
        flags=flags,
    )


@pytest.mark.parametrize("presence", [None, Presence.PRESENT])
def test_a_type_that_was_seen_is_told(presence: Presence | None) -> None:
    assert list(tissue_types(a_type("HLA-B*57:01", presence))) == [("HLA-B", "*57:01")]


@pytest.mark.parametrize("presence", [Presence.ABSENT, Presence.NO_CALL, Presence.INDETERMINATE])
def test_a_type_that_was_not_seen_for_certain_is_not_told(presence: Presence) -> None:
    assert not list(tissue_types(a_type("HLA-B*57:01", presence)))


@pytest.mark.parametrize("name", ["HLA-B*57:01 negative", "no HLA-B*57:01 found", "HLA-B*57:01?"])
def test_a_type_that_the_name_denies_is_not_told(name: str) -> None:
    assert not list(tissue_types(a_type(name)))


@pytest.mark.parametrize("flag", ["presence-not-understood", "another-person"])
def test_a_type_that_was_only_asked_for_or_is_another_persons_is_not_told(flag: str) -> None:
    assert not list(tissue_types(a_type("HLA-B*57:01", None, flag)))
