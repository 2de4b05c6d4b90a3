"""What an expression, an accession or an allele name says about itself."""

import pytest

from portal.genomics import answers, genes, hgvs


@pytest.mark.parametrize(
    ("text", "default", "level"),
    [
        ("NM_000059.3:c.2808_2811del", "c", "c"),
        ("NM_000059.3(BRCA2):c.2808_2811del (p.Ala938fs)", "c", "c"),
        ("NM_000059.3(BRCA2):c.2808_2811del (p.Ala938fs)", "p", "p"),
        ("NC_000013.11:g.32337161del", "c", "g"),
        ("NP_000050.2:p.(Ala938ProfsTer21)", "g", "p"),
        ("NR_023343.1:n.50G>A", "c", "n"),
        ("NC_012920.1:m.3243A>G", "g", "g"),
        ("c.-32+1G>T", "p", "c"),
        ("c.*15A>G", "p", "c"),
        ("p.?", "c", "p"),
        ("r.76a>u", "c", "other"),
        ("NC_000001.10:123:A:G", "g", "other"),
        ("whole gene deletion", "c", "other"),
    ],
)
def test_the_level_of_an_expression(text: str, default: str, level: str) -> None:
    assert hgvs.levels(text, default) == level


@pytest.mark.parametrize(
    ("sequence", "build", "chromosome"),
    [
        ("NC_000001.10", "GRCh37", "1"),
        ("NC_000001.11", "GRCh38", "1"),
        ("NC_000013.10", "GRCh37", "13"),
        ("NC_000023.11", "GRCh38", "X"),
        ("NC_000024.9", "GRCh37", "Y"),
        ("NC_000019.8", "", "19"),
        ("NC_012920.1", "", ""),
        ("NG_017064.1", "", ""),
        ("", "", ""),
    ],
)
def test_an_accession_tells_its_build_and_chromosome(
    sequence: str, build: str, chromosome: str
) -> None:
    assert hgvs.build_of(sequence) == build
    assert hgvs.chromosome_of(sequence) == chromosome


@pytest.mark.parametrize(
    ("name", "alleles"),
    [
        ("*1/*2A", ("*1", "*2A")),
        ("CYP2C9 *2/*5", ("*2", "*5")),
        ("CYP2D6*7.001 / CYP2D6*1.001", ("*7.001", "*1.001")),
        ("hla#3.31.0#HLA-A*03:01:01:01+HLA-A*30:01:01", ("*03:01:01:01", "*30:01:01")),
        ("HLA-B*15:01+HLA-B*40:01/HLA-B*40:02", ("*15:01", "*40:01", "*40:02")),
        ("T/T", ()),
        ("", ()),
    ],
)
def test_the_alleles_of_a_diplotype_or_gl_string(name: str, alleles: tuple[str, ...]) -> None:
    assert hgvs.alleles(name) == alleles


def test_a_gene_in_parentheses_and_an_accession_are_found() -> None:
    assert hgvs.gene_named("NM_014049.4(ACAD9):c.1249C>T") == "ACAD9"
    assert hgvs.gene_named("NM_014049.4:c.1249C>T") == ""
    assert hgvs.accession("see ENST00000380152.8:c.68-7T>A") == "ENST00000380152.8"
    assert hgvs.accession("none") == ""


def test_every_chromosome_has_one_code() -> None:
    names = list(answers.CHROMOSOME.values())

    assert len(names) == 24
    assert len(set(names)) == 24


def test_gene_numbers_are_unique() -> None:
    assert len(set(genes.HGNC.values())) == len(genes.HGNC)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("*24:02", "*24:02", True),
        ("*24:02", "*24:02:01:01", True),
        ("*1.001", "*1", True),
        ("*2A", "*2", True),
        ("*1", "*17", False),
        ("*24:02", "*24:03", False),
    ],
)
def test_alleles_agree_as_far_as_both_are_told(one: str, other: str, *, same: bool) -> None:
    assert hgvs.same_allele(one, other) is same
    assert hgvs.same_allele(other, one) is same
