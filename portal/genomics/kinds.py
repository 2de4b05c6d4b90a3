"""What an Observation is about: by its code, its components, its name, or where it is filed."""

import re

from portal.genomics import answers as a
from portal.genomics import codes as c
from portal.genomics.core_genetics import has_genetics
from portal.genomics.elements import Node, Scan, codes, concept, concepts, words
from portal.genomics.fields import FIELD_OF_CODE
from portal.genomics.findings import Concept, Kind
from portal.genomics.graph import Item
from portal.genomics.labels import CODE_OF_LABEL
from portal.genomics.meaning import is_metabolism
from portal.genomics.named import kind_of_answer, names_of
from portal.genomics.ordinary import GENES, KINDS, in_genetics, is_ordinary
from portal.genomics.pieces import known_code

_VARIANT_FIELDS = frozenset(
    {"hgvs_c", "hgvs_g", "hgvs_p", "change", "ref", "alt", "variant_id", "iscn", "copy_number"}
)


def kind_of(item: Item) -> Kind | None:
    """Return what an Observation is about, or None when nothing in it is genomic."""
    if is_ordinary(item.body) and not has_genetics(item.body):
        return None
    return _kind(item.body, is_genetic=False)


def kind_in_report(item: Item) -> Kind:
    """Return what an Observation is about that a genetics report gives as a result."""
    return _kind(item.body, is_genetic=True) or Kind.OTHER


def _kind(body: Node, *, is_genetic: bool) -> Kind | None:
    code = concept(body.get("code"), "", Scan(""))
    found = known_code(code, KINDS, c.KIND_OF_LABEL)
    if found:
        return KINDS[found]
    if code and any(c.GTR_SYSTEM_PART in coding.system for coding in code.codings):
        return Kind.BIOMARKER
    filed = Kind.BIOMARKER if _is_filed_as_biomarker(body) else None
    inferred = filed or _kind_by_components(body)
    if inferred and inferred is not Kind.OTHER:
        return inferred
    named = code is not None and (speaks_of_genes(code) or _is_panel(code))
    if is_genetic or named or inferred or in_genetics(body) or has_genetics(body):
        return _kind_by_answer(body, code)
    return None


def _is_panel(code: Concept) -> bool:
    return not c.GENETIC_PANELS.isdisjoint(codes(code))


def _is_filed_as_biomarker(body: Node) -> bool:
    return any(c.BIOMARKER in codes(one) for one in concepts(body, "category", "", Scan("")))


def _kind_by_answer(body: Node, code: Concept | None) -> Kind:
    """Return what a genetic result under a code of its own is about, as its answer shows."""
    raw = body.get("valueCodeableConcept", body.get("valueString"))
    said = concept({"text": raw} if isinstance(raw, str) else raw, "", Scan(""))
    if code is not None and _is_about_germs(code):
        return Kind.OTHER
    if any(code in a.EFFECTS and code not in a.SIGNIFICANCE for code in codes(said)):
        return Kind.THERAPEUTIC_IMPLICATION
    if is_metabolism(words(said)):
        return Kind.THERAPEUTIC_IMPLICATION
    return kind_of_answer(code, words(said)) or Kind.OTHER


_GERMS = re.compile(
    r"vir(?:us|al)|\bHIV|\bHCV|\bHBV|\bHPV|\bCMV|bacteri|fung|parasit|plasmod|resistance gene",
    re.IGNORECASE,
)


def speaks_of_genes(code: Concept) -> bool:
    """Tell a genetic test by its name; the genes of germs are not the person's."""
    return bool(GENES.search(" ".join(names_of(code)))) and not _is_about_germs(code)


def _is_about_germs(code: Concept) -> bool:
    return says_germs(" ".join(names_of(code)))


def says_germs(said: str) -> bool:
    """Tell words about a germ, whose genes are not the person's."""
    return bool(_GERMS.search(said))


def _list(raw: object) -> list[object]:
    return raw if isinstance(raw, list) else [] if raw is None else [raw]


_CONSEQUENCES = frozenset(
    {"feature-consequence", "functional-effect", "functional-annotation", "molecular-consequence"}
)


def _component_codes(body: Node) -> set[str]:
    """Return the codes of the components that we know."""
    quiet = Scan("")
    codes_ = (
        concept(item.get("code"), "", quiet)
        for item in _list(body["component"])
        if isinstance(item, dict)
    )
    return {known_code(code, FIELD_OF_CODE, CODE_OF_LABEL) for code in codes_}


def _kind_by_components(body: Node) -> Kind | None:
    """Return the kind that the components of an Observation with a local code show."""
    if "component" not in body:
        return None
    told = _component_codes(body)
    marks = told | {FIELD_OF_CODE.get(code, "") for code in told}
    return next((kind for known, kind in _BY_MARKS if marks & known), None)


# The codes and fields of components, and the kind that any one of them shows; the first counts.
_BY_MARKS: tuple[tuple[frozenset[str], Kind], ...] = (
    (frozenset({"biomarker-category"}), Kind.BIOMARKER),
    (_VARIANT_FIELDS, Kind.VARIANT),
    (_CONSEQUENCES, Kind.MOLECULAR_CONSEQUENCE),
    (frozenset({"effect", "medicine", "therapy"}), Kind.THERAPEUTIC_IMPLICATION),
    (frozenset({"significance"}), Kind.DIAGNOSTIC_IMPLICATION),
    (frozenset({"region", "region_text", "uncalled"}), Kind.REGION_STUDIED),
    (frozenset({"gene", "zygosity", "source_class"}), Kind.OTHER),
)
