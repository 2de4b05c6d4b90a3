"""What a genotype lets us say, and what it does not."""

import pytest

from portal.genomics.findings import Presence
from portal.genomics.vcf.calls import of
from tests.genomics.vcf.builders import a_file, a_line, read, the_call, the_calls

P, A, N, I = Presence.PRESENT, Presence.ABSENT, Presence.NO_CALL, Presence.INDETERMINATE  # noqa: E741


@pytest.mark.parametrize(
    ("genotype", "chrom", "presence", "zygosity"),
    [
        ("0/1", "chr13", P, "heterozygous"),
        ("1|0", "chr13", P, "heterozygous"),
        ("1/1", "chr13", P, "homozygous"),
        ("0/0", "chr13", A, ""),
        ("./.", "chr13", N, ""),
        (".", "chr13", N, ""),
        ("./1", "chr13", P, ""),
        ("0/.", "chr13", I, ""),
        ("1", "chr13", P, ""),
        ("1", "chrX", P, "hemizygous"),
        ("1/1", "chrX", P, "homozygous"),
        ("0", "chrX", A, ""),
        ("1", "chrM", P, "homoplasmic"),
        ("1/1", "chrM", P, "homoplasmic"),
        ("0/1", "chrM", P, "heteroplasmic"),
        ("0/0/1", "chr13", P, ""),
    ],
)
def test_a_genotype_says_this_and_no_more(
    genotype: str, chrom: str, presence: Presence, zygosity: str
) -> None:
    call = the_call(a_file(a_line(genotype, chrom=chrom, pos=100)))

    assert (call.presence, call.zygosity) == (presence, zygosity)


@pytest.mark.parametrize(
    ("genotype", "pos", "zygosity"),
    [
        ("1", 10_000, "hemizygous"),
        ("1", 10_001, ""),
        ("1", 2_781_479, ""),
        ("1", 2_781_480, "hemizygous"),
        ("1", 155_701_382, "hemizygous"),
        ("1", 155_701_383, ""),
        ("1", 156_030_895, ""),
        ("1", 156_030_896, "hemizygous"),
        ("1/1", 2_000_000, "homozygous"),
        ("0/1", 2_000_000, "heterozygous"),
    ],
)
def test_one_copy_of_what_x_and_y_share_leaves_the_zygosity_open(
    genotype: str, pos: int, zygosity: str
) -> None:
    call = the_call(a_file(a_line(genotype, chrom="chrX", pos=pos)))

    assert call.presence is P
    assert call.zygosity == zygosity
    assert ("X and Y share this place" in " ".join(call.notes)) == (zygosity == "")


def test_a_change_that_reaches_into_what_x_and_y_share_leaves_the_zygosity_open() -> None:
    letters = a_line("1", chrom="chrX", pos=9_999, ref="GAT", alt="G")
    symbol = a_line("1", chrom="chrX", pos=2_000, alt="<DEL>", info="SVTYPE=DEL;END=12000")

    assert [one.zygosity for one in the_calls(a_file(symbol, letters))] == ["", ""]


def test_reads_of_the_reference_beside_a_single_mitochondrial_call_leave_the_zygosity_open() -> (
    None
):
    call = the_call(a_file(a_line("1:12,3", chrom="chrM", pos=100, form="GT:AD")))

    assert call.presence is P
    assert call.zygosity == ""
    assert call.fraction == 0.2


def test_each_allele_of_a_line_is_a_call_of_its_own() -> None:
    calls = the_calls(a_file(a_line("1/2", alt="A,T,GC")))

    assert [(call.number, call.presence, call.zygosity) for call in calls] == [
        (1, P, "heterozygous"),
        (2, P, "heterozygous"),
        (3, A, ""),
    ]


def test_a_star_is_not_a_change_of_its_own() -> None:
    (call,) = the_calls(a_file(a_line("1/2", alt="*,A")))

    assert call.allele is not None
    assert (call.allele.text, call.number, call.zygosity) == ("A", 2, "heterozygous")


def test_a_line_with_only_a_star_is_unclear_and_says_why() -> None:
    call = the_call(a_file(a_line("0/1", alt="*")))

    assert call.presence is I
    assert any("deletion" in note for note in call.notes)


@pytest.mark.parametrize("alt", [".", "<NON_REF>", "<*>"])
def test_a_place_that_was_looked_at_is_absent_and_reaches_to_its_end(alt: str) -> None:
    call = the_call(a_file(a_line("0/0", pos=100, alt=alt, info="END=250")))

    assert call.allele is None
    assert call.presence is A
    assert (call.extent.start, call.extent.end) == (100, 250)


def test_a_file_without_genotypes_does_not_say_if_the_person_has_it() -> None:
    call = the_call(a_file(a_line("7,3", form="AD")))

    assert call.presence is None
    assert call.zygosity == ""


@pytest.mark.parametrize(
    ("ref", "alt", "change"),
    [
        ("G", "A", "SNV"),
        ("GA", "TC", "MNV"),
        ("GA", "GT", "SNV"),
        ("G", "GA", "insertion"),
        ("GA", "G", "deletion"),
        ("GAT", "GT", "deletion"),
        ("GATC", "GC", "deletion"),
        ("GA", "TCC", "delins"),
        ("N", "<DEL>", "deletion"),
        ("N", "<DUP:TANDEM>", "tandem_duplication"),
        ("N", "<INS:ME:L1>", "mobile_element_insertion"),
        ("N", "<CN0>", "copy_number_variation"),
        ("N", "<INV>", "inversion"),
        ("N", "<DELUXE>", ""),
        ("G", "G]chr17:198982]", ""),
    ],
)
def test_the_kind_of_change_is_named_only_where_it_is_certain(
    ref: str, alt: str, change: str
) -> None:
    call = the_call(a_file(a_line(ref=ref, alt=alt)))

    assert call.allele is not None
    assert call.allele.change_name == change


@pytest.mark.parametrize(
    ("info", "start", "end", "exact"),
    [
        ("SVTYPE=DEL;END=200", 101, 200, True),
        ("SVTYPE=DEL;SVLEN=-100", 101, 200, True),
        ("SVTYPE=DEL", 101, None, True),
        ("SVTYPE=DEL;END=200;IMPRECISE", 101, 200, False),
        ("SVTYPE=DEL;END=200;CIPOS=-5,5;CIEND=-7,7", 106, 193, False),
    ],
)
def test_a_symbolic_change_starts_after_its_padding_letter(
    info: str,
    start: int,
    end: int | None,
    exact: bool,  # noqa: FBT001
) -> None:
    call = the_call(a_file(a_line(pos=100, ref="N", alt="<DEL>", info=info)))

    assert (call.extent.start, call.extent.end, call.extent.exact) == (start, end, exact)


def test_an_end_and_a_length_that_disagree_are_said_to() -> None:
    call = the_call(a_file(a_line(pos=100, ref="N", alt="<DEL>", info="END=200;SVLEN=-7")))

    assert any("do not agree" in note for note in call.notes)


def test_fractions_are_stated_or_counted() -> None:
    counted = the_call(a_file(a_line("0/1:30,10", form="GT:AD")))
    stated = the_call(a_file(a_line("0/1:30,10:0.31", form="GT:AD:AF")))
    percent = the_call(a_file(a_line("0/1:31", form="GT:AF")))

    assert (counted.reads, counted.fraction) == (10, 0.25)
    assert stated.fraction == 0.31
    assert percent.fraction is None


@pytest.mark.parametrize(
    ("form", "values", "reads", "fraction"),
    [
        ("GT:RO:AO", "0/1:30:10", 10, 0.25),
        ("GT:FREQ", "0/1:12.5%", None, 0.125),
        ("GT:AF", "0/1:1.5e-02", None, 0.015),
        ("GT:AF", "0/1:.5", None, 0.5),
        ("GT:AO", "0/1:10", None, None),
        ("GT:FREQ", "0/1:120%", None, None),
    ],
)
def test_reads_and_fractions_are_found_as_callers_write_them(
    form: str, values: str, reads: int | None, fraction: float | None
) -> None:
    call = the_call(a_file(a_line(values, form=form), version="4.2"))

    assert (call.reads, call.fraction) == (reads, fraction)


def test_somatic_is_said_only_where_the_file_says_it() -> None:
    assert the_call(a_file(a_line(info="SOMATIC"))).somatic
    assert not the_call(a_file(a_line(info="SOMATIC=0"))).somatic
    assert not the_call(a_file(a_line(info="NOT_SOMATIC"))).somatic


def test_the_filter_of_a_line_is_shown() -> None:
    assert the_call(a_file(a_line(filters="q10;lowDP"))).notes == ("FILTER: q10;lowDP",)


@pytest.mark.parametrize("version", ["4.1", "4.4"])
@pytest.mark.parametrize(
    ("own", "notes"),
    [
        ("LowGQ;Depth", ("FILTER: PASS", "FILTER of the sample: LowGQ;Depth")),
        (".", ("FILTER: PASS",)),
    ],
)
def test_the_filter_of_the_sample_is_shown_too(
    version: str, own: str, notes: tuple[str, ...]
) -> None:
    raw = a_file(a_line(f"0/1:{own}", form="GT:FT"), version=version)

    assert the_call(raw).notes == notes


@pytest.mark.parametrize("reads", ["1_0,2", "9r9,1", "9" * 5000 + ",1", "1,2,3"])
def test_reads_that_are_not_counts_are_left_out(reads: str) -> None:
    raw = a_file(a_line(f"0/1:{reads}", form="GT:AD"), version="4.2")

    (record,), _ = read(raw.replace(b"ID=AD,", b"ID=OTHER,"))
    (call,) = of(record)

    assert (call.reads, call.fraction) == (None, None)


def test_a_number_of_copies_beyond_all_sense_is_left_out() -> None:
    (record,), _ = read(a_file(a_line(f"0/1:{'9' * 400}", form="GT:CN")))

    assert of(record)[0].copy_number is None
