"""Observations: what each is about, by its codes, and what it says."""

import re
from collections.abc import Iterable
from functools import lru_cache

from portal.genomics import answers as a
from portal.genomics import codes as c
from portal.genomics import denials, hgvs
from portal.genomics.attributes import described
from portal.genomics.class_words import class_of
from portal.genomics.components import read_components, read_piece
from portal.genomics.core_genetics import read_core_genetics
from portal.genomics.draft import Draft, placed
from portal.genomics.elements import Node, Scan, value_name, words
from portal.genomics.fields import FIELD_OF_CODE
from portal.genomics.findings import (
    Attribute,
    Concept,
    Finding,
    Kind,
    Position,
    Region,
)
from portal.genomics.flags import ANOTHER_PERSON
from portal.genomics.graph import Graph, Item, references_of
from portal.genomics.headers import BASE, link_id, narrative, read_header
from portal.genomics.meaning import effects, is_class, read_significance
from portal.genomics.named import asks_for_a_change, asks_for_an_allele, names_of, read_names
from portal.genomics.pieces import Piece
from portal.genomics.presences import read_interpretation, read_presence, tells_presence
from portal.genomics.somebody_else import says_somebody_else
from portal.genomics.surroundings import read_surroundings
from portal.genomics.values import answer

_KNOWN = BASE | {
    "status", "code", "subject", "effectiveDateTime", "effectivePeriod", "effectiveInstant",
    "issued", "performer", "dataAbsentReason", "interpretation", "note", "bodySite", "method",
    "specimen", "referenceRange", "hasMember", "derivedFrom", "component",
}  # fmt: skip
_AROUND = frozenset(
    {
        "identifier",
        "language",
        "category",
        "basedOn",
        "partOf",
        "focus",
        "encounter",
        "device",
        "bodyStructure",
        "triggeredBy",
        "organizer",
        "instantiatesReference",
    }  # the last four: R5
)
_CLASS_IN_TEXT = re.compile(
    r"(?:assessment|classification|classified as|clinical significance|significance"
    r"|pathogenicity|interpretation)\s{0,3}(?:is|:|=|-)?\s{0,3}"
    r"(likely pathogenic|pathogenic|likely benign|benign|uncertain significance"
    r"|variant of uncertain significance|VUS)\b",
    re.IGNORECASE,
)

_SENTENCE_END = re.compile(r"(?<=[.;!?])\s+|\n")
# A sentence with one of these may deny the class, or give it to another variant or time.
_SAYS_OTHERWISE = re.compile(
    r"\b(?:not|no|never|nor|neither|cannot|without|previous(?:ly)?|former(?:ly)?|earlier|if|unless"
    r"|whether|may|might|could|would|should|other|others|another|different|some|most|many"
    r"|several|variants|alleles|mutations|conflict(?:ing|s)?|contradict\w*|unlikely|instead"
    r"|rather|until|pending|re-?classif\w*|(?:down|up)graded|lack(?:s|ing)?|insufficient|to be"
    r"|in[- ]silico|predict\w*|SIFT|PolyPhen\w*|REVEL|CADD)\b|n't\b",
    re.IGNORECASE,
)


def read_observation(item: Item, graph: Graph, kind: Kind, panel: Iterable[Item] = ()) -> Finding:
    """Return what an Observation says, and the items of the panel that it may be."""
    scan = Scan(item.name)
    draft = Draft(item.key, item.id, scan)
    draft.kind = kind
    read_header(item, graph, draft)
    if "extension" in item.body:
        read_core_genetics(item.body, draft)
    read_surroundings(item.body, item.type, draft, _AROUND)
    _note_unknown(item.body, scan)
    read_components(item.body, draft)
    for one in panel:
        read_piece(Piece(one.body, one.name, draft))
    _read_value(item, draft)
    if "interpretation" in item.body:
        read_interpretation(item.body, draft)
    read_names(draft)
    if _may_be_anothers(item, graph, draft):
        scan.flag(ANOTHER_PERSON)
    _gather_regions(draft)
    _gather_words(item, draft)
    if hgvs.is_normal_karyotype(str(draft.plain.get("name", ""))):
        # The expected chromosomes are no variant, whatever code they came under.
        draft.kind = Kind.OTHER
        scan.flag("normal-karyotype")
    return draft.finding()


def _note_unknown(body: Node, scan: Scan) -> None:
    """Note what is read nowhere; of several value[x] only the first can be the result."""
    value = value_name(body)
    for name in body:
        if name not in _KNOWN and name not in _AROUND and name != value:
            scan.miss(f"Observation.{name}")
            if name.startswith("value") and name[5:6].isupper():
                scan.flag("conflict:value")
    if "focus" in body:
        scan.flag("focus")


def _may_be_anothers(item: Item, graph: Graph, draft: Draft) -> bool:
    """Tell a result that looks at a relative, a donor or an unborn child.

    By its focus, its name, its specimen, or where the change comes from.
    """
    code = draft.plain.get("code")
    names = (*(names_of(code) if isinstance(code, Concept) else ()), draft.plain.get("specimen"))
    if any(isinstance(name, str) and _names_somebody_else(name) for name in names):
        return True
    if draft.plain.get("source_class") in {"fetal", "likely-fetal"}:
        return True
    return "focus" in item.body and any(
        _is_another(one, item, graph) for one in references_of(item, ("focus",))
    )


_names_somebody_else = lru_cache(maxsize=4096)(says_somebody_else)  # the same names come again


def _is_another(reference: str, item: Item, graph: Graph) -> bool:
    """Tell a reference to a person who is not the one that the result is filed under."""
    found = graph.resolve(reference, item)
    kind = found.type if found else "".join(reference.split("/")[-2:-1])
    own = link_id(item.person, item, graph)
    is_patient = kind == "Patient" and bool(own) and link_id(reference, item, graph) != own
    return kind == "RelatedPerson" or is_patient


def _read_value(item: Item, draft: Draft) -> None:
    """Read value[x] by what the Observation is about."""
    piece = Piece(item.body, "Observation", draft)
    if not piece.value:
        return
    kind = draft.kind
    draft.scan.point(piece.at, "value")
    if kind in {Kind.GENOTYPE, Kind.HAPLOTYPE}:
        _read_name(piece)
    elif kind is Kind.THERAPEUTIC_IMPLICATION:
        found = piece.concept()
        draft.code("effects", found)
        draft.add("effects", *effects(found))
    elif kind is Kind.DIAGNOSTIC_IMPLICATION and piece.code != "81259-4":
        _read_class(piece)
    elif kind is Kind.VARIANT and (piece.code == c.VARIANT_ASSESSMENT or tells_presence(piece)):
        read_presence(piece)
    elif kind in {Kind.VARIANT, Kind.REGION_STUDIED, Kind.DIAGNOSTIC_IMPLICATION} and piece.code:
        read_piece(piece)
    else:
        if kind is Kind.OTHER and FIELD_OF_CODE.get(piece.code) in _ITEMS:
            read_piece(piece)  # one item of a variant, sent on its own
        _read_plain(piece)


_ITEMS = frozenset(
    {"gene", "phenotype", "medicine", "source_class", "zygosity", "build", "inheritance"}
)


def _read_name(piece: Piece) -> None:
    found = piece.concept()
    presence = answer(found, a.FOUND, "presence", piece.scan)
    if presence:
        piece.draft.code("presence", found)
        piece.draft.put("presence", presence)
    elif zygosity := answer(found, a.ZYGOSITY, "zygosity", piece.scan):
        piece.draft.put("zygosity", zygosity)
    elif told := denials.answered(words(found)):
        piece.draft.put("name", told[0])
        piece.draft.put("presence", told[1])
    elif found and _names_nothing(words(found), piece.draft):
        _plain_concept(found, piece)
    else:
        piece.draft.put("name", piece.draft.code("name", found))


def _names_nothing(said: str, draft: Draft) -> bool:
    """Tell an answer that is no name: one that denies, or words to a test for one allele."""
    if denials.begins_with_a_pair(said):
        return False
    if denials.denies(said) or denials.is_no_answer(said):
        return True
    return asks_for_an_allele(draft.plain.get("code")) and not any(map(str.isdigit, said))


def _read_class(piece: Piece) -> None:
    found = piece.concept()
    if piece.code == "53037-8" or is_class(found):
        read_significance(found, piece.draft)
    else:
        _plain_concept(found, piece)


def _read_plain(piece: Piece) -> None:
    """Read a value that stands for itself: a number with its unit, or the lab's words."""
    if piece.value in {"valueQuantity", "valueInteger", "valueDecimal"}:
        amount = piece.amount()
        if amount:
            piece.draft.measure(amount.value, amount.as_sent)
            piece.draft.put("unit", amount.label)
            if amount.codings:
                piece.draft.code("unit", Concept(amount.unit, amount.codings))
            piece.draft.put("comparator", amount.comparator)
        return
    raw = piece.node.get(piece.value)
    if isinstance(raw, bool):
        piece.draft.put("value", raw)
    elif piece.value in {"valueCodeableConcept", "valueString"}:
        _plain_concept(piece.concept(), piece)
    else:
        said = described("", piece.node, piece.path, piece.scan)
        if said:
            piece.draft.put("value", said.text or said.value)
            piece.draft.put("unit", said.unit)
            piece.draft.code("value", Concept(said.text, said.codings))


def _plain_concept(found: Concept | None, piece: Piece) -> None:
    if found is None:
        return
    draft = piece.draft
    draft.code("value", found)
    said = found.text or next((one.display for one in found.codings if one.display), "")
    named = (a.INTERPRETATIONS.get(one.code, "") for one in found.codings)
    draft.put("value", said or next(filter(None, named), "") or words(found))
    presence = answer(found, a.PRESENCE, "presence", draft.scan)
    if presence and draft.kind is Kind.BIOMARKER:
        draft.put("presence", presence)
    if hgvs.is_karyotype(words(found)) and not denials.denies(words(found)):
        draft.put("name", words(found))
    elif draft.kind is Kind.VARIANT:
        _written_change(words(found), piece)


def _written_change(said: str, piece: Piece) -> None:
    """Read a change that is the answer, or that a short answer speaks of."""
    draft, told = piece.draft, denials.answered(said)
    if told:
        draft.express(hgvs.levels(told[0], "other"), told[0])
        draft.put("presence", told[1])
    elif not hgvs.is_change(said) and asks_for_a_change(draft.plain.get("code")):
        draft.scan.flag("presence-not-understood")
    elif hgvs.is_change(said) and not denials.denies(said):
        draft.express(hgvs.levels(said, "other"), said)


def _gather_regions(draft: Draft) -> None:
    """Turn the ranges that were met into regions; the position of a variant stays a position."""
    inner = draft.lists.pop("inner", [])
    if inner and isinstance(inner[0], tuple) and "start" not in draft.place:
        start, end = inner[0]
        draft.at("start", start)
        draft.at("end", end)
    spans = draft.lists.pop("spans", [])
    if not spans and draft.kind is not Kind.REGION_STUDIED:
        return
    for state, start, end in (one for one in spans if isinstance(one, tuple)):
        draft.add("regions", Region(state=state, position=_part(draft, start, end)))
    genes = draft.lists.get("genes", [])
    if draft.kind is Kind.REGION_STUDIED and genes and not spans:
        draft.add("regions", Region(state="studied", genes=tuple(genes)))  # type: ignore[arg-type]


def _part(draft: Draft, start: int | None, end: int | None) -> Position:
    place = {key: draft.place[key] for key in _SHARED if key in draft.place}
    return placed({**place, "start": start, "end": end})


_SHARED = ("chromosome", "sequence", "coordinate_system", "build")


def _gather_words(item: Item, draft: Draft) -> None:
    """Join the lab's conclusions; find a class that is only said in words."""
    said = [str(one) for one in draft.lists.pop("conclusions", [])]
    draft.put("conclusion", "\n".join(said))
    identifiers = draft.lists.pop("identifiers", [])
    draft.add("attributes", *(Attribute("Identifier", str(one)) for one in identifiers))
    related = draft.lists.pop("related", [])
    draft.add("members", *related)
    if draft.kind in {Kind.VARIANT, Kind.DIAGNOSTIC_IMPLICATION, Kind.OTHER}:
        _class_in_words(draft, [*said, *(str(note) for note in draft.lists.get("notes", []))])
    if draft.kind is Kind.OTHER and "value" not in draft.plain and not draft.lists.get("notes"):
        draft.add("texts", narrative(item.body))


def _class_in_words(draft: Draft, texts: list[str]) -> None:
    telling = (text for text in texts if _may_name_a_class(text))
    sentences = (one for text in telling for one in _SENTENCE_END.split(text))
    said = (one for one in sentences if not _is_about_something_else(one, draft))
    found = {hit for sentence in said for hit in _CLASS_IN_TEXT.findall(sentence)}
    if not found:
        return
    classes = {a.CLASS_OF_WORDS[hit.lower()] for hit in found}
    known = {class_of(str(one)) for one in draft.lists.get("significance", [])}
    if known and not classes & known:
        draft.scan.flag("conflict:significance-in-text")
    elif not known:
        draft.add("significance", *sorted(found))
        draft.scan.flag("significance-from-text")


def _is_about_something_else(sentence: str, draft: Draft) -> bool:
    """Tell a sentence that may speak of another class, person, gene or change than the result."""
    if _SAYS_OTHERWISE.search(sentence) or says_somebody_else(sentence):
        return True
    own = hgvs.places_in(" ".join(text for level in draft.hgvs.values() for text in level))
    levels = {level for level, _ in own}
    return any(one[0] in levels and one not in own for one in hgvs.places_in(sentence))


def _may_name_a_class(text: str) -> bool:
    """Tell fast that no class is named: the words of all of them have one of these in them."""
    low = text.lower()
    return "pathogenic" in low or "benign" in low or "significance" in low or "vus" in low


_FRAME = ("key", "id", "kind", "source", "status", "code", "performers", "specimen", "subject",
          "effective_at", "issued_at", "context", "sources", "flags")  # fmt: skip


def says_nothing(finding: Finding) -> bool:
    """Tell an observation that has a name, and neither a value nor a word."""
    if finding.kind is not Kind.OTHER or finding.not_understood or "no-value" in finding.flags:
        return False
    told = {name for name in finding.__struct_fields__ if getattr(finding, name)} - set(_FRAME)
    labels = {said.label for said in finding.attributes}
    said_something = finding.value is not None or told - {"attributes"} or labels - {"Identifier"}
    return not said_something
