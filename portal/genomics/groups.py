"""In which group of the results page a finding stands, and why. Inherited and tumour never mix."""

import re
from collections.abc import Mapping
from enum import StrEnum

import msgspec

from portal.genomics import answers as a
from portal.genomics import codes as c
from portal.genomics.categories import PGX_GENES, Category, categories_of
from portal.genomics.class_words import class_of
from portal.genomics.denials import denies
from portal.genomics.findings import Finding, Kind, Presence
from portal.genomics.flags import ANOTHER_PERSON, WITHDRAWN_BASIS
from portal.genomics.links import Links


class Group(StrEnum):
    """The groups of the results page, in its order."""

    SOON = "soon"
    MEDICINES = "medicines"
    PASS_ON = "pass-on"  # noqa: S105  # nosec B105  # not a password
    NOT_CLEAR = "not-clear"
    NOTHING_FOUND = "nothing-found"
    OTHER = "other"


class Placed(msgspec.Struct, frozen=True):
    """Where a finding stands; `reason` is a short key, `tumour` keeps it apart."""

    group: Group
    reason: str
    tumour: bool = False


_CONFLICTS = (
    "conflict:significance",
    "conflict:presence",
    "conflict:present",
    WITHDRAWN_BASIS,
)
_READ_APART = frozenset({Kind.REGION_STUDIED, Kind.FAMILY_HISTORY, Kind.PHASE})


def group_all(links: Links, categories: Mapping[str, frozenset[Category]]) -> dict[str, Placed]:
    """Return the place of every finding by its key; `categories` are all of `classify_all`."""
    return {one.key: group_of(one, links, categories[one.key]) for one in links.findings}


def group_of(finding: Finding, links: Links, categories: frozenset[Category]) -> Placed:
    """Return the group of a finding, judged with what it stands on and what stands on it.

    `categories` are its own, from `categories_of`.
    """
    group, reason = _placed(finding, links)
    return Placed(group, reason, tumour=Category.TUMOUR in categories)


def _placed(finding: Finding, links: Links) -> tuple[Group, str]:
    if any(ANOTHER_PERSON in one.flags for one in (finding, *links.below(finding))):
        return Group.OTHER, ANOTHER_PERSON
    apart = _apart(finding)
    if apart:
        return apart
    classes = classes_of(finding, links)
    if classes:
        return _unseen(finding, links) or _by_class(finding, classes, links)
    return _without_class(finding, links)


def _apart(finding: Finding) -> tuple[Group, str] | None:
    """Return the place of what is no change that was seen, or that contradicts itself."""
    if finding.kind in _READ_APART:
        return Group.OTHER, finding.kind.value
    if "not-human" in finding.flags:
        return Group.OTHER, "not-human"
    if "normal-karyotype" in finding.flags:
        return Group.NOTHING_FOUND, "normal-karyotype"
    if reason := _unclear(finding):
        return Group.NOT_CLEAR, reason
    return _BY_PRESENCE.get(finding.presence) if finding.presence else None


def _unclear(finding: Finding) -> str:
    """Return why it is not clear whether a change was seen, or what it is."""
    if any(flag.startswith(_CONFLICTS) for flag in finding.flags):
        return "conflict"
    if "presence-not-understood" in finding.flags and denies(str(finding.value or "")):
        return "presence"
    has_none = "no-value" in finding.flags and finding.presence is None
    return "no-value" if finding.kind is Kind.VARIANT and has_none else ""


_BY_PRESENCE = {
    Presence.ABSENT: (Group.NOTHING_FOUND, "absent"),
    Presence.NO_CALL: (Group.NOT_CLEAR, "no-call"),
    Presence.INDETERMINATE: (Group.NOT_CLEAR, "indeterminate"),
}


def _unseen(finding: Finding, links: Links) -> tuple[Group, str] | None:
    """Return the place of a class that is given to changes none of which was seen."""
    told = {one.presence for one in links.below(finding) if one.kind in _CHANGES}
    if not told or not told.isdisjoint({None, Presence.PRESENT}):
        return None
    return _BY_PRESENCE[Presence.ABSENT if told == {Presence.ABSENT} else Presence.INDETERMINATE]


_CHANGES = frozenset({Kind.VARIANT, Kind.GENOTYPE, Kind.HAPLOTYPE})


def classes_of(finding: Finding, links: Links) -> frozenset[str]:
    """Return pathogenic, likely-pathogenic, uncertain, likely-benign, benign as the lab gave them.

    A variant takes the classes of what is said about it.
    """
    spoken = (finding, *links.above(finding)) if finding.kind is Kind.VARIANT else (finding,)
    found = {class_of(said) for one in spoken for said in one.significance}
    coded = {
        a.CLASS_OF_WORDS[a.SIGNIFICANCE[coding.code].lower()]
        for one in spoken
        for item in one.concepts.get("significance", ())
        for coding in item.codings
        if coding.code in a.SIGNIFICANCE
    }
    return frozenset((found | coded) - {""})


def _by_class(finding: Finding, classes: frozenset[str], links: Links) -> tuple[Group, str]:
    ill = classes & {"pathogenic", "likely-pathogenic"}
    well = classes & {"benign", "likely-benign"}
    if "uncertain" in classes or (ill and well):
        return Group.NOT_CLEAR, "uncertain" if not (ill and well) else "conflict"
    if ill:
        return _ill(finding, links)
    return Group.NOTHING_FOUND, "benign"


def _ill(finding: Finding, links: Links) -> tuple[Group, str]:
    if is_carrier(finding, links):
        return Group.PASS_ON, "carrier"
    if _is_about_a_medicine(finding, links):
        return Group.MEDICINES, "medicine-response"
    return Group.SOON, "class"


# Some labs class a change by what a medicine does: Debrisoquine adverse reaction, pathogenic.
_RESPONSE = re.compile(
    r"\b(?:response|reaction|toxicity|(?:hyper)?sensitivity|resistance|intolerance"
    r"|metaboli[sz](?:er|m))\b",
    re.IGNORECASE,
)


_ADVERSE = re.compile(r"\badverse (?:drug )?reaction\b", re.IGNORECASE)  # so SNOMED CT calls them


def _is_about_a_medicine(finding: Finding, links: Links) -> bool:
    """Tell a class that names no illness: only genes of medicines, and only how one acts."""
    around = links.around(finding)
    symbols = {gene.symbol.upper() for one in around for gene in one.genes}
    named = [
        " ".join((said.text, *(coding.display for coding in said.codings)))
        for one in around
        for said in one.phenotypes
    ]
    says_so = _RESPONSE if symbols else _ADVERSE
    return symbols <= PGX_GENES and bool(named) and all(map(says_so.search, named))


def is_carrier(finding: Finding, links: Links) -> bool:
    """Tell one changed copy where the lab says that two are needed, or the lab's word carrier."""
    around = links.around(finding)
    if any("carrier" in one.hints for one in around):
        return True
    modes = {mode.lower() for one in around for mode in one.inheritance}
    zygosities = {one.zygosity for one in around if one.kind is Kind.VARIANT}
    recessive = bool(modes) and all("recessive" in mode for mode in modes)
    autosomal = all("x-linked" not in mode for mode in modes)
    alone = sum(one.kind is Kind.VARIANT for one in around) == 1
    return recessive and autosomal and alone and zygosities == {"heterozygous"}


def _without_class(finding: Finding, links: Links) -> tuple[Group, str]:
    around = links.around(finding)
    if finding.kind is Kind.OTHER:
        return _overall(finding)
    if any(one.kind is Kind.THERAPEUTIC_IMPLICATION for one in around):
        return Group.MEDICINES, "medicine"
    if finding.kind in _FOLLOWING:
        return _following(finding, links)
    if Category.MEDICINES_PGX in categories_of(finding, links):
        return Group.MEDICINES, "medicine-gene"
    return Group.OTHER, "no-class"


def _overall(finding: Finding) -> tuple[Group, str]:
    codings = finding.code.codings if finding.code else ()
    if any(coding.code in c.OVERALL_INTERPRETATION for coding in codings):
        said = str(finding.value or "").lower()
        if said in {"negative", "no deletion or duplication detected in studied region"}:
            return Group.NOTHING_FOUND, "negative"
        if said in {"inconclusive", "failure"}:
            return Group.NOT_CLEAR, said
    return Group.OTHER, "lab-words"


_FOLLOWING = frozenset({Kind.RECOMMENDATION, Kind.MOLECULAR_CONSEQUENCE})


def _following(finding: Finding, links: Links) -> tuple[Group, str]:
    """Return the first group among the findings that this one speaks about."""
    places = {_placed(one, links)[0] for one in links.below(finding)}
    for group in Group:
        if group in places:
            return group, finding.kind.value
    return Group.OTHER, finding.kind.value
