"""Reports of DNA arrays and the files of deCODEme: only letters of a known strand are used."""

import io
from typing import Any

import pytest

from portal.genomics import raw_genotypes
from portal.genomics.files import Kind, recognise
from portal.genomics.findings import Rejected
from portal.genomics.raw_layouts import UnknownLayout
from portal.genomics.vcf.faults import NoSuchSample, SeveralSamples

HEAD = (
    "[Header]\nGSGT Version\t2.0.4\nProcessing Date\t10/28/2025 1:39 PM\nContent\t\tarray.bpm\n"
    "Num SNPs\t3\nNum Samples\t1\n[Data]\n"
)
COLUMNS = "SNP Name\tSample ID\tAllele1 - {0}\tAllele2 - {0}\tChr\tPosition\tGC Score\n"
# VKORC1 is tested by C and T, CYP2C19*2 by G and A.
LINES = (
    "rs9923231\tme\tC\tT\t16\t31096368\t0.9\n"
    "rs4244285\tme\tA\tG\t10\t94781859\t0.9\n"
    "exm1\tme\t-\t-\t0\t0\t0.0\n"
)


def read(text: str, sample: str | None = None) -> list[Any]:
    return list(raw_genotypes.resources(io.BytesIO(text.encode()), sample=sample))


def genotypes(found: list[Any]) -> set[str]:
    named = [one for one in found if isinstance(one, dict) and one["id"].startswith("raw-rs")]
    return {one["valueCodeableConcept"]["text"] for one in named}


@pytest.mark.parametrize(
    "text",
    [
        HEAD + COLUMNS.format("Plus") + LINES,
        (HEAD + COLUMNS.format("Plus") + LINES).replace("\t", ","),
        (HEAD + COLUMNS.format("Forward") + LINES).replace("\n", "\r\n"),
        COLUMNS.format("Plus") + LINES,
    ],
)
def test_a_report_of_an_array_is_read_as_raw_data(text: str) -> None:
    found = read(text)

    assert recognise(text.encode()) is Kind.RAW_GENOTYPES
    assert genotypes(found) == {"rs9923231 CT", "rs4244285 AG"}
    assert "2 places tested, 1 without an answer" in found[-1]["conclusion"]
    assert "raw report of a DNA array. Not a clinical test" in found[-1]["conclusion"]


def test_letters_of_the_plus_strand_are_taken_before_all_others() -> None:
    columns = (
        "Sample ID\tSNP Name\tAllele1 - Top\tAllele2 - Top\tAllele1 - Plus\tAllele2 - Plus"
        "\tAllele1 - AB\tAllele2 - AB\n"
    )

    found = read(HEAD + columns + "me\trs9923231\tA\tG\tC\tT\tA\tB\n")

    assert genotypes(found) == {"rs9923231 CT"}
    assert "strand" not in found[-1]["conclusion"]


@pytest.mark.parametrize("writing", ["Top", "Design", "AB"])
def test_letters_of_the_makers_own_are_said_and_not_translated(writing: str) -> None:
    lines = "rs9923231\tme\tA\tB\t16\t31096368\t0.9\n"

    found = read(HEAD + COLUMNS.format(writing) + lines)

    assert genotypes(found) == set()
    assert [one["resourceType"] for one in found] == ["DiagnosticReport"]
    assert "1 place tested" in found[0]["conclusion"]
    assert "a writing of the maker's own, which is not translated" in found[0]["conclusion"]


def test_letters_of_the_forward_strand_are_used_only_where_one_strand_fits() -> None:
    both = "rs72558186\tme\tT\tA\t10\t94781944\t0.9\n"

    forward = read(HEAD + COLUMNS.format("Forward") + both)
    plus = read(HEAD + COLUMNS.format("Plus") + both)

    assert not any(one["id"] == "genotype-CYP2C19" for one in forward)
    assert any(one["id"] == "genotype-CYP2C19" for one in plus)
    assert "the strand that dbSNP calls forward" in forward[-1]["conclusion"]


def test_of_several_samples_one_must_be_named() -> None:
    text = HEAD + COLUMNS.format("Plus") + LINES + LINES.replace("\tme\t", "\tyou\t")

    with pytest.raises(SeveralSamples) as asked:
        read(text)
    with pytest.raises(NoSuchSample):
        read(text, "nobody")

    assert asked.value.names == ("me", "you")
    assert "2 places tested" in read(text, "you")[-1]["conclusion"]


@pytest.mark.parametrize(
    "columns",
    ["\tme\tyou\n", "SNP Name\tSample ID\tTheta\tR\n", "SNP Name\tSample ID\tAllele1 - Plus\n"],
)
def test_a_report_without_columns_that_are_read_is_refused_by_name(columns: str) -> None:
    with pytest.raises(UnknownLayout, match="DNA array"):
        read(HEAD + columns + "rs1\tAA\tAG\n")


def test_a_line_with_too_few_columns_is_named() -> None:
    found = read(HEAD + COLUMNS.format("Plus") + LINES + "rs5\tme\n")

    (fault,) = [one for one in found if isinstance(one, Rejected)]
    assert (fault.code, fault.source.path) == ("columns", "line 12")


def test_the_long_names_of_an_array_are_names() -> None:
    name = "seq-" + "chr1-12345-" * 7
    found = read(HEAD + COLUMNS.format("Plus") + f"{name}\tme\tC\tT\t1\t5\t0.9\n")

    assert "1 place tested" in found[-1]["conclusion"]


DECODEME = "Name,Variation,Chromosome,Position,Strand,YourCode\n"


def test_a_file_of_decodeme_is_read_with_the_strand_of_each_line() -> None:
    text = DECODEME + "rs9923231,C/T,16,31015190,+,CT\nrs3,C/T,1,28663,-,--\n"

    found = read(text)

    assert recognise(text.encode()) is Kind.RAW_GENOTYPES
    assert genotypes(found) == {"rs9923231 CT"}
    assert "1 place tested, 1 without" in found[-1]["conclusion"]


@pytest.mark.parametrize(("strand", "is_used"), [("+", True), ("-", False), ("", False)])
def test_letters_that_fit_both_strands_are_used_only_on_the_plus_strand(
    strand: str, *, is_used: bool
) -> None:
    found = read(f"{DECODEME}rs72558186,A/T,10,96531606,{strand},AT\n")

    assert any(one["id"] == "genotype-CYP2C19" for one in found) is is_used


def test_the_head_of_a_report_is_no_place() -> None:
    found = read(HEAD.replace("\t", ",").replace("[Data]", "[Data],,,") + (
        COLUMNS.format("Plus") + LINES
    ).replace("\t", ","))  # fmt: skip

    assert not [one for one in found if isinstance(one, Rejected)]
