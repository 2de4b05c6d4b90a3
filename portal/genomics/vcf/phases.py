"""Which neighbouring changes lie on the same copy of a chromosome, from phased genotypes.

Spec: http://hl7.org/fhir/uv/genomics-reporting/STU3/StructureDefinition-sequence-phase-relationship.html
"""

from collections.abc import Iterator

import msgspec

from portal.genomics.findings import Presence
from portal.genomics.vcf.calls import Call

_SETS_KEPT = 4096
_DIPLOID = 2


class Relation(msgspec.Struct, frozen=True):
    """Two changes of one phase set: on the same copy (cis) or on different ones."""

    first: tuple[int, int]  # line and allele number
    second: tuple[int, int]
    cis: bool


class Phases:
    """Remembers the last change of each open phase set, of one sequence at a time."""

    def __init__(self) -> None:
        self._sequence = ""
        self._last: dict[str, tuple[tuple[int, int], int]] = {}

    def follow(self, call: Call) -> Iterator[Relation]:
        """Yield how a call relates to the one before it in its phase set."""
        copy = _copy_of(call)
        if copy is None:
            return
        record = call.record
        if record.place.name != self._sequence or len(self._last) > _SETS_KEPT:
            self._sequence = record.place.name
            self._last.clear()
        # Without a phase set all phased genotypes of a sequence belong together, says VCF.
        phase_set = record.values.get("PS", "")
        phase_set = "" if phase_set == "." else phase_set
        here = (record.line, call.number)
        before = self._last.get(phase_set)
        self._last[phase_set] = (here, copy)
        if before is not None and before[0][0] != record.line:
            yield Relation(before[0], here, cis=before[1] == copy)


def _copy_of(call: Call) -> int | None:
    genotype = call.record.genotype
    if genotype is None or not genotype.phased or call.presence is not Presence.PRESENT:
        return None
    if len(genotype.alleles) != _DIPLOID or genotype.alleles.count(call.number) != 1:
        return None
    return genotype.alleles.index(call.number)
