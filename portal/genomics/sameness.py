"""When two findings from two places are one and the same change. In doubt they are not."""

import re

import msgspec

from portal.genomics.findings import Finding, Kind, Pointer, Position
from portal.genomics.flags import ANOTHER_PERSON
from portal.genomics.vcf.alleles import trim

Name = tuple[str, ...]


def names(finding: Finding) -> frozenset[Name]:
    """Return every exact name of a change: its place with its letters, and its genomic HGVS."""
    if finding.kind is not Kind.VARIANT:
        return frozenset()
    found: set[Name] = set()
    place = _place(finding)
    if place:
        found.add(place)
    if finding.hgvs:
        found.update(("hgvs", text) for text in finding.hgvs.g if ":" in text)
    return frozenset(found)


def _place(finding: Finding) -> Name | None:
    """Return build, sequence, first place and letters, without letters that REF and ALT share."""
    where = finding.position
    ref, alt = finding.ref or "", finding.alt or ""
    if where is None or where.start0 is None or not _letters(ref) or not _letters(alt):
        return None
    sequence = _sequence(where)
    if not sequence:
        return None
    moved, short_ref, short_alt = trim(ref.upper(), alt.upper())
    return ("place", *sequence, str(where.start0 + moved), short_ref, short_alt)


def _letters(allele: str) -> bool:
    return bool(allele) and set(allele.upper()) <= set("ACGTN")


def _sequence(where: Position) -> Name | None:
    """Return what a position counts on: an accession with its version, or build and chromosome."""
    if "." in where.sequence:
        return (where.sequence,)
    if where.build and where.chromosome:
        return (where.build, where.chromosome.removeprefix("chr"))
    return None


def same_change(one: Finding, other: Finding) -> bool:
    """Tell whether two findings report one change in the same way, without a disagreement."""
    if not names(one) & names(other):
        return False
    return (
        one.presence == other.presence
        and (ANOTHER_PERSON in one.flags) == (ANOTHER_PERSON in other.flags)
        and _agree(one.zygosity, other.zygosity)
        and _agree(one.source_class, other.source_class)
    )


def _agree(one: str, other: str) -> bool:
    return not one or not other or one == other


def is_reference(name: str) -> bool:
    """Tell the address of something that did not arrive from a name in words."""
    return _REFERENCE.fullmatch(name) is not None


_REFERENCE = re.compile(r"[A-Za-z]+/\S+|urn:\S+|#\S+")


def statement(finding: Finding) -> bytes:
    """Return all that a finding says, without what names it, its file and its reader's remarks.

    One test that came by two ways says the same to the letter, whatever kind of result it is.
    """
    said = msgspec.structs.replace(
        finding,
        key="",
        id="",
        source=Pointer(),
        sources=(),
        performers=tuple(name for name in finding.performers if not is_reference(name)),
        specimen="" if is_reference(finding.specimen) else finding.specimen,
        subject="",
        reports=(),
        derived_from=(),
        members=(),
        context=(),
        flags=(),
        hints=(),
        not_understood=(),
    )
    return msgspec.json.encode(said)


def adds_nothing(finding: Finding, known: Finding) -> bool:
    """Tell whether a finding says no more about a change than another one that is shown."""
    if not same_change(finding, known):
        return False
    return (
        set(finding.significance) <= set(known.significance)
        and {one.text for one in finding.phenotypes} <= {one.text for one in known.phenotypes}
        and not finding.medicines
    )
