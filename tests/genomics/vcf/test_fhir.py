"""What is written as FHIR: by the profiles, readable back, nothing more than the file says."""

import io
import json
from typing import Any

import fhirkit
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.genomics.documents import SourceResource, split
from portal.genomics.findings import Finding, Kind, Presence
from portal.genomics.reader import read
from portal.genomics.vcf.beds import Bed, State
from portal.genomics.vcf.builds import Build
from portal.genomics.vcf.converting import Choice, Conversion
from portal.genomics.vcf.faults import Fault
from portal.genomics.vcf.reading import findings
from tests.genomics.vcf.builders import DATA, VCF, a_file, a_line

Json = dict[str, Any]
PATIENT = Choice(patient="Patient/p")
# Where the two ways of reading must agree: all but where in the source a fact was found.
PROVENANCE = {"source", "sources", "concepts", "attributes", "context", "flags"}


def converted(raw: bytes, choice: Choice = PATIENT, *beds: Bed) -> list[Json]:
    conversion = Conversion(io.BytesIO(raw), choice, beds=beds)
    return [json.loads(item) for item in conversion.items() if isinstance(item, str)]


def variants(raw: bytes, choice: Choice = PATIENT) -> list[Json]:
    return [one for one in converted(raw, choice) if one["id"].startswith("variant-")]


def component(resource: Json, code: str) -> Json | None:
    for one in resource["component"]:
        if one["code"]["coding"][0]["code"] == code:
            return {key: value for key, value in one.items() if key != "code"}
    return None


def test_the_good_example_becomes_a_variant_of_the_profile() -> None:
    (variant,) = variants(a_file(a_line("0/1:20,12", name="rs80358650", form="GT:AD")))

    assert variant["meta"]["profile"] == [
        "http://hl7.org/fhir/uv/genomics-reporting/StructureDefinition/variant"
    ]
    assert [c["coding"][0]["code"] for c in variant["category"]] == ["laboratory", "GE"]
    assert variant["code"]["coding"][0]["code"] == "69548-6"
    assert variant["valueCodeableConcept"]["coding"][0]["code"] == "LA9633-4"
    assert variant["subject"] == {"reference": "Patient/p"}
    expected = {
        "62374-4": "LA26806-2",
        "48013-7": "NC_000013.11",
        "48000-4": "LA21266-4",
        "92822-6": "LA30102-0",
        "81290-9": "NC_000013.11:g.32316461G>A",
        "48019-4": "SO:0001483",
        "53034-5": "LA6706-1",
        "81252-9": "rs80358650",
    }
    for code, value in expected.items():
        found = component(variant, code)
        assert found is not None
        assert found["valueCodeableConcept"]["coding"][0]["code"] == value
    assert component(variant, "69547-8") == {"valueString": "G"}
    assert component(variant, "69551-0") == {"valueString": "A"}
    assert component(variant, "81254-5") == {
        "valueRange": {"low": {"value": 32316461}, "high": {"value": 32316461}}
    }
    fraction, reads = component(variant, "81258-6"), component(variant, "82121-5")
    assert fraction is not None
    assert fraction["valueQuantity"]["value"] == 0.375
    assert reads is not None
    assert reads["valueQuantity"]["value"] == 12


@pytest.mark.parametrize(
    ("genotype", "code"), [("0/0", "LA9634-2"), ("./.", "LA18198-4"), ("0/.", "LA11884-6")]
)
def test_absent_no_call_and_indeterminate_are_three_answers(genotype: str, code: str) -> None:
    (variant,) = variants(a_file(a_line(genotype)))

    assert variant["valueCodeableConcept"]["coding"][0]["code"] == code
    assert component(variant, "53034-5") is None


def test_nothing_is_said_that_the_file_does_not_say() -> None:
    (variant,) = variants(a_file(a_line("./1")))

    for code in ("53034-5", "48002-0", "81258-6", "82121-5", "82155-3", "48018-6", "81252-9"):
        assert component(variant, code) is None


def test_without_a_genotype_there_is_no_value() -> None:
    (variant,) = variants(a_file(a_line("7,3", form="AD")))

    assert "valueCodeableConcept" not in variant
    assert variant["dataAbsentReason"]["coding"][0]["code"] == "unknown"


def test_words_of_the_file_are_escaped() -> None:
    (variant,) = variants(a_file(a_line(alt='<A"\\>', name='x"y', filters='q"')))

    assert component(variant, "69551-0") == {"valueString": '<A"\\>'}
    assert variant["note"] == [{"text": 'FILTER: q"'}]


def test_an_imprecise_change_has_inner_and_outer_bounds() -> None:
    line = a_line(pos=100, ref="N", alt="<DEL>", info="END=200;CIPOS=-5,5;CIEND=-7,7;IMPRECISE")

    (variant,) = variants(a_file(line))

    assert component(variant, "81254-5") is None
    assert component(variant, "81302-2") == {
        "valueRange": {"low": {"value": 106}, "high": {"value": 193}}
    }
    assert component(variant, "81301-4") == {
        "valueRange": {"low": {"value": 96}, "high": {"value": 207}}
    }


@pytest.mark.parametrize(
    ("first", "second", "word"),
    [
        ("0|1:5", "0|1:5", "Cis"),
        ("0|1:5", "1|0:5", "Trans"),
        ("0|1:5", "0|1:9", None),
        ("0|1:5", "1|1:5", None),
        ("0|1:5", "0/1:5", None),
        ("0|1:.", "1|0:.", "Trans"),
    ],
)
def test_neighbours_of_one_phase_set_are_in_cis_or_in_trans(
    first: str, second: str, word: str | None
) -> None:
    raw = a_file(a_line(first, pos=100, form="GT:PS"), a_line(second, pos=200, form="GT:PS"))

    phases = [one for one in converted(raw) if one["id"].startswith("phase-")]

    assert [one["valueCodeableConcept"]["coding"][0]["code"] for one in phases] == (
        [word] if word else []
    )
    for one in phases:
        assert [reference["reference"] for reference in one["derivedFrom"]] == [
            "Observation/variant-9-1",
            "Observation/variant-10-1",
        ]


def test_the_study_says_the_build_and_the_report_says_the_counts() -> None:
    lines = [a_line(pos=100), a_line("0/0", pos=200), a_line("./.", pos=300)]

    resources = {one["id"]: one for one in converted(a_file(*lines))}

    analysis = resources["genomic-study-analysis"]
    build = analysis["extension"][0]["valueCodeableConcept"]["coding"][0]
    assert build["code"] == "LA26806-2"
    assert resources["genomic-report"]["conclusion"].startswith(
        "1 difference among 2 places tested; 1 without an answer."
    )
    assert resources["variant-9-1"]["partOf"] == [{"reference": "Procedure/genomic-study"}]


def test_the_regions_of_a_bed_file_are_studied_regions() -> None:
    bed = b"track name=x\nchr13\t100\t200\tBRCA2\nchr13\t9\t3\nchr13 1 2\n"
    beds = [Bed(State.STUDIED, bed)]
    conversion = Conversion(io.BytesIO(a_file(a_line())), PATIENT, beds=beds)

    items = list(conversion.items())

    faults = [item for item in items if isinstance(item, Fault)]
    regions = [json.loads(i) for i in items if isinstance(i, str) and '"region-' in i]
    ranges = [component(region, "51959-5") for region in regions]
    assert [(fault.line, fault.file) for fault in faults if not fault.kept] == [(3, 1)]
    assert ranges == [
        {"valueRange": {"low": {"value": 100}, "high": {"value": 200}}},
        {"valueRange": {"low": {"value": 1}, "high": {"value": 2}}},
    ]
    analysis = next(json.loads(i) for i in items if isinstance(i, str) and "-analysis-regions" in i)
    assert analysis["extension"][1]["extension"][0]["valueReference"] == {
        "reference": "DocumentReference/regions"
    }


UNREAD = Bed(State.UNCALLED, b"chr13\t199\t200\n")


def test_regions_that_could_not_be_read_stand_apart_from_those_studied() -> None:
    studied = Bed(State.STUDIED, b"chr13\t50\t400\n")

    resources = {
        one["id"]: one for one in converted(a_file(a_line(pos=100)), PATIENT, studied, UNREAD)
    }

    files = resources["genomic-study-analysis"]["extension"][1]["extension"]
    assert [(one["url"], one["valueReference"]["reference"]) for one in files[:2]] == [
        ("studied", "DocumentReference/regions"),
        ("uncalled", "DocumentReference/regions-2"),
    ]
    assert files[2]["valueString"] == (
        "1 region with 350 letters of DNA was looked at. Nothing is known of what lies outside."
    )
    assert "51959-5" in json.dumps(resources["region-1"])
    unread = resources["region-2-1"]["component"][2]
    assert unread["code"]["coding"][0]["code"] == "uncallable-regions"
    assert unread["valueRange"] == {"low": {"value": 199}, "high": {"value": 200}}
    assert resources["genomic-report"]["conclusion"].endswith(
        "1 region with 350 letters of DNA was looked at. "
        "1 region with 1 letter of DNA could not be read. "
        "Nothing is known of what lies outside."
    )


@pytest.mark.parametrize(
    ("genotype", "pos", "outside"),
    [("0/1", 150, 0), ("0/1", 100, 1), ("0/1", 201, 1), ("0/1", 200, 1), ("0/0", 100, 0)],
)
def test_a_difference_where_the_test_did_not_look_is_told(
    genotype: str, pos: int, outside: int
) -> None:
    studied = Bed(State.STUDIED, b"chr13\t100\t200\n")
    raw = a_file(a_line(genotype, pos=pos))
    conversion = Conversion(io.BytesIO(raw), PATIENT, beds=[studied, UNREAD])

    items = list(conversion.items())

    remarks = [one for one in items if isinstance(one, Fault) and one.code == "outside-regions"]
    assert (len(remarks), conversion.summary.outside) == (outside, outside)
    assert ("1 difference lies where" in str(items[-1])) is bool(outside)
    variant = next(one for one in items if isinstance(one, str) and '"variant-' in one)
    assert ("did not look at this place" in variant) is bool(outside)


def test_a_long_change_is_where_the_test_looked_if_any_of_it_is() -> None:
    raw = a_file(a_line(ref="N", alt="<DEL>", pos=90, info="SVTYPE=DEL;END=150"))
    studied = Bed(State.STUDIED, b"chr13\t100\t200\n")
    conversion = Conversion(io.BytesIO(raw), PATIENT, beds=[studied])

    list(conversion.items())

    assert conversion.summary.outside == 0


@pytest.mark.parametrize("genotype", ["0/1", "0/0"])
def test_the_study_with_its_regions_is_good_fhir(genotype: str) -> None:
    studied = Bed(State.STUDIED, b"chr13\t100\t200\tBRCA2\n")

    made = converted(a_file(a_line(genotype)), PATIENT, studied, UNREAD)

    faults = [
        str(issue)
        for one in made
        for issue in fhirkit.validate(json.dumps(one))
        if issue.severity == "error"
    ]
    assert faults == []


def test_a_raw_file_is_marked_as_not_a_clinical_test() -> None:
    for resource in converted(a_file(a_line()), Choice(clinical=False)):
        assert resource["meta"]["tag"][0]["code"] == "not-a-clinical-test"


ANN = (
    '##INFO=<ID=ANN,Number=.,Type=String,Description="Functional annotations: '
    "'Allele | Annotation | Annotation_Impact | Gene_Name | Gene_ID | Feature_Type | Feature_ID"
    " | Transcript_BioType | Rank | HGVS.c | HGVS.p'\">"
)
CSQ = (
    '##INFO=<ID=CSQ,Number=.,Type=String,Description="Consequence annotations from Ensembl VEP. '
    'Format: Allele|Consequence|SYMBOL|HGNC_ID|Feature|HGVSc|HGVSp|MANE_SELECT">'
)


@pytest.mark.parametrize(
    ("head", "line", "gene", "coding"),
    [
        (
            ANN,
            a_line(
                alt="A,T",
                genotype="0/2",
                info="ANN=A|stop_gained||WRONG||t|NM_1.1|||c.1G>A|p.G1*,"
                "T|upstream_gene_variant||NEAR||t|NM_3.1|||c.-9G>T|,"
                "T|missense_variant||BRCA2||t|NM_000059.4|||c.5G>T|p.Gly2Val",
            ),
            "BRCA2",
            "NM_000059.4:c.5G>T",
        ),
        (
            CSQ,
            a_line(
                ref="GA",
                alt="G",
                info="CSQ=-|frameshift_variant|BRCA2|HGNC:1101|ENST1|ENST1.1:c.7del||,"
                "-|frameshift_variant|BRCA2|1101|ENST2|ENST2.3:c.9del||NM_000059.4",
            ),
            "BRCA2",
            "ENST2.3:c.9del",
        ),
    ],
)
def test_names_that_software_added_are_taken_and_marked(
    head: str, line: str, gene: str, coding: str
) -> None:
    raw = a_file(line).replace(b"##FORMAT=<ID=GT", f"{head}\n##FORMAT=<ID=GT".encode(), 1)

    found = [one for one in findings(io.BytesIO(raw)) if isinstance(one, Finding)]

    (finding,) = found
    assert [one.symbol for one in finding.genes] == [gene]
    assert finding.hgvs is not None
    assert finding.hgvs.c == (coding,)
    assert any("software" in note for note in finding.notes)
    assert agreed(raw, PATIENT) >= 1


def test_too_many_changes_are_counted_and_none_is_picked_out() -> None:
    raw = a_file(*(a_line(pos=100 + at) for at in range(5)))

    few = converted(raw, Choice(most=5))
    many = converted(raw, Choice(most=4))

    assert sum(one["id"].startswith("variant-") for one in few) == 5
    assert not any(one["id"].startswith("variant-") for one in many)
    assert "5 differences" in many[-1]["conclusion"]
    assert "too many to be listed" in many[-1]["conclusion"]


def test_a_file_of_findings_says_only_what_differs() -> None:
    lines = [a_line(pos=100), a_line("0/0", pos=200), a_line("./.", pos=300)]

    *found, report = findings(io.BytesIO(a_file(*lines)))

    assert [one.position.start for one in found if isinstance(one, Finding) and one.position] == [
        100
    ]
    assert report.findings == ("Observation/variant-9-1",)  # type: ignore[union-attr]


def agreed(raw: bytes, choice: Choice) -> int:
    """Return how many findings the two ways of reading a file have, having compared them."""
    ours = {
        one.key: msgspec.to_builtins(one)
        for one in findings(io.BytesIO(raw), choice)
        if isinstance(one, Finding)
    }
    lines = "\n".join(json.dumps(one) for one in converted(raw, choice)).encode()
    resources = [one for one in split(lines) if isinstance(one, SourceResource)]
    theirs = {
        one.key: msgspec.to_builtins(one)
        for one in read(resources, patient_ids=None).findings
        if one.kind in (Kind.VARIANT, Kind.PHASE)
        and one.presence not in (Presence.ABSENT, Presence.NO_CALL)
    }
    for one in ours.values():
        if one["kind"] == "variant" and one["position"]["chromosome"] == "MT":
            del one["position"]["chromosome"]  # there is no LOINC answer for it
    assert ours.keys() == theirs.keys()
    for key, one in ours.items():
        for field in {*one, *theirs[key]} - PROVENANCE:
            assert one.get(field) == theirs[key].get(field), (key, field)
    return len(ours)


@pytest.mark.parametrize(
    ("name", "build"),
    [
        ("vcf2fhir/vcf_example1.vcf", Build.GRCH37),
        ("vcf2fhir/vcf_example4.vcf", Build.GRCH37),
        ("vcf2fhir/vcf_structural_variants.vcf", None),
        ("callers/dragen-cnv-min.vcf", None),
        ("callers/example_gatk_hc.4.4.0.0.vcf", None),
        ("cyvcf2/test.snpeff.vcf", None),
        ("../hl7v2/snpEff.vcf", None),
        ("ga4gh-vrs/test_vcf_input.vcf", None),
    ],
)
def test_reading_a_file_and_reading_its_fhir_give_the_same_findings(
    name: str, build: Build | None
) -> None:
    raw = (VCF / name).read_bytes()
    sample = "1094PC0005" if "test.snpeff" in name else None

    assert agreed(raw, Choice(patient="Patient/p", build=build, sample=sample))


BASES = st.text("ACGT", min_size=1, max_size=6)
GENOTYPES = st.sampled_from(["0/1", "1/1", "1|0", "0|1", "./1", "1", "0/.", "2|1", "1/2", "0/0"])


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    lines=st.lists(
        st.tuples(GENOTYPES, BASES, st.lists(BASES, min_size=2, max_size=2, unique=True)),
        min_size=1,
        max_size=5,
    ),
    chrom=st.sampled_from(["chr13", "chrX", "chrM"]),
)
def test_writing_then_reading_gives_back_the_same_facts(
    lines: list[tuple[str, str, list[str]]], chrom: str
) -> None:
    kept = [
        a_line(genotype, chrom=chrom, pos=100 + 50 * at, ref=ref, alt=",".join(alts))
        for at, (genotype, ref, alts) in enumerate(lines)
        if ref not in alts
    ]

    assert agreed(a_file(*kept), PATIENT) >= 0


EXPECTED = DATA / "fhir/vcf2fhir-expected/expected_fhir_germline_structural.json"


def said(value: Json) -> str:
    if "valueQuantity" in value:
        return f"{value['valueQuantity']['value']:g}"
    return str(value["valueCodeableConcept"]["coding"][0]["code"])


def test_zygosity_and_copies_agree_with_another_converter() -> None:
    raw = (VCF / "vcf2fhir/vcf_structural_variants.vcf").read_bytes()
    ours = {}
    for one in variants(raw):
        alt, ref = component(one, "69551-0"), component(one, "69547-8")
        chromosome = component(one, "48000-4")
        if alt and ref and chromosome:
            name = chromosome["valueCodeableConcept"]["coding"][0]["display"].split()[-1]
            where = (component(one, "81254-5") or component(one, "81302-2") or {})["valueRange"]
            high = where["high"]["value"]
            ours[(name, ref["valueString"], alt["valueString"], high)] = one
    theirs = [
        one
        for one in json.loads(EXPECTED.read_text())["contained"]
        if one["code"]["coding"][0]["code"] == "69548-6"
    ]

    compared = 0
    for one in theirs:
        spdi = component(one, "48004-6")
        assert spdi is not None
        sequence, _, ref, alt = spdi["valueCodeableConcept"]["coding"][0]["code"].split(":", 3)
        high = (component(one, "81302-2") or {})["valueRange"]["high"]["value"]
        match = ours.get((str(int(sequence[3:9])), ref, alt, high))
        if match is None or component(match, "53034-5") is None:
            continue
        compared += 1
        for code in ("53034-5", "82155-3"):
            mine, other = component(match, code), component(one, code)
            if other is not None:
                assert mine is not None
                assert said(mine) == said(other)

    assert compared >= 6
