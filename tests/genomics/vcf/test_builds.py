"""The version of the genome is said by the file or by a person, never guessed."""

import pytest

from portal.genomics.vcf import builds
from portal.genomics.vcf.builds import Build
from portal.genomics.vcf.faults import BuildContradiction, BuildUnknown
from tests.genomics.vcf.builders import COLUMNS, a_line, read


def a_file_saying(*head: str, chrom: str = "13") -> bytes:
    columns = f"{COLUMNS}\tS1"
    lines = ("##fileformat=VCFv4.2", *head, columns, a_line(chrom=chrom), "")
    return "\n".join(lines).encode()


@pytest.mark.parametrize(
    ("head", "chrom", "expected"),
    [
        ("##reference=file:///ref/GRCh38/genome.fa", "13", "NC_000013.11"),
        ("##reference=hg38", "chr13", "NC_000013.11"),
        ("##reference=/x/hs37d5.fa", "13", "NC_000013.10"),
        ("##reference=GRCh37/hg19", "13", "NC_000013.10"),
        ("##reference=file:///ref/Homo_sapiens_assembly38.fasta", "13", "NC_000013.11"),
        ("##reference=/ref/Homo_sapiens_assembly19.fasta", "13", "NC_000013.10"),
        ("##reference=NCBI37", "13", "NC_000013.10"),
        ("##reference=build 38", "13", "NC_000013.11"),
        ("##contig=<ID=13,assembly=b37>", "13", "NC_000013.10"),
        ("##contig=<ID=13,assembly=GCF_000001405.26>", "13", "NC_000013.11"),
        ("##contig=<ID=13,length=115169878>", "13", "NC_000013.10"),
        ("##contig=<ID=chr13,length=114364328>", "chr13", "NC_000013.11"),
        ("##contig=<ID=NC_000013.11>", "NC_000013.11", "NC_000013.11"),
        ("##contig=<ID=chr13,length=114142980>", "chr13", ""),
        ("##contig=<ID=chr13,length=113566686>", "chr13", ""),
    ],
)
def test_the_head_says_the_build(head: str, chrom: str, expected: str) -> None:
    (record,), _ = read(a_file_saying(head, chrom=chrom))

    assert record.place.accession == expected


@pytest.mark.parametrize(
    "head", ["##source=x", "##contig=<ID=13,length=12345>", "##reference=my.fa", "##reference=b3"]
)
def test_a_file_that_does_not_say_must_be_told(head: str) -> None:
    with pytest.raises(BuildUnknown):
        read(a_file_saying(head))

    (record,), _ = read(a_file_saying(head), build=Build.GRCH37)

    assert record.place.accession == "NC_000013.10"


@pytest.mark.parametrize(
    "head",
    [
        ("##reference=hg19", "##contig=<ID=chr13,length=114364328>"),
        ("##reference=lifted_hg19_to_hg38.fa",),
        ("##contig=<ID=13,length=114364328,assembly=GRCh37>",),
        ("##contig=<ID=NC_000013.10>", "##contig=<ID=NC_000012.12>"),
    ],
)
def test_a_head_that_contradicts_itself_is_refused(head: tuple[str, ...]) -> None:
    with pytest.raises(BuildContradiction):
        read(a_file_saying(*head), build=Build.GRCH38)


def test_what_is_asked_for_may_not_contradict_the_file() -> None:
    with pytest.raises(BuildContradiction) as refused:
        read(a_file_saying("##reference=hg19"), build=Build.GRCH38)

    assert "GRCh37" in refused.value.reason
    assert "GRCh38" in refused.value.reason


def test_the_old_mitochondrion_of_ucsc_gets_no_accession() -> None:
    old = builds.place("chrM", Build.GRCH37, 16571)
    unsaid = builds.place("chrM", Build.GRCH37, None)
    new = builds.place("MT", Build.GRCH37, None)

    assert (old.accession, unsaid.accession, new.accession) == ("", "", "NC_012920.1")


@pytest.mark.parametrize(
    ("label", "code"),
    [("1", "LA21254-0"), ("3", "LA21256-5"), ("9", "LA21262-3"), ("X", "LA21276-3")],
)
def test_chromosomes_have_the_codes_of_published_examples(label: str, code: str) -> None:
    answer = builds.loinc_chromosome(label)

    assert answer is not None
    assert answer[0] == code


@pytest.mark.parametrize("name", ["hg38", "grch38", "GRCh38", "GRCh38.p14"])
def test_people_name_a_build_in_several_ways(name: str) -> None:
    assert builds.asked(name) is Build.GRCH38


def test_an_unknown_build_is_not_taken() -> None:
    with pytest.raises(builds.UnknownBuildName):
        builds.asked("mouse")


# Genes far inside: CRLF2 and VAMP7 are on both X and Y, DMD and SRY on one of them alone.
@pytest.mark.parametrize(
    ("build", "chromosome", "pos", "is_common"),
    [
        (Build.NCBI36, "X", 1_274_000, True),
        (Build.GRCH37, "X", 1_320_000, True),
        (Build.GRCH38, "chrX", 1_200_000, True),
        (Build.CHM13, "chrX", 1_000_000, True),
        (Build.GRCH37, "X", 155_120_000, True),
        (Build.GRCH38, "chrX", 155_890_000, True),
        (Build.GRCH37, "X", 32_000_000, False),
        (Build.GRCH38, "NC_000023.11", 32_000_000, False),
        (Build.GRCH37, "Y", 1_270_000, True),
        (Build.GRCH37, "Y", 2_655_000, False),
        (Build.GRCH38, "NC_000024.10", 2_787_000, False),
        (Build.GRCH38, "chrY", 57_100_000, True),
        (Build.GRCH38, "chr13", 1_200_000, False),
        (Build.GRCH38, "chrX_random", 1_200_000, False),
    ],
)
def test_what_x_and_y_share_is_known_on_every_build(
    build: Build, chromosome: str, pos: int, *, is_common: bool
) -> None:
    assert builds.place(chromosome, build, None).is_common(pos, pos) is is_common


@pytest.mark.parametrize("build", list(Build))
def test_what_x_and_y_share_ends_before_they_do(build: Build) -> None:
    for chromosome in ("X", "Y"):
        place = builds.place(chromosome, build, None)
        assert place.length is not None
        assert 0 < place.common[0][0] < place.common[0][1] < place.common[1][0]
        assert place.common[1][0] < place.common[1][1] <= place.length
