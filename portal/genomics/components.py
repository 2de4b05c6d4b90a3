"""The components of an Observation: each known code fills one field of the finding."""

import re
from collections.abc import Callable

from portal.genomics import answers, codes, meaning, measuring, naming, placing
from portal.genomics.attributes import described, reference_range
from portal.genomics.draft import Draft
from portal.genomics.elements import Node, concept, nodes, words
from portal.genomics.fields import FIELD_OF_CODE
from portal.genomics.findings import Attribute
from portal.genomics.labels import CODE_OF_LABEL
from portal.genomics.pieces import Piece

_COMPONENT = frozenset(
    {"code", "dataAbsentReason", "interpretation", "referenceRange", "extension", "id"}
)
_ORDER = "repeat-motif-order"
_CITATIONS = ("relatedartifact", "workflow-relatedartifact", "workflow-relatedartifactcomponent")


def read_components(resource: Node, draft: Draft) -> None:
    """Read every component into the draft."""
    for path, item in nodes(resource, "component", "Observation", draft.scan):
        piece = Piece(item, path, draft)
        if not piece.is_bare:
            draft.scan.only(item, _COMPONENT | {piece.value}, path)
        read_piece(piece)


def read_piece(piece: Piece) -> None:
    """Read one component by its code; an unknown one is kept in the lab's words."""
    field = FIELD_OF_CODE.get(piece.code, "")
    if not piece.is_bare:
        _extras(piece)
    if not piece.value:
        if "dataAbsentReason" not in piece.node:
            piece.scan.miss(piece.path)
        return
    if not field:
        _unknown(piece)
        return
    if field in _TOLD_APART and _is_misnamed(piece, field):
        piece.keep(piece.name)
        piece.scan.miss(piece.path)
        piece.scan.flag("conflict:question")
        return
    if field in _WORDED_FIELDS and piece.is_unanswered:
        piece.keep()
        return
    piece.scan.point(piece.path, field)
    READERS.get(field, _detail)(piece)


# Not an allele, where a sign alone may be the answer: it is how some write a deletion.
_WORDED_FIELDS = frozenset(
    {"gene", "partner", "hgvs_c", "hgvs_p", "hgvs_g", "hgvs_r", "iscn", "allele_name", "variant_id",
     "change", "sequence", "transcript", "build", "zygosity", "source_class", "significance",
     "phenotype", "medicine", "therapy", "effect", "evidence", "inheritance", "method",
     "region_text", "repeat_motif", "phase_set"}
)  # fmt: skip

# Each of these is something quite else: under the wrong code it would be told wrongly.
_TOLD_APART = frozenset(
    {"gene", "hgvs_c", "hgvs_g", "hgvs_p", "source_class", "zygosity", "significance", "phenotype",
     "medicine"}
)  # fmt: skip


def _is_misnamed(piece: Piece, field: str) -> bool:
    """Tell a known code beside the well-known name of something quite else."""
    named = FIELD_OF_CODE.get(CODE_OF_LABEL.get(piece.name.lower(), ""), field)
    return named != field and named in _TOLD_APART


def _unknown(piece: Piece) -> None:
    """Keep what is under a code of its own; how a medicine is broken down is plain anywhere."""
    piece.keep()
    found = piece.concept() if piece.value in _WORDED else None
    if found and meaning.is_metabolism(words(found)) and "allele" not in piece.name.lower():
        meaning.effect(piece)
    elif found and any(codes.HGVS_SYSTEM_PART in one.system for one in found.codings):
        naming.expression("other")(piece)
    elif found and meaning.is_class(found) and _ASKS_CLASS.search(piece.name):
        meaning.significance(piece)
    else:
        piece.scan.miss(piece.path)


_ASKS_CLASS = re.compile(
    r"interpret|classif|significan|pathogenic|\bACMG\b|\bcall\b", re.IGNORECASE
)


_WORDED = frozenset({"valueCodeableConcept", "valueString"})


def _absent(piece: Piece) -> None:
    """Read why there is no value; a value beside it contradicts it."""
    reason = concept(
        piece.node.get("dataAbsentReason"), f"{piece.path}.dataAbsentReason", piece.scan
    )
    if reason is None:
        return
    label = f"{piece.label}: no value"
    piece.draft.add("attributes", Attribute(label, words(reason), codings=reason.codings))
    if piece.value:
        piece.scan.flag("conflict:value")


def _extras(piece: Piece) -> None:
    """Read what may stand beside the value: citations, references, interpretation."""
    _extensions(piece)
    if "dataAbsentReason" in piece.node:
        _absent(piece)
    for index, raw in enumerate(_many(piece.node.get("interpretation"))):
        item_ = concept(raw, f"{piece.path}.interpretation[{index}]", piece.scan)
        label = f"{piece.label}: interpretation"
        if item_:
            piece.draft.add("attributes", Attribute(label, words(item_), codings=item_.codings))
    label = f"{piece.label}: reference range"
    for path, item in nodes(piece.node, "referenceRange", piece.path, piece.scan):
        piece.draft.add("attributes", reference_range(label, item, path, piece.scan))


def _extensions(piece: Piece) -> None:
    for path, item in nodes(piece.node, "extension", piece.path, piece.scan):
        name = str(item.get("url", "")).rsplit("/", 1)[-1].lower()
        if name in _CITATIONS:
            said = described("Citation", item, path, piece.scan)
            piece.draft.add("attributes", said)
        elif name.removesuffix("-reference") in {"therapy-assessed", "medication-assessed"}:
            said = described(f"{piece.label} reference", item, path, piece.scan)
            piece.draft.add("attributes", said)
        elif name != _ORDER:
            piece.scan.miss(path)


def _many(raw: object) -> list[object]:
    return raw if isinstance(raw, list) else [] if raw is None else [raw]


def _detail(piece: Piece) -> None:
    piece.keep()


READERS: dict[str, Callable[[Piece], None]] = {
    "gene": naming.gene,
    "partner": naming.partner,
    "hgvs_c": naming.expression("c"),
    "hgvs_p": naming.expression("p"),
    "hgvs_g": naming.expression("g"),
    "hgvs_r": naming.expression("other"),
    "iscn": naming.iscn,
    "allele_name": naming.allele_name,
    "variant_id": naming.variant_id,
    "change": naming.change,
    "sequence": placing.sequence,
    "transcript": naming.transcript,
    "protein": _detail,
    "chromosome": placing.chromosome_name,
    "cytoband": placing.band,
    "build": placing.assembly,
    "coordinate_system": placing.coordinate_system,
    "exact": placing.exact,
    "outer": placing.outer,
    "inner": placing.inner,
    "region": placing.region("studied"),
    "region_text": placing.region("studied"),
    "uncalled": placing.region("uncalled"),
    "ref": measuring.allele("ref"),
    "alt": measuring.allele("alt"),
    "zygosity": measuring.coded_answer("zygosity", answers.ZYGOSITY),
    "source_class": measuring.coded_answer("source_class", answers.SOURCE_CLASS),
    "allele_fraction": measuring.allele_fraction,
    "depth": measuring.depth,
    "copy_number": measuring.copies,
    "repeat_motif": measuring.motif,
    "repeat_number": measuring.motif_count,
    "significance": meaning.significance,
    "phenotype": meaning.phenotype,
    "medicine": meaning.medicine,
    "effect": meaning.effect,
    "evidence": meaning.words_of("evidence"),
    "inheritance": meaning.words_of("inheritance"),
    "method": meaning.words_of("methods"),
    "therapy": meaning.therapy,
    "conclusion": meaning.conclusion,
    "phase_set": meaning.phase_set,
    "presence": measuring.presence,
}
