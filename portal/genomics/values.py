"""Turning a coded answer into our own word, and saying so when words and codes disagree."""

import re
from collections.abc import Mapping

from portal.genomics import answers as a
from portal.genomics import codes as c
from portal.genomics.elements import Scan, words
from portal.genomics.findings import Coding, Concept, Gene

_HGNC = re.compile(r"HGNC:\d+")
_SYMBOL = re.compile(r"[A-Za-z][A-Za-z0-9@.-]*")
_IN_CHROMOSOME = re.compile(
    r"(?:chr(?:omosome)?[\s_-]*)?(\d{1,2}|X|Y|MT?|mitochondri\w*)", re.IGNORECASE
)
_LAST_AUTOSOME = 22


def answer[Answer](
    item: Concept | None, table: Mapping[str, Answer], field: str, scan: Scan
) -> Answer | None:
    """Return our word for an answer; nothing when it is not in the table.

    Codes and words that say different things are flagged and give nothing.
    """
    said = _answers(item, table)
    if len(said) > 1:
        scan.flag(f"conflict:{field}")
    return said[0] if len(said) == 1 else None


def normal(item: Concept | None, table: Mapping[str, str], field: str, scan: Scan) -> str:
    """Return our word for an answer, or the lab's words when it is not in the table."""
    return answer(item, table, field, scan) or ("" if _answers(item, table) else words(item))


def _answers[Answer](item: Concept | None, table: Mapping[str, Answer]) -> list[Answer]:
    if item is None:
        return []
    keys = [coding.code for coding in item.codings]
    keys += [text.lower() for text in (item.text, *(one.display for one in item.codings))]
    return list(dict.fromkeys(table[key] for key in keys if key in table))


def gene_list(item: Concept | None) -> tuple[Gene, ...]:
    """Return the genes of a concept: several of one system are several genes.

    A second system's code for a gene already named is not another gene, unless it has a symbol
    of its own that says otherwise. The names of genes go before other systems.
    """
    if item is None:
        return ()
    if not item.codings:
        return tuple(_written_gene(text) for text in _symbols(item.text))
    found: list[Gene] = []
    codings = sorted(item.codings, key=lambda one: c.GENE_SYSTEM_PART not in one.system)
    for coding in codings:
        gene = _gene(coding, item.text if len(codings) == 1 else "")
        same = coding.system != codings[0].system and (
            not _SYMBOL.fullmatch(gene.symbol) or any(gene.symbol == held.symbol for held in found)
        )
        if not same and gene not in found:
            found.append(gene)
    return tuple(found)


def _gene(coding: Coding, text: str) -> Gene:
    """Return the gene of one coding: a symbol sent as the code is a symbol."""
    code, symbol = coding.code, coding.display
    if _HGNC.fullmatch(symbol) and _SYMBOL.fullmatch(code):
        code, symbol = symbol, code  # some send them the other way round
    spoken = _symbols(text)
    if len(spoken) == 1 and (not symbol or (_SYMBOL.fullmatch(text) and " " in symbol)):
        symbol = spoken[0]  # a whole name, such as BRCA1 DNA repair associated, is no symbol
    is_id = code[:1].isdigit() or ":" in code or code.startswith("ENSG")
    if code and not is_id:
        return Gene(symbol=symbol or code, id="" if code == symbol or not symbol else code)
    return Gene(symbol=symbol, id=code)


def _written_gene(text: str) -> Gene:
    """Return a gene that was sent in words: BRCA1, HGNC:1100 or BRCA1 (HGNC:1100)."""
    if _HGNC.fullmatch(text):
        return Gene(id=text)
    both = _SYMBOL_AND_ID.fullmatch(text)
    return Gene(*both.groups()) if both else Gene(symbol=text)


_SYMBOL_AND_ID = re.compile(r"([A-Za-z][\w@.-]*)\s?[(\[]((?:HGNC:|ENSG)\d+(?:\.\d+)?)[)\]]")


def _symbols(text: str) -> list[str]:
    parts = [part.strip() for part in re.split(r"[,;/]|\band\b", text)]
    if parts and all(_SYMBOL.fullmatch(part) for part in parts):
        return parts
    return [text] if text else []


def chromosome(item: Concept | None) -> str:
    """Return 1 to 22, X, Y or MT, or nothing when the answer names none."""
    if item is None:
        return ""
    for coding in item.codings:
        if coding.code in a.CHROMOSOME:
            return a.CHROMOSOME[coding.code]
    for text in (words(item), *(coding.code for coding in item.codings)):
        found = _IN_CHROMOSOME.fullmatch(text.strip())
        if found:
            return _chromosome_name(found.group(1))
    return ""


def _chromosome_name(text: str) -> str:
    if text.isdigit():
        return str(int(text)) if 1 <= int(text) <= _LAST_AUTOSOME else ""
    return "MT" if text[:1] in "mM" else text.upper()


def build(item: Concept | None, scan: Scan | None = None) -> str:
    """Return the assembly in the lab's words, else the name of its code; flags what differs."""
    if item is None:
        return ""
    said = item.text or next((coding.display for coding in item.codings if coding.display), "")
    named = next((a.BUILD[one.code] for one in item.codings if one.code in a.BUILD), "")
    if scan is not None and {_assembly(said), _assembly(named)} == {"37", "38"}:
        scan.flag("conflict:build")
    return said or named or words(item)


def _assembly(name: str) -> str:
    found = _ASSEMBLY.search(name)
    return {"19": "37"}.get(found.group(1), found.group(1)) if found else ""


_ASSEMBLY = re.compile(r"(?:GRCh|hg|b)(37|38|19)", re.IGNORECASE)
