"""What has nothing to do with genes, by its codes and its words."""

import re
from functools import lru_cache

from portal.genomics import codes as c
from portal.genomics.elements import Node
from portal.genomics.fields import FIELD_OF_CODE
from portal.genomics.findings import Kind

KINDS: dict[str, Kind] = {
    **dict.fromkeys(c.BIOMARKER_CODES, Kind.BIOMARKER),
    **dict.fromkeys(c.HLA_TYPE_CODES, Kind.GENOTYPE),
    **dict.fromkeys(c.HLA_PRESENCE_CODES, Kind.HAPLOTYPE),
    **c.KIND_OF_CODE,
}

_REMEMBERED = 4096
_LONGEST_REMEMBERED = 200

# How the names of genetic tests sound that have a code of their own: BRCA1 gene mutations found.
GENES = re.compile(
    r"\bgenes?\b|\bgenetic|\bgenotyp|\bhaplotyp|\bkaryotyp|\bchromosom|\bcytogenetic|\bexome"
    r"|\bgenom[ei]|\bpharmacogen|\bpolygenic|\btrisom|\baneuploid"
    r"|\bHLA-[A-D][A-Z]{0,2}\d*\*?\d(?!.*\b(?:Ab|antibod))"
    r"|\bmicrodeletion|\bmicrosatellite|\bmutation|\bmetaboli[sz]er",
    re.IGNORECASE,
)
_GENETICS_CODES = frozenset({c.GENETICS, c.BIOMARKER})
_GENETICS_WORDS = frozenset({"genetics", "genomics", "molecular genetics", "cytogenetics"})


def is_ordinary(body: Node) -> bool:
    """Tell fast an ordinary result: all of its codes are known for something else than genes."""
    if not is_ordinary_piece(body) or in_genetics(body):
        return False
    components = body.get("component", ())
    return isinstance(components, list | tuple) and all(map(is_ordinary_piece, components))


def is_ordinary_piece(body: object) -> bool:
    """Tell that all codes of a test, or of one part of it, are known for something else."""
    raw = body.get("code") if isinstance(body, dict) else None
    codings = raw.get("coding") if isinstance(raw, dict) else None
    if not isinstance(raw, dict) or not isinstance(codings, list):
        return False
    for coding in codings:
        if not isinstance(coding, dict) or not _is_of_something_else(coding):
            return False
    said = raw.get("text")
    quiet = said is None or (isinstance(said, str) and not _speaks_of_genes(said))
    return bool(codings) and quiet


def is_ordinary_name(body: Node) -> bool:
    """Tell that a report is named after something else than genes."""
    if not is_ordinary_piece(body):
        return False
    codings = body["code"]["coding"]  # type: ignore[index]  # an ordinary piece has them
    return all(one["code"].strip() not in c.REPORT_CODES for one in codings)


def _is_of_something_else(coding: Node) -> bool:
    """Tell that a code is well known to have nothing to do with genes: it can be looked up."""
    code, system, said = coding.get("code"), coding.get("system", ""), coding.get("display", "")
    if not isinstance(code, str) or not isinstance(system, str) or not isinstance(said, str):
        return False
    if len(code) + len(system) > _LONGEST_REMEMBERED:
        return False
    return _is_another_test(code, system) and not _speaks_of_genes(said)


@lru_cache(maxsize=_REMEMBERED)
def _is_another_test(code: str, system: str) -> bool:
    known = code.strip()
    genetic = known in KINDS or known in FIELD_OF_CODE or known in c.GENETIC_PANELS
    return not genetic and c.GTR_SYSTEM_PART not in system


def _speaks_of_genes(said: str) -> bool:
    if len(said) > _LONGEST_REMEMBERED:
        return GENES.search(said) is not None
    return _names_genes(said)


@lru_cache(maxsize=_REMEMBERED)
def _names_genes(said: str) -> bool:
    return GENES.search(said) is not None


def in_genetics(body: Node) -> bool:
    """Tell whether the source files a resource under genetics."""
    raw = body.get("category")
    for category in raw if isinstance(raw, list) else (raw,):
        if isinstance(category, dict) and _is_genetics(category):
            return True
    return False


def _is_genetics(category: Node) -> bool:
    raw = category.get("coding")
    for coding in raw if isinstance(raw, list) else (raw,):
        if isinstance(coding, dict):
            code, said = coding.get("code"), coding.get("display")
            if _is_genetics_word(said) or _is_genetics_word(code):
                return True
            if isinstance(code, str) and code.strip() in _GENETICS_CODES:
                return True
    return _is_genetics_word(category.get("text"))


def _is_genetics_word(said: object) -> bool:
    return isinstance(said, str) and said.strip().lower() in _GENETICS_WORDS
