"""A file of regions by itself: what a test looked at, never what it found."""

import gzip
import io
from typing import Any

import pytest

from portal.genomics.findings import Kind, Rejected
from portal.genomics.vcf import bed_files
from portal.genomics.vcf.beds import State
from portal.genomics.vcf.builds import Build
from portal.genomics.vcf.faults import BuildUnknown, NotAVcf
from tests.genomics.files import the_findings

BED = b"track name=panel\nchr13\t100\t200\tBRCA2 exon 1\nchr13\t300\t450\n"


def resources(
    raw: bytes, build: Build | None = Build.GRCH38, state: State = State.STUDIED
) -> list[Any]:
    return list(bed_files.resources(io.BytesIO(raw), build, state=state))


def test_the_regions_of_a_file_are_regions_studied() -> None:
    found = resources(BED)

    regions = [
        region.position
        for one in the_findings(found)
        if one.kind is Kind.REGION_STUDIED
        for region in one.regions
        if region.position
    ]
    assert [(one.sequence, one.start0, one.end0) for one in regions] == [
        ("NC_000013.11", 100, 200),
        ("NC_000013.11", 300, 450),
    ]


@pytest.mark.parametrize("state", [State.STUDIED, State.UNCALLED])
def test_the_name_that_the_file_gives_a_region_is_kept(state: State) -> None:
    found = the_findings(resources(BED, state=state))

    named = [
        (region.state, region.text)
        for one in found
        if one.id == "region-2"
        for region in one.regions
        if region.text
    ]
    assert named == [(state, "BRCA2 exon 1")]


def test_the_report_counts_and_claims_no_result() -> None:
    report = resources(BED)[-1]

    assert report["conclusion"] == (
        "2 regions with 250 letters of DNA were looked at. "
        "This file does not say what was found there."
    )


def test_the_build_is_asked_for_and_never_guessed() -> None:
    with pytest.raises(BuildUnknown):
        resources(BED, None)


def test_a_broken_region_is_left_out_with_its_line() -> None:
    faults = [one for one in resources(BED + b"chr13\t9\t5\n") if isinstance(one, Rejected)]

    assert [fault.source.path for fault in faults] == ["line 4"]


def test_a_file_without_one_region_is_refused() -> None:
    with pytest.raises(NotAVcf):
        resources(b"chr13\t9\t5\n")


def test_a_compressed_file_reads_the_same_but_is_not_copied_into_fhir() -> None:
    plain, packed = resources(BED), resources(gzip.compress(BED, mtime=0))

    (document,) = [one for one in packed if one["resourceType"] == "DocumentReference"]
    assert packed[-1]["conclusion"] == plain[-1]["conclusion"]
    assert "data" not in document["content"][0]["attachment"]


def test_regions_that_could_not_be_read_are_never_regions_studied() -> None:
    found = resources(BED, state=State.UNCALLED)

    states = {
        region.state
        for one in the_findings(found)
        if one.kind is Kind.REGION_STUDIED
        for region in one.regions
    }
    assert states == {"uncalled"}
    assert "could not be read" in found[-1]["conclusion"]
    assert "looked at" not in found[-1]["conclusion"]


def test_letters_in_regions_that_overlap_are_counted_once() -> None:
    report = resources(b"chr13\t300\t450\nchr13\t100\t200\nchr13\t150\t350\n")[-1]

    assert report["conclusion"].startswith("3 regions with 350 letters")


def test_very_many_regions_are_counted_and_not_told_one_by_one() -> None:
    many = b"".join(b"chr13\t%d\t%d\n" % (at * 10, at * 10 + 5) for at in range(1, 602))

    found = resources(many)

    assert found[-1]["conclusion"].startswith("601 regions with 3,005 letters")
    assert not any(one["id"].startswith("region-") for one in found)
