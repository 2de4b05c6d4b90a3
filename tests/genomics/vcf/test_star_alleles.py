"""Diplotypes, checked against the calls that other people's test files are named after."""

import io

import pytest

from portal.genomics.findings import Finding, Kind
from portal.genomics.vcf import pgx
from portal.genomics.vcf.builds import Build
from portal.genomics.vcf.converting import Choice
from portal.genomics.vcf.reading import findings
from portal.genomics.vcf.records import Reader, Record
from portal.genomics.vcf.star_alleles import Diplotype, StarAlleles
from tests.genomics.vcf.builders import VCF

PHARMCAT = VCF / "pharmcat"


def the_calls(name: str, *, changed: tuple[str, str] = ("", "")) -> dict[str, Diplotype]:
    raw = (PHARMCAT / name).read_text().replace(*changed) if any(changed) else None
    stream = io.BytesIO(raw.encode() if raw else (PHARMCAT / name).read_bytes())
    reader = Reader(stream)
    reader.choose(sample=reader.header.samples[0], build=None)
    stars = StarAlleles(reader.settled())
    for record in reader.records():
        if isinstance(record, Record):
            stars.watch(record)
    return {found.gene: found for found in stars.calls()}


@pytest.mark.parametrize(
    ("name", "gene", "called"),
    [
        ("cyp2c19/s1s2", "CYP2C19", "*1/*2"),
        ("cyp2c19/s1s4b", "CYP2C19", "*1/*4"),
        ("cyp2c19/s2s2", "CYP2C19", "*2/*2"),
        ("cyp2c19/s4as4b", "CYP2C19", "*4/*4"),
        ("cyp2c19/s1s2rs58973490het", "CYP2C19", "*1/*2"),
        ("cyp2c19/rs12769205call", "CYP2C19", "*1/*35"),
        ("SLCO1B1/s1s15", "SLCO1B1", "*1/*15"),
        ("SLCO1B1/s2s2", "SLCO1B1", "*2/*2"),
        ("SLCO1B1/s5s45", "SLCO1B1", "*5/*45.001"),
        ("SLCO1B1/SLCO1B1_s1_s15_t1", "SLCO1B1", "*1/*15"),
        ("TPMT/hom1s_het3a", "TPMT", "*1/*3A"),
        ("TPMT/s16s22", "TPMT", "*16/*22"),
        ("TPMT/s1s1s", "TPMT", "*1/*1"),
        ("TPMT/s3as3b", "TPMT", "*3A/*3B"),
        ("UGT1A1/s1s1", "UGT1A1", "*1/*1"),
        ("UGT1A1/s1s37s80s60phased", "UGT1A1", "*1/*80+*37"),
        ("UGT1A1/s28s37", "UGT1A1", "*28/*37"),
        ("UGT1A1/s28s80unphased", "UGT1A1", "*1/*80+*28"),
        ("UGT1A1/s28s80s6s60phased", "UGT1A1", "*6/*80+*28"),
        ("UGT1A1/s1s60s80unphased", "UGT1A1", "*1/*80"),
        ("NUDT15/refref", "NUDT15", "*1/*1"),
        ("NUDT15/s3ref", "NUDT15", "*1/*3"),
        ("VKORC1/-1639G-1639A", "VKORC1", "rs9923231 reference (C)/rs9923231 variant (T)"),
        ("IFNL3/rs12979860CT", "IFNL3", "rs12979860 reference (C)/rs12979860 variant (T)"),
        ("cyp3a5/s1s7", "CYP3A5", "*1/*7"),
        ("cyp3a5/s3s9-homozygous", "CYP3A5", "*3/*9"),
        ("cyp3a5/s3s3rs55965422het", "CYP3A5", "*3/*3"),
        ("cyp3a5/s1s3rs776746rs55965422het", "CYP3A5", "*1/*3"),
    ],
)
def test_a_call_is_the_one_that_the_file_is_known_for(name: str, gene: str, called: str) -> None:
    found = the_calls(f"haplotype/{name}.vcf")[gene]

    assert found.names == (called,)


@pytest.mark.parametrize(
    ("name", "gene", "called"),
    [
        ("cyp2c19/s4bs17rs28399504missing", "CYP2C19", {"*17/*17", "*4/*17", "*4/*4"}),
        ("cyp2c19/s1s17s1s4bmissingmore", "CYP2C19", {"*1/*17", "*1/*4"}),
        ("UGT1A1/s6s60s80s28missingphased", "UGT1A1", {"*6/*80", "*6/*80+*28", "*6/*80+*37"}),
        ("UGT1A1/HG00436", "UGT1A1", set()),
    ],
)
def test_what_pharmcat_leaves_open_is_left_open_in_the_same_way(
    name: str, gene: str, called: set[str]
) -> None:
    found = the_calls(f"haplotype/{name}.vcf")[gene]

    assert set(found.names) == called
    assert found.unknown == (not called)


def test_a_whole_example_agrees_with_its_published_report() -> None:
    rows = [
        line.split("\t")
        for line in (PHARMCAT / "pharmcat.example.report.tsv").read_text().splitlines()[2:]
    ]
    expected = {row[0]: (row[1], row[2].strip()) for row in rows if row[10] == "no"}

    calls = the_calls("pharmcat.example.vcf")

    assert len(calls) == 8
    for gene, found in calls.items():
        diplotype, phenotype = expected[gene]
        assert found.names == (diplotype,)
        assert found.phenotypes == ((phenotype,) if phenotype else ())
        assert not found.not_tested


def test_what_another_order_of_the_letters_would_mean_is_said() -> None:
    found = the_calls("haplotype/TPMT/hom1s_het3a.vcf")["TPMT"]

    assert found.phenotypes == ("Intermediate Metabolizer",)
    assert found.others == ("*3B/*3C",)
    assert found.other_phenotypes == ("Poor Metabolizer",)
    assert any("same copy" in note and "Poor Metabolizer" in note for note in pgx.notes(found))


def test_a_place_that_was_not_tested_is_never_taken_for_the_reference() -> None:
    found = the_calls("haplotype/cyp2c19/s1s2rs3758581missing.vcf")["CYP2C19"]

    assert "rs3758581" in found.not_tested
    assert "*3" in found.not_told_apart
    assert any(note.startswith("Not tested: 2 of 35") for note in pgx.notes(found))


def test_alleles_that_fit_equally_well_are_all_named() -> None:
    found = the_calls("haplotype/cyp2c19/rs12769205only.vcf")["CYP2C19"]

    assert set(found.names) == {"*38/*2", "*38/*35", "*1/*2", "*1/*35"}
    assert pgx.name(found).count(" or ") == 3


def test_letters_that_no_allele_has_are_not_called() -> None:
    found = the_calls("haplotype/TPMT/unexpected.allele.vcf")["TPMT"]

    assert found.unknown
    assert found.phenotypes == ()
    assert pgx.name(found) == "TPMT not called"


def test_a_line_that_failed_its_filter_counts_as_not_tested() -> None:
    found = the_calls("haplotype/cyp2c19/s1s2.vcf", changed=("A\t.\tPASS", "A\t.\tlowQ"))["CYP2C19"]

    assert "rs4244285" in found.not_tested


def test_another_build_is_not_called() -> None:
    assert not list(StarAlleles(Build.GRCH37).calls())


def test_a_stretch_without_a_change_is_tested_in_the_gvcf() -> None:
    raw = (
        "##fileformat=VCFv4.2\n##reference=GRCh38\n"
        "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS\n"
        "chr13\t48037000\t.\tA\t<NON_REF>\t.\t.\tEND=48050000\tGT\t0/0\n"
    )

    found = [
        one for one in findings(io.BytesIO(raw.encode()), Choice()) if isinstance(one, Finding)
    ]

    assert [one.name for one in found if one.kind is Kind.GENOTYPE] == ["NUDT15 *1/*1"]
    assert all("not-a-clinical-test" in one.flags for one in found)


def _lines_of(name: str, wanted: str) -> tuple[str, str]:
    """Return a replacement that takes out the line with this name."""
    raw = (PHARMCAT / name).read_text()
    (line,) = (one for one in raw.splitlines(keepends=True) if wanted in one)
    return line, ""


def test_a_gene_is_not_called_usual_where_the_unusual_was_not_looked_for() -> None:
    name = "haplotype/NUDT15/refref.vcf"
    whole = the_calls(name)["NUDT15"]
    partly = the_calls(name, changed=_lines_of(name, "rs116855232"))["NUDT15"]

    assert pgx.effects(whole) == ("Normal Metabolizer",)
    assert partly.names == ("*1/*1",)
    assert pgx.effects(partly) == ("Indeterminate",)
    assert any("fits Normal Metabolizer" in note for note in pgx.notes(partly))


def test_what_was_seen_is_told_whatever_else_was_not_tested() -> None:
    found = the_calls("haplotype/cyp2c19/s1s2rs3758581missing.vcf")["CYP2C19"]

    assert not found.is_open
    assert pgx.effects(found) == ("Intermediate Metabolizer",)


def test_a_place_that_two_lines_tell_of_differently_counts_as_not_tested() -> None:
    name = "haplotype/cyp2c19/s1s2.vcf"
    line, _ = _lines_of(name, "rs4244285")
    place = "chr10\t94781858\t.\tC\t<NON_REF>\t.\tPASS\tEND=94781859\tGT\t0/0\n"

    found = the_calls(name, changed=(line, place + line))["CYP2C19"]

    assert "rs4244285" not in the_calls(name)["CYP2C19"].not_tested
    assert "rs4244285" in found.not_tested


def test_a_stretch_that_begins_at_a_place_of_the_tables_tells_of_all_places_in_it() -> None:
    name = "haplotype/cyp2c19/s1s2.vcf"
    line, _ = _lines_of(name, "rs4244285")
    raw = (PHARMCAT / name).read_text()
    (before,) = (one for one in raw.splitlines(keepends=True) if "\t94781858\t" in one)
    stretch = "chr10\t94781858\t.\tC\t<NON_REF>\t.\tPASS\tEND=94781859\tGT\t0/0\n"

    found = the_calls(name, changed=(before + line, stretch))["CYP2C19"]

    assert "rs4244285" not in found.not_tested
    assert found.names == ("*1/*35",)  # which *2 is without this letter
