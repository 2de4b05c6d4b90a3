"""A test that arrives by two ways shows once, with both sources."""

import io

import pytest

from portal.genomics.vcf.converting import Choice, Conversion
from portal.records import services
from portal.results.cards import card_of
from portal.results.clusters import Section
from portal.results.page import page_of
from tests.genomics.vcf.builders import a_file, a_line
from tests.records.builders import NOW, a_patient

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
