"""Components that count or answer: alleles, zygosity, fraction, depth, copies, repeats."""

import re
from collections.abc import Callable

from portal.genomics.answers import PRESENCE
from portal.genomics.elements import Amount, Scan, names_a_unit, node, nodes, quantity
from portal.genomics.pieces import Piece
from portal.genomics.somebody_else import says_somebody_else
from portal.genomics.values import answer, normal

_ORDER = "repeat-motif-order"


def allele(field: str) -> Callable[[Piece], None]:
    """Return a reader of an allele string."""

    def read(piece: Piece) -> None:
        raw = piece.node.get(piece.value)
        if isinstance(raw, str):
            # An empty allele is how some labs write an insertion or deletion: it is kept.
            held = piece.draft.plain.setdefault(field, raw.strip())
            if held != raw.strip():
                piece.scan.flag(f"conflict:{field}")
        else:
            piece.draft.put(field, piece.draft.code(field, piece.concept()))

    return read


def coded_answer(field: str, table: dict[str, str]) -> Callable[[Piece], None]:
    """Return a reader of an answer that we have a word for."""

    def read(piece: Piece) -> None:
        item = piece.concept()
        said = normal(item, table, field, piece.scan)
        is_known = not said or said in table.values()
        if not is_known and (field == "source_class" or says_somebody_else(said)):
            piece.keep()  # an origin such as maternal, or a state such as heterozygous in mother
            return
        piece.draft.code(field, item)
        piece.draft.put(field, said)

    return read


def presence(piece: Piece) -> None:
    """Read whether it was seen."""
    item = piece.concept()
    piece.draft.code("presence", item)
    piece.draft.put("presence", answer(item, PRESENCE, "presence", piece.scan))


def allele_fraction(piece: Piece) -> None:
    """Read the share of reads; what is not between 0 and 1 is kept as sent."""
    amount = piece.amount() or _ratio(piece)
    if amount is None or amount.comparator:
        piece.keep()
        return
    value = fraction(amount, piece.scan)
    if (
        value is None
        or value != amount.value
        or names_a_unit(amount)
        or piece.value in {"valueString", "valueRatio"}
    ):
        piece.keep()
    piece.draft.put("allele_fraction", value)


def fraction(amount: Amount, scan: Scan) -> float | None:
    """Return an allele fraction between 0 and 1 from percent, decimal or unitless."""
    value = amount.value
    percent = amount.code == "%" or amount.unit.lower() in _PERCENT
    if percent and amount.code == "1":
        scan.flag("conflict:allele_fraction")
        return None
    if not percent and _OTHER_SCALE.search(f"{amount.unit} {amount.code}"):
        scan.flag("allele-fraction-out-of-range")
        return None
    most = 100 if percent else 1
    if not 0 <= value <= most:
        scan.flag("allele-fraction-out-of-range")
        return None
    return round(value / 100, 12) if percent else value


_PERCENT = frozenset({"%", "percent", "percentage", "per cent", "pct"})
_OTHER_SCALE = re.compile(
    r"‰|\bpp(?:m|b|t|th|tr)\b|mille|\b10[*^]-?\d|thousand|million", re.IGNORECASE
)


def _ratio(piece: Piece) -> Amount | None:
    """Return a share that was sent as reads of all reads."""
    if piece.value != "valueRatio":
        return None
    raw, scan = node(piece.node.get(piece.value), piece.at, piece.scan), Scan("")
    part, whole = (quantity(raw.get(name), "", scan) for name in ("numerator", "denominator"))
    if part is None or whole is None or part.comparator or whole.comparator:
        return None
    if whole.value <= 0 or part.label != whole.label:
        return None
    return Amount(round(part.value / whole.value, 12), "", "", "")


def depth(piece: Piece) -> None:
    """Read how many reads there were."""
    amount = piece.amount()
    plain = amount is not None and isinstance(amount.value, int) and not amount.comparator
    if amount and plain:
        piece.draft.put("depth", amount.value)
    if not amount or not plain or names_a_unit(amount):
        piece.keep()


def copies(piece: Piece) -> None:
    """Read the number of copies."""
    # 1,950 may be nearly two copies or nearly two thousand: it is not for us to say.
    is_unclear = "," in str(piece.node.get(piece.value)) and piece.value == "valueString"
    amount = None if is_unclear else piece.amount()
    if amount and not amount.comparator:
        piece.draft.put("copy_number", amount.value)
    if not amount or amount.comparator or names_a_unit(amount):
        piece.keep()


def _order(piece: Piece) -> int:
    for path, item in nodes(piece.node, "extension", piece.path, Scan("")):
        if str(item.get("url", "")).endswith(_ORDER):
            value = item.get("valuePositiveInt", item.get("valueInteger"))
            return value if isinstance(value, int) and not isinstance(value, bool) else 0
        del path
    return 0


def motif(piece: Piece) -> None:
    """Read the motif of a repeat."""
    said = piece.draft.code("repeats", piece.concept())
    piece.draft.motifs.append((_order(piece), said))


def motif_count(piece: Piece) -> None:
    """Read how often a motif repeats."""
    amount = piece.amount()
    if amount:
        piece.draft.counts.append((_order(piece), amount.value, amount.comparator))
    if not amount or names_a_unit(amount):
        piece.keep()
