"""The facts that the reader finds, as frozen values that go to JSON and back without loss.

A field is absent from the JSON form when the file does not say it. Nothing here is guessed:
an empty string, an empty tuple and None all mean "the file does not say". `gc=False` where a
value cannot be part of a cycle: there are many of them.
"""

from enum import StrEnum
from typing import Any

import msgspec


class Kind(StrEnum):
    """What a finding is about; the names are those of the JSON form."""

    VARIANT = "variant"
    GENOTYPE = "genotype"
    HAPLOTYPE = "haplotype"
    DIAGNOSTIC_IMPLICATION = "diagnostic-implication"
    THERAPEUTIC_IMPLICATION = "therapeutic-implication"
    MOLECULAR_CONSEQUENCE = "molecular-consequence"
    BIOMARKER = "biomarker"
    REGION_STUDIED = "region-studied"
    PHASE = "phase"
    FAMILY_HISTORY = "family-history"
    RECOMMENDATION = "recommendation"
    OTHER = "other"


class Presence(StrEnum):
    """Whether the lab saw it. Four different things; no answer at all is None."""

    PRESENT = "present"
    ABSENT = "absent"
    NO_CALL = "no-call"
    INDETERMINATE = "indeterminate"


class Coding(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One code as the source sent it."""

    system: str = ""
    code: str = ""
    display: str = ""
    version: str = ""


class Concept(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A thing in the lab's words (`text`), with every code sent for it."""

    text: str = ""
    codings: tuple[Coding, ...] = ()


class Gene(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A gene as sent: its symbol, and its id in the style that was used."""

    symbol: str = ""
    id: str = ""


class Hgvs(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """HGVS expressions, verbatim, by their level."""

    c: tuple[str, ...] = ()
    g: tuple[str, ...] = ()
    p: tuple[str, ...] = ()
    n: tuple[str, ...] = ()
    other: tuple[str, ...] = ()


class Position(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Where on which sequence. `start` and `end` are as sent, counted as `coordinate_system` says.

    `start0` and `end0` are the same place 0-based and end-exclusive; they are absent when the
    source does not say how it counts.
    """

    chromosome: str = ""
    sequence: str = ""
    start: int | None = None
    end: int | None = None
    coordinate_system: str = ""  # in LOINC words: "1-based character counting", …
    build: str = ""  # GRCh37, GRCh38, … as sent
    start0: int | None = None
    end0: int | None = None
    outer_start: int | None = None  # widest extent of an imprecise event
    outer_end: int | None = None


class Region(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A stretch or gene that a test did or did not look at."""

    state: str = ""  # studied, called, uncalled
    text: str = ""
    genes: tuple[Gene, ...] = ()
    position: Position | None = None
    file: str = ""  # address of the file that lists the regions, where there is one


class Repeat(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A repeated motif and how often it was seen, in the order sent."""

    motif: str = ""
    number: float | None = None
    text: str = ""


class Trial(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A research study named for the person; `eligible` is None where the file does not say."""

    text: str = ""
    reference: str = ""
    ids: tuple[str, ...] = ()
    eligible: bool | None = None


class Attribute(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What the source says beside the named fields: its label and its value in the lab's words."""

    label: str = ""
    text: str = ""
    value: str | int | float | bool | None = None
    unit: str = ""
    codings: tuple[Coding, ...] = ()  # of the value
    code: str = ""  # of the label
    as_sent: str = ""  # the number as it was written, where ours looks different

    @property
    def said(self) -> str:
        """The value in the source's own words or figures, and its unit."""
        plain = "" if self.value is None else str(self.value)
        return f"{self.text or self.as_sent or plain} {self.unit}".strip()


class Pointer(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A place in the source: the resource, the element path in it, and the field read from it."""

    resource: str = ""  # "Observation/abc", "urn:uuid:…", "DiagnosticReport/r#contained"
    path: str = ""  # "Observation.component[3].valueCodeableConcept"
    field: str = ""


class Fact(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag_field="record"
):
    """What every finding and every report carries."""

    key: str  # stable: the same resources give the same keys
    id: str  # the resource's own id within its document
    source: Pointer
    status: str = ""
    code: Concept | None = None  # what the resource says it is
    ids: tuple[str, ...] = ()  # identifiers; of a finding ClinVar, dbSNP, COSMIC, PharmVar, … too
    subject: str = ""
    performers: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    effective_at: str = ""  # as sent
    issued_at: str = ""
    conclusion: str = ""
    notes: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()  # narrative, as plain words
    attributes: tuple[Attribute, ...] = ()
    context: tuple[Attribute, ...] = ()  # order, encounter, words beside links: by element name
    flags: tuple[str, ...] = ()  # "corrected", "preliminary", "no-subject", "conflict:…"
    sources: tuple[Pointer, ...] = ()
    not_understood: tuple[str, ...] = ()


class Finding(Fact, frozen=True, kw_only=True, tag="finding"):
    """One fact about the person, read from one resource, with pointers to where it stands."""

    kind: Kind
    presence: Presence | None = None
    genes: tuple[Gene, ...] = ()
    hgvs: Hgvs | None = None
    position: Position | None = None
    ref: str | None = None
    alt: str | None = None
    zygosity: str = ""  # heterozygous, homozygous, hemizygous, homoplasmic, heteroplasmic, or words
    source_class: str = ""  # germline, somatic, fetal, …, or the lab's words
    allele_fraction: float | None = None  # 0 to 1
    depth: int | None = None
    copy_number: float | None = None
    name: str = ""  # allele, diplotype, ISCN or GL String, verbatim
    significance: tuple[str, ...] = ()
    phenotypes: tuple[Concept, ...] = ()
    medicines: tuple[Concept, ...] = ()
    effects: tuple[str, ...] = ()  # metaboliser terms, therapeutic effects, consequences
    evidence: tuple[str, ...] = ()
    inheritance: tuple[str, ...] = ()
    value: str | int | float | bool | None = None
    value_as_sent: str = ""  # the number as it was written, where ours looks different: 1.50
    comparator: str = ""
    unit: str = ""
    regions: tuple[Region, ...] = ()
    repeats: tuple[Repeat, ...] = ()
    trials: tuple[Trial, ...] = ()
    phase_set: str = ""
    relative: Concept | None = None  # of a family history
    derived_from: tuple[str, ...] = ()  # ids of other findings or resources
    members: tuple[str, ...] = ()
    reports: tuple[str, ...] = ()  # keys of the reports that give it
    specimen: str = ""
    concepts: dict[str, tuple[Concept, ...]] = {}  # all codings behind the plain fields
    hints: tuple[str, ...] = ()  # category labels: "secondary", "carrier", "newborn", …

    @property
    def measured(self) -> str:
        """The value in the lab's own words or figures, with its unit; empty where there is none."""
        if self.value is None:
            return ""
        plain = str(self.value).lower() if isinstance(self.value, bool) else str(self.value)
        return f"{self.comparator}{self.value_as_sent or plain} {self.unit}".strip()


class Report(Fact, frozen=True, kw_only=True, tag="report"):
    """A lab report: its own words, and the keys of the findings that it gives."""

    categories: tuple[Concept, ...] = ()
    title: str = ""
    interpreters: tuple[str, ...] = ()
    conclusions: tuple[Concept, ...] = ()
    findings: tuple[str, ...] = ()  # keys
    specimens: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()


class SetAside(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag_field="record"
):
    """What every record carries that tells why something is no finding."""

    code: str
    reason: str
    source: Pointer
    id: str = ""


class Notice(SetAside, frozen=True, kw_only=True, tag="notice"):
    """Something that is not a result and must not vanish: withdrawn, cancelled, not genomic, …"""

    status: str = ""
    subject: str = ""
    not_understood: tuple[str, ...] = ()


class Rejected(SetAside, frozen=True, kw_only=True, tag="rejected"):
    """An entry that could not be read, and why."""


class Quarantined(SetAside, frozen=True, kw_only=True, tag="quarantined"):
    """A resource about someone else. Only who and where are kept, never what it says."""

    subject: str = ""


class Coverage(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """How much of one resource was understood."""

    resource: str
    type: str = ""
    elements: int = 0
    not_understood: tuple[str, ...] = ()


class Reading(msgspec.Struct, frozen=True):
    """All that was read from a set of resources."""

    findings: tuple[Finding, ...] = ()
    reports: tuple[Report, ...] = ()
    notices: tuple[Notice, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    quarantined: tuple[Quarantined, ...] = ()
    coverage: tuple[Coverage, ...] = ()


Record = Finding | Report | Notice | Rejected | Quarantined


def to_json(record: Record) -> dict[str, Any]:
    """Return the JSON form of a record: plain builtins, without what the file does not say."""
    form: dict[str, Any] = msgspec.to_builtins(record)
    return form


def from_text(text: str) -> Record:
    """Return the record of a JSON form that was written as text.

    Raises msgspec.DecodeError when the text is not one of ours.
    """
    return _decoder.decode(text)


_decoder: msgspec.json.Decoder[Record] = msgspec.json.Decoder(Record)


def from_json(form: dict[str, Any]) -> Record:
    """Return the record of a JSON form.

    Raises msgspec.ValidationError when the form is not one of ours.
    """
    return msgspec.convert(form, type=Record, strict=True)  # type: ignore[no-any-return]
