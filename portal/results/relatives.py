"""The relatives that a person's record tells of."""

from portal.genomics.findings import Concept, Finding, Kind
from portal.results.pictures.family import GENERATIONS, SEX_OF_ROLE, Relative, family
from portal.results.pictures.svg import Picture
from portal.results.record import Shelf

_SEX = "Sex"


def family_of(shelves: tuple[Shelf, ...]) -> Picture | None:
    """Return the family as a picture with its words; None when nothing is told of relatives."""
    told = [
        _relative(one)
        for shelf in shelves
        for one in shelf.findings
        if one.kind is Kind.FAMILY_HISTORY
    ]
    return family("family", list(dict.fromkeys(told))) if told else None


def _relative(finding: Finding) -> Relative:
    relation = finding.relative or Concept()
    codes = [coding.code.upper() for coding in relation.codings]
    role = next((code for code in codes if code in GENERATIONS), "")
    shown = next((coding.display for coding in relation.codings if coding.display), "")
    return Relative(
        label=relation.text or shown or next(iter(codes), "?"),
        role=role,
        sex=_sex(finding) or SEX_OF_ROLE.get(role, ""),
        conditions=tuple(_words(one) for one in finding.phenotypes if _words(one)),
    )


def _sex(finding: Finding) -> str:
    said = next((one for one in finding.attributes if one.label == _SEX), None)
    words = {one.code.lower() for one in said.codings} | {said.text.lower()} if said else set()
    return next((word for word in ("female", "male") if word in words), "")


def _words(concept: Concept) -> str:
    return concept.text or next((one.display for one in concept.codings if one.display), "")
