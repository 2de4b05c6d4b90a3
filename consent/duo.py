"""What research a program does and a person is fine with, in the Data Use Ontology. PURE.

Spec: http://purl.obolibrary.org/obo/duo.owl (GA4GH).
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

NRES: Final = "DUO:0000004"  # no restriction
HMB: Final = "DUO:0000006"  # health, medical and biomedical research
DS: Final = "DUO:0000007"  # named diseases only
POA: Final = "DUO:0000011"  # population origins and ancestry only
GRU: Final = "DUO:0000042"  # general research use
NPUNCU: Final = "DUO:0000018"  # not-for-profit bodies, not-for-profit use
IRB: Final = "DUO:0000021"  # ethics approval required
NPU: Final = "DUO:0000045"  # not-for-profit bodies only
NCU: Final = "DUO:0000046"  # not-for-profit use only
NPOA: Final = "DUO:0000044"  # no research on origins or ancestry

MODIFIERS: Final = frozenset(
    f"DUO:00000{number}"
    for number in "12 15 16 18 19 20 21 22 24 25 26 27 28 29 43 44 45 46".split()  # noqa: SIM905
)

# What each permission includes besides itself. Health research does not include ancestry research.
_INCLUDES: Final = {
    NRES: frozenset({NRES, GRU, HMB, DS, POA}),
    GRU: frozenset({GRU, HMB, DS, POA}),
    HMB: frozenset({HMB, DS}),
    DS: frozenset({DS}),
    POA: frozenset({POA}),
}
PERMISSIONS: Final = frozenset(_INCLUDES)
_IMPLIES: Final = {NPUNCU: frozenset({NPU, NCU})}
# Who does health research, or that of named diseases, does none on origins or ancestry.
_WITHOUT_ANCESTRY: Final = frozenset({HMB, DS})


class Mismatch(StrEnum):
    """Where a program does more than a person is fine with. The pages have a sentence for each."""

    UNKNOWN = "unknown"
    BEYOND_HEALTH = "beyond-health"
    ANCESTRY = "ancestry"
    OTHER_DISEASES = "other-diseases"
    PROFIT = "profit"
    CONDITION = "condition"


def mismatches(
    *,
    program: tuple[str, Iterable[str], Iterable[str]],
    person: tuple[str, Iterable[str], Iterable[str]],
) -> tuple[Mismatch, ...]:
    """Return where they differ; each side is (permission, modifiers, diseases). Empty: a match."""
    found = [
        *_of_permission(program[0], frozenset(program[2]), person[0], frozenset(person[2])),
        *_of_modifiers(_declared(program[0], program[1]), frozenset(person[1])),
    ]
    return tuple(dict.fromkeys(found))


def _of_permission(
    does: str, its_diseases: frozenset[str], allows: str, diseases: frozenset[str]
) -> Iterable[Mismatch]:
    if does not in _INCLUDES or allows not in _INCLUDES:
        yield Mismatch.UNKNOWN
    elif does not in _INCLUDES[allows]:
        yield Mismatch.ANCESTRY if does == POA else Mismatch.BEYOND_HEALTH
    elif allows == DS and (not its_diseases or not its_diseases <= diseases):
        yield Mismatch.OTHER_DISEASES


def _declared(does: str, modifiers: Iterable[str]) -> frozenset[str]:
    """Return what a program keeps to, said or implied."""
    said = frozenset(modifiers)
    kept = said.union(*(_IMPLIES.get(modifier, frozenset()) for modifier in said))
    if {NPU, NCU} <= kept:
        kept |= {NPUNCU}
    return kept | {NPOA} if does in _WITHOUT_ANCESTRY else kept


def _of_modifiers(kept: frozenset[str], wanted: frozenset[str]) -> Iterable[Mismatch]:
    for missing in sorted(wanted - kept):
        if missing not in MODIFIERS:
            yield Mismatch.UNKNOWN
        elif missing in {NPU, NCU, NPUNCU}:
            yield Mismatch.PROFIT
        else:
            yield Mismatch.ANCESTRY if missing == NPOA else Mismatch.CONDITION
