"""Every published example is read: no crash, nothing lost, and the facts that the eye saw."""

import json

import orjson
import pytest

from portal.genomics.findings import from_json, to_json
from portal.genomics.flags import is_known
from tests.genomics.files import DATA, every_resource, names, parts, read_bytes, read_file, records
from tests.genomics.golden import FACTS, SCENARIOS, facts

GOLDEN = json.loads(FACTS.read_text(encoding="utf-8"))
EXAMPLES = names(
    "emerge-lab-reports", "ig-stu2", "ig-stu3", "ig-stu4", "mcode", "genomics-operations",
    "vcf2fhir-expected", "nhs-genomics", "older-fhir", "server-responses", "us-core",
)  # fmt: skip


@pytest.mark.parametrize("name", EXAMPLES)
def test_no_resource_of_an_example_is_lost(name: str) -> None:
    raw = (DATA / name).read_bytes()
    reading = read_bytes(raw)
    _kept, rejected = parts(raw)

    told = [one.source.resource for one in records(reading)]
    frames = ("Bundle",)
    present = [
        one for one in every_resource(orjson.loads(raw)) if one["resourceType"] not in frames
    ]

    assert len(told) + len(rejected) >= len(present)


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_scenario_reads_as_a_person_saw_it(name: str) -> None:
    found = [facts(one) for one in records(read_file(name))]

    assert found == GOLDEN[name]


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_record_of_an_example_goes_to_json_and_back(name: str) -> None:
    reading = read_file(name)

    for one in records(reading):
        assert from_json(orjson.loads(orjson.dumps(to_json(one)))) == one


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_remark_beside_a_finding_is_one_that_pages_can_have_words_for(name: str) -> None:
    flags = {flag for one in read_file(name).findings for flag in one.flags}

    assert all(is_known(flag) for flag in flags)


@pytest.mark.parametrize("name", EXAMPLES)
def test_reading_twice_gives_the_same_keys_each_once(name: str) -> None:
    raw = (DATA / name).read_bytes()

    keys = [one.key for one in read_bytes(raw).findings]

    assert keys == [one.key for one in read_bytes(raw).findings]
    assert len(keys) == len(set(keys))


def test_a_positive_hereditary_report_holds_its_variant_class_and_medicine_genes() -> None:
    reading = read_file(SCENARIOS[0])

    (variant,) = [one for one in reading.findings if one.kind == "variant"]
    (meaning,) = [one for one in reading.findings if one.kind == "diagnostic-implication"]
    genotypes = [one for one in reading.findings if one.kind == "genotype"]

    assert variant.genes[0].symbol == "BRCA2"
    assert variant.hgvs
    assert variant.hgvs.c == ("c.2808_2811delACAA",)
    assert meaning.significance == ("Pathogenic",)
    assert meaning.derived_from == (variant.id,)
    assert {one.genes[0].symbol for one in genotypes} == {
        "CYP2C19", "DPYD", "IFNL3", "SLCO1B1", "TPMT", "CYP2C9", "VKORC1",
    }  # fmt: skip
    assert reading.reports[0].methods


def test_a_wrong_gene_id_in_a_real_report_is_shown_and_flagged() -> None:
    (variant,) = [one for one in read_file(SCENARIOS[0]).findings if one.kind == "variant"]

    assert variant.genes[0].id == "HGNC:7127"
    assert "conflict:gene-id" in variant.flags


def test_results_about_another_patient_inside_a_good_report_are_quarantined() -> None:
    reading = read_file("fhir/ig-stu3/somatic-full-report/_collection.bundle.json")

    others = {one.id for one in reading.quarantined}

    assert {"ATR-insertion-molc", "EGFR-L858R-molc", "ROS1-Fusion"} <= others
    assert all(one.subject == "Patient/somaticPatient" for one in reading.findings)


def test_the_parents_files_of_a_trio_are_quarantined() -> None:
    reading = read_file("fhir/ig-stu3/genomic-study-trio/_collection.bundle.json")

    others = {one.id for one in reading.quarantined}

    assert {"genomicFileMotherBAM", "genomicFileFatherBAM"} <= others
    assert {one.id for one in reading.findings} == {
        "genomicstudy-trio2", "genomicstudyanalysis-trio2",
    }  # fmt: skip


def test_results_that_a_report_only_names_in_words_are_kept_in_words() -> None:
    name = "fhir/ig-stu2/mixed/DiagnosticReport-diagnosticreport-hla-glstring-r4.json"

    found = read_file(name).findings

    assert len(found) == 3
    assert all(one.flags == ("words-only",) for one in found)
    assert "HLA-B*15:01:01:01+HLA-B*40:01:02:01" in str(found[1].value)


def test_an_answer_that_counts_people_gives_no_finding() -> None:
    reading = read_file("fhir/genomics-operations/find_population_dx_implications/1.json")

    assert not reading.findings
    assert [one.code for one in reading.notices] == ["population"]
