"""Whether something was seen: the answer of an assessment or test, in all of its styles."""

from portal.genomics import answers as a
from portal.genomics import codes as c
from portal.genomics import hgvs
from portal.genomics.draft import Draft
from portal.genomics.elements import Node, Scan, concepts, words
from portal.genomics.findings import Coding, Concept, Kind, Presence
from portal.genomics.meaning import effects, is_class, is_metabolism, read_significance
from portal.genomics.named import asks_for_a_change
from portal.genomics.pieces import Piece
from portal.genomics.values import answer


def tells_presence(piece: Piece) -> bool:
    """Tell the answer of a test for one change that has a code of its own: present, het."""
    if piece.code or piece.value not in _WORDED:
        return False
    asks = asks_for_a_change(piece.draft.plain.get("code"))
    tables = (a.FOUND, a.ZYGOSITY) if asks else (a.PRESENCE,)
    return any(answer(piece.concept(), table, "", Scan("")) for table in tables)


_WORDED = frozenset({"valueCodeableConcept", "valueString", "valueBoolean"})


def read_presence(piece: Piece) -> None:
    """Read an answer into the draft; one that tells nothing of presence stays, and is flagged."""
    found = piece.concept()
    piece.draft.code("presence", found)
    presence = answer(found, a.FOUND, "presence", piece.scan)
    if presence:
        piece.draft.put("presence", presence)
    elif found:
        _read_other_answer(found, piece)
        if not any(flag == "conflict:presence" for flag in piece.scan.flags):
            piece.scan.flag("presence-not-understood")


def _read_other_answer(found: Concept, piece: Piece) -> None:
    """Read what some labs answer instead of present or absent: the change, copies, a class."""
    said = words(found)
    piece.draft.put("value", said)
    piece.draft.put("zygosity", answer(found, a.ZYGOSITY, "zygosity", piece.scan))
    written = [one.code for one in found.codings if c.HGVS_SYSTEM_PART in one.system and one.code]
    if written or hgvs.is_change(said):
        for text in written or [said]:
            piece.draft.express(hgvs.levels(text, "other"), text)
    elif hgvs.is_short_protein(said):
        piece.draft.express("p", said)
    elif is_class(found):
        read_significance(found, piece.draft)


def read_interpretation(body: Node, draft: Draft) -> None:
    """Read what a lab gives as the interpretation: the answer, a class, or an effect."""
    for one in concepts(body, "interpretation", "", Scan("")):
        if draft.kind in _ASKED:
            for coding in one.codings:
                draft.put("presence", _interpreted(coding))
        if draft.kind in _CLASSED and is_class(one):
            read_significance(one, draft)
        if draft.kind in _BROKEN_DOWN and is_metabolism(words(one)):
            draft.add("effects", *effects(one))


def _interpreted(coding: Coding) -> Presence | None:
    listed = "nterpretation" in coding.system or "0078" in coding.system
    there = a.INTERPRETED_THERE.get(coding.code) if listed else None
    return a.INTERPRETED.get(coding.code, there)


_ASKED = frozenset({Kind.VARIANT, Kind.HAPLOTYPE})
_CLASSED = frozenset({Kind.VARIANT, Kind.DIAGNOSTIC_IMPLICATION})
_BROKEN_DOWN = frozenset({Kind.GENOTYPE, Kind.HAPLOTYPE, Kind.THERAPEUTIC_IMPLICATION})
