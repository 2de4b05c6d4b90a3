"""Which neighbouring changes lie on the same copy of a chromosome, from phased genotypes.

Spec: http://hl7.org/fhir/uv/genomics-reporting/STU3/StructureDefinition-sequence-phase-relationship.html
"""

import msgspec

from portal.genomics.findings import Presence
from portal.genomics.vcf.calls import Call
from portal.genomics.vcf.genotypes import Genotype

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

    def follow(self, call: Call) -> Relation | None:
        """Return how a call relates to the one before it in its phase set, if it does."""
        record = call.record
        if record.genotype is None or not record.genotype.phased:
            return None
        copy = _copy_of(call, record.genotype)
        if copy is None:
            return None
        if record.place.name != self._sequence or len(self._last) > _SETS_KEPT:
            self._sequence = record.place.name
            self._last.clear()
        # Without a phase set all phased genotypes of a sequence belong together, says VCF.
        phase_set = record.values.get("PS", "")
        phase_set = "" if phase_set == "." else phase_set
        here = (record.line, call.number)
        before = self._last.get(phase_set)
        self._last[phase_set] = (here, copy)
        if before is None or before[0][0] == record.line:
            return None
        return Relation(before[0], here, cis=before[1] == copy)


def _copy_of(call: Call, genotype: Genotype) -> int | None:
    if call.presence is not Presence.PRESENT or len(genotype.alleles) != _DIPLOID:
        return None
    if genotype.alleles.count(call.number) != 1:
        return None
    return genotype.alleles.index(call.number)
