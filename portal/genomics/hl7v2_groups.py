"""Which lines of a message are one result, what it is about, and whether that is genes."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from portal.genomics import codes, hgvs, named
from portal.genomics.fields import FIELD_OF_CODE
from portal.genomics.germs import says_germs
from portal.genomics.hl7v2_segments import LOINC_CODE, LOINC_NAMES, Segment
from portal.genomics.labels import CODE_OF_LABEL, TELLING_LABELS
from portal.genomics.ordinary import GENES, KINDS

VARIANT = "69548-6"
REGION = "53041-0"
_OF_VARIANT = frozenset(
    code
    for code, field in FIELD_OF_CODE.items()
    if field
    in {
        "hgvs_c", "hgvs_p", "hgvs_g", "change", "ref", "alt", "exact", "inner", "outer", "presence",
        "variant_id", "iscn", "copy_number", "allele_fraction",
    }
)  # fmt: skip
# What else a group can be about: a diplotype, or what a gene means for medicines.
_LEADING = ("84413-4", "84414-2", "53040-2", "51961-1", "83009-1")
_OF_REGION = frozenset({"51959-5", "81293-3", "36908-2", "47999-8"})
# Of one result there is only one of each, so a second one begins the next result.
_ONE_EACH = (VARIANT, "48004-6", "81290-9", "48005-3", "84413-4")
_COUNTS = "counts"
BY_WEIGHT = ("preliminary", "corrected", "amended", "final")
_KNOWN = KINDS.keys() | FIELD_OF_CODE.keys() | codes.REPORT_CODES
_GENETICS = "GE"  # table 0074, the section of a laboratory
_OTHER_SECTIONS = frozenset({"CH", "HM", "MB", "MCB", "BLB", "IMM", "SR", "TX", "URN", "VR", "RAD"})
_LONGEST_SEARCHED = 4000


class Order(NamedTuple):
    """The line of an order, where there is one, and the lines of its results."""

    segment: Segment | None
    results: list[Segment]


class Group(NamedTuple):
    """Lines that are one result, and the code of what it is about; of no such code each is one."""

    about: str
    lines: list[Segment]


def code_of(segment: Segment, labels: Mapping[str, str] = CODE_OF_LABEL) -> str:
    """Return the code of a line's question, or the one that its name stands for."""
    code, name, *_ = (*segment.parts(3), "")
    if code in _KNOWN or LOINC_CODE.fullmatch(code):
        return code
    said = name.strip().lower()
    return codes.KIND_OF_LABEL.get(said) or labels.get(said) or code


def groups(lines: list[Segment]) -> Iterator[Group]:
    """Yield the results of an order: by the group of each line, and by its state.

    What was taken back does not stand with what still counts; but of a result that was amended
    often only the lines that changed say so.
    """
    found: dict[tuple[str, str], list[Segment]] = {}
    for line in _joined(lines):
        state = _COUNTS if line.status in BY_WEIGHT else line.status
        found.setdefault((line.field(4), state), []).append(line)
    for members in found.values():
        for part in _apart(members):
            yield from _of(part)


def _joined(lines: list[Segment]) -> list[Segment]:
    """Return the lines with those that are only the next line of a longer text put into one."""
    found: list[Segment] = []
    for line in lines:
        last = found[-1] if found else None
        if last is None or not _is_long_text(line) or _asks(line) != _asks(last):
            found.append(line)
            continue
        text = f"{last.field(5)}\\.br\\{line.field(5)}"
        fields = [*last.fields[:5], text, *last.fields[6:]]
        found[-1] = last._replace(fields=fields, notes=(*last.notes, *line.notes))
    return found


def _is_long_text(line: Segment) -> bool:
    """Tell a line of a text; two changes one after the other are two, also where sent as text."""
    return line.field(2) in {"TX", "FT"} and code_of(line) not in _OF_VARIANT


def _asks(line: Segment) -> tuple[str, ...]:
    return (*(line.field(index) for index in (2, 3, 4)), line.status)


def _apart(members: list[Segment]) -> Iterator[list[Segment]]:
    """Yield the lines of each result where several came under one number, or under none."""
    told = [code_of(one) for one in members]
    times = next((told.count(one) for one in _ONE_EACH if told.count(one) > 1), 1)
    opening = next((one for one in told if told.count(one) == times), "") if times > 1 else ""
    parts: list[list[Segment]] = []
    for code, line in zip(told, members, strict=True):
        if code == opening or not parts:
            parts.append([])
        parts[-1].append(line)
    *former, last = parts
    if former and all(len(one) == 1 for one in former) and len(last) > 1:
        # Changes one after the other and then a class: of which of them it is nobody says.
        parts = [[line] for part in parts for line in part]
    yield from parts


def _of(members: list[Segment]) -> Iterator[Group]:
    """Yield the group that lines are, and apart those that are a result of their own."""
    about = _about(members)
    if not about:
        yield Group("", members)
        return
    alone = [one for one in members if _stands_alone(one, about)]
    if alone:
        yield Group("", alone)
    yield Group(about, [one for one in members if one not in alone])


def _about(members: list[Segment]) -> str:
    sent = {code_of(one) for one in members}
    if sent & _OF_VARIANT:
        return VARIANT
    if leading := next((code for code in _LEADING if code in sent), ""):
        return leading
    return REGION if sent & _OF_REGION and members[0].field(4) else ""


def _stands_alone(line: Segment, about: str) -> bool:
    """Tell a line such as the overall interpretation, which is no part of a variant."""
    code = code_of(line)
    if code == about or code in FIELD_OF_CODE:
        return False
    return code in KINDS or not line.field(4)


def about_genes(orders: list[Order]) -> list[bool]:
    """Tell of each order whether its results are about genes.

    Codes of a lab's own tell nothing, so such an order is taken for one, unless it holds numbers
    alone and another order in the same message plainly is one. Tests that are known for something
    else never are.
    """
    told = [speaks_of_genes(order) for order in orders]
    return [
        speaks or not (_is_another_test(order) or (any(told) and _is_of_numbers(order)))
        for speaks, order in zip(told, orders, strict=True)
    ]


def _is_of_numbers(order: Order) -> bool:
    return all(one.field(2) in {"NM", "SN"} for one in order.results)


def speaks_of_genes(order: Order) -> bool:
    """Tell an order that its codes, its section or its words show to be about genes."""
    names = _names(order)
    if _is_about_germs(names):
        return False
    asked_for = [_asked(order)[0], *(code_of(one, TELLING_LABELS) for one in order.results)]
    if not _KNOWN.isdisjoint(asked_for):
        return True
    if _section(order) == _GENETICS:
        return True
    if any(GENES.search(name) or named.names_a_gene(name) for name in names):
        return True
    said = [one.field(5)[:_LONGEST_SEARCHED] for one in order.results]
    return any(GENES.search(text) or hgvs.is_expression(text) for text in said)


def _is_another_test(order: Order) -> bool:
    if _section(order) in _OTHER_SECTIONS or _is_about_germs(_names(order)):
        return True
    systems = [(*one.parts(3), "", "", "")[2].upper() for one in order.results]
    return all(one in LOINC_NAMES for one in systems)


def _asked(order: Order) -> list[str]:
    return order.segment.parts(4) if order.segment else [""]


def _names(order: Order) -> list[str]:
    """Return the codes and words of an order and of its results: some put the words in both."""
    asked = [_asked(order), *(one.parts(3) for one in order.results)]
    return [word for parts in asked for word in parts[:2] if word]


def _is_about_germs(names: list[str]) -> bool:
    return any(map(says_germs, names))


def _section(order: Order) -> str:
    return order.segment.field(24).upper() if order.segment else ""
