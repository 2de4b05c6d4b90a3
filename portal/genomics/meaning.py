"""Components that say what it means: class, condition, medicine, effect, evidence, trial."""

import re
from collections.abc import Callable

from portal.genomics import answers as a
from portal.genomics.class_words import class_of
from portal.genomics.draft import Draft
from portal.genomics.elements import codes, words
from portal.genomics.findings import Concept, Trial
from portal.genomics.pieces import Piece

_METABOLISER = re.compile(r"\bmetaboli[sz]er\b", re.IGNORECASE)
# How CPIC calls what a transporter or an enzyme does where nothing is broken down.
_FUNCTION = re.compile(
    r"(?:[A-Z0-9-]{2,10}:?\s)?(?:possible\s)?(?:normal|decreased|increased|poor|intermediate)"
    r"\s(?:function|activity)",
    re.IGNORECASE,
)


def is_metabolism(said: str) -> bool:
    """Tell words about how the body deals with medicines: Poor Metabolizer, Decreased Function."""
    return bool(_METABOLISER.search(said) or _FUNCTION.fullmatch(said))


def significance(piece: Piece) -> None:
    """Read a class."""
    read_significance(piece.concept(), piece.draft)


def read_significance(item: Concept | None, draft: Draft) -> None:
    """Add a class in the lab's words; a code that says otherwise is added and flagged."""
    draft.code("significance", item)
    if item is None:
        return
    named = {a.SIGNIFICANCE[code] for code in codes(item) if code in a.SIGNIFICANCE}
    said = item.text or next((coding.display for coding in item.codings if coding.display), "")
    spoken = class_of(said)
    meant = {class_of(name) for name in named}
    if len(meant) > 1 or (spoken and meant and spoken not in meant):
        draft.scan.flag("conflict:significance")
        draft.add("significance", said, *sorted(named))
        return
    draft.add("significance", said or next(iter(named), "") or words(item))


def is_class(found: Concept | None) -> bool:
    """Tell a class such as pathogenic, by its words or its code."""
    names = [a.SIGNIFICANCE[code] for code in codes(found) if code in a.SIGNIFICANCE]
    return any(class_of(said) for said in (words(found), *names))


def phenotype(piece: Piece) -> None:
    """Read a condition; how a medicine is broken down is an effect, whatever a lab calls it."""
    found = piece.concept()
    if is_metabolism(words(found)):
        piece.draft.code("effects", found)
        piece.draft.add("effects", *effects(found))
    else:
        piece.draft.add("phenotypes", found)


def medicine(piece: Piece) -> None:
    """Read a medicine."""
    piece.draft.add("medicines", piece.concept())


def effect(piece: Piece) -> None:
    """Read an effect, or whether the person fits a study."""
    item = piece.concept()
    for code in codes(item):
        if code in a.ELIGIBILITY:
            piece.draft.eligible = a.ELIGIBILITY[code]
    piece.draft.code("effects", item)
    piece.draft.add("effects", *effects(item))


def effects(item: Concept | None) -> tuple[str, ...]:
    """Return an effect in the lab's words: every display, the name of a code, or the text."""
    if item is None:
        return ()
    if item.text:
        return (item.text,)
    told = [coding.display or a.EFFECTS.get(coding.code, coding.code) for coding in item.codings]
    return tuple(dict.fromkeys(told))


def words_of(field: str) -> Callable[[Piece], None]:
    """Return a reader that adds the lab's words to a field."""

    def read(piece: Piece) -> None:
        said = piece.draft.code(field, piece.concept())
        piece.draft.add(field, a.NAMES.get(said, said))

    return read


def therapy(piece: Piece) -> None:
    """Read a treatment, or a study by its registry number."""
    item = piece.concept()
    if item is None:
        return
    if any("clinicaltrials" in one.system or one.code.startswith("NCT") for one in item.codings):
        piece.draft.add("trials", Trial(text=words(item), ids=codes(item)))
        piece.draft.code("trials", item)
    else:
        piece.draft.add("medicines", item)


def conclusion(piece: Piece) -> None:
    """Read the lab's sentence."""
    piece.draft.add("conclusions", piece.draft.code("conclusion", piece.concept()))


def phase_set(piece: Piece) -> None:
    """Read the set of variants that lie on one copy."""
    piece.draft.put("phase_set", piece.draft.code("phase_set", piece.concept()))
