"""The regions of a BED file as results: one by one, or by gene where they are too many for that."""

from collections.abc import Iterator
from typing import Any

from portal.genomics.vcf import regions
from portal.genomics.vcf.beds import OfGene, Region, State, Stretches
from portal.genomics.vcf.fhir import Subject

LISTED = 500  # regions that are told one by one, and stretches that are told of a gene


class Listing:
    """The regions of the `number`th file of a test, taken one after the other."""

    def __init__(self, subject: Subject, state: State, number: int = 1) -> None:
        self._subject = subject
        self._state = state
        self._number = number
        self._few: list[Region] = []
        self._genes: dict[str, OfGene] = {}
        self.whole = Stretches()

    def take(self, region: Region) -> None:
        """Take one region more."""
        self.whole.add(region)
        if self.whole.count <= LISTED:
            self._few.append(region)
        for gene in region.genes:
            found = self._genes.setdefault(gene, OfGene(gene, region.place, Stretches()))
            found.stretches.add(region)

    def resources(self) -> Iterator[dict[str, Any]]:
        """Yield an Observation for each region or, where these are too many, for each gene."""
        subject, state, number = self._subject, self._state, self._number
        if self._is_short:
            yield from (regions.region(subject, one, state, number=number) for one in self._few)
            return
        for _, found in sorted(self._genes.items()):
            if len(found.spans) <= LISTED:
                yield regions.gene_regions(subject, found, state, number=number)

    @property
    def tells_all_genes(self) -> bool:
        """Whether every region is listed, and speaks of a gene that is known."""
        return self._is_short and all(one.genes for one in self._few)

    @property
    def _is_short(self) -> bool:
        return self.whole.count <= LISTED
