"""What the tests read and did not read. Nothing is "not found" outside of what was read."""

from collections.abc import Iterable
from dataclasses import dataclass

from portal.genomics.findings import Finding, Region
from portal.genomics.genes import name_of
from portal.results.record import Shelf


@dataclass(frozen=True)
class Looked:
    """What one source's tests looked at, in the lab's own words."""

    source: str
    studied: tuple[str, ...]
    not_read: tuple[str, ...]
    files: tuple[str, ...]
    methods: tuple[str, ...]
    limits: tuple[str, ...]

    @property
    def is_known(self) -> bool:
        """Whether the lab said anything about it."""
        return bool(self.studied or self.not_read or self.files or self.methods or self.limits)


def looked(shelf: Shelf) -> Looked:
    """Return what a source says about the reach of its tests."""
    studies = shelf.studies
    regions = [region for one in studies for region in one.regions]
    return Looked(
        source=shelf.origin.name,
        studied=_names(region for region in regions if region.state != "uncalled"),
        not_read=_names(region for region in regions if region.state == "uncalled"),
        files=tuple(dict.fromkeys(region.file for region in regions if _is_address(region))),
        methods=_methods(shelf, studies),
        limits=_limits(shelf, studies),
    )


def _is_address(region: Region) -> bool:
    """Tell of a file that its address says more than the name that is shown already."""
    return "://" in region.file or bool(region.file and not region.text)


def _methods(shelf: Shelf, studies: list[Finding]) -> tuple[str, ...]:
    said = [method for study in studies for method in study.methods]
    return _all(said + [method for report in shelf.reports for method in report.methods])


def _limits(shelf: Shelf, studies: list[Finding]) -> tuple[str, ...]:
    said = [limit for report in shelf.reports for limit in report.limits]
    said += [note for study in studies for note in study.notes]
    return _all(said)


def _names(regions: Iterable[Region]) -> tuple[str, ...]:
    named: list[str] = []
    for region in regions:
        genes = [name_of(gene) for gene in region.genes]
        named += genes or ([region.text] if region.text else [])
    return tuple(sorted(set(named)))


def _all(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text.strip()))
