"""The genes that the name of a region speaks of: plain names count, all others say nothing."""

import pytest

from portal.genomics.vcf.builds import Build
from portal.genomics.vcf.gene_names import genes_at

BRCA2 = ("13", 32_340_000)


def genes(name: str, place: tuple[str, int] = BRCA2, build: Build = Build.GRCH38) -> set[str]:
    return set(genes_at(name, *place, build))


@pytest.mark.parametrize(
    "name",
    [
        "BRCA2",
        "BRCA2 exon 1",
        "BRCA2_exon3",
        "BRCA2_ex3",
        "BRCA2.3",
        "BRCA2-exon3",
        "BRCA2-3",
        "BRCA2-E3-1",
        "BRCA2|NM_000059.4|exon_3",
        "BRCA2:NM_000059.4",
        "BRCA2(NM_000059)_e3",
        "NM_000059.4_exon_3_BRCA2",
        "ref|BRCA2,ref|NM_000059,ens|ENST00000380152",
        "panel1_BRCA2_target_5",
        "GENE_ID=BRCA2",
    ],
)
def test_the_ways_in_which_kits_name_a_gene(name: str) -> None:
    assert genes(name) == {"BRCA2"}


@pytest.mark.parametrize(
    "name",
    [
        "",
        "AMPL7153",
        "brca2",
        "BRCA2P1",
        "BRCA2-AS1",
        "BRCA2-like",
        "not_BRCA2",
        "BRCA2_upstream",
        "upstream of BRCA2",
        "near BRCA2",
        "NM_000059.4",
        "SOMEGENE9_exon1",
    ],
)
def test_what_is_not_plainly_a_gene_is_none(name: str) -> None:
    assert genes(name) == set()


@pytest.mark.parametrize(
    ("chromosome", "start"), [("17", 32_340_000), ("13", 95_000_000), ("", 32_340_000)]
)
def test_a_name_at_a_place_where_its_gene_is_not_is_none(chromosome: str, start: int) -> None:
    assert genes("BRCA2", (chromosome, start)) == set()


@pytest.mark.parametrize(
    ("build", "start"),
    [(Build.NCBI36, 38_449_840), (Build.GRCH37, 41_196_312), (Build.CHM13, 43_900_000)],
)
def test_a_gene_is_known_on_every_build(build: Build, start: int) -> None:
    assert genes("BRCA1_ex2", ("17", start), build) == {"BRCA1"}


def test_a_name_with_a_dash_is_one_name() -> None:
    assert genes("HLA-B_exon2", ("6", 31_356_000)) == {"HLA-B"}


def test_a_region_of_two_genes_is_of_both() -> None:
    assert genes("TSC2;PKD1", ("16", 2_088_000)) == {"TSC2", "PKD1"}
