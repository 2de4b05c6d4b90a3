"""What an Observation is about: by its code, its components, its name, or where it is filed."""

import re

from portal.genomics import answers as a
from portal.genomics import codes as c
from portal.genomics.elements import Node, Scan, codes, concept, words
from portal.genomics.fields import CODE_OF_LABEL, FIELD_OF_CODE
from portal.genomics.findings import Concept, Kind
from portal.genomics.graph import Item
from portal.genomics.pieces import known_code

_VARIANT_FIELDS = frozenset(
    {"hgvs_c", "hgvs_g", "hgvs_p", "ref", "alt", "variant_id", "iscn", "copy_number"}
)


def kind_of(item: Item) -> Kind | None:
    """Return what an Observation is about, or None when nothing in it is genomic."""
    if _is_plainly_another(item.body):
        return None
    quiet = Scan("")
    code = concept(item.body.get("code"), "", quiet)
    found = known_code(code, _KINDS, c.KIND_OF_LABEL)
    if found:
        return _KINDS[found]
    if code and any(c.GTR_SYSTEM_PART in coding.system for coding in code.codings):
        return Kind.BIOMARKER
    inferred = _kind_by_components(item.body)
    if inferred:
        return inferred
    if (code is not None and speaks_of_genes(code)) or in_genetics(item.body):
        return _kind_by_answer(item.body)
    return None


def _kind_by_answer(body: Node) -> Kind:
    """Return what a genetic result under a code of its own is about, as its answer shows."""
    raw = body.get("valueCodeableConcept", body.get("valueString"))
    said = concept({"text": raw} if isinstance(raw, str) else raw, "", Scan(""))
    if any(code in a.EFFECTS and code not in a.SIGNIFICANCE for code in codes(said)):
        return Kind.THERAPEUTIC_IMPLICATION
    if _METABOLISER.search(words(said)):
        return Kind.THERAPEUTIC_IMPLICATION
    return Kind.GENOTYPE if _DIPLOTYPE.match(words(said)) else Kind.OTHER


_METABOLISER = re.compile(r"\bmetaboli[sz]er\b", re.IGNORECASE)
_DIPLOTYPE = re.compile(r"^[\w-]*\s?\*\d+\w*(?:\.\d+)?\s?/\s?[\w-]*\*\d+\w*(?:\.\d+)?$")


def _is_plainly_another(body: Node) -> bool:
    """Tell fast an ordinary result: a coded one without components or a genetics category."""
    raw = body.get("code")
    codings = raw.get("coding") if isinstance(raw, dict) else None
    if "component" in body or not isinstance(codings, list) or not codings:
        return False
    for coding in codings:
        if not isinstance(coding, dict) or not isinstance(coding.get("code"), str):
            return False
        if coding["code"].strip() in _KINDS or c.GTR_SYSTEM_PART in str(coding.get("system")):
            return False
        if _GENES.search(str(coding.get("display"))):
            return False
    if isinstance(raw, dict) and _GENES.search(str(raw.get("text"))):
        return False
    return not in_genetics(body)


# How the names of genetic tests sound that have a code of their own: BRCA1 gene mutations found.
_GENES = re.compile(
    r"\bgenes?\b|\bgenetic|\bgenotyp|\bhaplotyp|\bkaryotyp|\bchromosom|\bcytogenetic|\bexome"
    r"|\bgenom[ei]|\bpharmacogen|\bmicrodeletion|\bmicrosatellite|\bmutation|\bmetaboli[sz]er",
    re.IGNORECASE,
)
_GERMS = re.compile(
    r"vir(?:us|al)|\bHIV|\bHCV|\bHBV|\bHPV|\bCMV|bacteri|fung|parasit|plasmod|resistance gene",
    re.IGNORECASE,
)


def speaks_of_genes(code: Concept) -> bool:
    """Tell a genetic test by its name; the genes of germs are not the person's."""
    said = " ".join([code.text, *(coding.display for coding in code.codings)])
    return bool(_GENES.search(said)) and not _GERMS.search(said)


_KINDS: dict[str, Kind] = {
    **dict.fromkeys(c.BIOMARKER_CODES, Kind.BIOMARKER),
    **dict.fromkeys(c.HLA_TYPE_CODES, Kind.GENOTYPE),
    **dict.fromkeys(c.HLA_PRESENCE_CODES, Kind.HAPLOTYPE),
    **c.KIND_OF_CODE,
}


def in_genetics(body: Node) -> bool:
    """Tell whether the source files a resource under genetics."""
    return any(_is_genetics(category) for category in _list(body.get("category")))


def _is_genetics(category: object) -> bool:
    if not isinstance(category, dict):
        return False
    if str(category.get("text")).strip().lower() in _GENETICS_WORDS:
        return True
    codings = [one for one in _list(category.get("coding")) if isinstance(one, dict)]
    return any(
        str(coding.get("code")).strip() == c.GENETICS
        or str(coding.get("code")).strip().lower() in _GENETICS_WORDS
        or str(coding.get("display")).strip().lower() in _GENETICS_WORDS
        for coding in codings
    )


_GENETICS_WORDS = frozenset({"genetics", "genomics", "molecular genetics", "cytogenetics"})


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
