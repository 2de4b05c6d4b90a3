"""What a phenopacket calls a change: its gene, its expressions, its entries, and its words.

Spec: https://phenopacket-schema.readthedocs.io/en/2.0.0/variant.html
"""

from collections.abc import Iterator, Mapping
from typing import Any

from portal.genomics.phenopacket_places import items_in, object_in, word_in, words_in
from portal.genomics.vcf.fhir import LOINC

Json = Mapping[str, Any]
_SYSTEMS = {
    "OMIM": "http://www.omim.org",
    "MONDO": "http://purl.obolibrary.org/obo/mondo.owl",
    "HP": "http://human-phenotype-ontology.org",
    "ORPHA": "http://www.orpha.net",
    "Orphanet": "http://www.orpha.net",
    "GENO": "http://purl.obolibrary.org/obo/geno.owl",
}
_LEVELS = {"g.": "81290-9", "m.": "81290-9", "p.": "48005-3"}
_SPDI, _ISCN = "spdi", "iscn"


def components(variant: Json) -> Iterator[Json]:
    """Yield the components of a Variant for its gene, its expressions and its entries."""
    yield from _gene(variant)
    for expression in items_in(variant, "expressions"):
        yield from _expression(word_in(expression, "syntax").lower(), word_in(expression, "value"))
    record = word_in(object_in(variant, "vcfRecord"), "id")
    for entry in (*words_in(variant, "xrefs"), *record.split(";")):
        if entry.strip(". "):
            yield _coded("81252-9", {"code": entry.strip()})
    yield from term("53034-5", object_in(variant, "allelicState"))


def _gene(variant: Json) -> Iterator[Json]:
    context = object_in(variant, "geneContext")
    symbol, identity = word_in(context, "symbol"), word_in(context, "valueId")
    if symbol or identity:
        coding = {"system": "http://www.genenames.org/geneId", "code": identity, "display": symbol}
        yield _coded("48018-6", coding)


def _expression(syntax: str, text: str) -> Iterator[Json]:
    if syntax.startswith("hgvs"):
        code = _LEVELS.get(text.rpartition(":")[2][:2], "48004-6")
        yield _coded(code, {"system": "http://varnomen.hgvs.org", "code": text})
    elif syntax in {_SPDI, _ISCN}:
        yield from spoken("81290-9" if syntax == _SPDI else "81291-7", text)


def words(variant: Json) -> Iterator[str]:
    """Yield what is told of a variant in words alone, and has no place of its own in FHIR."""
    yield word_in(variant, "label")
    yield word_in(variant, "description")
    yield from words_in(variant, "alternateLabels")
    for expression in items_in(variant, "expressions"):
        syntax, value = word_in(expression, "syntax"), word_in(expression, "value")
        if value and not any(_expression(syntax.lower(), value)):
            yield f"{syntax}: {value}"
    for extension in items_in(variant, "extensions"):
        name, said = word_in(extension, "name"), extension.get("value")
        if name and isinstance(said, str | int | float):
            yield f"{name}: {said}"
    yield from _of_molecule(object_in(variant, "variation"))


def _of_molecule(molecule: Json) -> Iterator[str]:
    yield word_in(object_in(molecule, "text"), "definition")
    allele = object_in(molecule, "allele") or molecule
    for name, said in _NOT_READ.items():
        if name in allele or name in molecule:
            yield f"The phenopacket tells the change as {said}, which is not read here."


_NOT_READ = {
    "derivedSequenceExpression": "letters taken from another place",
    "repeatedSequenceExpression": "letters that are repeated",
    "haplotype": "a group of changes",
    "variationSet": "a set of changes",
}


def term(code: str, said: Json) -> list[Json]:
    """Return the component for a term of an ontology, where there is one."""
    name, label = word_in(said, "id"), word_in(said, "label")
    if not name and not label:
        return []
    found = {"system": _SYSTEMS.get(name.partition(":")[0], ""), "code": name, "display": label}
    concept = {"coding": [_kept(found)]} | ({"text": label} if label else {})
    return [{"code": loinc(code), "valueCodeableConcept": concept}]


def spoken(code: str, value: str) -> list[Json]:
    """Return the component for an answer in words, where there is one."""
    return [{"code": loinc(code), "valueCodeableConcept": {"text": value}}] if value else []


def loinc(code: str, display: str = "") -> Json:
    """Return a concept of LOINC."""
    return {"coding": [_kept({"system": LOINC, "code": code, "display": display})]}


def _coded(code: str, coding: Json) -> Json:
    return {"code": loinc(code), "valueCodeableConcept": {"coding": [_kept(coding)]}}


def _kept(coding: Json) -> Json:
    return {name: value for name, value in coding.items() if value}
