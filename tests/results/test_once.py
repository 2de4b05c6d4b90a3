"""A test that arrives by two ways shows once, with both sources."""

import io

import pytest

from portal.genomics.findings import Record
from portal.genomics.vcf.converting import Choice, Conversion
from portal.records import services
from portal.records.models import Origin
from portal.results.cards import card_of
from portal.results.clusters import Section
from portal.results.page import page_of
from tests.genomics.vcf.builders import a_file, a_line
from tests.records.builders import NOW, a_patient
from tests.results.builders import a_finding, a_report, a_slow_cyp2c19, an_origin, keep

pytestmark = pytest.mark.django_db


def as_fhir(raw: bytes) -> bytes:
    items = Conversion(io.BytesIO(raw), Choice()).items()
    return "\n".join(item for item in items if isinstance(item, str)).encode()


def shown(*files: tuple[str, bytes]) -> list[str]:
    """Return the sources named on each card of a person who handed in these files."""
    patient = a_patient()
    for name, content in files:
        upload = services.add_upload(patient=patient, content=content, name=name, at=NOW)
        services.read_upload(upload_id=upload.pk, at=NOW)
    found = [one for part in page_of(patient).parts for one in part.clusters]
    assert {one.section for one in found} <= {Section.OTHER}
    return [card_of(one, "en").source for one in found]


def test_a_change_in_fhir_and_in_a_vcf_is_one_card_with_both_sources() -> None:
    raw = a_file(a_line())

    (source,) = shown(("a.vcf", raw), ("a.ndjson", as_fhir(raw)))

    assert "a.vcf" in source
    assert "a.ndjson" in source


def test_two_sources_that_disagree_stay_side_by_side() -> None:
    one, other = a_file(a_line("0/1")), a_file(a_line("1/1"))

    assert len(shown(("a.vcf", one), ("b.vcf", other))) == 2


def test_any_result_that_came_by_two_ways_is_one_card_told_by_the_lab() -> None:
    patient = a_patient()

    def told(mark: str) -> list[Record]:
        copies = a_finding("c1", copy_number=1.0, specimen=f"Specimen/{mark}")
        return [a_report(), *a_slow_cyp2c19(), copies]

    keep(an_origin(patient), *told("s-1"))
    keep(an_origin(patient, kind=Origin.Kind.UPLOAD, name="again.json"), *told("other"))

    found = [card_of(one, "en") for part in page_of(patient).parts for one in part.clusters]

    assert len(found) == 2
    assert all("again.json" in one.source for one in found)
    assert not any("handed-in" in one.marks for one in found)


def test_two_tests_with_the_same_answer_on_two_days_stay_two() -> None:
    patient = a_patient()
    keep(an_origin(patient), a_report(), a_finding("c1", copy_number=1.0))
    later = a_finding("c1", copy_number=1.0, effective_at="2026-04-01")
    keep(an_origin(patient, name="Other lab"), a_report(), later)

    assert sum(len(part.clusters) for part in page_of(patient).parts) == 2
