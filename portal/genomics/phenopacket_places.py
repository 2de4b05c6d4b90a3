"""Where a change of a phenopacket lies and what it is: from its VCF record, else from VRS.

Spec: https://phenopacket-schema.readthedocs.io/en/2.0.0/variant.html; GA4GH VRS 1.2
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import msgspec

from portal.genomics.vcf import alleles, builds, fhir
from portal.genomics.vcf.fhir import LOINC, REFSEQ, SEQUENCE_ONTOLOGY, ZERO_BASED

Json = Mapping[str, Any]
_REFSEQ_NAME = "refseq:"
_SO_NAME = "SO:"


class _Stretch(NamedTuple):
    """A part of a sequence; `start` and `end` count as `system` says."""

    sequence: list[Json]
    start: int
    end: int | None
    system: tuple[str, str]


def components(variant: Json) -> Iterator[Json]:
    """Yield the components of a Variant for its letters, its place, its copies and its kind."""
    record, molecule = object_in(variant, "vcfRecord"), object_in(variant, "variation")
    copies = object_in(molecule, "copyNumber") or _typed(molecule, "CopyNumber")
    allele = object_in(copies, "allele") or object_in(copies, "subject")
    allele = allele or object_in(molecule, "allele") or _typed(molecule, "Allele")
    stretch = _of_record(record) or _of_allele(allele)
    if stretch is not None:
        yield from _written(stretch)
    yield from _bands(object_in(allele, "chromosomeLocation"))
    yield from _string("69547-8", word_in(record, "ref") or word_in(variant, "vrsRefAlleleSeq"))
    literal = object_in(allele, "literalSequenceExpression") or object_in(allele, "state")
    yield from _string("69551-0", word_in(record, "alt") or word_in(literal, "sequence"))
    number = _whole(
        object_in(copies, "number").get("value", object_in(copies, "copies").get("value"))
    )
    if number is not None:
        yield _component("82155-3", {"valueQuantity": {"value": number}})
    kind = object_in(variant, "structuralType")
    if word_in(kind, "id").startswith(_SO_NAME):
        coding = {"system": SEQUENCE_ONTOLOGY, "code": word_in(kind, "id")}
        label = {"display": word_in(kind, "label")} if word_in(kind, "label") else {}
        concept = {"coding": [coding | label]}
        yield _component(fhir.CHANGE_TYPE, {"valueCodeableConcept": concept})


def _of_record(record: Json) -> _Stretch | None:
    """Return the place of a VCF record: 1-based, the end only where the letters say it."""
    name, start = word_in(record, "chrom"), _whole(record.get("pos"))
    if not name or start is None:
        return None
    ref, assembly = word_in(record, "ref"), word_in(record, "genomeAssembly")
    end = start + len(ref) - 1 if alleles.is_bases(ref) else None
    build = builds.named(assembly)
    sequence: list[Json]
    if build is not None:
        written = fhir.of_place(build, builds.place(name, build, None))
        sequence = [*msgspec.json.decode(f"[{written}]", type=list[dict[str, Any]])[:-1]]
    else:
        said = (("62374-4", assembly), ("48013-7", name))
        sequence = [
            _component(code, {"valueCodeableConcept": {"text": t}}) for code, t in said if t
        ]
    return _Stretch(sequence, start, end, fhir.ONE_BASED)


def _of_allele(allele: Json) -> _Stretch | None:
    """Return the place of an allele of VRS, whose intervals are 0-based."""
    location = object_in(allele, "sequenceLocation") or object_in(allele, "location")
    interval = object_in(location, "sequenceInterval") or object_in(location, "interval")
    start, end = (_bound(interval, name) for name in ("start", "end"))
    name = word_in(location, "sequenceId")
    if start is None or not name:
        return None
    accession = name.removeprefix(_REFSEQ_NAME)
    sequence: Json = {"text": name}
    if accession != name:
        sequence = {"coding": [{"system": REFSEQ, "code": accession}], "text": name}
    return _Stretch(
        [_component("48013-7", {"valueCodeableConcept": sequence})], start, end, ZERO_BASED
    )


def _typed(molecule: Json, kind: str) -> Json:
    """Return a variation that says its type itself, as VRS does outside of Protobuf."""
    return molecule if word_in(molecule, "type") == kind else {}


def _bound(interval: Json, name: str) -> int | None:
    """Return one end: a number of its own, inside of an object, or in Protobuf's startNumber."""
    inside = object_in(interval, f"{name}Number") or object_in(interval, name)
    return _whole(inside.get("value", interval.get(name)))


def _bands(location: Json) -> Iterator[Json]:
    """Yield the chromosome and the bands of a change that was seen under the microscope."""
    chromosome, interval = word_in(location, "chr"), object_in(location, "interval")
    if chromosome:
        yield _text("48000-4", chromosome)
    ends = dict.fromkeys(word_in(interval, name) for name in ("start", "end"))
    bands = "-".join(end for end in ends if end)
    if bands:
        yield _text("48001-2", f"{chromosome}{bands}")


def _written(stretch: _Stretch) -> Iterator[Json]:
    yield from stretch.sequence
    code, display = stretch.system
    system = {"coding": [{"system": LOINC, "code": code, "display": display}]}
    yield _component("92822-6", {"valueCodeableConcept": system})
    ends = {"low": {"value": stretch.start}}
    if stretch.end is not None:
        ends["high"] = {"value": stretch.end}
    yield _component("81254-5", {"valueRange": ends})


def _component(code: str, value: Json) -> Json:
    return {"code": {"coding": [{"system": LOINC, "code": code}]}, **value}


def _text(code: str, text: str) -> Json:
    return _component(code, {"valueCodeableConcept": {"text": text}})


def _string(code: str, text: str) -> Iterator[Json]:
    if text:
        yield _component(code, {"valueString": text})


def _whole(value: object) -> int | None:
    """Return a count; Protobuf writes the long ones as text."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:  # noqa: PLR2004  # 64 bits
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def object_in(parent: Json, name: str) -> Json:
    """Return a part that is an object, else an empty one."""
    found = parent.get(name)
    return found if isinstance(found, dict) else {}


def word_in(parent: Json, name: str) -> str:
    """Return a part that is a text, without blanks around it, else nothing."""
    found = parent.get(name)
    return found.strip() if isinstance(found, str) else ""


def items_in(parent: Json, name: str) -> list[Json]:
    """Return the parts of a list that are objects."""
    found = parent.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def words_in(parent: Json, name: str) -> list[str]:
    """Return the parts of a list that are texts, without blanks around them."""
    found = parent.get(name)
    listed = found if isinstance(found, list) else []
    return [one.strip() for one in listed if isinstance(one, str) and one.strip()]
