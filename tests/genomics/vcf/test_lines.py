"""Plain, gzip and bgzip files, and those that are cut, broken, too big or something else."""

import gzip
import io
import tracemalloc

import pytest

from portal.genomics.vcf.faults import BadHeader, CutShort, NotAVcf, TooBig
from portal.genomics.vcf.lines import Limits
from portal.genomics.vcf.records import Reader
from tests.genomics.vcf.builders import VCF, a_file, a_line, read

END_OF_BGZF = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")


def a_block(raw: bytes) -> bytes:
    """Return one block of a bgzip file."""
    packed = gzip.compress(raw)
    size = len(packed) + 8 - 1
    extra = b"\x06\x00BC\x02\x00" + size.to_bytes(2, "little")
    return packed[:3] + b"\x04" + packed[4:10] + extra + packed[10:]


def bgzipped(raw: bytes) -> bytes:
    half = len(raw) // 2
    return a_block(raw[:half]) + a_block(raw[half:]) + END_OF_BGZF


RAW = a_file(a_line(), a_line(pos=32316470))


@pytest.mark.parametrize(
    "raw",
    [
        RAW,
        gzip.compress(RAW),
        gzip.compress(RAW[:100]) + gzip.compress(RAW[100:]),
        bgzipped(RAW),
        RAW.replace(b"\n", b"\r\n"),
        gzip.compress(RAW.replace(b"\n", b"\r\n")),
        b"\xef\xbb\xbf" + RAW,
        gzip.compress(b"\xef\xbb\xbf" + RAW),
    ],
    ids=["plain", "gzip", "two members", "bgzip", "CRLF", "gzip CRLF", "mark", "gzip mark"],
)
def test_a_file_reads_the_same_however_it_is_packed(raw: bytes) -> None:
    records, faults = read(raw)

    assert [record.pos for record in records] == [32316461, 32316470]
    assert not faults


def test_a_published_compressed_file_is_read() -> None:
    raw = (VCF / "cyvcf2/test-multiallelic-homozygous-alt.vcf.gz").read_bytes()

    (record,), _ = read(raw)

    assert [allele.kind for allele in record.alts] == ["bases", "star"]


@pytest.mark.parametrize(
    "raw",
    [
        gzip.compress(RAW)[:-9],
        gzip.compress(RAW)[:-1],
        bgzipped(RAW)[: -len(END_OF_BGZF)],
        gzip.compress(RAW)[:60] + b"\x00" * 8 + gzip.compress(RAW)[68:],
    ],
    ids=["cut in the data", "cut in the check sum", "end block missing", "overwritten"],
)
def test_a_file_that_was_not_copied_whole_is_refused(raw: bytes) -> None:
    with pytest.raises(CutShort):
        read(raw)


def test_a_last_line_without_its_end_is_remarked() -> None:
    records, (fault,) = read(RAW[:-1])

    assert len(records) == 2
    assert (fault.code, fault.kept) == ("no-line-end", True)


@pytest.mark.parametrize(
    ("raw", "word"),
    [
        (b"", "empty"),
        (b"PK\x03\x04 not a vcf", "zip"),
        (b"%PDF-1.7\n", "PDF"),
        (b"CRAM\x03\x00", "CRAM"),
        (gzip.compress(b"BAM\x01" + b"\x00" * 50, mtime=0), "BAM"),
        (gzip.compress(b"BCF\x02\x02" + b"\x00" * 50, mtime=0), "BCF"),
        (b"BZh91AY&SY", "bzip2"),
        (gzip.compress(gzip.compress(RAW)), "twice"),
        (b"\xfd7zXZ\x00", "xz"),
        (b"##file\x00format", "text"),
        (b"rsid\tchromosome\tposition\tgenotype\n", "variant call file"),
        (b'{"resourceType": "Bundle"}', "variant call file"),
        ("##fileformat=VCFv4.2\n".encode("utf-16"), "text"),
    ],
)
def test_what_is_not_a_vcf_is_refused_in_words(raw: bytes, word: str) -> None:
    with pytest.raises(NotAVcf) as refused:
        read(raw)

    assert word in refused.value.reason


@pytest.mark.parametrize(
    "raw",
    [
        RAW + b"##" + b"x" * (64 << 20),
        b"##fileformat=VCFv4.3\n" + (b"##a=" + b"b" * 5000 + b"\n") * 4000,
    ],
    ids=["one endless line", "an endless head"],
)
def test_a_bomb_is_refused_before_it_is_unpacked(raw: bytes) -> None:
    packed = gzip.compress(raw, 1)
    del raw

    tracemalloc.start()
    with pytest.raises(TooBig):
        read(packed)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 100 << 20


def test_a_file_of_endless_lines_is_refused_by_how_far_it_unpacks() -> None:
    packed = gzip.compress(RAW + (a_line(pos=1) + "\n").encode() * 40_000, 9)
    reader = Reader(io.BytesIO(packed), Limits(ratio=50, ratio_from=1 << 20))
    reader.choose(sample=None, build=None)

    with pytest.raises(TooBig):
        sum(1 for _ in reader.records())


def test_a_total_size_can_be_set() -> None:
    reader = Reader(io.BytesIO(RAW + b"\n" * 5_000_000), Limits(total=2_000_000))
    reader.choose(sample=None, build=None)

    with pytest.raises(TooBig):
        list(reader.records())


def test_a_line_that_is_not_utf_8_is_left_out_alone() -> None:
    bad = a_line(name="caf\xe9").encode("latin-1")

    records, (fault,) = read(RAW + bad + b"\n")

    assert len(records) == 2
    assert (fault.line, fault.code) == (11, "not-utf-8")


def test_names_in_other_scripts_are_read() -> None:
    raw = a_file(a_line(), samples=("Ñandú",))

    records, faults = read(raw)

    assert len(records) == 1
    assert not faults


def test_a_head_without_its_column_names_is_refused() -> None:
    with pytest.raises(BadHeader):
        read(RAW.replace(b"#CHROM", b"CHROM"))
