"""What kind of file someone hands in. Its content decides, never its name."""

import re
import zlib
from enum import StrEnum

from portal.genomics.jsontext import NotADocument
from portal.genomics.raw_layouts import HEADER

HEAD_BYTES = 1 << 16
_UNPACKED = 1 << 16


class Kind(StrEnum):
    """What a file is. The first group is read, the second kept or refused in words."""

    FHIR = "fhir"
    VCF = "vcf"
    RAW_GENOTYPES = "raw-genotypes"  # of home tests, and reports of DNA arrays
    HL7V2 = "hl7v2"
    PHENOPACKET = "phenopacket"
    BED = "bed"  # regions that a test looked at
    PDF = "pdf"

    BAM = "bam"
    CRAM = "cram"
    BCF = "bcf"
    SAM = "sam"
    FASTQ = "fastq"
    INDEX = "index"  # of another file, which programs jump about in with it
    ZIP = "zip"
    COMPRESSED = "compressed"
    PICTURE = "picture"
    CDA = "cda"
    WEB_PAGE = "web-page"
    EMPTY = "empty"
    BINARY = "binary"
    UNKNOWN = "unknown"


READ = frozenset(
    {
        Kind.FHIR,
        Kind.VCF,
        Kind.RAW_GENOTYPES,
        Kind.HL7V2,
        Kind.PHENOPACKET,
        Kind.BED,
        Kind.PDF,
    }
)
_MAGIC = (
    (b"%PDF-", Kind.PDF),
    (b"CRAM", Kind.CRAM),
    (b"BAM\x01", Kind.BAM),
    (b"BCF\x02", Kind.BCF),
    (b"BCF\x04", Kind.BCF),
    (b"TBI\x01", Kind.INDEX),
    (b"CSI\x01", Kind.INDEX),
    (b"PK\x03\x04", Kind.ZIP),
    (b"PK\x05\x06", Kind.ZIP),
    (b"BZh", Kind.COMPRESSED),
    (b"\xfd7zXZ\x00", Kind.COMPRESSED),
    (b"\x28\xb5\x2f\xfd", Kind.COMPRESSED),
    (b"7z\xbc\xaf\x27\x1c", Kind.COMPRESSED),
    (b"Rar!", Kind.COMPRESSED),
    (b"\x89PNG", Kind.PICTURE),
    (b"\xff\xd8\xff", Kind.PICTURE),
    (b"GIF8", Kind.PICTURE),
    (b"II*\x00", Kind.PICTURE),
    (b"MM\x00*", Kind.PICTURE),
)
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
# Also one that lost its first line; its own reader then says so.
_VCF = re.compile(r"\A##fileformat=VCF|^#CHROM\s+POS\s+ID\s+REF\s+ALT\b", re.MULTILINE)
_HL7 = re.compile(r"\A\ufeff?[\r\n]*(?:\x0b|FHS\||BHS\||MSH\||(?:OBX|OBR|PID)\|[0-9]*\|)")
_SAM = re.compile(r"\A@(?:HD|SQ|RG|PG)\t[A-Z][A-Z]:")
_FASTQ = re.compile(r"\A@\S.*\r?\n[ACGTNacgtn.]+\r?\n\+")
_RAW_COLUMNS = re.compile(
    r'^#?[ \t]*"?rs_?id"?[ \t]*[,\t][ \t]*"?chrom(?:osome)?"?[ \t]*[,\t]'
    r'[ \t]*"?position"?[ \t]*[,\t]',
    re.IGNORECASE | re.MULTILINE,
)
_RAW_LINE = re.compile(
    r'^"?(?:rs|i|VGXS|kgp|AX-|exm)[0-9A-Za-z_-]+"?[,\t]"?(?:[0-9]{1,2}|X|Y|XY|MT?|--)"?[,\t]"?[0-9-]+"?[,\t]"?'
    r'[ACGTDI0-]{1,2}"?',
    re.MULTILINE,
)
_ARRAY = re.compile(
    r"\A\s*\[Header\][\s,]*GSGT Version"
    r'|^"?(?:SNP Name|Sample ID|RsID)"?[,\t].*Allele1 - ',
    re.IGNORECASE | re.MULTILINE,
)
_DECODEME = re.compile(
    r"\AName,Variation,Chromosome,Position,Strand,YourCode\s*$", re.IGNORECASE | re.MULTILINE
)
_BED = re.compile(
    r"\A(?:(?:#|track\b|browser\b)[^\n]*\n|[^\S\n]*\n)*"
    r"(?:chr)?(?:[0-9]{1,2}|X|Y|MT?|NC_[0-9]{6}\.[0-9]+)\t[0-9]{1,10}\t[0-9]{1,10}(?:[\t\r\n]|\Z)"
)
_TEXTS = (
    (_VCF, Kind.VCF),
    (_HL7, Kind.HL7V2),
    (_SAM, Kind.SAM),
    (_FASTQ, Kind.FASTQ),
    (_RAW_COLUMNS, Kind.RAW_GENOTYPES),
    (_RAW_LINE, Kind.RAW_GENOTYPES),
    (_ARRAY, Kind.RAW_GENOTYPES),
    (_DECODEME, Kind.RAW_GENOTYPES),
    (_BED, Kind.BED),
)
_PHENOPACKET_KEYS = ('"phenotypicFeatures"', '"phenopacketSchemaVersion"', '"phenotypic_features"')
_WEB_PAGE = re.compile(
    r"(?:<!--.{0,500}?-->\s*)?<(?:!doctype\s+html|html)\b", re.IGNORECASE | re.DOTALL
)
_FHIR_KEY = re.compile(r'"resourceType"\s*:')
_WORDS = {
    Kind.BAM: "This is a BAM file of sequence reads. Results are read from VCF files; ask the "
    "laboratory for one.",
    Kind.CRAM: "This is a CRAM file of sequence reads. Results are read from VCF files; ask the "
    "laboratory for one.",
    Kind.SAM: "This is a SAM file of sequence reads. Results are read from VCF files; ask the "
    "laboratory for one.",
    Kind.FASTQ: "This is a FASTQ file of sequence reads. Results are read from VCF files; ask the "
    "laboratory for one.",
    Kind.BCF: "This is a binary BCF file. Ask for the same results as a VCF file.",
    Kind.INDEX: "This is an index of another file. Hand in the file itself.",
    Kind.ZIP: "This is a zip archive. Unpack it and hand in the file that is inside.",
    Kind.COMPRESSED: "This file is packed in a way that is not read here. Unpack it first.",
    Kind.PICTURE: "This is a picture. Results cannot be read from pictures.",
    Kind.CDA: "This is a clinical document in XML. Results are read from FHIR, VCF or HL7 v2.",
    Kind.WEB_PAGE: "This is a web page, perhaps an error message of the site that it came from. "
    "Download the file itself.",
    Kind.EMPTY: "The file is empty.",
    Kind.BINARY: "This is not a text file, and not a kind of file that is read here.",
    Kind.UNKNOWN: "This is not a kind of file that is read here.",
    Kind.PDF: "This is a PDF document. It can be kept beside your results, but not read.",
}


class NotRead(NotADocument):
    """The file is of a kind that is not read; the message says which and what to do."""

    def __init__(self, kind: Kind) -> None:
        super().__init__(_WORDS[kind])
        self.kind = kind


def recognise(head: bytes) -> Kind:
    """Return the kind of a file whose first bytes these are; 64 KB are enough for all."""
    if not head:
        return Kind.EMPTY
    if head.startswith(b"\x1f\x8b"):
        inside = _unpacked(head)
        is_packed = not inside or inside.startswith(b"\x1f\x8b")
        kind = Kind.COMPRESSED if is_packed else recognise(inside)
        return kind if kind in _PACKED_KINDS else Kind.COMPRESSED
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    return _of_text(head)


_PACKED_KINDS = frozenset(
    {
        Kind.VCF, Kind.BAM, Kind.BCF, Kind.RAW_GENOTYPES, Kind.FASTQ, Kind.SAM, Kind.BED,
        Kind.INDEX,
    }
)  # fmt: skip


def _unpacked(head: bytes) -> bytes:
    try:
        return zlib.decompressobj(31).decompress(head[:HEAD_BYTES], _UNPACKED)
    except zlib.error:
        return b""


def _of_text(head: bytes) -> Kind:
    text = _decoded(head)
    if text is None:
        return Kind.BINARY
    text = text.removeprefix("\ufeff")
    start = text.lstrip("\ufeff \t\r\n")
    if start.startswith(("{", "[")) and not start.lower().startswith(HEADER):
        return _of_json(start)
    if start.startswith("<"):
        if "ClinicalDocument" in start:
            return Kind.CDA
        return Kind.WEB_PAGE if _WEB_PAGE.match(start) else Kind.UNKNOWN
    found = (kind for pattern, kind in _TEXTS if pattern.search(text))
    return next(found, Kind.UNKNOWN)


def _decoded(head: bytes) -> str | None:
    for mark, name in _BOMS:
        if head.startswith(mark):
            return head.decode(name, errors="ignore")
    if b"\x00" in head:
        return None
    return head.decode("utf-8", errors="replace")


def _of_json(text: str) -> Kind:
    if _FHIR_KEY.search(text):
        return Kind.FHIR
    if any(key in text for key in _PHENOPACKET_KEYS):
        return Kind.PHENOPACKET
    # A long Bundle may say what it is only at its end; the reader of FHIR then decides.
    return Kind.FHIR
