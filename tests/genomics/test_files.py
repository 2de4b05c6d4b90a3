"""What a file is, is told by what it holds."""

import gzip

import pytest

from portal.genomics.files import HEAD_BYTES, READ, Kind, NotRead, recognise
from tests.genomics.vcf.builders import DATA, a_file, a_line

VCF = a_file(a_line())


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (VCF, Kind.VCF),
        (gzip.compress(VCF, mtime=0), Kind.VCF),
        (b"\xef\xbb\xbf" + VCF, Kind.VCF),
        (b"#CHROM\tPOS\tID\tREF\tALT\tQUAL\n", Kind.VCF),
        (gzip.compress(gzip.compress(VCF, mtime=0), mtime=0), Kind.COMPRESSED),
        (b"<!DOCTYPE html><title>404</title>", Kind.WEB_PAGE),
        (b"<html lang='en'>", Kind.WEB_PAGE),
        (b"chr1\t100\t200\texon 1\n", Kind.BED),
        (b"track name=x\n# made by us\n13\t100\t200\n", Kind.BED),
        (gzip.compress(b"chrX\t5\t9\n", mtime=0), Kind.BED),
        (b"chr1\tone\ttwo\n", Kind.UNKNOWN),
        (b"%PDF-1.7\n##fileformat=VCFv4.3", Kind.PDF),
        (b"CRAM\x03\x00", Kind.CRAM),
        (gzip.compress(b"BAM\x01\x00", mtime=0), Kind.BAM),
        (gzip.compress(b"BCF\x02\x02", mtime=0), Kind.BCF),
        (b"BCF\x02\x02", Kind.BCF),
        (b"PK\x03\x04", Kind.ZIP),
        (gzip.compress(b"PK\x03\x04", mtime=0), Kind.COMPRESSED),
        (b"\x1f\x8bnot gzip", Kind.COMPRESSED),
        (b"BZh9", Kind.COMPRESSED),
        (b"\x89PNG\r\n", Kind.PICTURE),
        (b"@HD\tVN:1.6\n", Kind.SAM),
        (b"@r1 x\nACGT\n+\nIIII\n", Kind.FASTQ),
        (b'{"resourceType":"Bundle"}', Kind.FHIR),
        (b'\xef\xbb\xbf {"resourceType" : "Bundle"}', Kind.FHIR),
        ('{"resourceType":"Bundle"}'.encode("utf-16"), Kind.FHIR),
        (b'{"id":"x","phenotypicFeatures":[]}', Kind.PHENOPACKET),
        (b"MSH|^~\\&|LAB|", Kind.HL7V2),
        (b"\x0bMSH|^~\\&|LAB|", Kind.HL7V2),
        (b"OBX|1|TX|51968-6^x^LN||Positive|", Kind.HL7V2),
        (b"<?xml version='1.0'?><ClinicalDocument>", Kind.CDA),
        (b"# rsid\tchromosome\tposition\tgenotype\nrs1\t1\t1\tAA\n", Kind.RAW_GENOTYPES),
        (b'RSID,CHROMOSOME,POSITION,RESULT\n"rs1","1","1","AA"\n', Kind.RAW_GENOTYPES),
        (b"rs4477212\t1\t82154\tAA\n", Kind.RAW_GENOTYPES),
        (b"[Header]\nGSGT Version\t2.0\n", Kind.RAW_GENOTYPES),
        (b"[Header]\nIEMFileVersion,4\n", Kind.UNKNOWN),
        (b"rsid;name\n", Kind.UNKNOWN),
        (b"Dear patient, your results are in.", Kind.UNKNOWN),
        (b"\x00\x01\x02", Kind.BINARY),
        (b"", Kind.EMPTY),
    ],
)
def test_the_content_decides(head: bytes, kind: Kind) -> None:
    assert recognise(head) is kind


@pytest.mark.parametrize(
    "piece",
    ["\n", " \n", "\r\n", " ", "\t", "#\n", "a", "1", "a,b\n", "track\n", "chr1\t1\t2", '"', "1,"],
    ids=repr,
)
def test_a_head_of_one_thing_over_and_over_is_told_without_going_round_in_it(piece: str) -> None:
    head = (piece * (HEAD_BYTES // len(piece))).encode()

    assert recognise(head) is Kind.UNKNOWN


@pytest.mark.parametrize("kind", sorted(set(Kind) - READ))
def test_each_kind_that_is_not_read_is_refused_in_words(kind: Kind) -> None:
    assert len(str(NotRead(kind)).split()) > 3


@pytest.mark.parametrize(("folder", "kind"), [("vcf", Kind.VCF), ("fhir", Kind.FHIR)])
def test_published_files_are_recognised(folder: str, kind: Kind) -> None:
    for path in (DATA / folder).rglob("*"):
        if path.suffix in (".vcf", ".gz", ".json") and path.stat().st_size:
            assert recognise(path.read_bytes()[: 1 << 16]) is kind, path.name
