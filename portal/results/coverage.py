"""What the tests read and did not read. Nothing is "not found" outside of what was read."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.formats import number_format
from django.utils.translation import gettext, ngettext

from portal.genomics.findings import Finding, Region
from portal.genomics.genes import name_of
from portal.genomics.vcf.beds import State
from portal.genomics.vcf.reach import TITLES, Counted, counted_in
from portal.results.record import Shelf


@dataclass(frozen=True)
class Looked:
    """What one source's tests looked at: in the lab's own words, and counts of lists in ours."""

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
    not_read = [region for region in regions if region.state == "uncalled"]
    counts = [one for region in regions for one in counted_in(region.text)]
    return Looked(
        source=shelf.origin.name,
        studied=_named(
            [region for region in regions if region.state != "uncalled"],
            [one for one in counts if one.state is not State.UNCALLED],
        ),
        not_read=_named(not_read, [one for one in counts if one.state is State.UNCALLED]),
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


def _named(regions: Iterable[Region], counts: list[Counted]) -> tuple[str, ...]:
    """Return the genes and words of a lab; lists of places are told by their counts."""
    named: set[str] = set()
    for region in regions:
        if region.genes:
            named.update(name_of(gene) for gene in region.genes)
        elif region.text in TITLES.values():
            if not counts:
                named.add(gettext("the places in a list (BED file)"))
        elif region.text and not any(counted_in(region.text)):
            named.add(region.text)
    return (*sorted(named), *dict.fromkeys(map(_counted, counts)))


def _counted(one: Counted) -> str:
    letters = ngettext("%(n)s letter of DNA", "%(n)s letters of DNA", one.letters)
    places = ngettext(
        "%(n)s stretch with %(letters)s", "%(n)s stretches with %(letters)s", one.regions
    )
    letters %= {"n": number_format(one.letters, force_grouping=True)}
    return places % {"n": number_format(one.regions, force_grouping=True), "letters": letters}


def _all(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text.strip()))
