"""The head of a file: version, definitions, sequences, samples; broken lines of it are listed."""

import re
from dataclasses import dataclass, field

from portal.genomics.vcf import builds, definitions
from portal.genomics.vcf.definitions import Field
from portal.genomics.vcf.faults import (
    BadHeader,
    Fault,
    NoSuchSample,
    NotAVcf,
    NotThisVersion,
    SeveralSamples,
)

VERSIONS = {"VCFv4.1": (4, 1), "VCFv4.2": (4, 2), "VCFv4.3": (4, 3), "VCFv4.4": (4, 4)}
COLUMNS = ("#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO")
FIRST_SAMPLE = len(COLUMNS) + 1
STRICT_FROM = (4, 3)
_NUMBER = re.compile(r"[0-9]+|[ARG.]")
_ONE_EACH = "P"  # as many values as the genotype has alleles
_ONE_EACH_FROM = (4, 4)
_KEY = re.compile(r"[A-Za-z0-9_.\-]+")
# A value is quoted, or a list in brackets, or runs to the next comma.
_PAIR = re.compile(r'([^=,"]+)=("(?:[^"\\]|\\.)*"|\[[^\]]*\]|[^,\[][^,]*|)(,|$)')
_STRUCTURED = {
    "INFO": ("ID", "Number", "Type", "Description"),
    "FORMAT": ("ID", "Number", "Type", "Description"),
    "FILTER": ("ID", "Description"),
    "ALT": ("ID", "Description"),
    "contig": ("ID",),
    "META": ("ID",),
    "SAMPLE": ("ID",),
    "PEDIGREE": (),
}


class BadMeta(ValueError):
    """A line of the head that says nothing we can use."""


@dataclass
class Header:
    """What the head of a file says."""

    version: tuple[int, int] = (4, 3)
    samples: tuple[str, ...] = ()
    genotypes: bool = False  # a FORMAT column is there
    info: dict[str, Field] = field(default_factory=dict)
    format: dict[str, Field] = field(default_factory=dict)
    lengths: dict[str, int] = field(default_factory=dict)
    assemblies: set[str] = field(default_factory=set)
    references: list[str] = field(default_factory=list)
    filters: dict[str, str] = field(default_factory=dict)
    info_texts: dict[str, str] = field(default_factory=dict)
    sources: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    lines: int = 0

    @property
    def columns(self) -> int:
        """How many columns every line below must have."""
        return FIRST_SAMPLE + len(self.samples) if self.genotypes else len(COLUMNS)

    def column_of(self, sample: str | None) -> int | None:
        """Return the column of the sample; None when the file has no samples at all.

        Raises SeveralSamples when it must be said which, NoSuchSample when it is not there.
        """
        if sample is not None:
            if sample not in self.samples:
                raise NoSuchSample(self.samples)
            return FIRST_SAMPLE + self.samples.index(sample)
        if len(self.samples) > 1:
            raise SeveralSamples(self.samples)
        return FIRST_SAMPLE if self.samples else None

    def build(self, wanted: builds.Build | None) -> builds.Build:
        """Return the version of the genome. Raises BuildUnknown or BuildContradiction."""
        said = {
            "the reference line": builds.builds_in(" ".join(self.references)),
            "the assembly of its sequences": builds.builds_in(" ".join(sorted(self.assemblies))),
            "the length of its sequences": builds.by_lengths(self.lengths),
            "the names of its sequences": builds.by_accessions(self.lengths),
        }
        return builds.decide(said, wanted)


def begin(line: str | None) -> Header:
    """Return an empty head for a first line. Raises NotAVcf when it is not one of ours."""
    if line is None or not line.startswith("##fileformat="):
        raise NotAVcf("The first line does not say that this is a variant call file (VCF).")
    if "\r" in line:
        raise BadHeader("The lines end with a carriage return alone. VCF needs line feeds.", line=1)
    version = VERSIONS.get(line.removeprefix("##fileformat=").strip())
    if version is None:
        raise NotThisVersion(
            "This version of VCF is not one that we read: 4.1, 4.2, 4.3 and 4.4 are."
        )
    return Header(version=version, lines=1)


def take(header: Header, line: str | None) -> bool:
    """Take one line of the head; return False once the line of column names was taken.

    Raises BadHeader when the lines below could not be trusted.
    """
    header.lines += 1
    if line is None:
        header.faults.append(Fault(header.lines, "not-utf-8", "This line is not UTF-8 text."))
        return True
    if line.startswith("##"):
        _take_meta(header, line[2:])
        return True
    if not line.startswith("#"):
        raise BadHeader("The line of column names (#CHROM …) is missing.", line=header.lines)
    _take_columns(header, line)
    return False


def _take_columns(header: Header, line: str) -> None:
    names = line.split("\t")
    if tuple(line.split()[: len(COLUMNS)]) == COLUMNS != tuple(names[: len(COLUMNS)]):
        raise BadHeader("The columns are separated by blanks. VCF needs tabs.", line=header.lines)
    if tuple(names[: len(COLUMNS)]) != COLUMNS:
        raise BadHeader("The column names are not those of a VCF.", line=header.lines)
    rest = names[len(COLUMNS) :]
    if rest and (rest[0] != "FORMAT" or len(rest) == 1):
        raise BadHeader(
            "There is a FORMAT column and no sample, or the reverse.", line=header.lines
        )
    samples = tuple(rest[1:])
    if len(set(samples)) != len(samples) or "" in samples:
        raise BadHeader("Two samples have the same name, or one has none.", line=header.lines)
    header.samples = samples
    header.genotypes = bool(rest)


def _take_meta(header: Header, text: str) -> None:
    key, equals, value = text.partition("=")
    if not equals or not key or not value:
        reason = "A line of the head is not a key with a value."
        header.faults.append(Fault(header.lines, "header-line", reason))
        return
    try:
        if key in _STRUCTURED or key == "pedigreeDB":
            _take_structured(header, key, value)
        else:
            _take_plain(header, key, value)
    except BadMeta as bad:
        header.faults.append(Fault(header.lines, "header-line", str(bad)))


def _take_plain(header: Header, key: str, value: str) -> None:
    if key == "reference":
        header.references.append(value)
    elif key == "source":
        header.sources.append(value)


def _take_structured(header: Header, key: str, value: str) -> None:
    if key == "pedigreeDB":
        if len(value) <= len("<>"):
            raise BadMeta("The pedigreeDB line holds no address.")
        return
    if not value.startswith("<") or not value.endswith(">"):
        raise BadMeta(f"The {key} line is not closed by angle brackets.")
    pairs = _pairs(key, value[1:-1])
    for name in _STRUCTURED.get(key, ()):
        if not pairs.get(name):
            raise BadMeta(f"The {key} line has no {name}.")
    taker = _TAKERS.get(key)
    if taker is not None:
        taker(header, pairs)


def _pairs(key: str, text: str) -> dict[str, str]:
    pairs: dict[str, str] = {}
    at = 0
    while at < len(text):
        match = _PAIR.match(text, at)
        if match is None or (at and text[at - 1] != ","):
            raise BadMeta(f"The {key} line is not a list of names with values.")
        name, value = match.group(1).strip(), match.group(2)
        if value.startswith('"') and (len(value) < len('""') or not value.endswith('"')):
            raise BadMeta(f"A quotation mark of the {key} line is not closed.")
        pairs.setdefault(name, value)
        at = match.end()
    if " " in pairs.get("ID", ""):
        raise BadMeta(f"The ID of the {key} line has a blank in it.")
    return pairs


def _definition(header: Header, key: str, pairs: dict[str, str]) -> Field:
    if not pairs["Description"].startswith('"'):
        raise BadMeta(f"The description on the {key} line is not quoted.")
    number = pairs["Number"]
    one_each = number == _ONE_EACH and key == "FORMAT" and header.version >= _ONE_EACH_FROM
    if not _NUMBER.fullmatch(number) and not one_each:
        raise BadMeta(f"The Number on the {key} line is not a count, A, R, G or a dot.")
    if pairs["Type"] not in definitions.TYPES or (key == "FORMAT" and pairs["Type"] == "Flag"):
        raise BadMeta(f"The Type on the {key} line is not one that VCF knows.")
    return Field("." if one_each else number, pairs["Type"])


def _define(header: Header, key: str, pairs: dict[str, str]) -> None:
    known = definitions.INFO if key == "INFO" else definitions.FORMAT
    target = header.info if key == "INFO" else header.format
    found = _definition(header, key, pairs)
    target[pairs["ID"]] = found
    own = known.get(pairs["ID"])
    if own is not None and found != own and header.version >= STRICT_FROM:
        target[pairs["ID"]] = own
        raise BadMeta(
            f"The {key} line gives the field {pairs['ID']} another Number or Type than VCF does."
        )


def _take_info(header: Header, pairs: dict[str, str]) -> None:
    header.info_texts[pairs["ID"]] = pairs["Description"].strip('"')
    _define(header, "INFO", pairs)


def _take_format(header: Header, pairs: dict[str, str]) -> None:
    _define(header, "FORMAT", pairs)


def _take_filter(header: Header, pairs: dict[str, str]) -> None:
    if not pairs["Description"].startswith('"'):
        raise BadMeta("The description on the FILTER line is not quoted.")
    header.filters[pairs["ID"]] = pairs["Description"].strip('"')


def _take_alt(_header: Header, pairs: dict[str, str]) -> None:
    if not pairs["Description"].startswith('"'):
        raise BadMeta("The description on the ALT line is not quoted.")
    if pairs.get("Type", "String") not in definitions.TYPES:
        raise BadMeta("The Type on the ALT line is not one that VCF knows.")


def _take_contig(header: Header, pairs: dict[str, str]) -> None:
    length = pairs.get("length", "")
    if length and not (length.isascii() and length.isdigit() and len(length) <= len("4294967295")):
        raise BadMeta("The length on a contig line is not a number.")
    if length:
        header.lengths[pairs["ID"]] = int(length)
    header.lengths.setdefault(pairs["ID"], 0)
    for name in ("assembly", "URL", "accession"):
        if pairs.get(name):
            header.assemblies.add(pairs[name].strip('"'))


def _take_meta_definition(_header: Header, pairs: dict[str, str]) -> None:
    if pairs.get("Type", "String") != "String" or pairs.get("Number", ".") != ".":
        raise BadMeta("The META line must have Type=String and Number=. (a dot).")


def _take_pedigree(_header: Header, pairs: dict[str, str]) -> None:
    if any(not value.startswith('"') and not _KEY.fullmatch(value) for value in pairs.values()):
        raise BadMeta("A name on the PEDIGREE line has a sign in it that names do not have.")


_TAKERS = {
    "INFO": _take_info,
    "FORMAT": _take_format,
    "FILTER": _take_filter,
    "ALT": _take_alt,
    "contig": _take_contig,
    "META": _take_meta_definition,
    "PEDIGREE": _take_pedigree,
}
