"""Components that name: genes, HGVS expressions, alleles, catalogue entries.

A name that was only asked for, and words that deny it, are never taken for what was found.
"""

import re
from collections.abc import Callable

from portal.genomics import answers, denials, hgvs
from portal.genomics import codes as c
from portal.genomics.elements import codes, words
from portal.genomics.findings import Attribute, Concept
from portal.genomics.pieces import Piece
from portal.genomics.placing import first_code
from portal.genomics.values import answer, gene_list


def gene(piece: Piece) -> None:
    """Read a gene, or several."""
    item = piece.concept()
    if not codes(item) and denials.denies(words(item)):
        piece.keep()
        return
    piece.draft.code("genes", item)
    piece.draft.add("genes", *gene_list(item))


def partner(piece: Piece) -> None:
    """Read a gene of a fusion, and on which side of it the gene stands."""
    gene(piece)
    piece.keep()


def expression(level: str) -> Callable[[Piece], None]:
    """Return a reader of HGVS expressions that do not state their level."""

    def read(piece: Piece) -> None:
        item = piece.concept()
        if _tells_no_name(item, piece):
            return
        piece.draft.code("hgvs", item)
        for text in _distinct(item):
            piece.draft.express(hgvs.levels(text, level), text)

    return read


def _tells_no_name(item: Concept | None, piece: Piece) -> bool:
    """Read an answer that stands where a name belongs: not detected, c.68_69del: absent.

    What is neither a name nor a plain answer is kept in the lab's words, beside the named fields.
    """
    said = words(item)
    if seen := answer(item, answers.FOUND, "presence", piece.scan):
        piece.draft.put("presence", seen)
        return True
    if told := denials.answered(said):
        _named_change(told[0], piece)
        piece.draft.put("presence", told[1])
        return True
    if denials.denies(said) and not denials.begins_with_a_pair(said):
        piece.keep()
        return True
    return False


def _distinct(item: Concept | None) -> tuple[str, ...]:
    """Return the different texts of a concept; a code that is no expression gives way to words."""
    if item is None:
        return ()
    told = [coding.code or coding.display for coding in item.codings]
    told += [coding.display for coding in item.codings]
    expressions = [text for text in (*told, item.text) if hgvs.is_expression(text)]
    return tuple(dict.fromkeys(expressions or [words(item)]))


def iscn(piece: Piece) -> None:
    """Read a karyotype, verbatim."""
    piece.draft.put("name", piece.draft.code("name", piece.concept()))


def allele_name(piece: Piece) -> None:
    """Read the name of an allele or diplotype, verbatim."""
    item = piece.concept()
    if not _tells_no_name(item, piece):
        piece.draft.put("name", piece.draft.code("name", item))


def variant_id(piece: Piece) -> None:
    """Read an entry of a catalogue: ClinVar, dbSNP, COSMIC."""
    item = piece.concept()
    if item is None:
        return
    piece.draft.code("ids", item)
    for coding in item.codings:
        if c.HGVS_SYSTEM_PART in coding.system:
            piece.draft.express(hgvs.levels(coding.code or coding.display, "g"), coding.code)
        else:
            piece.draft.add("ids", coding.code)
    if codes(item):
        return
    if _ENTRY.fullmatch(words(item)):
        piece.draft.add("ids", words(item))
    else:
        _named_change(words(item), piece)


def change(piece: Piece) -> None:
    """Read what a lab calls the change: an expression, an entry of a catalogue, or a name."""
    item = piece.concept()
    if _tells_no_name(item, piece):
        return
    if item and codes(item):
        variant_id(piece)
    elif item:
        _named_change(words(item), piece)


def _named_change(said: str, piece: Piece) -> None:
    if hgvs.is_expression(said) or hgvs.SPDI.match(said):
        piece.draft.express(hgvs.levels(said, "other"), said)
    else:
        piece.draft.put("name", said)


# What ids of dbSNP, COSMIC, ClinVar and the Allele Registry look like where no code is sent.
_ENTRY = re.compile(r"rs\d+|COS[MV]\d+|[VRS]CV\d+(?:\.\d+)?|CA\d+")


def transcript(piece: Piece) -> None:
    """Read a transcript; a code and words that differ are flagged."""
    item = piece.concept()
    piece.draft.code("transcript", item)
    code, display = first_code(item), words(item)
    piece.draft.add("attributes", Attribute("Transcript", code, code=piece.code))
    named, shown = hgvs.accession(code), hgvs.accession(display)
    if shown and shown != named and not _differ_in_version_only(named, shown):
        piece.scan.flag("conflict:transcript")


def _differ_in_version_only(one: str, other: str) -> bool:
    """Tell NM_004656 and NM_004656.4, which may be the same; NM_004656.3 and .4 are not."""
    return hgvs.base(one) == hgvs.base(other) and ("." in one) != ("." in other)
