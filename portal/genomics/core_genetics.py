"""Genetics extensions of base FHIR, which came before Genomics Reporting.

Spec: https://hl7.org/fhir/R4/observation-genetics.html, and its STU3 form with flat names.
"""

from collections.abc import Callable

from portal.genomics import answers, meaning, measuring, naming
from portal.genomics.draft import Draft
from portal.genomics.elements import NOTHING, Node, Scan, codes, concept, nodes, words
from portal.genomics.fields import FIELD_OF_CODE
from portal.genomics.findings import Kind
from portal.genomics.pieces import Piece

PREFIX = "observation-genetics"
# The name after the prefix, with the part after a stroke, and what it fills.
_READERS: dict[str, Callable[[Piece], None]] = {
    "gene": naming.gene,
    "genomicsourceclass": measuring.coded_answer("source_class", answers.SOURCE_CLASS),
    "variant": naming.expression("other"),
    "variant/name": naming.expression("other"),
    "variant/id": naming.variant_id,
    "dnasequencevariantname": naming.expression("other"),
    "aminoacidchange": naming.expression("p"),
    "aminoacidchange/name": naming.expression("p"),
    "aminoacidchangename": naming.expression("p"),
    "allele/state": measuring.coded_answer("zygosity", answers.ZYGOSITY),
    "allelicstate": measuring.coded_answer("zygosity", answers.ZYGOSITY),
    "allele/name": naming.allele_name,
    "allelename": naming.allele_name,
    "phaseset/id": meaning.phase_set,
}


def read_core_genetics(body: Node, draft: Draft) -> None:
    """Read the genetics extensions into the draft; one that names a change makes it a variant."""
    for path, one in nodes(body, "extension", "Observation", draft.scan):
        name = _name(one)
        if not name.startswith(PREFIX):
            continue
        label = name.removeprefix(PREFIX).removeprefix("-")
        parts = list(nodes(one, "extension", path, draft.scan)) if "extension" in one else []
        for at, part in parts:
            _read(f"{label}/{part.get('url')}", part, at, draft)
        if not parts:
            _read(label, one, path, draft)
    if draft.kind is Kind.OTHER and any(draft.hgvs.values()):
        draft.kind = Kind.VARIANT


def has_genetics(body: Node) -> bool:
    """Tell whether one of the extensions of a resource tells of genes."""
    if "extension" not in body:
        return False
    return any(_name(one).startswith(PREFIX) for _, one in nodes(body, "extension", "", Scan("")))


def _read(label: str, raw: Node, path: str, draft: Draft) -> None:
    piece = Piece({**raw, **_answer(raw), "code": {"text": label}}, path, draft)
    reader = _READERS.get(label.lower())
    if not piece.value:
        draft.scan.miss(path)
    elif reader is None:
        piece.keep(label)
    else:
        draft.scan.point(path, label)
        reader(piece)


def _answer(raw: Node) -> Node:
    """Return the answer as words where its code is the one of the question: some send it so."""
    said = concept(raw.get("valueCodeableConcept"), "", Scan(""))
    if said is None or FIELD_OF_CODE.keys().isdisjoint(codes(said)):
        return NOTHING
    return {"valueCodeableConcept": {"text": words(said)}}


def _name(extension: Node) -> str:
    url = extension.get("url")
    return url.rsplit("/", 1)[-1] if isinstance(url, str) else ""
