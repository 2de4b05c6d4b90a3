"""A file of regions by itself: what a test looked at, never what it found."""

import gzip
import io
import json
from typing import Any

import pytest

from portal.genomics.findings import Finding, Kind, Region, Rejected
from portal.genomics.vcf import bed_files
from portal.genomics.vcf.beds import Bed, State
from portal.genomics.vcf.builds import Build
from portal.genomics.vcf.converting import Choice, Conversion
from portal.genomics.vcf.faults import BuildUnknown, NotAVcf
from portal.genomics.vcf.reading import findings
from tests.genomics.files import the_findings
from tests.genomics.vcf.builders import a_file, a_line

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


def genes(found: list[Any]) -> dict[str, set[str]]:
    """Return the genes of the regions, by the ids of what tells them."""
    regions = [one for one in the_findings(found) if one.kind is Kind.REGION_STUDIED]
    return {one.id: {gene.symbol for gene in one.genes} for one in regions if one.genes}


NAMED = b"chr13\t32315000\t32316000\tBRCA2_ex1\nchr17\t43044294\t43045802\tBRCA1|NM_007294\n"


@pytest.mark.parametrize("state", list(State))
def test_a_region_with_the_name_of_a_gene_tells_the_gene_and_its_stretch(state: State) -> None:
    found = resources(NAMED, state=state)

    assert genes(found) == {"region-1": {"BRCA2"}, "region-2": {"BRCA1"}}


def test_a_gene_in_a_column_of_its_own_is_told() -> None:
    raw = b"chr13\t32315000\t32316000\tAMPL1\t0\t+\t.\tGENE_ID=BRCA2;PURPOSE=x\n"

    assert genes(resources(raw)) == {"region-1": {"BRCA2"}}


def test_the_report_names_the_regions_where_each_tells_its_gene() -> None:
    whole, part = resources(NAMED), resources(NAMED + b"chr1\t5\t9\n")

    links = [one["reference"] for one in whole[-1]["result"]]
    assert links == ["Observation/region-1", "Observation/region-2"]
    assert "result" not in part[-1]


def test_of_very_many_regions_each_known_gene_is_told_with_its_stretches() -> None:
    many = b"".join(b"chr2\t%d\t%d\tr%d\n" % (at * 10, at * 10 + 5, at) for at in range(1, 502))
    brca2 = b"chr13\t32315000\t32316000\tBRCA2_1\nchr13\t32316500\t32317000\tBRCA2_2\n"

    found = resources(many + brca2)

    assert genes(found) == {"region-BRCA2": {"BRCA2"}}
    (told,) = [one for one in the_findings(found) if one.id == "region-BRCA2"]
    spans = [(one.position.start0, one.position.end0) for one in told.regions if one.position]
    assert spans == [(32315000, 32316000), (32316500, 32317000)]
    assert "result" not in found[-1]


def test_a_gene_with_more_stretches_than_any_gene_has_stays_silent() -> None:
    many = b"".join(
        b"chr13\t%d\t%d\tBRCA2\n" % (32_000_000 + at * 10, 32_000_005 + at * 10)
        for at in range(1, 502)
    )

    assert genes(resources(many)) == {}


@pytest.mark.parametrize("state", [State.STUDIED, State.UNCALLED])
def test_regions_of_a_test_are_the_same_read_at_once_and_by_way_of_fhir(state: State) -> None:
    raw, beds = a_file(a_line()), (Bed(state, NAMED),)
    conversion = Conversion(io.BytesIO(raw), Choice(), beds=beds)
    by_fhir = the_findings([json.loads(one) for one in conversion.items() if isinstance(one, str)])
    at_once = [one for one in findings(io.BytesIO(raw), beds=beds) if isinstance(one, Finding)]

    assert told(at_once) == told(by_fhir)
    assert len(told(at_once)) == 2


def told(found: list[Finding]) -> list[object]:
    """Return of each region what it is called, its genes, and where it lies."""
    regions = [one for one in found if one.id.startswith("region-")]
    return [
        (one.key, one.status, one.code, one.genes, [_region(part) for part in one.regions])
        for one in regions
    ]


def _region(part: Region) -> tuple[object, ...]:
    at = part.position
    return part.state, part.text, at and (at.sequence, at.start, at.end, at.start0, at.end0)
