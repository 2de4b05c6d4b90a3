"""Published files that follow the specification, and published files that do not."""

from pathlib import Path

import pytest

from portal.genomics.vcf.builds import Build
from portal.genomics.vcf.faults import BuildUnknown, Fault, Refusal
from portal.genomics.vcf.records import Reader, Record
from tests.genomics.vcf.builders import VCF

FOLDER = VCF / "spec-conformance-4.3"
# Our own eyes: these two say more than the file that passed elsewhere deserves.
REMARKED = {
    "complexfile_passed_000.vcf": {"order", "field"},  # 1 … 2 … 1; GL with three values, no ALT
    "passed_body_info.vcf": {"field"},  # a text with commas under Number=1
}


def outcome(path: Path) -> tuple[int, list[Fault]]:
    with path.open("rb") as stream:
        reader = Reader(stream)
        sample = reader.header.samples[0] if reader.header.samples else None
        try:
            reader.choose(sample=sample, build=None)
        except BuildUnknown:
            reader.choose(sample=sample, build=Build.GRCH38)
        found = list(reader.records())
    faults = [one for one in found if isinstance(one, Fault)]
    return sum(isinstance(one, Record) for one in found), faults


def reasons(path: Path) -> list[str]:
    try:
        _, faults = outcome(path)
    except Refusal as refusal:
        return [refusal.reason]
    assert all(fault.line for fault in faults)
    return [fault.reason for fault in faults]


@pytest.mark.parametrize("name", sorted(p.name for p in (FOLDER / "passed").glob("*.vcf")))
def test_a_file_that_follows_the_specification_is_read_whole(name: str) -> None:
    raw = (FOLDER / "passed" / name).read_text().split("\n")

    read, faults = outcome(FOLDER / "passed" / name)

    assert read == sum(1 for line in raw if line and not line.startswith("#"))
    assert all(fault.kept for fault in faults)
    assert {fault.code for fault in faults} == REMARKED.get(name, set())


@pytest.mark.parametrize("name", sorted(p.name for p in (FOLDER / "failed").glob("*.vcf")))
def test_a_file_that_breaks_the_specification_is_refused_or_its_fault_is_named(name: str) -> None:
    told = reasons(FOLDER / "failed" / name)

    assert told
    assert all(told)
