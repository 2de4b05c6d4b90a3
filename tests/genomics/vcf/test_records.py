"""What is checked on each line, and that its number and reason are told."""

import pytest

from portal.genomics.vcf.calls import hgvs, of
from portal.genomics.vcf.faults import (
    BadHeader,
    NoSuchSample,
    NotAVcf,
    SeveralSamples,
)
from tests.genomics.vcf.builders import a_file, a_line, read

FIRST_LINE = 9


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (a_line("0/7"), "genotype"),
        (a_line("0/1/"), "genotype"),
        (a_line("0/x"), "genotype"),
        (a_line("0/" + "9" * 5000), "genotype"),
        (a_line("-1/1"), "genotype"),
        (a_line().replace("\t99\t", "\t9.9.9\t"), "qual"),
        (a_line().replace("\t99\t", f"\t{'9' * 30_000}x\t"), "qual"),
        (a_line(""), "sample"),
        (a_line("0/1:5"), "sample"),
        (a_line(ref="R"), "ref"),
        (a_line(ref=""), "ref"),
        (a_line(ref="."), "ref"),
        (a_line(ref="G,A"), "ref"),
        (a_line(alt="P"), "alt"),
        (a_line(alt="A,"), "alt"),
        (a_line(alt="A,A"), "alt"),
        (a_line(alt="G"), "alt"),
        (a_line(alt="[13:5["), "alt"),
        (a_line(alt="<DEL"), "alt"),
        (a_line(pos="12a"), "pos"),
        (a_line(pos="-1"), "pos"),
        (a_line(pos="٣"), "pos"),
        (a_line(pos="1e3"), "pos"),
        (a_line(pos=2147483648), "pos"),
        (a_line(pos=99999999999999999999), "pos"),
        (a_line(pos=114364400), "pos"),
        (a_line(name="a b"), "id"),
        (a_line(filters="PASS;"), "filter"),
        (a_line(filters="q10;0"), "filter"),
        (a_line(info="A B=1"), "info"),
        (a_line(info="<b>x</b>"), "info"),
        (a_line(info="DP=1;DP=2"), "info"),
        (a_line(info="DP=1;;AN=2"), "info"),
        (a_line(form="GT:GT"), "format"),
        (a_line(form="G*T"), "format"),
        (a_line(form="DP:GT"), "format"),
        (a_line(chrom=""), "chrom"),
        (a_line(chrom="*13"), "chrom"),
        (a_line() + "\tmore", "columns"),
        (a_line().replace("\t", " "), "columns"),
    ],
)
def test_a_line_that_cannot_be_trusted_is_left_out_with_its_number(line: str, code: str) -> None:
    records, faults = read(a_file(line))

    assert not records
    assert [(fault.line, fault.code, fault.kept) for fault in faults] == [(FIRST_LINE, code, False)]


@pytest.mark.parametrize(
    ("line", "field"),
    [
        (a_line(info="DP=2147483648"), "DP"),
        (a_line(info="DP=many"), "DP"),
        (a_line(info="AF=0.1,0.2"), "AF"),
        (a_line("0/1:7", form="GT:AD"), "AD"),
        (a_line("0/1:7,-3", form="GT:AD"), "AD"),
        (a_line("0/1:99999999999,1", form="GT:AD"), "AD"),
    ],
)
def test_a_wrong_value_beside_the_result_is_said_and_not_used(line: str, field: str) -> None:
    records, faults = read(a_file(line))

    assert len(records) == 1
    assert field not in records[0].values
    assert [(fault.line, fault.kept) for fault in faults] == [(FIRST_LINE, True)]
    assert field in faults[0].reason


def test_reasons_never_repeat_what_the_line_says() -> None:
    _, faults = read(a_file(a_line(info="secret<x>=1"), a_line(alt="HIDDEN!", pos=32316470)))

    assert not any("secret" in fault.reason or "HIDDEN" in fault.reason for fault in faults)


def test_a_number_too_big_for_vcf_is_called_so() -> None:
    _, (fault,) = read(a_file(a_line(info="DP=2147483648")))

    assert "too big" in fault.reason


def test_positions_out_of_order_are_remarked_and_read() -> None:
    records, faults = read(a_file(a_line(pos=200), a_line(pos=100)))

    assert [record.pos for record in records] == [200, 100]
    assert [(fault.line, fault.code, fault.kept) for fault in faults] == [
        (FIRST_LINE + 1, "order", True)
    ]


def test_the_same_change_written_in_two_ways_counts_once() -> None:
    long = a_line(pos=100, ref="TTAT", alt="TTGT")
    short = a_line(pos=102, ref="A", alt="G")

    records, faults = read(a_file(long, short))

    assert len(records) == 1
    assert [(fault.line, fault.code) for fault in faults] == [(FIRST_LINE + 1, "repeat")]


def test_two_different_changes_at_one_place_are_both_read() -> None:
    records, faults = read(a_file(a_line(alt="A"), a_line(alt="T")))

    assert len(records) == 2
    assert not faults


def test_every_line_is_a_record_or_a_fault() -> None:
    lines = (a_line(), "nonsense", a_line(pos=32316470), a_line(ref="R", pos=32316480))

    records, faults = read(a_file(*lines))

    assert len(records) + len(faults) == len(lines)


def test_several_samples_must_be_chosen_from() -> None:
    raw = a_file(a_line() + "\t1/1", samples=("Ana", "Bo"))

    with pytest.raises(SeveralSamples) as asked:
        read(raw)
    with pytest.raises(NoSuchSample):
        read(raw, sample="Cy")

    assert asked.value.names == ("Ana", "Bo")
    assert "2 samples" in asked.value.reason
    assert "Ana" not in str(asked.value)


def test_the_chosen_sample_is_the_one_that_is_read() -> None:
    raw = a_file(a_line() + "\t1/1", samples=("Ana", "Bo"))

    (record,), _ = read(raw, sample="Bo")

    assert record.genotype is not None
    assert record.genotype.text == "1/1"


@pytest.mark.parametrize("version", ["4.1", "4.2", "4.3", "4.4"])
def test_the_four_versions_are_read(version: str) -> None:
    records, _ = read(a_file(a_line(), version=version))

    assert len(records) == 1


@pytest.mark.parametrize("version", ["3.3", "4.0", "4.9", ""])
def test_another_version_is_refused(version: str) -> None:
    with pytest.raises(NotAVcf):
        read(a_file(a_line(), version=version))


@pytest.mark.parametrize(
    "raw",
    [
        b"##fileformat=VCFv4.3\n",
        b"##fileformat=VCFv4.3\nchr1\t5\n",
        b"##fileformat=VCFv4.3\n#CHROM POS ID REF ALT QUAL FILTER INFO\n",
        b"##fileformat=VCFv4.3\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\n",
        a_file(samples=("A", "A")),
        a_file(samples=("A", "")),
    ],
)
def test_a_broken_head_is_refused(raw: bytes) -> None:
    with pytest.raises(BadHeader):
        read(raw)


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (a_file(a_line()).replace(b"\t", b"  "), "separated by blanks"),
        (a_file(a_line()).replace(b"\n", b"\r"), "carriage return"),
    ],
    ids=["blanks", "carriage returns"],
)
def test_a_head_with_other_signs_between_its_parts_is_refused_by_that(
    raw: bytes, words: str
) -> None:
    with pytest.raises(BadHeader) as refused:
        read(raw)

    assert words in refused.value.reason


def test_a_line_with_blanks_for_tabs_is_refused_by_that() -> None:
    _, (fault,) = read(a_file(a_line().replace("\t", " ")))

    assert (fault.code, fault.line) == ("columns", 9)
    assert "separated by blanks" in fault.reason


def test_a_field_with_a_value_for_each_copy_is_defined_from_version_4_4() -> None:
    head = b'##FORMAT=<ID=PSL,Number=P,Type=String,Description="x">\n#CHROM'
    raw = a_file(a_line("0|1:.,a", form="GT:PSL"), version="4.4").replace(b"#CHROM", head)

    _, newer = read(raw)
    _, (older,) = read(raw.replace(b"VCFv4.4", b"VCFv4.3"))

    assert newer == []
    assert older.code == "header-line"


@pytest.mark.parametrize("pos", [0, 114364329])
def test_a_place_just_outside_a_chromosome_is_remarked_and_gets_no_name(pos: int) -> None:
    (record,), (fault,) = read(a_file(a_line(pos=pos)))

    assert (fault.code, fault.kept) == ("pos", True)
    assert [hgvs(call) for call in of(record)] == [""]


def test_a_place_beyond_a_chromosome_is_refused() -> None:
    _, (fault,) = read(a_file(a_line(pos=114364330)))

    assert (fault.code, fault.kept) == ("pos", False)


@pytest.mark.parametrize(("fields", "left_out"), [(150, []), (2_000, ["format"])])
def test_a_line_with_very_many_fields_ends_nothing_but_itself(
    fields: int, left_out: list[str]
) -> None:
    names = ":".join(f"K{at}" for at in range(fields))
    values = ":".join("1" for _ in range(fields))
    raw = a_file(a_line(f"0/1:{values}", form=f"GT:{names}"), a_line(pos=32316470))

    records, faults = read(raw)

    assert len(records) == 2 - len(left_out)
    assert [fault.code for fault in faults] == left_out


def test_an_empty_column_of_details_is_told_and_the_line_is_read() -> None:
    records, faults = read(a_file(a_line(info="")))

    assert len(records) == 1
    assert [(one.code, one.reason, one.kept) for one in faults] == [
        ("empty", "INFO is empty; a dot was meant.", True)
    ]
