"""The components of an Observation: each known code fills one field of the finding."""

from collections.abc import Callable, Mapping

from portal.genomics import codes as c
from portal.genomics import hgvs
from portal.genomics.draft import Draft
from portal.genomics.elements import (
    Amount,
    Node,
    Scan,
    codes,
    concept,
    described,
    nodes,
    number,
    quantity,
    reference,
    span,
    value_name,
    word,
    words,
)
from portal.genomics.findings import Attribute, Concept, Region, Trial
from portal.genomics.values import answer, build, chromosome, gene_list, normal

_COMPONENT = frozenset(
    {"code", "dataAbsentReason", "interpretation", "referenceRange", "extension", "id"}
)
_ORDER = "repeat-motif-order"
_CITATIONS = ("relatedartifact", "workflow-relatedartifact", "workflow-relatedartifactcomponent")


class Piece:
    """One component: its code, its value, and where it stands."""

    __slots__ = ("code", "draft", "label", "node", "path", "scan", "value")

    def __init__(self, node: Node, path: str, draft: Draft) -> None:
        """Read the code and note where the value is."""
        self.node = node
        self.path = path
        self.draft = draft
        self.scan: Scan = draft.scan
        item = concept(node.get("code"), f"{path}.code", draft.scan)
        self.code = known_code(item, c.FIELD_OF_CODE, c.CODE_OF_LABEL)
        self.label = c.LABEL_OF_CODE.get(self.code, "") or words(item)
        self.value = value_name(node)

    @property
    def at(self) -> str:
        """The path of the value."""
        return f"{self.path}.{self.value}"

    def concept(self) -> Concept | None:
        """Return the value as a concept, also when it was sent as text or as a number."""
        raw = self.node.get(self.value)
        if self.value == "valueCodeableConcept":
            return concept(raw, self.at, self.scan)
        if self.value == "valueCoding":
            return concept({"coding": [raw]}, self.at, self.scan)
        if isinstance(raw, bool | int | float):
            return Concept(text=str(raw).lower() if isinstance(raw, bool) else str(raw))
        if isinstance(raw, str):
            text = word(raw, self.at, self.scan)
            return Concept(text=text) if text else None
        if raw is not None:
            self.keep()
        return None

    def amount(self) -> Amount | None:
        """Return the value as a quantity, also when it was sent as a whole number."""
        raw = self.node.get(self.value)
        if self.value == "valueQuantity":
            return quantity(raw, self.at, self.scan)
        if self.value in {"valueInteger", "valueDecimal"}:
            value = number(raw, self.at, self.scan)
            return None if value is None else Amount(value, "", "", "")
        return None

    def keep(self, label: str = "") -> None:
        """Keep the value in the lab's words, beside the named fields."""
        said = described(label or self.label, self.node, self.path, self.scan, self.code)
        if said:
            self.draft.add("attributes", said)


def known_code(item: Concept | None, known: Mapping[str, object], labels: Mapping[str, str]) -> str:
    """Return the first code of a concept that we know; one with words only goes by its label."""
    if item is None:
        return ""
    for coding in item.codings:
        if coding.code in known and _system_fits(coding.code, coding.system):
            return coding.code
    if any(coding.code for coding in item.codings):
        return ""
    return labels.get(words(item).lower(), "")


def _system_fits(code: str, system: str) -> bool:
    """Tell whether a known code stands in a system where it has the meaning that we know."""
    if code[:1].isdigit():
        return system.rstrip("/") in c.LOINC_SYSTEMS
    return "snomed" not in system


def read_components(resource: Node, draft: Draft) -> None:
    """Read every component into the draft."""
    for path, item in nodes(resource, "component", "Observation", draft.scan):
        piece = Piece(item, path, draft)
        draft.scan.only(item, _COMPONENT | {piece.value}, path)
        read_piece(piece)


def read_piece(piece: Piece) -> None:
    """Read one component by its code; an unknown one is kept in the lab's words."""
    field = c.FIELD_OF_CODE.get(piece.code, "")
    _extras(piece)
    if not piece.value:
        _absent(piece)
        return
    if not field:
        piece.keep()
        piece.scan.miss(piece.path)
        return
    piece.scan.point(piece.path, field)
    READERS.get(field, _detail)(piece)


def _absent(piece: Piece) -> None:
    reason = concept(
        piece.node.get("dataAbsentReason"), f"{piece.path}.dataAbsentReason", piece.scan
    )
    if reason:
        label = f"{piece.label}: no value"
        piece.draft.add("attributes", Attribute(label, words(reason), codings=reason.codings))
    else:
        piece.scan.miss(piece.path)


def _extras(piece: Piece) -> None:
    """Read what may stand beside the value: citations, references, interpretation."""
    for path, item in nodes(piece.node, "extension", piece.path, piece.scan):
        name = str(item.get("url", "")).rsplit("/", 1)[-1].lower()
        if name in _CITATIONS:
            said = described("Citation", item, path, piece.scan)
            piece.draft.add("attributes", said)
        elif name in {"therapy-assessed-reference", "medication-assessed-reference"}:
            target = reference(item.get("valueReference"), f"{path}.valueReference", piece.scan)
            piece.draft.add("attributes", Attribute(f"{piece.label} reference", target))
        elif name != _ORDER:
            piece.scan.miss(path)
    for index, raw in enumerate(_many(piece.node.get("interpretation"))):
        item_ = concept(raw, f"{piece.path}.interpretation[{index}]", piece.scan)
        label = f"{piece.label}: interpretation"
        if item_:
            piece.draft.add("attributes", Attribute(label, words(item_), codings=item_.codings))
    for path, item in nodes(piece.node, "referenceRange", piece.path, piece.scan):
        text = word(item.get("text"), f"{path}.text", piece.scan)
        piece.draft.add("attributes", Attribute(f"{piece.label}: reference range", text))


def _many(raw: object) -> list[object]:
    return raw if isinstance(raw, list) else [] if raw is None else [raw]


def _detail(piece: Piece) -> None:
    piece.keep()


# --- genes and names -------------------------------------------------------------------------
def _gene(piece: Piece) -> None:
    item = piece.concept()
    piece.draft.code("genes", item)
    piece.draft.add("genes", *gene_list(item))


def _expression(level: str) -> Callable[[Piece], None]:
    def read(piece: Piece) -> None:
        item = piece.concept()
        piece.draft.code("hgvs", item)
        for text in _distinct(item):
            piece.draft.express(hgvs.levels(text, level), text)

    return read


def _distinct(item: Concept | None) -> tuple[str, ...]:
    """Return the different texts of a concept; a code that is no expression gives way to words."""
    if item is None:
        return ()
    told = [coding.code or coding.display for coding in item.codings]
    told += [coding.display for coding in item.codings]
    expressions = [text for text in (*told, item.text) if hgvs.is_expression(text)]
    return tuple(dict.fromkeys(expressions or [words(item)]))


def _iscn(piece: Piece) -> None:
    item = piece.concept()
    piece.draft.put("name", piece.draft.code("name", item))


def _allele_name(piece: Piece) -> None:
    piece.draft.put("name", piece.draft.code("name", piece.concept()))


def _variant_id(piece: Piece) -> None:
    item = piece.concept()
    if item is None:
        return
    piece.draft.code("ids", item)
    for coding in item.codings:
        if c.HGVS_SYSTEM_PART in coding.system:
            piece.draft.express(hgvs.levels(coding.code or coding.display, "g"), coding.code)
        else:
            piece.draft.add("ids", coding.code)
    if not codes(item):
        piece.draft.put("name", words(item))


# --- where -----------------------------------------------------------------------------------
def _sequence(piece: Piece) -> None:
    item = piece.concept()
    if item and any(c.GENE_SYSTEM_PART in coding.system for coding in item.codings):
        # Some labs name the gene where its sequence belongs.
        piece.scan.flag("conflict:gene-given-as-sequence")
        piece.draft.code("genes", item)
        piece.draft.add("genes", *gene_list(item))
        return
    piece.draft.at("sequence", _first_code(item))
    piece.draft.code("sequence", item)


def _first_code(item: Concept | None) -> str:
    return next(iter(codes(item)), "") or words(item)


def _transcript(piece: Piece) -> None:
    item = piece.concept()
    piece.draft.code("transcript", item)
    code, display = _first_code(item), words(item)
    piece.draft.add("attributes", Attribute("Transcript", code, code=piece.code))
    if hgvs.accession(display) and hgvs.accession(display) != hgvs.accession(code):
        piece.scan.flag("conflict:transcript")


def _chromosome(piece: Piece) -> None:
    item = piece.concept()
    piece.draft.code("chromosome", item)
    found = chromosome(item)
    if found:
        piece.draft.at("chromosome", found)
    else:
        piece.keep()


def _build(piece: Piece) -> None:
    item = piece.concept()
    piece.draft.code("build", item)
    piece.draft.at("build", build(item))


def _coordinate_system(piece: Piece) -> None:
    item = piece.concept()
    piece.draft.code("coordinate_system", item)
    system = normal(item, c.COORDINATE_SYSTEM, "coordinate_system", piece.scan)
    if system in c.COORDINATE_SYSTEM.values():
        piece.draft.at("coordinate_system", system)
    else:
        piece.keep()


def _ends(piece: Piece) -> tuple[int | None, int | None]:
    if piece.value != "valueRange":
        amount = piece.amount()
        return (_whole(amount), None) if amount else (None, None)
    low, high = span(piece.node.get(piece.value), piece.at, piece.scan)
    return _whole(low), _whole(high)


def _whole(amount: Amount | None) -> int | None:
    return amount.value if amount and isinstance(amount.value, int) else None


def _exact(piece: Piece) -> None:
    start, end = _ends(piece)
    if start is None and end is None:
        piece.keep()
        return
    piece.draft.at("start", start)
    piece.draft.at("end", end)
    if start is not None and end is not None and end < start:
        piece.scan.flag("conflict:end-before-start")


def _outer(piece: Piece) -> None:
    start, end = _ends(piece)
    piece.draft.at("outer_start", start)
    piece.draft.at("outer_end", end)


def _inner(piece: Piece) -> None:
    start, end = _ends(piece)
    piece.draft.add("inner", (start, end))
    piece.keep()


def _region(state: str) -> Callable[[Piece], None]:
    def read(piece: Piece) -> None:
        if piece.value == "valueRange":
            start, end = _ends(piece)
            piece.draft.add("spans", (state, start, end))
            return
        item = piece.concept()
        said = words(item)
        if said:
            piece.draft.add("regions", Region(state=state, text=said))

    return read


# --- what and how much -----------------------------------------------------------------------
def _allele(field: str) -> Callable[[Piece], None]:
    def read(piece: Piece) -> None:
        raw = piece.node.get(piece.value)
        if isinstance(raw, str):
            # An empty allele is how some labs write an insertion or deletion: it is kept.
            held = piece.draft.plain.setdefault(field, raw.strip())
            if held != raw.strip():
                piece.scan.flag(f"conflict:{field}")
        else:
            piece.draft.put(field, words(piece.concept()))

    return read


def _answer(field: str, table: dict[str, str]) -> Callable[[Piece], None]:
    def read(piece: Piece) -> None:
        item = piece.concept()
        piece.draft.code(field, item)
        piece.draft.put(field, normal(item, table, field, piece.scan))

    return read


def _fraction(piece: Piece) -> None:
    amount = piece.amount()
    if amount is None or amount.comparator:
        piece.keep()
        return
    value = fraction(amount, piece.scan)
    if value is None or value != amount.value:
        piece.keep()
    piece.draft.put("allele_fraction", value)


def fraction(amount: Amount, scan: Scan) -> float | None:
    """Return an allele fraction between 0 and 1 from percent, decimal or unitless."""
    value = amount.value
    percent = "%" in {amount.unit, amount.code} or amount.unit.lower() in {"percent", "percentage"}
    most = 100 if percent else 1
    if not 0 <= value <= most:
        scan.flag("allele-fraction-out-of-range")
        return None
    return round(value / 100, 12) if percent else value


def _depth(piece: Piece) -> None:
    amount = piece.amount()
    if amount and isinstance(amount.value, int) and not amount.comparator:
        piece.draft.put("depth", amount.value)
    else:
        piece.keep()


def _copies(piece: Piece) -> None:
    amount = piece.amount()
    if amount and not amount.comparator:
        piece.draft.put("copy_number", amount.value)
    else:
        piece.keep()


def _order(piece: Piece) -> int:
    for path, item in nodes(piece.node, "extension", piece.path, Scan("")):
        if str(item.get("url", "")).endswith(_ORDER):
            value = item.get("valuePositiveInt", item.get("valueInteger"))
            return value if isinstance(value, int) and not isinstance(value, bool) else 0
        del path
    return 0


def _motif(piece: Piece) -> None:
    piece.draft.motifs.append((_order(piece), words(piece.concept())))


def _motif_count(piece: Piece) -> None:
    amount = piece.amount()
    if amount:
        piece.draft.counts.append((_order(piece), amount.value, amount.comparator))
    else:
        piece.keep()


# --- what it means ---------------------------------------------------------------------------
def _significance(piece: Piece) -> None:
    read_significance(piece.concept(), piece.draft)


def read_significance(item: Concept | None, draft: Draft) -> None:
    """Add a class in the lab's words; a code that says otherwise is added and flagged."""
    draft.code("significance", item)
    if item is None:
        return
    named = {c.SIGNIFICANCE[code] for code in codes(item) if code in c.SIGNIFICANCE}
    said = item.text or next((coding.display for coding in item.codings if coding.display), "")
    spoken = c.CLASS_OF_WORDS.get(said.lower())
    meant = {c.CLASS_OF_WORDS[name.lower()] for name in named}
    if len(meant) > 1 or (spoken and meant and spoken not in meant):
        draft.scan.flag("conflict:significance")
        draft.add("significance", said, *sorted(named))
        return
    draft.add("significance", said or next(iter(named), "") or words(item))


def _phenotype(piece: Piece) -> None:
    piece.draft.add("phenotypes", piece.concept())


def _medicine(piece: Piece) -> None:
    piece.draft.add("medicines", piece.concept())


def _effect(piece: Piece) -> None:
    item = piece.concept()
    for code in codes(item):
        if code in c.ELIGIBILITY:
            piece.draft.eligible = c.ELIGIBILITY[code]
    piece.draft.code("effects", item)
    piece.draft.add("effects", *effects(item))


def effects(item: Concept | None) -> tuple[str, ...]:
    """Return an effect in the lab's words: every display, the name of a code, or the text."""
    if item is None:
        return ()
    if item.text:
        return (item.text,)
    told = [coding.display or c.EFFECTS.get(coding.code, coding.code) for coding in item.codings]
    return tuple(dict.fromkeys(told))


def _words_of(field: str) -> Callable[[Piece], None]:
    def read(piece: Piece) -> None:
        piece.draft.add(field, piece.draft.code(field, piece.concept()))

    return read


def _therapy(piece: Piece) -> None:
    item = piece.concept()
    if item is None:
        return
    if any("clinicaltrials" in one.system or one.code.startswith("NCT") for one in item.codings):
        piece.draft.add("trials", Trial(text=words(item), ids=codes(item)))
        piece.draft.code("trials", item)
    else:
        piece.draft.add("medicines", item)


def _conclusion(piece: Piece) -> None:
    piece.draft.add("conclusions", words(piece.concept()))


def _phase_set(piece: Piece) -> None:
    piece.draft.put("phase_set", piece.draft.code("phase_set", piece.concept()))


def _presence(piece: Piece) -> None:
    item = piece.concept()
    piece.draft.code("presence", item)
    piece.draft.put("presence", answer(item, c.PRESENCE, "presence", piece.scan))


READERS: dict[str, Callable[[Piece], None]] = {
    "gene": _gene,
    "hgvs_c": _expression("c"),
    "hgvs_p": _expression("p"),
    "hgvs_g": _expression("g"),
    "iscn": _iscn,
    "allele_name": _allele_name,
    "variant_id": _variant_id,
    "sequence": _sequence,
    "transcript": _transcript,
    "protein": _detail,
    "chromosome": _chromosome,
    "build": _build,
    "coordinate_system": _coordinate_system,
    "exact": _exact,
    "outer": _outer,
    "inner": _inner,
    "region": _region("studied"),
    "region_text": _region("studied"),
    "uncalled": _region("uncalled"),
    "ref": _allele("ref"),
    "alt": _allele("alt"),
    "zygosity": _answer("zygosity", c.ZYGOSITY),
    "source_class": _answer("source_class", c.SOURCE_CLASS),
    "allele_fraction": _fraction,
    "depth": _depth,
    "copy_number": _copies,
    "repeat_motif": _motif,
    "repeat_number": _motif_count,
    "significance": _significance,
    "phenotype": _phenotype,
    "medicine": _medicine,
    "effect": _effect,
    "evidence": _words_of("evidence"),
    "inheritance": _words_of("inheritance"),
    "method": _words_of("methods"),
    "therapy": _therapy,
    "conclusion": _conclusion,
    "phase_set": _phase_set,
    "presence": _presence,
}
