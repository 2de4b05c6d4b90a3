"""Findings are read from what was stored, and can be dropped and rebuilt at will."""

from pathlib import Path

import pytest

from portal.genomics import findings
from portal.records import fhir, services
from portal.records.models import Finding, FindingSource, Origin, Resource
from tests.records.builders import NOW, a_patient, an_observation, an_origin, incoming

pytestmark = pytest.mark.django_db
EMERGE = Path(__file__).parent.parent / "data" / "fhir" / "emerge-lab-reports"
POSITIVE = EMERGE / "standard-GenomicReportFHIRBundlePositive1.json"


def an_upload(path: Path = POSITIVE) -> Origin:
    origin = an_origin(a_patient(), remote="")
    entries = list(fhir.resources(path.read_bytes()))
    services.store_page(origin=origin, entries=entries, at=NOW)
    return origin


def as_told(origin: Origin) -> list[tuple[object, ...]]:
    rows = Finding.objects.filter(origin=origin).order_by("key")
    return list(rows.values_list("key", "kind", "group", "categories", "body"))


def test_a_lab_report_is_read_into_findings_with_their_sources() -> None:
    origin = an_upload()

    services.rebuild_findings(patient=origin.patient, at=NOW)

    kinds = set(Finding.objects.values_list("kind", flat=True))
    assert {"variant", "report"} <= kinds
    for row in Finding.objects.exclude(kind="notice"):
        assert isinstance(findings.from_json(row.body), findings.Finding | findings.Report)
        assert row.sources.exists()


def test_resources_that_refer_to_each_other_by_address_stay_joined() -> None:
    folder = EMERGE.parent / "ig-stu3" / "somatic-oncology-bundle"
    origin = an_upload(folder / "Bundle-bundle-oncologyexamples-r4.json")

    services.rebuild_findings(patient=origin.patient, at=NOW)

    (report,) = Finding.objects.filter(kind="report")
    assert len(report.body["findings"]) == 10
    assert not Finding.objects.filter(kind="notice", body__code="missing-result")
    implied = Finding.objects.filter(kind="therapeutic-implication").first()
    assert implied
    assert implied.body["derived_from"] == ["Inline-Instance-for-oncologyexamples-r4-6"]


def test_reading_again_tells_the_same() -> None:
    origin = an_upload()
    services.rebuild_findings(patient=origin.patient, at=NOW)
    before = as_told(origin)

    services.rebuild_findings(patient=origin.patient, at=NOW)

    assert before
    assert as_told(origin) == before


def test_what_the_source_took_back_is_no_finding() -> None:
    origin = an_upload()
    services.mark_removed(resources=Resource.objects.filter(origin=origin), at=NOW)

    services.rebuild_findings(patient=origin.patient, at=NOW)

    assert not Finding.objects.exists()


def test_each_finding_has_its_group_and_its_choices() -> None:
    origin = an_upload()

    services.rebuild_findings(patient=origin.patient, at=NOW)

    for row in Finding.objects.exclude(kind__in=["report", "notice"]):
        assert row.group
        assert row.categories
        assert row.category == row.categories[0]


def test_the_findings_of_others_stay() -> None:
    mine, other = an_upload(), an_upload()
    services.rebuild_findings(patient=other.patient, at=NOW)
    before = as_told(other)

    services.rebuild_findings(patient=mine.patient, at=NOW)

    assert as_told(other) == before


def test_a_resource_that_says_nothing_genomic_gives_no_variant() -> None:
    origin = an_origin(remote="p1")
    blood = {"coding": [{"system": "http://loinc.org", "code": "718-7"}]}
    entries = incoming(an_observation("hb", code=blood))
    services.store_page(origin=origin, entries=entries, at=NOW)

    services.rebuild_findings(patient=origin.patient, at=NOW)

    assert not Finding.objects.filter(kind="variant").exists()
    assert FindingSource.objects.count() <= 1


def test_i12_what_says_two_things_in_one_place_is_kept_and_is_no_result() -> None:
    origin = an_origin(a_patient())
    raw = an_observation(valueCodeableConcept={"text": "Present"})
    raw = raw.replace(b'"status"', b'"valueCodeableConcept": {"text": "Absent"}, "status"')
    services.store_page(origin=origin, entries=[fhir.Incoming(raw)], at=NOW)

    services.rebuild_findings(patient=origin.patient, at=NOW)

    (told,) = Finding.objects.all()
    assert (told.kind, told.body["code"]) == ("notice", "duplicate-key")
    assert Resource.objects.get().verbatim() == raw
