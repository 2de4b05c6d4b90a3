"""What is not an Observation: studies, answers, sequences, recommendations, relatives, risks."""

import orjson
import pytest

from portal.genomics.findings import Finding, Gene, Position, Presence, Region
from tests.genomics.builders import (
    ME,
    Json,
    a_report,
    a_variant,
    an_implication,
    coded,
    component,
    reading_of,
)
from tests.genomics.files import finding, read_bytes

GUIDE = "http://hl7.org/fhir/uv/genomics-reporting/StructureDefinition"


def extension(name: str, **value: object) -> Json:
    return {"url": f"{GUIDE}/genomic-study-analysis-{name}", **value}


def a_study(*extensions: Json) -> Json:
    return {
        "resourceType": "Procedure",
        "id": "study",
        "status": "completed",
        "subject": {"reference": ME},
        "extension": list(extensions),
    }


def only(*resources: Json) -> Finding:
    (found,) = reading_of(*resources).findings
    return found


# --- studies ---------------------------------------------------------------------------------
def test_regions_studied_and_not_called_keep_genes_files_and_words() -> None:
    gene = {"coding": [{"system": "http://www.genenames.org", "code": "HGNC:1100"}]}
    bed = {
        "resourceType": "DocumentReference", "id": "bed", "status": "current",
        "content": [{"attachment": {"title": "Exons", "url": "https://lab/exons.bed"}}],
    }  # fmt: skip
    regions = extension("regions") | {
        "extension": [
            {"url": "description", "valueString": "coding exons"},
            {"url": "studied", "valueReference": {"reference": "DocumentReference/bed"}},
            {"url": "called", "valueReference": {"reference": "DocumentReference/gone"}},
            {"url": "uncalled", "valueCodeableConcept": gene},
            {"url": "guessed", "valueString": "what"},
        ]
    }

    found = only(a_study(regions), bed)

    assert found.kind == "region-studied"
    assert found.regions == (
        Region(text="coding exons"),
        Region(state="studied", text="Exons", file="https://lab/exons.bed"),
        Region(state="called", file="DocumentReference/gone"),
        Region(state="uncalled", genes=(Gene("", "HGNC:1100"),)),
    )
    assert found.not_understood == ("Procedure.extension[0].extension[4]",)


def test_a_study_tells_its_method_build_source_and_specimen() -> None:
    specimen = {"resourceType": "Specimen", "id": "s", "type": {"text": "Blood"}}
    found = only(
        a_study(
            extension("method-type", valueCodeableConcept={"text": "NGS"}),
            extension("genome-build", valueCodeableConcept=coded("LA26806-2", "GRCh38")),
            extension("genomic-source-class", valueCodeableConcept=coded("LA6683-2", "Germline")),
            extension("specimen", valueReference={"reference": "Specimen/s"}),
            extension("title", valueString="Panel"),
            {"url": "http://lab/odd", "valueString": "x"},
        ),
        specimen,
    )

    assert found.methods == ("NGS",)
    assert found.position
    assert found.position.build == "GRCh38"
    assert found.source_class == "germline"
    assert found.specimen == "Blood"
    assert ("odd", "x") in {(one.label, one.text) for one in found.attributes}
    assert found.not_understood == ("Procedure.extension[5]",)


def test_a_tumour_normal_pair_is_of_neither_class_alone() -> None:
    found = only(
        a_study(
            extension("genomic-source-class", valueCodeableConcept=coded("LA6683-2", "Germline")),
            extension("genomic-source-class", valueCodeableConcept=coded("LA6684-0", "Somatic")),
        )
    )

    assert found.source_class == ""
    assert [one.text for one in found.attributes] == ["Germline", "Somatic"]


def test_the_name_of_another_person_in_a_study_stays_out() -> None:
    mother = {"resourceType": "Patient", "id": "mum", "name": [{"text": "SECRET NAME"}]}

    reading = reading_of(
        a_study(extension("focus", valueReference={"reference": "Patient/mum"})), mother
    )

    assert "SECRET NAME" not in str(reading)
    assert [one.id for one in reading.quarantined] == ["mum"]


def test_an_analysis_of_a_parent_is_marked_and_one_of_all_three_is_not() -> None:
    mother = extension("focus", valueReference={"reference": "Patient/mum"})
    child = extension("focus", valueReference={"reference": ME})

    assert only(a_study(mother)).flags == ("focus",)
    assert only(a_study(mother, child)).flags == ()


def a_genomic_study(*analyses: Json, **more: object) -> Json:
    return {
        "resourceType": "GenomicStudy",
        "id": "g",
        "status": "available",
        "subject": {"reference": ME},
        "analysis": list(analyses),
        **more,
    }


def test_a_study_of_r5_tells_what_it_looked_at_in_each_analysis() -> None:
    bed = {
        "resourceType": "DocumentReference", "id": "bed", "status": "current",
        "content": [{"attachment": {"title": "Exons", "url": "https://lab/exons.bed"}}],
    }  # fmt: skip
    analysis = {
        "title": "Small changes",
        "methodType": [{"text": "NGS"}],
        "changeType": [{"text": "SNV"}],
        "genomeBuild": coded("LA26806-2", "GRCh38"),
        "date": "2020-02-02",
        "note": [{"text": "PIK3CB could not be read."}],
        "regionsStudied": [{"reference": "DocumentReference/bed"}],
        "regionsCalled": [{"reference": "DocumentReference/gone"}],
    }
    study = a_genomic_study(
        analysis,
        type=[{"text": "Exome"}],
        startDate="2020-01-01",
        description="300 genes",
        reason=[{"concept": {"text": "Lung mass"}}],
        note=[{"text": "Urgent"}],
    )

    whole, part = reading_of(study, bed).findings

    assert (whole.id, whole.kind, whole.status) == ("g", "region-studied", "available")
    assert (whole.effective_at, whole.notes, whole.flags) == ("2020-01-01", ("Urgent",), ())
    assert whole.code
    assert whole.code.text == "Exome"
    assert whole.members == ("g#analysis[0]",)
    said = [(one.label, one.text) for one in whole.attributes]
    assert said == [("Description", "300 genes"), ("Reason", "Lung mass")]
    assert (part.id, part.methods, part.effective_at) == ("g#analysis[0]", ("NGS",), "2020-02-02")
    assert part.position
    assert part.position.build == "GRCh38"
    assert part.notes == ("PIK3CB could not be read.",)
    assert part.regions == (
        Region(state="studied", text="Exons", file="https://lab/exons.bed"),
        Region(state="called", file="DocumentReference/gone"),
    )


def test_regions_of_an_r5_study_that_are_a_result_stay_that_result() -> None:
    region: Json = {
        "resourceType": "Observation", "id": "o", "status": "final", "code": coded("53041-0"),
        "subject": {"reference": ME},
        "component": [component("48018-6", valueCodeableConcept={"text": "BRCA1"})],
    }  # fmt: skip
    study = a_genomic_study({"regionsCalled": [{"reference": "Observation/o"}]})

    _, part, told = reading_of(study, region).findings

    assert (part.members, part.regions) == (("o",), ())
    assert [one.symbol for one in told.genes] == ["BRCA1"]


def test_an_analysis_of_a_parent_in_an_r5_study_is_marked() -> None:
    mother = {"focus": [{"reference": "Patient/mum"}]}

    _, of_mother, own = reading_of(a_genomic_study(mother, {"title": "Child"})).findings

    assert (of_mother.flags, own.flags) == (("focus",), ())


@pytest.mark.parametrize(
    ("status", "code"), [("cancelled", "cancelled"), ("entered-in-error ", "withdrawn")]
)
def test_a_study_that_was_not_done_is_no_finding(status: str, code: str) -> None:
    reading = reading_of(a_genomic_study({"title": "Panel"}, status=status))

    assert [one.code for one in reading.notices] == [code]
    assert not reading.findings


def test_an_r5_study_belongs_to_the_report_that_names_it() -> None:
    study = a_genomic_study({"title": "Panel"})
    study_link = {
        "url": f"{GUIDE}/genomic-study-reference",
        "valueReference": {"reference": "GenomicStudy/g"},
    }

    reading = reading_of(a_report("v", extension=[study_link]), a_variant(), study)

    keys = {one.id: one.reports for one in reading.findings}
    assert keys["g"] == keys["g#analysis[0]"] == keys["v"] != ()


# --- answers of operations -------------------------------------------------------------------
def answered(*parts: Json, name: str = "variants") -> tuple[Finding, ...]:
    body = {"resourceType": "Parameters", "parameter": [{"name": name, "part": list(parts)}]}
    return read_bytes(orjson.dumps(body)).findings


NOT_FOUND = {"name": "presence", "valueBoolean": False}


@pytest.mark.parametrize(
    ("item", "asked", "kind"),
    [
        ("variantItem", "NC_000005.9:112154946:CC:C", "variant"),
        ("variantItem", "NC_000001.10:g.144931726G>A", "variant"),
        ("haplotypeItem", "CYP2C9*2", "haplotype"),
        ("geneItem", "HGNC:2625", "genotype"),
    ],
)
def test_what_was_asked_and_not_found_is_absent(item: str, asked: str, kind: str) -> None:
    (found,) = answered(NOT_FOUND, {"name": item, "valueString": asked})

    assert (found.kind, found.presence) == (kind, Presence.ABSENT)
    expressions = found.hgvs.g if found.hgvs else ()
    assert asked in {found.name, *found.ids, *expressions}


def test_a_range_without_variants_is_absent_there_and_nowhere_else() -> None:
    (found,) = answered(NOT_FOUND, {"name": "rangeItem", "valueString": "NC_000007.14:100-200"})

    assert found.presence is Presence.ABSENT
    assert found.position is None
    assert found.regions[0].position
    assert (found.regions[0].position.start0, found.regions[0].position.end0) == (100, 200)


def test_found_without_a_resource_says_nothing_of_absence() -> None:
    assert not answered({"name": "presence", "valueBoolean": True})


def test_what_a_test_covered_is_read_from_study_metadata() -> None:
    (found,) = answered(
        {"name": "testDate", "valueDateTime": "2020-07-13"},
        {"name": "genomicBuild", "valueCodeableConcept": coded("LA26806-2", "GRCh38")},
        {"name": "geneStudied", "valueCodeableConcept": {"text": "EGFR"}},
        {"name": "specimenId", "valueString": "sp1"},
        {"name": "regionStudied", "valueString": "NC_000007.14:10-20, NC_000007.14:30-40"},
        {"name": "uncallableRegions", "valueString": ["whole exon 3"]},
        {"name": "testId", "valueString": "t1"},
        name="tests",
    )

    assert (found.effective_at, found.specimen) == ("2020-07-13", "sp1")
    assert found.genes == (Gene("EGFR"),)
    assert [one.state for one in found.regions] == ["studied", "studied", "uncalled"]
    assert found.regions[2].text == "whole exon 3"


# --- sequences -------------------------------------------------------------------------------
def test_the_variants_of_a_sequence_are_read_without_claiming_that_they_were_seen() -> None:
    found = only(
        {
            "resourceType": "MolecularSequence", "id": "m", "coordinateSystem": 1,
            "patient": {"reference": ME},
            "referenceSeq": {
                "referenceSeqId": coded("NC_000009.11"), "genomeBuild": "GRCh37",
                "chromosome": {"text": "9"},
            },
            "variant": [{"start": 22, "end": 22, "referenceAllele": "A", "observedAllele": "G"}],
        }
    )  # fmt: skip

    assert (found.kind, found.presence, found.ref, found.alt) == ("variant", None, "A", "G")
    assert found.position
    assert (found.position.sequence, found.position.start0) == ("NC_000009.11", 21)


def a_structure(**said: object) -> Json:
    return {
        "resourceType": "MolecularSequence", "id": "m", "coordinateSystem": 1,
        "patient": {"reference": ME},
        "referenceSeq": {
            "referenceSeqId": coded("NC_000022.11"), "genomeBuild": "GRCh38",
            "chromosome": {"text": "22"},
        },
        "structureVariant": [said],
    }  # fmt: skip


def test_a_large_change_of_a_sequence_is_read_with_both_its_ends() -> None:
    found = only(
        a_structure(
            variantType=coded("LA6692-3", "Deletion"),
            exact=False,
            length=2_500_000,
            inner={"start": 18_900_000, "end": 21_400_000},
            outer={"start": 18_800_000, "end": 21_500_000},
        )
    )

    assert (found.id, found.kind, found.presence) == ("m#structureVariant[0]", "variant", None)
    assert found.position == Position(
        chromosome="22",
        sequence="NC_000022.11",
        start=18_900_000,
        end=21_400_000,
        coordinate_system="1-based character counting",
        build="GRCh38",
        start0=18_899_999,
        end0=21_400_000,
        outer_start=18_800_000,
        outer_end=21_500_000,
    )
    assert [(one.label, one.said) for one in found.attributes] == [
        ("DNA change type", "Deletion"),
        ("Length", "2500000"),
        ("Exact ends", "False"),
    ]
    assert found.not_understood == ()


def test_of_a_large_change_nothing_is_said_that_the_sequence_does_not_say() -> None:
    found = only(a_structure(outer={"start": 10}, what="else"))

    assert found.position
    assert (found.position.start, found.position.start0, found.position.outer_start) == (
        None,
        None,
        10,
    )
    assert found.attributes == ()
    assert found.not_understood == ("MolecularSequence.structureVariant[0].what",)


def test_the_edits_of_a_sequence_of_r5_are_read_in_the_same_way() -> None:
    relative = {
        "coordinateSystem": coded("LA30102-0", "1-based character counting"),
        "startingSequence": {
            "sequenceCodeableConcept": coded("NC_000009.11"), "chromosome": {"text": "9"},
            "genomeAssembly": coded("LA14029-5", "GRCh37"), "strand": "watson",
        },
        "edit": [
            {"start": 22, "end": 22, "replacedSequence": "A", "replacementSequence": "G"},
            {"start": 30, "end": 29, "replacedSequence": "C", "replacementSequence": "-"},
        ],
    }  # fmt: skip
    sequence = {
        "resourceType": "MolecularSequence", "id": "m", "subject": {"reference": ME},
        "relative": [relative],
    }  # fmt: skip

    first, second = reading_of(sequence).findings

    assert (first.id, first.presence) == ("m#relative[0].edit[0]", None)
    assert (first.ref, first.alt) == ("A", "G")
    assert first.position
    assert (first.position.sequence, first.position.chromosome) == ("NC_000009.11", "9")
    assert (first.position.build, first.position.start0, first.position.end0) == ("GRCh37", 21, 22)
    assert [(one.label, one.text) for one in first.attributes] == [("Strand", "watson")]
    assert (first.flags, second.flags) == ((), ("conflict:end-before-start",))


def test_a_way_of_counting_that_we_do_not_know_gives_no_place() -> None:
    relative = {"coordinateSystem": {"text": "by eye"}, "edit": [{"start": 22, "end": 23}]}
    sequence = {"resourceType": "MolecularSequence", "id": "m", "relative": [relative]}

    found = only(sequence)

    assert found.position
    assert (found.position.start, found.position.start0) == (22, None)
    assert ("Coordinate system", "by eye") in {(one.label, one.text) for one in found.attributes}


def test_a_sequence_of_something_beside_the_person_is_marked() -> None:
    sequence = {
        "resourceType": "MolecularSequence", "id": "m", "subject": {"reference": ME},
        "focus": [{"reference": "Patient/mum"}], "relative": [{"edit": [{"start": 1}]}],
    }  # fmt: skip

    assert "focus" in only(sequence).flags


# --- recommendations and trials --------------------------------------------------------------
def a_task(**more: object) -> Json:
    return {
        "resourceType": "Task", "id": "t", "status": "requested", "for": {"reference": ME},
        "code": coded("LA26423-6"), **more,
    }  # fmt: skip


def test_a_recommended_change_names_its_medicine() -> None:
    medication = {"resourceType": "Medication", "id": "w", "code": {"text": "Warfarin"}}
    statement = {
        "resourceType": "MedicationStatement", "id": "m", "status": "active",
        "subject": {"reference": ME}, "medicationReference": {"reference": "Medication/w"},
    }  # fmt: skip

    found = only(
        a_task(focus={"reference": "MedicationStatement/m"}, description="More may be needed."),
        medication,
        statement,
    )

    assert found.kind == "recommendation"
    assert found.effects == ("Increase dose",)
    assert [one.text for one in found.medicines] == ["Warfarin"]
    assert found.conclusion == "More may be needed."


def test_a_recommended_study_is_a_trial() -> None:
    study = {"resourceType": "ResearchStudy", "id": "s", "status": "active", "title": "Trial X"}

    found = only(a_task(focus={"reference": "ResearchStudy/s"}), study)

    assert [(one.text, one.reference) for one in found.trials] == [("Trial X", "ResearchStudy/s")]


def test_a_task_that_has_nothing_to_do_with_genes_is_no_recommendation() -> None:
    reading = reading_of(a_task(code={"text": "Call the patient"}))

    assert not reading.findings
    assert [one.code for one in reading.notices] == ["context"]


@pytest.mark.parametrize(("code", "fits"), [("399223003", True), ("444734003", False)])
def test_a_trial_says_whether_the_person_is_eligible(code: str, *, fits: bool) -> None:
    trial = coded("NCT04919811", "NCT04919811", "https://clinicaltrials.gov", "A study")
    words = coded(code, "about the trial", "http://snomed.info/sct")
    found = finding(
        reading_of(
            a_variant(),
            an_implication(
                "i",
                component("associated-therapy", valueCodeableConcept=trial),
                component("therapeutic-implication", valueCodeableConcept=words),
                code=coded("therapeutic-implication"),
            ),
        ),
        "i",
    )

    assert [(one.ids, one.eligible) for one in found.trials] == [(("NCT04919811",), fits)]


# --- relatives and risks ---------------------------------------------------------------------
def test_a_relative_is_told_with_conditions_ages_and_words() -> None:
    found = only(
        {
            "resourceType": "FamilyMemberHistory", "id": "f", "status": "partial",
            "patient": {"reference": ME}, "relationship": {"text": "mother"},
            "sex": {"text": "female"}, "bornDate": "1950", "deceasedAge": {"value": 60},
            "condition": [
                {"code": {"text": "Breast cancer"}, "onsetString": "in her forties",
                 "outcome": {"text": "died"}, "contributedToDeath": True,
                 "note": [{"text": "both sides"}]}
            ],
        }
    )  # fmt: skip
    told = {one.label: (one.text, one.value) for one in found.attributes}

    assert found.relative
    assert found.relative.text == "mother"
    assert [one.text for one in found.phenotypes] == ["Breast cancer"]
    assert told["deceased age"] == ("", 60)
    assert told["Breast cancer: onset"] == ("in her forties", None)
    assert told["Breast cancer: contributed to death"] == ("", True)
    assert found.notes == ("both sides",)
    assert "preliminary" in found.flags


def test_a_risk_of_many_variants_is_one_finding_a_prediction() -> None:
    risk = {
        "resourceType": "RiskAssessment", "id": "k", "status": "final",
        "subject": {"reference": ME}, "basis": [{"reference": "Observation/v"}],
        "prediction": [
            {"outcome": {"text": "Diabetes"}, "probabilityDecimal": 0.3, "rationale": "score"},
            {"outcome": {"text": "Stroke"},
             "probabilityRange": {"low": {"value": 1}, "high": {"value": 2, "unit": "%"}}},
        ],
    }  # fmt: skip

    reading = reading_of(a_report("v"), a_variant(), risk)
    first = finding(reading, "k#prediction[0]")
    second = finding(reading, "k#prediction[1]")

    assert (first.value, first.conclusion, first.derived_from) == (0.3, "score", ("v",))
    assert second.value is None
    assert [(one.label, one.text, one.unit) for one in second.attributes] == [
        ("Probability", "1-2", "%")
    ]


# --- beside the value ------------------------------------------------------------------------
def test_what_stands_beside_a_value_is_kept() -> None:
    beside = component("53034-5", dataAbsentReason={"text": "not tested"})
    told = component(
        "81258-6",
        valueQuantity={"value": 0.5},
        interpretation=[{"text": "high"}],
        referenceRange=[{"text": "below 0.1"}],
    )

    found = only(a_variant("v", beside, told))

    assert found.zygosity == ""
    assert {(one.label, one.text) for one in found.attributes} == {
        ("Allelic state: no value", "not tested"),
        ("Sample allele fraction: interpretation", "high"),
        ("Sample allele fraction: reference range", "below 0.1"),
    }


def test_a_result_without_a_value_says_why() -> None:
    body = a_variant(dataAbsentReason={"text": "failed"})
    body.pop("valueCodeableConcept")

    found = only(body)

    assert found.presence is None
    assert "no-value" in found.flags
    assert [(one.label, one.text) for one in found.attributes] == [("No value", "failed")]


def test_how_the_test_was_done_comes_from_the_plan_that_the_order_names() -> None:
    plan = {
        "resourceType": "PlanDefinition", "id": "p", "title": "Panel", "description": "109 genes",
        "action": [{"description": "DNA is cut."}], "relatedArtifact": [{"citation": "Doe 2020"}],
    }  # fmt: skip
    order = {
        "resourceType": "ServiceRequest", "id": "o", "subject": {"reference": ME},
        "instantiatesCanonical": ["PlanDefinition/p"],
    }  # fmt: skip
    note = {
        "url": f"{GUIDE}/genomic-report-note",
        "valueAnnotation": {
            "text": "Not FDA approved.",
            "extension": [
                {"url": "annotation-code", "valueCodeableConcept": coded("test-disclaimer")}
            ],
        },
    }
    report = a_report("v", basedOn=[{"reference": "ServiceRequest/o"}], extension=[note])

    (found,) = reading_of(report, order, plan, a_variant()).reports

    assert found.methods == ("109 genes", "DNA is cut.")
    assert found.limits == ("Not FDA approved.",)
    assert ("Citation", "Doe 2020") in {(one.label, one.text) for one in found.attributes}
    assert not found.not_understood
