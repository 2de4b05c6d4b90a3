"""What an Observation is about: by its code, its components, its name, or where it is filed."""

from collections.abc import Mapping

from portal.genomics import answers as a
from portal.genomics import codes as c
from portal.genomics.core_genetics import has_genetics
from portal.genomics.elements import Node, Scan, codes, concept, concepts, words
from portal.genomics.fields import FIELD_OF_CODE
from portal.genomics.findings import Concept, Kind
from portal.genomics.germs import names_a_human_gene, says_germs
from portal.genomics.graph import Item
from portal.genomics.labels import CODE_OF_LABEL, TELLING_LABELS
from portal.genomics.meaning import is_metabolism
from portal.genomics.named import asks_for_antibodies, kind_of_answer, names_of
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
    if found := known_code(code, KINDS, {}):
        return KINDS[found]
    is_genetic = is_genetic or in_genetics(body) or has_genetics(body)
    if code is not None and _is_about_germs(code):
        return Kind.OTHER if is_genetic else None
    found = known_code(code, {}, c.KIND_OF_LABEL)
    if found and (is_genetic or found not in _OF_GERMS_TOO):
        return KINDS[found]
    if code and any(c.GTR_SYSTEM_PART in coding.system for coding in code.codings):
        return Kind.BIOMARKER
    is_named = code is not None and (speaks_of_genes(code) or _is_panel(code))
    filed = Kind.BIOMARKER if _is_filed_as_biomarker(body) else None
    inferred = filed or _kind_by_components(body, is_genetic=is_genetic or is_named)
    if inferred and inferred is not Kind.OTHER:
        return inferred
    return _kind_by_answer(body, code) if is_genetic or is_named or inferred else None


# Genotype and haplotype: of a virus they are asked for by the same name.
_OF_GERMS_TOO = frozenset({"84413-4", "84414-2"})


def _is_panel(code: Concept) -> bool:
    return not c.GENETIC_PANELS.isdisjoint(codes(code))


def _is_filed_as_biomarker(body: Node) -> bool:
    return any(c.BIOMARKER in codes(one) for one in concepts(body, "category", "", Scan("")))


def _kind_by_answer(body: Node, code: Concept | None) -> Kind:
    """Return what a genetic result under a code of its own is about, as its answer shows."""
    raw = body.get("valueCodeableConcept", body.get("valueString"))
    said = concept({"text": raw} if isinstance(raw, str) else raw, "", Scan(""))
    if asks_for_antibodies(code):
        return Kind.OTHER
    if any(code in a.EFFECTS and code not in a.SIGNIFICANCE for code in codes(said)):
        return Kind.THERAPEUTIC_IMPLICATION
    if is_metabolism(words(said)):
        return Kind.THERAPEUTIC_IMPLICATION
    return kind_of_answer(code, words(said)) or Kind.OTHER


def speaks_of_genes(code: Concept) -> bool:
    """Tell a genetic test by its name; the genes of germs are not the person's."""
    return bool(GENES.search(" ".join(names_of(code)))) and not _is_about_germs(code)


def _is_about_germs(code: Concept) -> bool:
    said = " ".join(names_of(code))
    return says_germs(said) and not names_a_human_gene(said)


def _list(raw: object) -> list[object]:
    return raw if isinstance(raw, list) else [] if raw is None else [raw]


_CONSEQUENCES = frozenset(
    {"feature-consequence", "functional-effect", "functional-annotation", "molecular-consequence"}
)


def _marks(body: Node, labels: Mapping[str, str]) -> set[str]:
    """Return the codes and the fields of the components that we know by code or by label."""
    quiet = Scan("")
    codes_ = (
        concept(item.get("code"), "", quiet)
        for item in _list(body["component"])
        if isinstance(item, dict)
    )
    told = {known_code(code, FIELD_OF_CODE, labels) for code in codes_}
    return (told | {FIELD_OF_CODE.get(code, "") for code in told}) - {""}


def _kind_by_components(body: Node, *, is_genetic: bool) -> Kind | None:
    """Return the kind that the components of an Observation with a local code show."""
    if "component" not in body or not (is_genetic or _marks(body, TELLING_LABELS)):
        return None
    marks = _marks(body, CODE_OF_LABEL)
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
