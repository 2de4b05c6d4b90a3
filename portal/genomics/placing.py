"""Components that say where: sequence, chromosome, build, coordinates, regions."""

from collections.abc import Callable

from portal.genomics import answers, codes
from portal.genomics.elements import Amount, names_a_unit, span, words
from portal.genomics.elements import codes as codes_of
from portal.genomics.findings import Concept, Region
from portal.genomics.pieces import Piece, number_of
from portal.genomics.values import build, chromosome, gene_list, normal


def sequence(piece: Piece) -> None:
    """Read the reference sequence."""
    item = piece.concept()
    if item and any(codes.GENE_SYSTEM_PART in coding.system for coding in item.codings):
        # Some labs name the gene where its sequence belongs.
        piece.scan.flag("conflict:gene-given-as-sequence")
        piece.draft.code("genes", item)
        piece.draft.add("genes", *gene_list(item))
        return
    piece.draft.at("sequence", first_code(item))
    piece.draft.code("sequence", item)


def first_code(item: Concept | None) -> str:
    """Return the first code of a concept, else its words."""
    return next(iter(codes_of(item)), "") or words(item)


def chromosome_name(piece: Piece) -> None:
    """Read the chromosome."""
    item = piece.concept()
    piece.draft.code("chromosome", item)
    found = chromosome(item)
    if found:
        piece.draft.at("chromosome", found)
    else:
        piece.keep()


def band(piece: Piece) -> None:
    """Read a place on a stained chromosome; some labs give the code of the chromosome here."""
    piece.keep()
    for code in codes_of(piece.concept()):
        piece.draft.at("chromosome", answers.CHROMOSOME.get(code))


def assembly(piece: Piece) -> None:
    """Read the build."""
    item = piece.concept()
    piece.draft.code("build", item)
    piece.draft.at("build", build(item, piece.scan))


def coordinate_system(piece: Piece) -> None:
    """Read how positions are counted."""
    item = piece.concept()
    piece.draft.code("coordinate_system", item)
    system = normal(item, answers.COORDINATE_SYSTEM, "coordinate_system", piece.scan)
    if system in answers.COORDINATE_SYSTEM.values():
        piece.draft.at("coordinate_system", system)
    else:
        piece.keep()


def _ends(piece: Piece) -> tuple[int | None, int | None]:
    if piece.value == "valueString" and "-" in str(piece.node[piece.value]):
        return _written_ends(piece)
    if piece.value != "valueRange":
        amount = piece.amount()
        if amount is None or names_a_unit(amount) or _whole(amount) is None:
            piece.keep()
        return _whole(amount), None
    low, high = span(piece.node.get(piece.value), piece.at, piece.scan)
    if any(end and (names_a_unit(end) or _whole(end) is None) for end in (low, high)):
        piece.keep()
    return _whole(low), _whole(high)


def _written_ends(piece: Piece) -> tuple[int | None, int | None]:
    """Return both ends of a stretch that was sent as text: 140453136-140453137."""
    low, _, high = str(piece.node[piece.value]).partition("-")
    start, end = number_of(low.strip()), number_of(high.strip())
    if isinstance(start, int) and isinstance(end, int):
        return start, end
    piece.keep()
    return None, None


def _whole(amount: Amount | None) -> int | None:
    """Return a place on a sequence: a whole number, and no "more than"."""
    plain = amount is not None and isinstance(amount.value, int) and not amount.comparator
    return int(amount.value) if amount and plain else None


def exact(piece: Piece) -> None:
    """Read the exact start and end."""
    start, end = _ends(piece)
    piece.draft.at("start", start)
    piece.draft.at("end", end)
    if start is not None and end is not None and end < start:
        piece.scan.flag("conflict:end-before-start")


def outer(piece: Piece) -> None:
    """Read the widest extent."""
    start, end = _ends(piece)
    piece.draft.at("outer_start", start)
    piece.draft.at("outer_end", end)


def inner(piece: Piece) -> None:
    """Read the narrowest extent."""
    start, end = _ends(piece)
    piece.draft.add("inner", (start, end))
    piece.keep()


def region(state: str) -> Callable[[Piece], None]:
    """Return a reader of a range or words for a region in some state."""

    def read(piece: Piece) -> None:
        if piece.value == "valueRange":
            start, end = _ends(piece)
            piece.draft.add("spans", (state, start, end))
            return
        item = piece.concept()
        said = piece.draft.code("regions", item)
        if said:
            piece.draft.add("regions", Region(state=state, text=said))

    return read
