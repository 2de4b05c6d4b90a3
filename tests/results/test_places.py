"""A mark stands where the lab said, or where the gene is known to lie; nowhere else."""

import pytest

from portal.genomics.findings import Hgvs, Position
from portal.results.places import place_of
from tests.results.builders import a_finding


def test_a_known_gene_stands_at_its_place() -> None:
    assert place_of("BRCA2", a_finding())[0] == "13"  # type: ignore[index]


@pytest.mark.parametrize(
    ("accession", "chromosome"),
    [("NC_000003.11", "3"), ("NC_000023.10", "X"), ("NC_000024.9", "Y")],
)
def test_another_gene_stands_on_the_chromosome_of_its_change(
    accession: str, chromosome: str
) -> None:
    finding = a_finding(hgvs=Hgvs(g=(f"{accession}:g.128625063C>T",)), position=None)

    assert place_of("NOBODYS", finding) == (chromosome, None)


def test_the_base_counts_on_grch38_only() -> None:
    here = Position(chromosome="chr3", start=1_000, build="GRCh38")
    old = Position(chromosome="3", start=1_000, build="GRCh37")

    assert place_of("NOBODYS", a_finding(position=here)) == ("3", 1_000)
    assert place_of("NOBODYS", a_finding(position=old)) == ("3", None)


@pytest.mark.parametrize(
    "said", [(), ("NG_008847.1:g.5C>T",), ("NC_000003.1:g.1A>G", "NC_000004.1:g.1A>G")]
)
def test_no_place_or_two_places_are_no_place(said: tuple[str, ...]) -> None:
    assert place_of("NOBODYS", a_finding(hgvs=Hgvs(g=said), position=None)) is None
