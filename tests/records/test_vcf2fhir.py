"""The command that writes a VCF as FHIR: streams, exit codes, what it says on standard error."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tests.genomics.vcf.builders import VCF, a_file, a_line


def run(path: Path, **options: str) -> tuple[int, list[dict[str, Any]], list[dict[str, Any]]]:
    out, err = StringIO(), StringIO()
    code = 0
    try:
        call_command("vcf2fhir", str(path), stdout=out, stderr=err, **options)
    except SystemExit as stop:
        code = int(str(stop.code))
    return code, lines(out), lines(err)


def lines(text: StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.getvalue().splitlines()]


@pytest.fixture
def a_path(tmp_path: Path) -> Path:
    return tmp_path / "person.vcf"


def test_a_good_file_is_written_whole(a_path: Path) -> None:
    a_path.write_bytes(a_file(a_line(), a_line("0/0", pos=32316470)))

    code, written, said = run(a_path)

    assert code == 0
    assert [one["resourceType"] for one in written] == [
        "Procedure",
        "Procedure",
        "Observation",
        "Observation",
        "DiagnosticReport",
    ]
    assert {one["record"] for one in said} == {"notice", "report"}
    assert said[-1]["counts"]["different"] == 1


def test_a_line_that_is_left_out_makes_the_exit_one(a_path: Path) -> None:
    a_path.write_bytes(a_file(a_line(), a_line("0/7", pos=32316470)))

    code, written, said = run(a_path)

    assert code == 1
    assert sum(one["id"].startswith("variant-") for one in written) == 1
    (left_out,) = [one for one in said if one["record"] == "rejected"]
    assert left_out["source"] == {"path": "line 10"}


def test_what_is_not_a_vcf_makes_the_exit_two_and_writes_nothing(a_path: Path) -> None:
    a_path.write_bytes(b"%PDF-1.7")

    code, written, said = run(a_path)

    assert (code, written) == (2, [])
    assert said[0]["code"] == "not-a-vcf"


def test_a_missing_file_makes_the_exit_two(a_path: Path) -> None:
    code, _, said = run(a_path)

    assert code == 2
    assert said[0]["code"] == "no-file"


def test_several_samples_are_asked_about_and_one_can_be_named(a_path: Path) -> None:
    a_path.write_bytes(a_file(a_line() + "\t0/0", samples=("Ana", "Bo")))

    code, written, said = run(a_path)
    named, _, _ = run(a_path, sample="Bo")
    other, _, _ = run(a_path, sample="Cy")

    assert (code, written, named, other) == (2, [], 0, 2)
    assert said[0]["samples"] == ["Ana", "Bo"]


def test_a_build_is_asked_for_and_taken(a_path: Path) -> None:
    raw = a_file(a_line(chrom="13")).replace(b",assembly=GRCh38", b"").replace(b"length=", b"x=")
    a_path.write_bytes(raw)

    asked, _, said = run(a_path)
    taken, _, _ = run(a_path, build="hg19")

    assert (asked, taken) == (2, 0)
    assert said[0]["code"] == "build-unknown"


def test_an_unknown_build_is_told_at_once(a_path: Path) -> None:
    with pytest.raises(CommandError, match="GRCh38"):
        run(a_path, build="mouse")


def test_regions_come_from_a_bed_file() -> None:
    code, written, _ = run(
        VCF / "vcf2fhir/vcf_example4.vcf",
        build="GRCh37",
        bed=str(VCF / "vcf2fhir/RegionsStudied_example4.bed"),
    )

    assert code == 1  # positions beyond the end of the mitochondrion
    assert sum(one["id"].startswith("region-") for one in written) == 25


def test_regions_that_could_not_be_read_come_from_a_file_of_their_own() -> None:
    _, written, said = run(
        VCF / "vcf2fhir/vcf_example4.vcf",
        build="GRCh37",
        bed=str(VCF / "vcf2fhir/RegionsStudied_example4.bed"),
        noncallable=str(VCF / "vcf2fhir/NoncallableRegions_example4.bed"),
    )

    analysis = next(one for one in written if one["id"] == "genomic-study-analysis")
    states = [one["url"] for one in analysis["extension"][1]["extension"]]
    assert states == ["studied", "uncalled", "description"]
    assert "1 region with 1 letter of DNA could not be read." in written[-1]["conclusion"]
    assert said[-1]["counts"]["outside"] == 0


def test_a_broken_region_is_told_with_the_file_that_it_stands_in(
    a_path: Path, tmp_path: Path
) -> None:
    a_path.write_bytes(a_file(a_line()))
    bed = tmp_path / "regions.bed"
    bed.write_bytes(b"chr13\t9\t3\n")

    code, _, said = run(a_path, bed=str(bed))

    rejected = [one["source"]["path"] for one in said if one["record"] == "rejected"]
    assert (code, rejected) == (1, ["regions, line 1"])


def test_every_line_of_a_file_comes_out_or_is_rejected() -> None:
    code, written, said = run(VCF / "vcf2fhir/vcf_structural_variants.vcf")

    counts = said[-1]["counts"]
    lines_in = {one["id"].split("-")[1] for one in written if one["id"].startswith("variant-")}
    assert code == 1  # its reference line is empty
    assert counts["lines"] == len(lines_in) + counts["rejected"] == 26
